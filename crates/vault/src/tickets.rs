//! Tickets: signing in a browser by a QR code that a signed-in session scans.
//!
//! A waiting browser gets a ticket with two secrets. The *code* is shown as a QR code: whoever sees it can scan it with a
//! session of their own, and let the browser in as themselves, but cannot fetch the session. The *secret* stays in the
//! browser: with it the session is fetched, once, after the session that scanned has confirmed. A ticket lives for two minutes,
//! and no longer than the session that scanned it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Error, NewSession, SessionId, Sessions, keyed_hash::KeyedHash, random, sessions::Labels, wrap::Wrapper,
};

/// How long a ticket lives, from its making to the fetching of its session.
pub const TICKET_SECONDS: i64 = 120;
/// Tickets alive at once from one address: an office shares one.
pub const TICKETS_PER_ADDRESS_MAX: i64 = 100;

/// A ticket as its waiting browser gets it, told once.
#[derive(Debug)]
pub struct NewTicket {
    /// Names it; opens nothing.
    pub id: Uuid,
    /// What the browser keeps to itself (43 characters, 256 bits).
    pub secret: Zeroizing<String>,
    /// What the QR code shows (43 characters, 256 bits).
    pub code: Zeroizing<String>,
    /// It is of no use from then on.
    pub expires_at: DateTime<Utc>,
}

/// Whether a browser may wait.
#[derive(Debug)]
pub enum Issued {
    /// It may.
    Ticket(NewTicket),
    /// Too many wait at its address.
    Wait {
        /// When the oldest of those is gone.
        until: DateTime<Utc>,
    },
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStage {
    /// Nobody has scanned it.
    Waiting,
    /// A session has scanned it.
    Scanned,
    /// That session has confirmed it.
    Confirmed,
}

/// A ticket as its waiting browser sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Where it stands.
    pub stage: TicketStage,
    /// It is of no use from then on.
    pub expires_at: DateTime<Utc>,
    /// The account that scanned it.
    pub account: Option<Uuid>,
}

/// Which browser asks to be let in: what the person who scanned is shown before confirming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Where it asks from.
    pub address: String,
    /// What it calls itself.
    pub agent: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when it can be let in.
    pub expires_at: DateTime<Utc>,
}

/// What came of scanning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// It is this session's to confirm.
    Taken(Asking),
    /// Another session was faster.
    TakenByAnother,
    /// There is no such ticket, or no longer.
    Missing,
}

/// A session that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// Its token, told once.
    pub token: Zeroizing<String>,
    /// Its id.
    pub session: SessionId,
    /// Whose it is.
    pub account: Uuid,
}

/// The tickets of all waiting browsers. Times are real time and come from the caller.
#[derive(Clone)]
pub struct Tickets {
    pool: PgPool,
    wrapper: Wrapper,
    keyed_hash: KeyedHash,
    sessions: Sessions,
}

impl Tickets {
    pub(crate) fn new(pool: PgPool, wrapper: Wrapper, keyed_hash: KeyedHash, sessions: Sessions) -> Self {
        Self { pool, wrapper, keyed_hash, sessions }
    }

    /// A ticket for a browser at this address that calls itself `agent`.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn create(&self, address: &str, agent: &str, now: DateTime<Utc>) -> Result<Issued, Error> {
        let source = self.keyed_hash.bytes("ticket address", address);
        let (alive, oldest): (i64, Option<DateTime<Utc>>) = sqlx::query_as(
            "select count(*), min(created_at)
             from sign_in_tickets
             where source = $1
               and created_at > $2",
        )
        .bind(source.as_slice())
        .bind(born_after(now))
        .fetch_one(&self.pool)
        .await?;
        if let Some(oldest) = oldest.filter(|_| alive >= TICKETS_PER_ADDRESS_MAX) {
            return Ok(Issued::Wait { until: expiry(oldest) });
        }
        let (id, secret, code) = (random::id()?, random::key()?, random::key()?);
        sqlx::query(
            "insert into sign_in_tickets (ticket, secret_hash, code_hash, source, created_at, wrapped_labels)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(Sha256::digest(secret.as_slice()).as_slice())
        .bind(Sha256::digest(code.as_slice()).as_slice())
        .bind(source.as_slice())
        .bind(now)
        .bind(Labels::of(address, agent).wrap(&self.wrapper, &place(id))?)
        .execute(&self.pool)
        .await?;
        let told = |key: &[u8; 32]| Zeroizing::new(URL_SAFE_NO_PAD.encode(key));
        Ok(Issued::Ticket(NewTicket {
            id,
            secret: told(&secret),
            code: told(&code),
            expires_at: expiry(now),
        }))
    }

    /// A session has read the QR code: the ticket is its own from now on. Scanning again changes nothing.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn scan(
        &self,
        ticket: Uuid,
        code: &str,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Scan, Error> {
        let Some(code_hash) = hash_of(code) else { return Ok(Scan::Missing) };
        let taken: Result<Option<Row>, sqlx::Error> = sqlx::query_as(
            "update sign_in_tickets
             set session = $3
             where ticket = $1
               and code_hash = $2
               and created_at > $4
               and (session is null or session = $3)
             returning created_at, wrapped_labels",
        )
        .bind(ticket)
        .bind(code_hash.as_slice())
        .bind(session.0)
        .bind(born_after(now))
        .fetch_optional(&self.pool)
        .await;
        match taken {
            Ok(Some(row)) => return Ok(Scan::Taken(self.asking(ticket, row)?)),
            Ok(None) => {}
            // The session that scans has just ended.
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                return Ok(Scan::Missing);
            }
            Err(error) => return Err(error.into()),
        }
        let there: bool = sqlx::query_scalar(
            "select exists (
                 select
                 from sign_in_tickets
                 where ticket = $1
                   and code_hash = $2
                   and created_at > $3
             )",
        )
        .bind(ticket)
        .bind(code_hash.as_slice())
        .bind(born_after(now))
        .fetch_one(&self.pool)
        .await?;
        Ok(if there { Scan::TakenByAnother } else { Scan::Missing })
    }

    /// The session that scanned lets the browser in. Confirming again changes nothing. `None` where this session has scanned no
    /// such ticket, or it is over.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn confirm(
        &self,
        ticket: Uuid,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Option<Asking>, Error> {
        let row: Option<Row> = sqlx::query_as(
            "update sign_in_tickets
             set confirmed_at = coalesce(confirmed_at, $3)
             where ticket = $1
               and session = $2
               and created_at > $4
             returning created_at, wrapped_labels",
        )
        .bind(ticket)
        .bind(session.0)
        .bind(now)
        .bind(born_after(now))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| self.asking(ticket, row)).transpose()
    }

    /// Where the ticket of a waiting browser stands; `None` where the secret is not its own, or the ticket is over.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn look(
        &self,
        ticket: Uuid,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Waiting>, Error> {
        let Some(secret_hash) = hash_of(secret) else { return Ok(None) };
        let found: Option<Seen> = sqlx::query_as(
            "select sign_in_tickets.created_at, sign_in_tickets.confirmed_at, sessions.account
             from sign_in_tickets
             left join sessions on sessions.session = sign_in_tickets.session
             where sign_in_tickets.ticket = $1
               and sign_in_tickets.secret_hash = $2
               and sign_in_tickets.created_at > $3",
        )
        .bind(ticket)
        .bind(secret_hash.as_slice())
        .bind(born_after(now))
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|Seen { created_at, confirmed_at, account }| Waiting {
            stage: match (confirmed_at, account) {
                (Some(_), _) => TicketStage::Confirmed,
                (None, Some(_)) => TicketStage::Scanned,
                (None, None) => TicketStage::Waiting,
            },
            expires_at: expiry(created_at),
            account,
        }))
    }

    /// Fetches the session of a confirmed ticket, which is used up by it: of two who ask at once, one gets it. `None` for the
    /// other, and where it is not confirmed or over.
    ///
    /// # Errors
    /// When the database cannot be asked; the ticket is then still there.
    pub async fn fetch(
        &self,
        ticket: Uuid,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Fetched>, Error> {
        let Some(secret_hash) = hash_of(secret) else { return Ok(None) };
        let mut transaction = self.pool.begin().await?;
        let used: Option<(Uuid, Option<Uuid>, Vec<u8>)> = sqlx::query_as(
            "delete from sign_in_tickets
             using sessions
             where sign_in_tickets.ticket = $1
               and sign_in_tickets.secret_hash = $2
               and sign_in_tickets.created_at > $3
               and sign_in_tickets.confirmed_at is not null
               and sessions.session = sign_in_tickets.session
             returning sessions.account, sessions.person, sign_in_tickets.wrapped_labels",
        )
        .bind(ticket)
        .bind(secret_hash.as_slice())
        .bind(born_after(now))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some((account, person, wrapped)) = used else { return Ok(None) };
        let Labels { address, agent } = Labels::open(&self.wrapper, &place(ticket), &wrapped)?;
        let new = NewSession { account, person, address: &address, agent: &agent };
        let (token, session) = self.sessions.insert(&mut transaction, new, now).await?;
        transaction.commit().await?;
        Ok(Some(Fetched { token, session, account }))
    }

    /// Removes what is over; answers how many rows went.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let done = sqlx::query("delete from sign_in_tickets where created_at <= $1")
            .bind(born_after(now))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    fn asking(&self, ticket: Uuid, row: Row) -> Result<Asking, Error> {
        let Labels { address, agent } = Labels::open(&self.wrapper, &place(ticket), &row.wrapped_labels)?;
        Ok(Asking { address, agent, created_at: row.created_at, expires_at: expiry(row.created_at) })
    }
}

#[derive(FromRow)]
struct Row {
    created_at: DateTime<Utc>,
    wrapped_labels: Vec<u8>,
}

#[derive(FromRow)]
struct Seen {
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    account: Option<Uuid>,
}

/// What was made after this is still alive.
fn born_after(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(TICKET_SECONDS)
}

fn expiry(created_at: DateTime<Utc>) -> DateTime<Utc> {
    created_at + TimeDelta::seconds(TICKET_SECONDS)
}

/// The hash of a secret as it was told; `None` for what was never told.
fn hash_of(told: &str) -> Option<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let length = URL_SAFE_NO_PAD.decode_slice(told, key.as_mut()).ok()?;
    (length == key.len()).then(|| Sha256::digest(key.as_slice()).into())
}

fn place(ticket: Uuid) -> String {
    format!("sign_in_tickets/{ticket}")
}

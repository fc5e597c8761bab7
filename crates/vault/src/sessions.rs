//! Sessions: who is signed in. The token is known to its holder alone; the vault keeps its hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Error, random, wrap::Wrapper};
use zhicheng_database::Gather;

/// `last_seen_at` is written at most this often: most requests then only read.
const TOUCH_SECONDS: i64 = 60;
/// Sessions of one account at once; beyond, the one seen longest ago ends.
const SESSIONS_PER_ACCOUNT_MAX: i64 = 50;
/// Tokens looked up at once for whoever waits, at most.
const GATHERED_MAX: usize = 64;
/// Longest address and agent kept.
const LABEL_CHARACTERS_MAX: usize = 200;

/// What is kept of a token.
type TokenHash = [u8; 32];

/// Id of a session: names it in lists, opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// A session not used for so long has ended.
    pub idle: TimeDelta,
    /// A session this old has ended, however busy.
    pub absolute: TimeDelta,
}

impl Default for SessionLimits {
    /// Half an hour idle, twelve hours in all.
    fn default() -> Self {
        Self { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) }
    }
}

/// Who signs in, and from where.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The account.
    pub account: Uuid,
    /// The person behind it, where there is one.
    pub person: Option<Uuid>,
    /// Where the request came from, for the list of own sessions.
    pub address: &'a str,
    /// What the browser called itself, for the same list.
    pub agent: &'a str,
}

/// A session that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: Uuid,
    /// The person behind the account, where there is one.
    pub person: Option<Uuid>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When its holder last proved who they are beyond signing in.
    pub reauthenticated_at: Option<DateTime<Utc>>,
    /// Where it was begun from.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
}

/// The sessions of all accounts. Times are real time and come from the caller.
#[derive(Clone)]
pub struct Sessions {
    pool: PgPool,
    tokens: Gather<TokenHash, Option<Row>>,
    wrapper: Wrapper,
    limits: SessionLimits,
}

impl Sessions {
    pub(crate) fn new(pool: PgPool, wrapper: Wrapper, limits: SessionLimits) -> Self {
        let of_all = pool.clone();
        let tokens = Gather::start(GATHERED_MAX, move |hashes: Vec<TokenHash>| {
            let pool = of_all.clone();
            // each of them asks again and hears why
            async move { select(&pool, &hashes).await.ok() }
        });
        Self { pool, tokens, wrapper, limits }
    }

    /// Begins a session. The token (43 characters, 256 bits) is told here once and kept nowhere.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn create(
        &self,
        new: NewSession<'_>,
        now: DateTime<Utc>,
    ) -> Result<(Zeroizing<String>, SessionId), Error> {
        let mut connection = self.pool.acquire().await?;
        self.insert(&mut connection, new, now).await
    }

    /// As [`Self::create`], as part of what else happens on this connection.
    pub(crate) async fn insert(
        &self,
        connection: &mut PgConnection,
        new: NewSession<'_>,
        now: DateTime<Utc>,
    ) -> Result<(Zeroizing<String>, SessionId), Error> {
        let secret = random::key()?;
        let id = random::id()?;
        sqlx::query(
            "insert into sessions (session, token_hash, account, person, created_at, last_seen_at, wrapped_labels)
             values ($1, $2, $3, $4, $5, $5, $6)",
        )
        .bind(id)
        .bind(Sha256::digest(secret.as_slice()).as_slice())
        .bind(new.account)
        .bind(new.person)
        .bind(now)
        .bind(Labels::of(new.address, new.agent).wrap(&self.wrapper, &place(id))?)
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "delete from sessions
             where session in (
                 select session
                 from sessions
                 where account = $1
                 order by last_seen_at desc, session
                 offset $2
             ) and session <> $3",
        )
        .bind(new.account)
        .bind(SESSIONS_PER_ACCOUNT_MAX)
        .bind(id)
        .execute(&mut *connection)
        .await?;
        Ok((Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice())), SessionId(id)))
    }

    /// The live session of a token; `None` for anything else. Notes that it was used.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn find(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Session>, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        if URL_SAFE_NO_PAD.decode_slice(token, secret.as_mut()) != Ok(secret.len()) {
            return Ok(None);
        }
        let hash: TokenHash = Sha256::digest(secret.as_slice()).into();
        let row = match self.tokens.ask(hash).await {
            Some(row) => row,
            None => select(&self.pool, &[hash]).await?.pop().flatten(),
        };
        let Some(row) = row.filter(|row| row.alive(self.limits, now)) else {
            return Ok(None);
        };
        let mut session = self.open(row)?;
        if now - session.last_seen_at >= TimeDelta::seconds(TOUCH_SECONDS) {
            sqlx::query("update sessions set last_seen_at = $2 where session = $1 and last_seen_at < $2")
                .bind(session.id.0)
                .bind(now)
                .execute(&self.pool)
                .await?;
            session.last_seen_at = now;
        }
        Ok(Some(session))
    }

    /// Notes that the holder gave the password again; `false` where the session is not there.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn reauthenticated(&self, session: SessionId, now: DateTime<Utc>) -> Result<bool, Error> {
        let done = sqlx::query("update sessions set reauthenticated_at = $2 where session = $1")
            .bind(session.0)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The account's live sessions, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn list(&self, account: Uuid, now: DateTime<Utc>) -> Result<Vec<Session>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select token_hash, session, account, person, created_at, last_seen_at, reauthenticated_at, wrapped_labels
             from sessions
             where account = $1
             order by created_at desc, session",
        )
        .bind(account)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().filter(|row| row.alive(self.limits, now)).map(|row| self.open(row)).collect()
    }

    /// Ends one session; `false` where it is not there. Whose it is, the caller has made sure of.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn end(&self, session: SessionId) -> Result<bool, Error> {
        let done = sqlx::query("delete from sessions where session = $1")
            .bind(session.0)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends the other sessions of an account, as when its password was changed in this one; answers how many.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn end_others(&self, account: Uuid, but: SessionId) -> Result<u64, Error> {
        let done = sqlx::query("delete from sessions where account = $1 and session <> $2")
            .bind(account)
            .bind(but.0)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Removes what has ended by itself; answers how many rows went.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let done = sqlx::query("delete from sessions where last_seen_at <= $1 or created_at <= $2")
            .bind(now - self.limits.idle)
            .bind(now - self.limits.absolute)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    fn open(&self, row: Row) -> Result<Session, Error> {
        let Labels { address, agent } =
            Labels::open(&self.wrapper, &place(row.session), &row.wrapped_labels)?;
        Ok(Session {
            id: SessionId(row.session),
            account: row.account,
            person: row.person,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            reauthenticated_at: row.reauthenticated_at,
            address,
            agent,
        })
    }
}

/// The sessions of tokens, in the order asked.
async fn select(pool: &PgPool, hashes: &[TokenHash]) -> Result<Vec<Option<Row>>, sqlx::Error> {
    let asked: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "select token_hash, session, account, person, created_at, last_seen_at, reauthenticated_at, wrapped_labels
         from sessions
         where token_hash = any($1)",
    )
    .bind(asked)
    .fetch_all(pool)
    .await?;
    Ok(hashes.iter().map(|hash| rows.iter().find(|row| row.token_hash == hash).cloned()).collect())
}

#[derive(Clone, FromRow)]
struct Row {
    token_hash: Vec<u8>,
    session: Uuid,
    account: Uuid,
    person: Option<Uuid>,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    reauthenticated_at: Option<DateTime<Utc>>,
    wrapped_labels: Vec<u8>,
}

impl Row {
    fn alive(&self, limits: SessionLimits, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at < limits.idle && now - self.created_at < limits.absolute
    }
}

/// Where a browser is and what it calls itself, as sessions and tickets keep it: wrapped.
pub(crate) struct Labels {
    pub(crate) address: String,
    pub(crate) agent: String,
}

impl Labels {
    pub(crate) fn of(address: &str, agent: &str) -> Self {
        Self { address: clipped(address), agent: clipped(agent) }
    }

    pub(crate) fn wrap(&self, wrapper: &Wrapper, place: &str) -> Result<Vec<u8>, Error> {
        let labels =
            serde_json::to_vec(&[&self.address, &self.agent]).expect("two texts can be written as JSON");
        wrapper.wrap(place, &labels)
    }

    pub(crate) fn open(wrapper: &Wrapper, place: &str, wrapped: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "the labels of a session or ticket";
        let labels = wrapper.open(place, wrapped, WHAT)?;
        let [address, agent]: [String; 2] =
            serde_json::from_slice(&labels).map_err(|_| Error::Damaged { what: WHAT })?;
        Ok(Self { address, agent })
    }
}

fn clipped(label: &str) -> String {
    label.chars().take(LABEL_CHARACTERS_MAX).collect()
}

fn place(session: Uuid) -> String {
    format!("sessions/{session}")
}

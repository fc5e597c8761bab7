//! Signing in by QR code (contract.md, QR sign-in): a waiting browser shows a code, a signed-in session scans it, sees who would
//! be let in and where, and confirms; the browser then fetches its session, once. Real time, in a rehearsal too.

use crate::app::App;
use crate::caller::Signed;
use crate::error::Error;
use crate::sign_in::Opened;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;
use zhicheng_domain::ids::AccountId;
use zhicheng_vault::{Asking, Issued, NewTicket, Scan, TicketStage};

/// What the person at the signed-in session is shown before and after confirming: who is let in, and from where.
#[derive(Debug, Clone, Serialize)]
pub struct Admission {
    /// The ticket.
    pub id: Uuid,
    /// `scanned` or `confirmed`.
    pub stage: &'static str,
    /// Who is let in: the account of the session that scanned.
    pub account: AdmittedAccount,
    /// The browser that waits.
    pub from: From,
    /// The ticket is of no use from then on.
    pub expires_at: DateTime<Utc>,
}

/// An account as its holder is shown it.
#[derive(Debug, Clone, Serialize)]
pub struct AdmittedAccount {
    /// The account.
    pub id: AccountId,
    /// Its user name.
    pub username: String,
}

/// A browser that waits.
#[derive(Debug, Clone, Serialize)]
pub struct From {
    /// Its address.
    pub address: String,
    /// What it calls itself.
    pub agent: String,
    /// Since when it waits.
    pub at: DateTime<Utc>,
}

/// What a waiting browser is told.
pub enum Waited {
    /// Nobody has let it in yet.
    Still {
        /// `waiting` or `scanned`.
        stage: &'static str,
        /// The ticket is of no use from then on.
        expires_at: DateTime<Utc>,
    },
    /// It is in: its session, told once.
    In(Opened),
}

impl App {
    /// A ticket for a browser that waits to be let in.
    pub async fn open_ticket(&self, address: &str, agent: &str) -> Result<NewTicket, Error> {
        let now = self.wall_clock();
        match self.vault().tickets().create(address, agent, now).await? {
            Issued::Ticket(ticket) => Ok(ticket),
            Issued::Wait { until } => Err(Error::TooManyRequests { wait: (until - now).to_std().ok() }),
        }
    }

    /// The caller has read the code: the ticket is for this session to confirm, and for no other.
    pub async fn scan_ticket(&self, signed: &Signed, ticket: Uuid, code: &str) -> Result<Admission, Error> {
        let account = self.admitted(signed.account).await?.ok_or(Error::Unauthenticated)?;
        let scan = self.vault().tickets().scan(ticket, code, signed.session, self.wall_clock()).await?;
        match scan {
            Scan::Taken(asking) => Ok(admission(ticket, TicketStage::Scanned, account, asking)),
            Scan::TakenByAnother => Err(Error::TicketTaken),
            Scan::Missing => Err(Error::not_found()),
        }
    }

    /// The caller lets the browser in.
    pub async fn confirm_ticket(&self, signed: &Signed, ticket: Uuid) -> Result<Admission, Error> {
        let account = self.admitted(signed.account).await?.ok_or(Error::Unauthenticated)?;
        let asking = self.vault().tickets().confirm(ticket, signed.session, self.wall_clock()).await?;
        let asking = asking.ok_or_else(Error::not_found)?;
        Ok(admission(ticket, TicketStage::Confirmed, account, asking))
    }

    /// A waiting browser asks; once confirmed it gets its session. What is over, used up or not its own is not there.
    pub async fn wait_with_ticket(&self, ticket: Uuid, secret: &str) -> Result<Waited, Error> {
        let (tickets, now) = (self.vault().tickets(), self.wall_clock());
        let seen = tickets.look(ticket, secret, now).await?.ok_or_else(Error::not_found)?;
        match (seen.stage, seen.account) {
            (TicketStage::Waiting | TicketStage::Scanned, _) => {
                Ok(Waited::Still { stage: name(seen.stage), expires_at: seen.expires_at })
            }
            (TicketStage::Confirmed, account) => {
                let account = account.map(AccountId).ok_or_else(Error::not_found)?;
                self.admitted(account).await?.ok_or_else(Error::not_found)?;
                let fetched = tickets.fetch(ticket, secret, now).await?.ok_or_else(Error::not_found)?;
                let account = AccountId(fetched.account);
                Ok(Waited::In(Opened { token: fetched.token.to_string(), account }))
            }
        }
    }

    /// An account that may sign in.
    async fn admitted(&self, account: AccountId) -> Result<Option<AdmittedAccount>, Error> {
        self.registry().catch_up(self.store()).await?;
        Ok(self.registry().read(|registers| {
            let found = registers.accounts.get(account).filter(|it| it.active());
            found.map(|it| AdmittedAccount { id: account, username: it.username.clone() })
        }))
    }
}

fn admission(ticket: Uuid, stage: TicketStage, account: AdmittedAccount, asking: Asking) -> Admission {
    let Asking { address, agent, created_at, expires_at } = asking;
    let from = From { address, agent, at: created_at };
    Admission { id: ticket, stage: name(stage), account, from, expires_at }
}

const fn name(stage: TicketStage) -> &'static str {
    match stage {
        TicketStage::Waiting => "waiting",
        TicketStage::Scanned => "scanned",
        TicketStage::Confirmed => "confirmed",
    }
}

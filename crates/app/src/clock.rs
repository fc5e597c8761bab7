//! The clock of a rehearsal (contract.md, First start and time): moved forwards only, an event, and every step that is due
//! then was appended before the answer.

use crate::app::App;
use crate::caller::{ActingAs, Caller, Signed};
use crate::error::Error;
use crate::execute::Request;
use chrono::{DateTime, Utc};
use serde_json::json;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::installation::{self, Installation};

/// Where the clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// What it shows.
    pub now: DateTime<Utc>,
    /// The position of the last step that was due.
    pub position: i64,
}

impl App {
    /// Whether this log is a rehearsal.
    pub fn is_rehearsal(&self) -> bool {
        self.registry().read(|registers| registers.installation.is_rehearsal())
    }

    /// Begins an empty log, as a rehearsal that starts at a time of its own or for real use. On a log that has begun it
    /// changes nothing; asking for a rehearsal there is refused unless it is one.
    pub async fn begin(&self, rehearsal: Option<DateTime<Utc>>) -> Result<(), Error> {
        self.registry().catch_up(self.store()).await?;
        if self.registry().read(|registers| registers.installation.begun) {
            if rehearsal.is_some() && !self.is_rehearsal() {
                return Err(Error::Refused(installation::actions::begin::LogNotEmpty.refusal()));
            }
            return Ok(());
        }
        let input = json!({"rehearsal": rehearsal});
        let begin = Request::of_system(
            Installation::TYPE,
            Some(installation::STREAM),
            "begin",
            input,
            "begin".into(),
        );
        self.execute(begin).await?;
        self.registry().catch_up(self.store()).await?;
        Ok(())
    }

    /// Reads the clock of a rehearsal.
    pub async fn clock(&self) -> Result<ClockReading, Error> {
        let position = self.registry().catch_up(self.store()).await?;
        if !self.is_rehearsal() {
            return Err(Error::not_found());
        }
        Ok(ClockReading { now: self.now(), position })
    }

    /// Moves the clock of a rehearsal, and takes every step that is due then.
    pub async fn move_clock(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        key: String,
        now: DateTime<Utc>,
    ) -> Result<ClockReading, Error> {
        self.clock().await?;
        let receipt = self
            .execute(Request {
                caller: Caller::Session(signed.clone()),
                acting_as,
                aggregate: Installation::TYPE,
                id: Some(installation::STREAM),
                action: "move-clock".into(),
                input: json!({"now": now}),
                key,
                if_match: None,
            })
            .await?
            .receipt()?;
        self.registry().catch_up(self.store()).await?;
        self.take_due_steps().await?;
        // whoever else takes due steps may have been faster
        let position = self.store().head().await?.max(receipt.position);
        Ok(ClockReading { now: self.now(), position })
    }
}

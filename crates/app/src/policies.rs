//! Time-driven steps, appended by a policy as actor `system`; a rule never waits for them. Each is a command with a key that
//! follows from what is due, so taking a step twice, or in two processes, does no harm.

mod abandon_when_overdue;
mod close_batch_when_due;
mod end_publicity_when_over;
mod expire_approval_when_due;
mod expire_blacklist_entry_when_over;
mod hold_blacklisted;
mod reckon_publicity_anew;
mod relay_return_when_due;

use crate::app::App;
use crate::error::Error;
use crate::execute::{Done, Request};
use crate::load;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_projections::reader::Due;

/// How often due steps are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long the tables of deadlines may take to follow the log.
const TABLES_WAIT: Duration = Duration::from_secs(30);
/// How often steps may make further steps due.
const ROUNDS_MAX: usize = 64;

impl App {
    /// Takes every step that is due now, and those that become due by them. Answers the position of the last one.
    pub async fn take_due_steps(&self) -> Result<Option<i64>, Error> {
        let mut last = None;
        for _ in 0..ROUNDS_MAX {
            let head = self.registry().catch_up(self.store()).await?;
            self.wait_for_deadlines(head).await;
            // before the ends: what a calendar made longer has not ended
            let mut taken = reckon_publicity_anew::reckon_all(self).await?;
            for due in self.tables().due_at(self.now()).await? {
                let position = match due.kind.as_str() {
                    "publicity_end" => end_publicity_when_over::take(self, &due).await?,
                    "relay" => relay_return_when_due::take(self, &due).await?,
                    "correction" => abandon_when_overdue::take(self, &due).await?,
                    "batch_close" => close_batch_when_due::take(self, &due).await?,
                    "blacklist_end" => expire_blacklist_entry_when_over::take(self, &due).await?,
                    "approval_end" => expire_approval_when_due::take(self, &due).await?,
                    other => {
                        tracing::error!(kind = other, "a deadline that no policy keeps");
                        None
                    }
                };
                taken = taken.max(position);
            }
            taken = taken.max(close_batch_when_due::lapse_all(self).await?);
            taken = taken.max(hold_blacklisted::settle_all(self).await?);
            if taken.is_none() {
                return Ok(last);
            }
            last = taken;
        }
        Err(Error::fault("steps that make further steps due without end"))
    }

    /// Waits until the tables that policies look at show the log up to here. One that stands still holds up none of the others: a step
    /// that an old row asks for is refused by the rules.
    async fn wait_for_deadlines(&self, position: i64) {
        for name in ["deadline", "my_declarations", "employer_publicity", "result_publicity"] {
            let Some(table) = zhicheng_projections::table(name) else { continue };
            if let Err(error) = self.tables().wait_until(table, position, TABLES_WAIT).await {
                tracing::error!(table = name, %error, "due steps may be missed");
            }
        }
    }

    /// Keeps the deadlines until the process ends.
    pub async fn keep_deadlines(&self) {
        loop {
            if let Err(error) = self.take_due_steps().await {
                tracing::warn!(%error, "due steps are taken later");
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.steps_may_be_due()).await;
        }
    }

    /// One step of the system. `None` where the rules turned it down, for somebody was faster or it is not due after all; and where
    /// it cannot be taken as things are, which must not hold up those of others.
    async fn step(
        &self,
        aggregate: &'static str,
        id: Uuid,
        action: &str,
        due: &Due,
        input: Value,
    ) -> Result<Option<i64>, Error> {
        match self.take_step(aggregate, id, action, due, input).await {
            Err(Error::Internal { what, source }) => {
                tracing::error!(action, %id, what, cause = ?source, "a due step cannot be taken");
                Ok(None)
            }
            taken => taken,
        }
    }

    async fn take_step(
        &self,
        aggregate: &'static str,
        id: Uuid,
        action: &str,
        due: &Due,
        input: Value,
    ) -> Result<Option<i64>, Error> {
        // The same step may be due again after the case went on: its version belongs to the key.
        let version = load::load(self.store(), StreamId { aggregate, id }).await?.version;
        let key = format!("{action}:{id}:{version}:{}", due.due_at.timestamp());
        let request = Request::of_system(aggregate, Some(id), action, input, key);
        match self.execute(request).await {
            Ok(Done::Receipt(receipt)) if receipt.replayed => Ok(None),
            Ok(Done::Receipt(receipt)) => Ok(Some(receipt.position)),
            Ok(Done::AwaitsApproval { .. }) => Ok(None),
            Err(Error::Refused(refusal)) => {
                tracing::debug!(action, %id, code = refusal.code, "not due after all");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The input of a step that needs none.
fn nothing() -> Value {
    json!({})
}

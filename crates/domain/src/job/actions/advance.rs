//! 进度 Advance: the system tells the job what some of its items came to. What was done is told also once the job is suspended,
//! cancelled or being taken back; what was told before is not told again.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::job::{Event, ItemOutcome, Job, Stage};
use crate::label::label;
use crate::refusal::common;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// What they came to.
    pub outcomes: Vec<ItemOutcome>,
    /// Whether these are items taken back.
    pub reverting: bool,
}

/// The action as data; the system alone takes it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "advance",
    label: label("记录任务进度", "Advance job"),
    by: &[],
    from: Start::Stages(&["running", "suspended", "cancelled", "undoing", "undone"]),
    to: &["finished", "undone"],
    ..ActionSpec::DEFAULT
};

/// Takes note; the last item ends the job.
pub fn decide(input: &Advance, it: &Job, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let Some(stage) = it.stage else { return Err(common::NotFound.into()) };
    let before = if input.reverting { &it.reverted } else { &it.outcomes };
    let mut outcomes = input.outcomes.clone();
    outcomes.retain(|outcome| !before.contains_key(&outcome.id));
    let after: BTreeMap<Uuid, ()> = outcomes.iter().map(|outcome| (outcome.id, ())).collect();
    let mut outcome = Outcome::nothing();
    match (stage, input.reverting) {
        (Stage::Undoing, true) => {
            let ends = !it.unsettled && it.to_revert().all(|id| after.contains_key(&id));
            if !outcomes.is_empty() {
                outcome = outcome.and(Event::Reverted { outcomes });
            }
            if ends {
                outcome = outcome.and(Event::Undone);
            }
        }
        // an item that was at work when the job was cancelled may be told late: then an undo takes it back, this one or another
        (Stage::Running | Stage::Suspended | Stage::Cancelled | Stage::Undoing | Stage::Undone, false) => {
            let ends = stage == Stage::Running && it.waiting().all(|id| after.contains_key(&id));
            if !outcomes.is_empty() {
                outcome = outcome.and(Event::Advanced { outcomes });
            }
            if ends {
                outcome = outcome.and(Event::Finished);
            }
        }
        (Stage::Finished, false)
        | (Stage::Running | Stage::Suspended | Stage::Cancelled | Stage::Finished | Stage::Undone, true) => {}
    }
    Ok(outcome)
}

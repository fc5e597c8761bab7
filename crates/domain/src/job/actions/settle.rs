//! 核对 Settle: once a job is cancelled, the system asks the log what of the rest was carried out all the same, by whoever was at it
//! and ended before telling, and tells the job. What an undo takes back is complete then.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::job::{Event, ItemOutcome, Job};
use crate::label::label;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The items that the log knows as carried out.
    pub outcomes: Vec<ItemOutcome>,
}

/// The action as data; the system alone takes it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "settle",
    label: label("核对已取消任务", "Settle job"),
    by: &[],
    from: Start::Stages(&["cancelled", "undoing"]),
    ..ActionSpec::DEFAULT
};

/// Takes note, once.
pub fn decide(input: &Settle, it: &Job, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    if !it.unsettled {
        return Ok(Outcome::nothing());
    }
    let mut outcomes = input.outcomes.clone();
    outcomes.retain(|outcome| !it.outcomes.contains_key(&outcome.id));
    Ok(match outcomes.is_empty() {
        true => Outcome::of(Event::Settled),
        false => Outcome::of(Event::Advanced { outcomes }).and(Event::Settled),
    })
}

//! 注销受理机构 Deregister: no new declaration; those under way finish on their snapshot (X-25; seed 002 人 1.3).

use crate::acceptance_agency::{AcceptanceAgency, Event, agency_claim};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregister {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "deregister",
    label: label("注销受理机构", "Deregister accepting agency"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["deregistered"],
    form: &[required("reason", "注销原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Ends it; the organisation may be registered anew.
pub fn decide(input: &Deregister, it: &AcceptanceAgency, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let outcome = Outcome::of(Event::Deregistered { reason });
    Ok(match (it.organisation, it.mode) {
        (Some(organisation), Some(mode)) => {
            outcome.release(agency_claim(organisation, mode), StreamId::of::<AcceptanceAgency>(id))
        }
        (None, _) | (_, None) => outcome,
    })
}

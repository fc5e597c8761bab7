//! 终结批次 Close: by hand with a reason, or by itself once its last day is over; what is not ended then lapses
//! (contract.md, Batches).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::{Batch, Event};
use crate::context::{Actor, Context};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Role;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// contract.md, Batches: a batch ends by itself on its last day, inclusive, and not before.
    BatchNotOver { closes_on: NaiveDate } = Rule "batch-not-over", "批次尚未到期", "该批次至{closes_on}（含当日）终结，尚未到期。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// Why; left out by the system alone.
    pub reason: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "close",
    label: label("终结批次", "Close batch"),
    by: &[
        by(Role::CommitteeOperator, Place::BatchHolder),
        by(Role::AuthorityReviewer, Place::BatchHolder),
        by(Role::SuperiorReviewer, Place::BatchHolder),
        by(Role::ProvincialAdministrator, Place::BatchHolder),
    ],
    from: Start::Stages(&["draft", "open"]),
    to: &["closed"],
    form: &[required("reason", "终结原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Closes it.
pub fn decide(input: &Close, it: &Batch, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    if context.actor == Actor::System {
        let Some(terms) = &it.terms else { return Err(common::NotFound.into()) };
        if !it.is_over_on(context.today()) {
            return Err(BatchNotOver { closes_on: terms.closes_on }.into());
        }
        return Ok(Outcome::of(Event::Closed { reason: None }));
    }
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", input.reason.as_deref().unwrap_or_default());
    checks.done()?;
    Ok(Outcome::of(Event::Closed { reason: Some(reason) }))
}

#[cfg(test)]
mod tests {
    use crate::batch::Event;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn by_hand_it_needs_a_reason() {
        let mut hunan = Hunan::new();
        let (operator, batch) = (hunan.committee_operator, hunan.batch);
        assert_eq!(hunan.refused(operator, "batch", batch, "close", json!({})).code, "reason-required");
        assert_eq!(
            hunan.refused(hunan.province, "batch", batch, "close", json!({"reason": "提前"})).code,
            "not-allowed"
        );
        hunan.act(operator, "batch", batch, "close", json!({"reason": "当年评审已全部完成"}));
        assert_eq!(
            hunan.refused(operator, "batch", batch, "close", json!({"reason": "重复"})).code,
            "stage-refused"
        );
    }

    #[test]
    fn by_itself_only_after_its_last_day() {
        let mut hunan = Hunan::new();
        hunan.world.clock("2023-12-31T23:59:59+08:00");
        let early = hunan.world.act(Who::System, "batch", hunan.batch, "close", json!({}));
        assert_eq!(early.unwrap_err().code, "batch-not-over");
        hunan.world.clock("2024-01-01T00:00:00+08:00");
        let done = hunan.world.act(Who::System, "batch", hunan.batch, "close", json!({})).unwrap();
        assert_eq!(done, [Event::Closed { reason: None }.into()]);
    }
}

//! 逾期未补正 Abandon: who does not resubmit by the deadline of a return has given up (TM2, T11).

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::{common, refusals};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T11: the last day counts whole.
    CorrectionNotOver { correct_by: NaiveDate } = Rule "correction-not-over", "修改期限未满", "修改期限至{correct_by}（含当日），尚未期满。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Abandon {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "abandon",
    label: label("逾期未补正", "Abandon"),
    from: Start::Stages(&[Stage::ReturnedToApplicant.name()]),
    to: &[Stage::Abandoned.name()],
    ..ActionSpec::DEFAULT
};

/// Ends it.
pub fn decide(_: &Abandon, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let correct_by = it.returned.as_ref().and_then(|returned| returned.correct_by);
    let Some(correct_by) = correct_by else { return Err(common::NotFound.into()) };
    if context.today() <= correct_by {
        return Err(CorrectionNotOver { correct_by }.into());
    }
    Ok(super::end(Outcome::of(Event::Abandoned), it, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn comes_when_the_deadline_has_passed() {
        let mut hunan = Hunan::new();
        let case = hunan.submitted(hunan.applicant);
        let back = json!({"decision": "return", "opinion": "请更正。"});
        hunan.act(hunan.operator, "declaration", case, "review-by-employer", back);
        let abandon =
            |hunan: &mut Hunan| hunan.world.act(Who::System, "declaration", case, SPEC.name, json!({}));
        hunan.world.clock("2023-05-10T23:59:59+08:00");
        assert_eq!(abandon(&mut hunan).unwrap_err().code, "correction-not-over");
        hunan.world.clock("2023-05-11T00:00:00+08:00");
        abandon(&mut hunan).unwrap();
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::Abandoned);
        hunan.draft(hunan.applicant);
    }
}

//! 停用评委会 Suspend: it may not act until it is resumed (N33; seed 003 七(四): the right to review is withdrawn).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
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
pub struct Suspend {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "suspend",
    label: label("停用评委会", "Suspend committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["suspended"],
    form: &[required("reason", "停用原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Suspends it.
pub fn decide(input: &Suspend, _: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(Outcome::of(Event::Suspended { reason }))
}

#[cfg(test)]
mod tests {
    use crate::world::hunan::{Hunan, id_number};
    use serde_json::json;

    #[test]
    fn nobodys_id_number_is_written_into_a_reason() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let reason = json!({"reason": format!("评委（身份证号{}）冒名投票", id_number(77))});
        let refused = hunan.refused(province, "committee", committee, "suspend", reason);
        assert_eq!(refused.code, "invalid-input");
        let problem = &refused.problems[0];
        assert_eq!((&*problem.pointer, &*problem.code), ("/reason", "text-has-id-number"));
        hunan.act(province, "committee", committee, "suspend", json!({"reason": "评委冒名投票"}));
    }
}

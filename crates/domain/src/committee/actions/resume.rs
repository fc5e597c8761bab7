//! 恢复评委会 Resume: a suspended committee acts again, within its period of validity (N33).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
use crate::context::Context;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "resume",
    label: label("恢复评委会", "Resume committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["suspended"]),
    to: &["active"],
    ..ActionSpec::DEFAULT
};

/// Resumes it.
pub fn decide(_: &Resume, _: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Resumed))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn a_suspended_committee_is_not_valid_until_it_is_resumed() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let valid =
            |hunan: &Hunan| hunan.world.get::<Committee>(committee).valid_on("2023-05-04".parse().unwrap());
        hunan.act(province, "committee", committee, "suspend", json!({"reason": "超范围评审，限期整改"}));
        assert!(!valid(&hunan));
        hunan.act(province, "committee", committee, "resume", json!({}));
        assert!(valid(&hunan));
        let reason = json!({"reason": "评委会撤销"});
        assert_eq!(
            hunan
                .refused(hunan.committee_operator, "committee", committee, "deregister", reason.clone())
                .code,
            "not-allowed"
        );
        hunan.act(province, "committee", committee, "deregister", reason);
        assert!(!valid(&hunan));
        assert_eq!(
            hunan.refused(province, "committee", committee, "resume", json!({})).code,
            "stage-refused"
        );
    }
}

//! 修改下级机构 Amend: the superior, or the province, changes the levels that an edge serves (seed 002 人 1.4 to 1.8);
//! who it joins never changes, and declarations under way finish on their snapshot.

use super::create::levels_fit;
use crate::action::{ActionSpec, By, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::path_edge::{Event, PathEdge};
use crate::values::{Level, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The province, or who acts for the superior.
pub(super) const SUPERIOR: &[By] = &[
    by(Role::ProvincialAdministrator, Place::Anywhere),
    by(Role::SuperiorReviewer, Place::Superior),
    by(Role::AuthorityReviewer, Place::Superior),
    by(Role::CommitteeOperator, Place::Superior),
];

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// Levels it serves; empty means all of its kind.
    pub levels: Vec<Level>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改", "Amend path edge"),
    by: SUPERIOR,
    from: Start::Stages(&["proposed", "confirmed"]),
    form: &[required("levels", "职称等级", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Changes them; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &PathEdge, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let fits = it.kind.is_some_and(|kind| levels_fit(kind, &input.levels));
    checks.ensure(fits, "/levels", "level-mismatch", "职称等级与路径类型不符。");
    checks.done()?;
    if input.levels == it.levels {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended { levels: input.levels.clone() }))
}

#[cfg(test)]
mod tests {
    use crate::path_edge::PathEdge;
    use crate::values::Level;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;
    use uuid::Uuid;

    fn first_edge(hunan: &Hunan) -> Uuid {
        let from = hunan.drainage.into();
        hunan.world.registers.edges_from(from).next().expect("the drainage centre has a superior").0
    }

    #[test]
    fn the_superior_changes_the_levels_and_the_subordinate_may_not() {
        let mut hunan = Hunan::new();
        let edge = first_edge(&hunan);
        let input = json!({"levels": ["associate_senior"]});
        let own = hunan.refused(hunan.operator, "path_edge", edge, "amend", input.clone());
        assert_eq!(own.code, "not-allowed");
        hunan.act(hunan.housing_reviewer, "path_edge", edge, "amend", input);
        assert_eq!(hunan.world.get::<PathEdge>(edge).levels, [Level::AssociateSenior]);
    }

    #[test]
    fn refuses_levels_of_another_kind_of_path() {
        let mut hunan = Hunan::new();
        let edge = first_edge(&hunan);
        let refused =
            hunan.refused(hunan.province, "path_edge", edge, "amend", json!({"levels": ["assistant"]}));
        assert_eq!(refused.problems[0].code, "level-mismatch");
    }

    #[test]
    fn a_deregistered_edge_may_be_named_again() {
        let mut hunan = Hunan::new();
        let edge = first_edge(&hunan);
        let input = json!({"kind": "senior", "subordinate_id": hunan.drainage, "superior_id": hunan.housing});
        let province = Who::Account(hunan.province);
        let twice = hunan.world.create(province, "path_edge", input.clone());
        assert_eq!(twice.unwrap_err().code, "claim-held");
        let reason = json!({"reason": "机构改革，上级单位变更"});
        hunan.act(hunan.housing_reviewer, "path_edge", edge, "deregister", reason.clone());
        let gone = hunan.refused(hunan.province, "path_edge", edge, "deregister", reason);
        assert_eq!(gone.code, "stage-refused");
        hunan.create(province, "path_edge", input);
    }

    #[test]
    fn the_subordinate_declines_with_a_reason() {
        let mut hunan = Hunan::new();
        let input = json!({"kind": "junior", "subordinate_id": hunan.drainage, "superior_id": hunan.housing});
        let edge = hunan.create(Who::Account(hunan.housing_reviewer), "path_edge", input);
        let empty = hunan.refused(hunan.operator, "path_edge", edge, "decline", json!({"reason": ""}));
        assert_eq!(empty.code, "reason-required");
        let superior = json!({"reason": "不是本单位的下级"});
        let refused = hunan.refused(hunan.housing_reviewer, "path_edge", edge, "decline", superior.clone());
        assert_eq!(refused.code, "not-allowed");
        hunan.act(hunan.operator, "path_edge", edge, "decline", superior);
        let late = hunan.refused(hunan.operator, "path_edge", edge, "confirm", json!({}));
        assert_eq!(late.code, "stage-refused");
    }
}

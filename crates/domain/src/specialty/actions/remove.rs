//! 删除栏目 Remove: the specialty is no longer offered; declarations keep code and name, and the code is never given to
//! another (X-26; seed 002 人 1.1).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::refusal::refusals;
use crate::specialty::{Event, Specialty};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// Seed 002 人 1.1: the top classes are fixed.
    TopClassFixed = Rule "top-class-fixed", "栏目大类不能删除", "系列是固定的栏目大类，不能删除；请选择其下的专业。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remove {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "remove",
    label: label("删除栏目", "Remove specialty"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["removed"],
    ..ActionSpec::DEFAULT
};

/// Removes it from what is offered.
pub fn decide(_: &Remove, it: &Specialty, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    if it.series.is_empty() {
        return Err(TopClassFixed.into());
    }
    Ok(Outcome::of(Event::Removed))
}

#[cfg(test)]
mod tests {
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;
    use uuid::Uuid;

    fn node(hunan: &Hunan, code: &str) -> Uuid {
        let mut all = hunan.world.registers.specialties.iter();
        all.find(|(_, it)| it.code == code).expect("it was seeded").0
    }

    #[test]
    fn is_no_longer_offered_and_keeps_its_code() {
        let mut hunan = Hunan::new();
        let id = node(&hunan, "0101");
        hunan.act(hunan.province, "specialty", id, "amend", json!({"name": "马克思主义哲学"}));
        assert_eq!(hunan.world.registers.specialty("0101").unwrap().name, "马克思主义哲学");
        hunan.act(hunan.province, "specialty", id, "remove", json!({}));
        assert!(hunan.world.registers.specialty("0101").is_none());
        let again = json!({"parent": "01", "code": "0101", "name": "哲学"});
        let reused = hunan.world.create(Who::Account(hunan.province), "specialty", again);
        assert_eq!(reused.unwrap_err().code, "claim-held");
    }

    #[test]
    fn a_series_stays() {
        let mut hunan = Hunan::new();
        let series = node(&hunan, "01");
        let refused = hunan.refused(hunan.province, "specialty", series, "remove", json!({}));
        assert_eq!(refused.code, "top-class-fixed");
    }
}

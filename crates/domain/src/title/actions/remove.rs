//! 删除职称 Remove: the title is no longer offered; declarations and certificates keep it (X-26; seed 002 人 1.2).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::label::label;
use crate::title::{Event, Title, title_claim};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remove {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "remove",
    label: label("删除职称", "Remove title"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["removed"],
    ..ActionSpec::DEFAULT
};

/// Removes it from what is offered; it may be entered anew.
pub fn decide(_: &Remove, it: &Title, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let outcome = Outcome::of(Event::Removed);
    Ok(match it.level {
        Some(level) => outcome.release(title_claim(&it.series, level, &it.name), StreamId::of::<Title>(id)),
        None => outcome,
    })
}

#[cfg(test)]
mod tests {
    use crate::values::Level;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;
    use uuid::Uuid;

    fn title(hunan: &Hunan, name: &str) -> Uuid {
        let mut all = hunan.world.registers.titles.iter();
        all.find(|(_, it)| it.series == "01" && it.name == name).expect("it was seeded").0
    }

    #[test]
    fn is_no_longer_offered_until_it_is_entered_anew() {
        let mut hunan = Hunan::new();
        let (province, id) = (hunan.province, title(&hunan, "副教授"));
        let offered =
            |hunan: &Hunan, name| hunan.world.registers.title("01", Level::AssociateSenior, name).is_some();
        hunan.act(province, "title", id, "amend", json!({"name": "副教授（高校）", "ministry_code": "0102"}));
        assert!(offered(&hunan, "副教授（高校）") && !offered(&hunan, "副教授"));
        hunan.act(province, "title", id, "remove", json!({}));
        assert!(!offered(&hunan, "副教授（高校）"));
        assert_eq!(hunan.refused(province, "title", id, "remove", json!({})).code, "stage-refused");
        let anew = json!({"series": "01", "level": "associate_senior", "name": "副教授（高校）"});
        hunan.create(Who::Account(province), "title", anew);
        assert!(offered(&hunan, "副教授（高校）"));
    }

    #[test]
    fn two_titles_never_have_one_name() {
        let mut hunan = Hunan::new();
        let (province, id) = (hunan.province, title(&hunan, "副教授"));
        let invented = json!({"series": "01", "level": "associate_senior", "name": "试点副教授"});
        hunan.create(Who::Account(province), "title", invented);
        let same = hunan.refused(province, "title", id, "amend", json!({"name": "试点副教授"}));
        assert_eq!(same.code, "claim-held");
        let code = json!({"name": "副教授", "ministry_code": "12"});
        assert_eq!(hunan.refused(province, "title", id, "amend", code).problems[0].pointer, "/ministry_code");
    }
}

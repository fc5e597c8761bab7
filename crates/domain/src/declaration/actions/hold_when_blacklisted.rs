//! 黑名单暂停 Hold when blacklisted: what is under way of a person on the blacklist takes no step forward (T64).

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Hold;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// The applicant is not on the blacklist today, or the declaration is held for it already.
    BlacklistHoldNotDue = Rule "blacklist-hold-not-due", "无须暂停", "申报人不在有效的黑名单中，或该申报已因此暂停。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldWhenBlacklisted {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "hold-when-blacklisted",
    label: label("黑名单暂停", "Hold when blacklisted"),
    from: Start::Any,
    ..ActionSpec::DEFAULT
};

/// Puts the hold.
pub fn decide(_: &HoldWhenBlacklisted, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    if it.stage.ended() {
        let stage = crate::Aggregate::stage_label(it).to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    let barred = context.registers.blacklisted(subject.person, context.today());
    if !barred || it.holds.contains(&Hold::Blacklist) {
        return Err(BlacklistHoldNotDue.into());
    }
    Ok(Outcome::of(Event::Held { hold: Hold::Blacklist, source: None }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Person;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    /// Enters the applicant on the blacklist.
    fn barred(hunan: &mut Hunan) -> Uuid {
        let person = hunan.world.registers.accounts.get(hunan.applicant).unwrap().person.unwrap();
        let number = hunan.world.get::<Person>(person.0).id_number.known().unwrap().clone();
        let input = json!({"id_number": number, "reason": "论文造假"});
        hunan.create(Who::Account(hunan.province), "blacklist_entry", input)
    }

    fn holds(hunan: &Hunan, case: Uuid) -> Vec<Hold> {
        hunan.world.get::<Declaration>(case).holds.into_iter().collect()
    }

    #[test]
    fn no_step_forward_is_taken_while_the_entry_is_in_force() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        barred(&mut hunan);
        hunan.world.take_due_steps();
        assert_eq!(holds(&hunan, case), [Hold::Blacklist]);
        let log = hunan.world.log.len();
        hunan.world.take_due_steps();
        assert_eq!(hunan.world.log.len(), log, "once is enough");
        let (reviewer, pass) = (hunan.housing_reviewer, json!({"decision": "pass"}));
        let refused = hunan.refused(reviewer, "declaration", case, "review-by-superior", pass);
        assert_eq!(refused.code, "declaration-held");
        let back = json!({"decision": "return", "opinion": "请说明情况。"});
        hunan.act(reviewer, "declaration", case, "review-by-superior", back);
    }

    #[test]
    fn lifting_the_entry_lifts_the_hold_and_no_other() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let entry = barred(&mut hunan);
        hunan.held(case);
        hunan.world.take_due_steps();
        assert_eq!(holds(&hunan, case), [Hold::Discipline, Hold::Blacklist]);
        hunan.act(hunan.province, "blacklist_entry", entry, "lift", json!({"reason": "查无此事"}));
        hunan.world.take_due_steps();
        assert_eq!(holds(&hunan, case), [Hold::Discipline]);
    }

    #[test]
    fn the_end_of_the_three_years_lifts_it_too() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        hunan.world.clock("2023-11-01T09:00:00+08:00");
        let entry = barred(&mut hunan);
        hunan.world.take_due_steps();
        hunan.world.clock("2026-10-31T23:59:59+08:00");
        hunan.world.take_due_steps();
        assert_eq!(holds(&hunan, case), [Hold::Blacklist]);
        hunan.world.clock("2026-11-01T00:00:00+08:00");
        hunan.world.take_due_steps();
        assert!(holds(&hunan, case).is_empty());
        let entry = hunan.world.get::<crate::blacklist_entry::BlacklistEntry>(entry);
        assert_eq!(entry.stage.name(), "expired");
    }

    #[test]
    fn other_peoples_and_ended_declarations_are_left_alone() {
        let mut hunan = Hunan::new();
        let ended = hunan.submitted(hunan.applicant);
        hunan.act(hunan.applicant, "declaration", ended, "withdraw", json!({}));
        let other = hunan.register("张三");
        let others = hunan.submitted(other);
        barred(&mut hunan);
        hunan.world.take_due_steps();
        assert!(holds(&hunan, ended).is_empty() && holds(&hunan, others).is_empty());
    }
}

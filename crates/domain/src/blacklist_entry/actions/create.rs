//! 加入黑名单 Create: the province enters a person, for three years (N24; seed 002 人 1.21; seed 003 七(一)).
//! Declarations of the person that are under way are held by a policy, which repeats until none is left.

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::blacklist_entry::{BlacklistEntry, Event, entry_claim};
use crate::context::Context;
use crate::ids::PersonId;
use crate::input::{Checks, NAME_CHARS_MAX};
use crate::label::label;
use crate::person;
use crate::refusal::refusals;
use crate::values::Role;
use chrono::Months;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// How long an entry is in force, in years (N24; Order 40 Art. 39).
pub const YEARS: u32 = 3;

refusals! {
    /// An entry names a person by id, so the person must be known.
    PersonUnknown = Rule "person-unknown", "没有此人的记录", "系统中没有该身份证号码的人员。请核对号码；此人注册账号或申报后才能加入黑名单。";
    /// One entry in force a person.
    AlreadyBlacklisted = Conflict "already-blacklisted", "已在黑名单中", "此人已在黑名单中。如需更正，请修改原记录。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 身份证号码 of somebody who is known here.
    pub id_number: String,
    /// 加入原因.
    pub reason: String,
    /// 依据文号.
    pub basis: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("加入黑名单", "Create blacklist entry"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("id_number", "身份证号码", FieldType::Text),
        required("reason", "加入原因", FieldType::LongText),
        optional("basis", "依据文号", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters the person.
pub fn decide(input: &Create, _: &BlacklistEntry, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let id_number = checks.id_number("/id_number", &input.id_number);
    let reason = checks.reason("/reason", &input.reason);
    let basis = basis(&mut checks, input.basis.as_deref());
    let entered_on = context.today();
    let expires_on = entered_on.checked_add_months(Months::new(12 * YEARS)).unwrap_or(chrono::NaiveDate::MAX);
    checks.done()?;
    let hash = context.keyed_hash(&id_number)?;
    let Some(holder) = context.claim_holder(&person::id_number_claim(hash))? else {
        return Err(PersonUnknown.refusal().at("/id_number").into());
    };
    let person = PersonId(holder.id);
    let claim = entry_claim(person);
    if context.claim_holder(&claim)?.is_some() {
        return Err(AlreadyBlacklisted.into());
    }
    Ok(Outcome::of(Event::Created {
        basis: basis.into(),
        entered_on,
        expires_on,
        person_id: person,
        reason: reason.into(),
    })
    .take(claim, StreamId::of::<BlacklistEntry>(id)))
}

/// 依据文号, one line; an empty one counts as left out.
pub(super) fn basis(checks: &mut Checks, basis: Option<&str>) -> Option<String> {
    let basis = basis.filter(|basis| !basis.trim().is_empty())?;
    Some(checks.text("/basis", basis, NAME_CHARS_MAX))
}

#[cfg(test)]
mod tests {
    use crate::blacklist_entry::BlacklistEntry;
    use crate::context::Approval;
    use crate::ids::PersonId;
    use crate::world::{
        Done, Who,
        hunan::{Hunan, id_number},
    };
    use chrono::NaiveDate;
    use serde_json::json;
    use uuid::Uuid;

    /// The applicant of the story, who is barred on 2023-05-04.
    fn barred() -> (Hunan, PersonId, Uuid) {
        let mut hunan = Hunan::new();
        let account = hunan.world.registers.accounts.get(hunan.applicant).unwrap();
        let person = account.person.unwrap();
        let number = hunan.world.get::<crate::person::Person>(person.0).id_number.known().unwrap().clone();
        let input = json!({"id_number": number, "reason": "论文造假", "basis": "湘人社函〔2023〕9号"});
        let entry = hunan.create(Who::Account(hunan.province), "blacklist_entry", input);
        (hunan, person, entry)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn is_in_force_for_three_years() {
        let (hunan, person, _) = barred();
        let registers = &hunan.world.registers;
        assert!(!registers.blacklisted(person, day("2023-05-03")));
        assert!(registers.blacklisted(person, day("2023-05-04")));
        assert!(registers.blacklisted(person, day("2026-05-03")));
        assert!(!registers.blacklisted(person, day("2026-05-04")));
    }

    #[test]
    fn events_hold_neither_name_nor_number() {
        let (hunan, _, entry) = barred();
        let logged = hunan.world.log.iter().rfind(|logged| logged.stream.id == entry).unwrap();
        let payload = logged.event.to_payload(&logged.stamp).unwrap();
        assert!(!payload.contains("4301") && !payload.contains("id_number"), "{payload}");
    }

    #[test]
    fn refuses_who_is_not_known_and_who_is_on_it_already() {
        let (mut hunan, person, _) = barred();
        let province = Who::Account(hunan.province);
        let unknown = json!({"id_number": id_number(5_000), "reason": "材料造假"});
        let refused = hunan.world.create(province, "blacklist_entry", unknown).unwrap_err();
        assert_eq!((refused.code, refused.problems[0].pointer.as_str()), ("person-unknown", "/id_number"));
        let number = hunan.world.get::<crate::person::Person>(person.0).id_number.known().unwrap().clone();
        let twice = json!({"id_number": number, "reason": "重复"});
        let refused = hunan.world.create(province, "blacklist_entry", twice).unwrap_err();
        assert_eq!(refused.code, "already-blacklisted");
    }

    #[test]
    fn is_lifted_by_two_persons_with_a_reason() {
        let (mut hunan, person, entry) = barred();
        let province = Who::Account(hunan.province);
        let today = day("2023-05-04");
        let empty = hunan.refused(hunan.province, "blacklist_entry", entry, "lift", json!({"reason": ""}));
        assert_eq!(empty.code, "reason-required");
        let input = json!({"reason": "复核后认定不属造假"});
        let alone = hunan
            .world
            .send(province, "blacklist_entry", entry, "lift", input.clone(), Approval::NotGiven)
            .unwrap();
        assert_eq!(alone, Done::SecondPersonNeeded);
        assert!(hunan.world.registers.blacklisted(person, today));
        hunan.act(hunan.province, "blacklist_entry", entry, "lift", input);
        assert!(!hunan.world.registers.blacklisted(person, today));
        let late = json!({"reason": "补充", "basis": null});
        assert_eq!(
            hunan.refused(hunan.province, "blacklist_entry", entry, "amend", late).code,
            "stage-refused"
        );
    }

    #[test]
    fn expires_by_itself_and_may_be_entered_again() {
        let (mut hunan, person, entry) = barred();
        hunan.world.clock("2026-05-03T23:59:59+08:00");
        let early = hunan.world.act(Who::System, "blacklist_entry", entry, "expire", json!({}));
        assert_eq!(early.unwrap_err().code, "blacklist-not-over");
        hunan.world.clock("2026-05-04T00:00:00+08:00");
        let byhand = hunan.refused(hunan.province, "blacklist_entry", entry, "expire", json!({}));
        assert_eq!(byhand.code, "not-allowed");
        hunan.world.act(Who::System, "blacklist_entry", entry, "expire", json!({})).unwrap();
        assert_eq!(hunan.world.get::<BlacklistEntry>(entry).stage.name(), "expired");
        let number = hunan.world.get::<crate::person::Person>(person.0).id_number.known().unwrap().clone();
        let again = json!({"id_number": number, "reason": "再次造假"});
        hunan.create(Who::Account(hunan.province), "blacklist_entry", again);
        assert!(hunan.world.registers.blacklisted(person, day("2026-05-04")));
    }
}

//! 评委入库 Create: the committee's office enters a judge; the account gets the role in the same append
//! (contract.md, Who creates what; Order 40 Art. 10).

use crate::account::{self, Account, RoleGrant};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Aggregate, Decision, Outcome, StreamId};
use crate::committee::Committee;
use crate::committee::actions::create::check_specialties;
use crate::context::Context;
use crate::declaration::values::Coded;
use crate::ids::{AccountId, CommitteeId, EmployerId, JudgeId};
use crate::input::Checks;
use crate::judge::{Event, Judge, seat_claim};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Role;
use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The longest term, in years (Order 40 Art. 10).
pub const TERM_YEARS_MAX: u32 = 3;

refusals! {
    /// Two seats would be two votes (N20); who was disqualified does not come back (seed 003 七(三)).
    AlreadyJudge = Conflict "already-judge", "已在该评委会评委库中", "此人已在该评委会评委库中，或曾被取消该评委会评委资格，不能重复入库。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The committee.
    pub committee_id: CommitteeId,
    /// Whose seat it is.
    pub account_id: AccountId,
    /// 所在单位.
    pub employer_id: EmployerId,
    /// 评审专业 codes of the committee's series.
    pub specialties: Vec<String>,
    /// First day of the term.
    pub term_from: NaiveDate,
    /// Last day of the term.
    pub term_to: NaiveDate,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("评委入库", "Create judge"),
    by: &[by(Role::CommitteeOperator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("committee_id", "评委会", FieldType::Reference("committees")),
        required("account_id", "账号", FieldType::Reference("accounts")),
        required("employer_id", "所在单位", FieldType::Reference("employers")),
        required("specialties", "评审专业", FieldType::Structure),
        required("term_from", "聘期起", FieldType::Date),
        required("term_to", "聘期至", FieldType::Date),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it; one seat a person and committee.
pub fn decide(input: &Create, _: &Judge, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !context.acting()?.at(input.committee_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let registers = context.registers;
    let Some(committee) = registers.committees.get(input.committee_id).filter(|it| !it.deregistered) else {
        return Err(common::ReferenceRefused { what: "评委会" }.refusal().at("/committee_id").into());
    };
    let account = context.load::<Account>(input.account_id)?;
    let mut checks = Checks::new();
    let person = account.person.filter(|_| account.exists() && account.active());
    checks.ensure(
        person.is_some(),
        "/account_id",
        "reference-refused",
        "没有这个账号，或者该账号已停用、未实名。",
    );
    let employer = registers.employers.get(input.employer_id).filter(|it| it.approved());
    checks.ensure(
        employer.is_some(),
        "/employer_id",
        "reference-refused",
        "没有这个单位，或者该单位已停用。",
    );
    let specialties = check_judge_specialties(&mut checks, committee, &input.specialties, &[], context);
    check_term(&mut checks, input.term_from, input.term_to);
    checks.done()?;
    let (Some(person), Some(employer)) = (person, employer) else {
        return Err(common::InvalidInput.into());
    };
    let claim = seat_claim(input.committee_id, person);
    if context.claim_holder(&claim)?.is_some() {
        return Err(AlreadyJudge.into());
    }
    let grant = RoleGrant { role: Role::Judge, organisation_id: Some(input.committee_id.into()) };
    let outcome = Outcome::of(Event::Created {
        account_id: input.account_id,
        committee_id: input.committee_id,
        employer_id: input.employer_id,
        employer_name: employer.name.clone(),
        judge_id: JudgeId(id),
        person_id: person,
        specialties,
        term_from: input.term_from,
        term_to: input.term_to,
    })
    .take(claim, StreamId::of::<Judge>(id));
    if account.roles.contains(&grant) {
        return Ok(outcome);
    }
    let granted = account::Event::RoleGranted { organisation_id: grant.organisation_id, role: grant.role };
    Ok(outcome.also::<Account>(input.account_id, granted))
}

/// At least one specialty, all of the committee's series and of those that it reviews. Those in `kept` may stay.
pub(super) fn check_judge_specialties(
    checks: &mut Checks,
    committee: &Committee,
    specialties: &[String],
    kept: &[String],
    context: &Context<'_>,
) -> Vec<Coded> {
    checks.ensure(!specialties.is_empty(), "/specialties", "empty", "至少选择一个评审专业。");
    for (index, code) in specialties.iter().enumerate() {
        checks.ensure(
            committee.can_review(&committee.series, code) || kept.contains(code),
            &format!("/specialties/{index}"),
            "not-reviewed",
            "该评委会不评审这个专业。",
        );
    }
    check_specialties(checks, &committee.series, specialties, kept, context)
}

/// Order 40 Art. 10: a term of at most three years.
pub(super) fn check_term(checks: &mut Checks, from: NaiveDate, to: NaiveDate) {
    let latest = from.checked_add_months(Months::new(12 * TERM_YEARS_MAX));
    checks.ensure(to >= from, "/term_to", "ends-before-start", "聘期止不能早于聘期起。");
    let message = format!("聘期不得超过{TERM_YEARS_MAX}年。");
    checks.ensure(latest.is_some_and(|latest| to <= latest), "/term_to", "term-too-long", message);
}

#[cfg(test)]
mod tests {
    use crate::context::Acting;
    use crate::ids::{AccountId, JudgeId};
    use crate::judge::Judge;
    use crate::values::Role;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn seat(hunan: &Hunan, account: AccountId) -> Value {
        json!({
            "committee_id": hunan.committee, "account_id": account, "employer_id": hunan.housing,
            "specialties": ["0101"], "term_from": "2023-01-01", "term_to": "2025-12-31",
        })
    }

    fn acting(hunan: &Hunan, account: AccountId) -> Acting {
        let roles = hunan.world.registers.roles_of(account);
        roles.into_iter().find(|acting| acting.role == Role::Judge).expect("the role was granted")
    }

    #[test]
    fn gives_the_role_at_the_committee() {
        let mut hunan = Hunan::new();
        let expert = hunan.register("欧阳教授");
        let input = seat(&hunan, expert);
        let judge = hunan.create(Who::Account(hunan.committee_operator), "judge", input);
        let acting = acting(&hunan, expert);
        assert!(acting.at(crate::ids::CommitteeId(hunan.committee)));
        assert_eq!(hunan.world.registers.judge_of(&acting), Some(JudgeId(judge)));
        let pool: Vec<_> =
            hunan.world.registers.judges_of(hunan.committee.into()).map(|(id, _)| id.0).collect();
        assert_eq!(pool, [judge]);
        assert_eq!(hunan.world.get::<Judge>(judge).employer_name, "长沙市住房和城乡建设局");
    }

    #[test]
    fn a_person_has_one_seat_in_a_committee() {
        let mut hunan = Hunan::new();
        let expert = hunan.register("欧阳教授");
        let input = seat(&hunan, expert);
        let operator = Who::Account(hunan.committee_operator);
        let judge = hunan.create(operator, "judge", input.clone());
        assert_eq!(hunan.world.create(operator, "judge", input.clone()).unwrap_err().code, "already-judge");
        hunan.act(hunan.committee_operator, "judge", judge, "disqualify", json!({"reason": "泄露评审信息"}));
        assert!(!hunan.world.registers.has_role(expert, Role::Judge));
        assert!(!hunan.world.get::<Judge>(judge).serves_on("2023-06-01".parse().unwrap()));
        assert_eq!(hunan.world.create(operator, "judge", input).unwrap_err().code, "already-judge");
    }

    #[test]
    fn serves_for_at_most_three_years() {
        let mut hunan = Hunan::new();
        let expert = hunan.register("欧阳教授");
        let operator = Who::Account(hunan.committee_operator);
        let mut input = seat(&hunan, expert);
        for (to, code) in [("2026-01-02", "term-too-long"), ("2022-12-31", "ends-before-start")] {
            input["term_to"] = json!(to);
            let refused = hunan.world.create(operator, "judge", input.clone()).unwrap_err();
            assert_eq!(refused.problems[0].code, code);
        }
        input["term_to"] = json!("2025-12-31");
        let judge = hunan.create(operator, "judge", input);
        let it = hunan.world.get::<Judge>(judge);
        assert!(it.serves_on("2023-01-01".parse().unwrap()) && it.serves_on("2025-12-31".parse().unwrap()));
        assert!(!it.serves_on("2022-12-31".parse().unwrap()) && !it.serves_on("2026-01-01".parse().unwrap()));
        let ahead = json!({"term_from": "2026-03-01", "term_to": "2028-12-31"});
        hunan.act(hunan.committee_operator, "judge", judge, "renew", ahead);
        let it = hunan.world.get::<Judge>(judge);
        assert!(it.serves_on("2025-12-31".parse().unwrap()) && it.serves_on("2026-03-01".parse().unwrap()));
        assert!(!it.serves_on("2026-02-28".parse().unwrap()));
    }

    #[test]
    fn is_entered_by_the_committees_own_office() {
        let mut hunan = Hunan::new();
        let expert = hunan.register("欧阳教授");
        let input = seat(&hunan, expert);
        let province = hunan.world.create(Who::Account(hunan.province), "judge", input.clone());
        assert_eq!(province.unwrap_err().code, "not-allowed");
        let mut elsewhere = input;
        elsewhere["committee_id"] = json!(Uuid::nil());
        let other = hunan.world.create(Who::Account(hunan.committee_operator), "judge", elsewhere);
        assert_eq!(other.unwrap_err().code, "not-allowed");
    }

    #[test]
    fn amends_only_within_what_the_committee_reviews() {
        let mut hunan = Hunan::new();
        let expert = hunan.register("欧阳教授");
        let input = seat(&hunan, expert);
        let judge = hunan.create(Who::Account(hunan.committee_operator), "judge", input);
        let other_series = json!({"employer_id": hunan.drainage, "specialties": ["0501"]});
        let refused = hunan.refused(hunan.committee_operator, "judge", judge, "amend", other_series);
        assert_eq!(refused.problems[0].pointer, "/specialties/0");
        let input = json!({"employer_id": hunan.drainage, "specialties": ["0101", "0102"]});
        hunan.act(hunan.committee_operator, "judge", judge, "amend", input);
        assert_eq!(hunan.world.get::<Judge>(judge).specialties, ["0101", "0102"]);
    }
}

//! 增加经办人 Add operator: another person acts for the employer, each with an account of their own (X-23: no shared
//! accounts). Somebody who has an account already is named by it; anybody else is registered here, found by ID number
//! alone.

use crate::account::{self, Account, NewAccount, RoleGrant, register};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::context::{Context, Stop};
use crate::employer::{Employer, Event};
use crate::ids::{AccountId, EmployerId};
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: one of the two.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOperator {
    /// Who has an account already.
    pub account_id: Option<AccountId>,
    /// Who has none yet.
    pub operator: Option<NewAccount>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "add-operator",
    label: label("增加经办人", "Add operator"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere), by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&["approved"]),
    form: &[
        optional("account_id", "已有账号", FieldType::Reference("accounts")),
        optional("operator", "新经办人", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Adds the operator; one who is there already changes nothing.
pub fn decide(input: &AddOperator, it: &Employer, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let (account, outcome) =
        appoint(input.account_id, input.operator.as_ref(), EmployerId(id), Outcome::nothing(), context)?;
    if it.operators.contains(&account) && outcome.others.is_empty() {
        return Ok(Outcome::nothing());
    }
    Ok(outcome.and(Event::OperatorAdded { account_id: account }))
}

/// Gives the operator's role at the employer to an account, or to a new account of somebody registered here.
pub(super) fn appoint(
    account: Option<AccountId>,
    new: Option<&NewAccount>,
    employer: EmployerId,
    outcome: Outcome<Event>,
    context: &Context<'_>,
) -> Result<(AccountId, Outcome<Event>), Stop> {
    let grant = RoleGrant { role: Role::EmployerOperator, organisation_id: Some(employer.into()) };
    let mut checks = Checks::new();
    match (account, new) {
        (Some(account), None) => {
            let state = context.load::<Account>(account)?;
            checks.ensure(
                state.exists() && state.active() && state.person.is_some(),
                "/account_id",
                "reference-refused",
                "没有这个账号，或者该账号已停用、未实名。",
            );
            checks.done()?;
            let granted =
                account::Event::RoleGranted { organisation_id: grant.organisation_id, role: grant.role };
            let outcome = if state.roles.contains(&grant) {
                outcome
            } else {
                outcome.also::<Account>(account, granted)
            };
            Ok((account, outcome))
        }
        (None, Some(new)) => {
            let account = AccountId(context.fresh_id(1));
            let (outcome, events) = register(outcome, new, account, Some(grant), 2, "/operator", context)?;
            let outcome =
                events.into_iter().fold(outcome, |outcome, event| outcome.also::<Account>(account, event));
            Ok((account, outcome))
        }
        (None, None) | (Some(_), Some(_)) => {
            checks.problem("/account_id", "one-of-two", "请选择已有账号，或填写新经办人，二者只取其一。");
            checks.done()?;
            Err(crate::refusal::common::InvalidInput.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::employer::Employer;
    use crate::ids::AccountId;
    use crate::values::Role;
    use crate::world::{
        Who,
        hunan::{Hunan, id_number},
    };
    use serde_json::json;

    #[test]
    fn registers_somebody_new_or_takes_an_account() {
        let mut hunan = Hunan::new();
        let (operator, drainage) = (hunan.operator, hunan.drainage);
        let new = json!({"operator": {
            "username": "zhoujb", "password": "Xiang-2023-jiang", "name": "周经办", "id_number": id_number(900), "phone": "13900000900",
        }});
        hunan.act(operator, "employer", drainage, "add-operator", new);
        let applicant = hunan.applicant;
        let account = json!({"account_id": applicant});
        hunan.act(operator, "employer", drainage, "add-operator", account.clone());
        assert_eq!(hunan.world.get::<Employer>(drainage).operators.len(), 2);
        assert!(hunan.world.registers.has_role(applicant, Role::EmployerOperator));
        let again =
            hunan.world.act(Who::Account(hunan.province), "employer", drainage, "add-operator", account);
        assert_eq!(again.unwrap(), []);
    }

    #[test]
    fn refuses_both_or_neither_and_unknown_accounts() {
        let mut hunan = Hunan::new();
        for input in [json!({}), json!({"account_id": AccountId::default()})] {
            let refused = hunan.world.act(
                Who::Account(hunan.operator),
                "employer",
                hunan.drainage,
                "add-operator",
                input,
            );
            assert_eq!(refused.unwrap_err().problems[0].pointer, "/account_id");
        }
        let other = hunan.world.act(
            Who::Account(hunan.operator),
            "employer",
            hunan.housing,
            "add-operator",
            json!({"account_id": hunan.applicant}),
        );
        assert_eq!(other.unwrap_err().code, "not-allowed");
    }
}

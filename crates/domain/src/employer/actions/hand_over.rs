//! 经办人交接 Hand over: who leaves loses the role in the same append in which the successor gets it, so that no account
//! is handed on with its password.

use super::add_operator::appoint;
use crate::account::{self, Account, NewAccount, RoleGrant};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::employer::{Employer, Event};
use crate::ids::{AccountId, EmployerId};
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: who leaves, and one of the two successors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Who leaves.
    pub from_account_id: AccountId,
    /// The successor who has an account already.
    pub account_id: Option<AccountId>,
    /// The successor who has none yet.
    pub operator: Option<NewAccount>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "hand-over",
    label: label("经办人交接", "Hand over"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere), by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&["approved"]),
    form: &[
        required("from_account_id", "原经办人账号", FieldType::Reference("accounts")),
        optional("account_id", "接任人已有账号", FieldType::Reference("accounts")),
        optional("operator", "新经办人", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Takes the role from the one and gives it to the other.
pub fn decide(input: &HandOver, _: &Employer, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let employer = EmployerId(id);
    let grant = RoleGrant { role: Role::EmployerOperator, organisation_id: Some(employer.into()) };
    let from = input.from_account_id;
    let mut checks = Checks::new();
    checks.ensure(
        context.load::<Account>(from)?.roles.contains(&grant),
        "/from_account_id",
        "reference-refused",
        "该账号不是本单位的经办人。",
    );
    checks.ensure(
        input.account_id != Some(from),
        "/account_id",
        "same-account",
        "接任人不能是原经办人的同一账号。",
    );
    checks.done()?;
    let revoked = account::Event::RoleRevoked { organisation_id: grant.organisation_id, role: grant.role };
    let outcome = Outcome::nothing().also::<Account>(from, revoked);
    let (to, outcome) = appoint(input.account_id, input.operator.as_ref(), employer, outcome, context)?;
    Ok(outcome.and(Event::OperatorHandedOver { from_account_id: from, to_account_id: to }))
}

#[cfg(test)]
mod tests {
    use crate::values::Role;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn the_successor_acts_and_the_one_who_left_no_longer_does() {
        let mut hunan = Hunan::new();
        let (operator, drainage) = (hunan.operator, hunan.drainage);
        let successor = hunan.register("接任人");
        let input = json!({"from_account_id": operator, "account_id": successor});
        hunan.act(operator, "employer", drainage, "hand-over", input.clone());
        assert!(!hunan.world.registers.has_role(operator, Role::EmployerOperator));
        assert!(hunan.world.registers.has_role(successor, Role::EmployerOperator));
        let again = hunan.world.act(Who::Account(operator), "employer", drainage, "hand-over", input.clone());
        assert_eq!(again.unwrap_err().code, "not-allowed");
        let stale = hunan.world.act(Who::Account(hunan.province), "employer", drainage, "hand-over", input);
        assert_eq!(stale.unwrap_err().problems[0].pointer, "/from_account_id");
    }
}

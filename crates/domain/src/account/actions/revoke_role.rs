//! 收回角色 Revoke role: the system administrator takes a role back; it no longer counts from the next request on
//! (contract.md, Other collections).

use super::ROLES_MOVED;
use crate::account::{Account, Event, RoleGrant};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::NodeId;
use crate::label::label;
use crate::refusal::refusals;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// Without a system administrator nobody could ever grant a role again.
    LastAdministrator = Rule "last-administrator", "须保留系统管理员", "这是最后一个可用的系统管理员账号。请先为另一账号授予系统管理员角色，再办理。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeRole {
    /// The role.
    pub role: Role,
    /// Where it is held.
    pub organisation_id: Option<NodeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "revoke-role",
    label: label("收回角色", "Revoke role"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    alone_with: ROLES_MOVED,
    form: &[
        required("role", "角色", FieldType::Text),
        optional("organisation_id", "所在单位", FieldType::Reference("organisations")),
    ],
    ..ActionSpec::DEFAULT
};

/// Takes it back; a role that is not held changes nothing.
pub fn decide(input: &RevokeRole, it: &Account, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let RevokeRole { role, organisation_id } = *input;
    if !it.roles.contains(&RoleGrant { role, organisation_id }) {
        return Ok(Outcome::nothing());
    }
    if role == Role::SystemAdministrator && is_last_administrator(id, context) {
        return Err(LastAdministrator.into());
    }
    Ok(Outcome::of(Event::RoleRevoked { organisation_id, role }))
}

/// Whether no other account could administer the system.
pub(super) fn is_last_administrator(id: Uuid, context: &Context<'_>) -> bool {
    !context
        .registers
        .accounts
        .iter()
        .any(|(other, it)| other != id && it.active() && it.holds(Role::SystemAdministrator))
}

#[cfg(test)]
mod tests {
    use crate::account::Account;
    use crate::values::Role;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn takes_the_role_back_where_it_is_held() {
        let mut hunan = Hunan::new();
        let (administrator, operator) = (hunan.administrator, hunan.operator);
        let elsewhere = json!({"role": "employer-operator", "organisation_id": hunan.housing});
        hunan.act(administrator, "account", operator.0, "revoke-role", elsewhere);
        assert!(hunan.world.get::<Account>(operator.0).holds(Role::EmployerOperator));
        let held = json!({"role": "employer-operator", "organisation_id": hunan.drainage});
        hunan.act(administrator, "account", operator.0, "revoke-role", held);
        assert!(!hunan.world.registers.has_role(operator, Role::EmployerOperator));
        assert!(hunan.world.registers.roles_of(operator).is_empty());
    }

    #[test]
    fn keeps_the_last_system_administrator() {
        let mut hunan = Hunan::new();
        let first = hunan.administrator;
        let input = json!({"role": "system-administrator"});
        let refused = hunan.world.act(Who::Account(first), "account", first.0, "revoke-role", input.clone());
        assert_eq!(refused.unwrap_err().code, "last-administrator");
        let second = hunan.account(Who::Account(first), "接任管理员");
        hunan.grant(Who::Account(first), second, "system-administrator", None);
        hunan.act(second, "account", first.0, "revoke-role", input);
        assert!(!hunan.world.registers.has_role(first, Role::SystemAdministrator));
    }

    #[test]
    fn is_the_system_administrators_alone() {
        let mut hunan = Hunan::new();
        let input = json!({"role": "employer-operator", "organisation_id": hunan.drainage});
        let refused =
            hunan.world.act(Who::Account(hunan.province), "account", hunan.operator.0, "revoke-role", input);
        assert_eq!(refused.unwrap_err().code, "not-allowed");
    }
}

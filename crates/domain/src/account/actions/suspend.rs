//! 停用账号 Suspend: nobody signs in with it, and its roles do not count, until it is resumed (X-23: accounts of those
//! who left are disabled).

use super::ROLES_MOVED;
use super::revoke_role::{LastAdministrator, is_last_administrator};
use crate::account::{Account, Event};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::private::PerhapsPrivate;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "suspend",
    label: label("停用账号", "Suspend account"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["suspended"],
    alone_with: ROLES_MOVED,
    form: &[required("reason", "停用原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Suspends it; the last system administrator stays.
pub fn decide(input: &Suspend, it: &Account, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    if it.holds(Role::SystemAdministrator) && is_last_administrator(id, context) {
        return Err(LastAdministrator.into());
    }
    Ok(Outcome::of(Event::Suspended { reason: PerhapsPrivate::about(it.person, reason) }))
}

#[cfg(test)]
mod tests {
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn roles_rest_until_it_is_resumed() {
        let mut hunan = Hunan::new();
        let (administrator, operator) = (hunan.administrator, hunan.operator);
        hunan.act(administrator, "account", operator.0, "suspend", json!({"reason": "调离岗位"}));
        assert!(hunan.world.registers.roles_of(operator).is_empty());
        let again = hunan.world.act(
            Who::Account(administrator),
            "account",
            operator.0,
            "suspend",
            json!({"reason": "重复"}),
        );
        assert_eq!(again.unwrap_err().code, "stage-refused");
        hunan.act(administrator, "account", operator.0, "resume", json!({}));
        assert_eq!(hunan.world.registers.roles_of(operator).len(), 1);
    }

    #[test]
    fn an_account_of_nobody_is_suspended_too() {
        let mut hunan = Hunan::new();
        let first = json!({"username": "admin", "password": "Xiang-2023-jiang"});
        let account = hunan.world.fresh();
        hunan.world.act(Who::System, "account", account, "create-first", first).unwrap();
        let reason = json!({"reason": "不再使用"});
        hunan.act(hunan.administrator, "account", account, "suspend", reason);
        assert!(hunan.world.registers.roles_of(account.into()).is_empty());
    }

    #[test]
    fn needs_a_reason_and_keeps_the_last_administrator() {
        let mut hunan = Hunan::new();
        let administrator = hunan.administrator;
        let mut suspend = |account: crate::ids::AccountId, reason: &str| {
            hunan.world.act(
                Who::Account(administrator),
                "account",
                account.0,
                "suspend",
                json!({"reason": reason}),
            )
        };
        assert_eq!(suspend(administrator, " ").unwrap_err().code, "reason-required");
        assert_eq!(suspend(administrator, "离任").unwrap_err().code, "last-administrator");
    }
}

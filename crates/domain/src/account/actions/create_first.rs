//! 首个账号 Create first: the first start on an empty log creates `admin`, who belongs to nobody and administers accounts
//! (contract.md, First start and time).

use crate::account::{Account, Event, username_claim};
use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::AccountId;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFirst {
    /// What it signs in with.
    pub username: String,
    /// As whoever starts the system chose it; it is never part of an event.
    pub password: String,
}

/// The action as data: only the system does it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create-first",
    label: label("首个账号", "Create the first account"),
    from: Start::Nothing,
    to: &["active"],
    ..ActionSpec::DEFAULT
};

/// Creates it.
pub fn decide(input: &CreateFirst, _: &Account, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let username = checks.username("/username", &input.username);
    let sound = !input.password.trim().is_empty() && !input.password.contains('\0');
    checks.ensure(sound, "/password", "password-empty", "密码不能为空。");
    checks.done()?;
    let claim = username_claim(&username);
    Ok(Outcome::of(Event::Registered { account_id: AccountId(id), person_id: None, username })
        .and(Event::RoleGranted { organisation_id: None, role: Role::SystemAdministrator })
        .take(claim, StreamId::of::<Account>(id)))
}

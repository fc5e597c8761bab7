//! 注册账号 Create: anybody registers as an applicant (seed 002 个 一); the system administrator creates staff accounts,
//! which are not applicants until granted (contract.md, First start and time).

use crate::account::{Account, Event, NewAccount, RoleGrant, register};
use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Actor, Context};
use crate::ids::AccountId;
use crate::label::label;
use crate::values::Role;
use uuid::Uuid;

/// The input.
pub type Create = NewAccount;

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("注册账号", "Create account"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    proof: Proof::Nothing,
    form: &[
        required("username", "用户名", FieldType::Text),
        required("password", "密码", FieldType::Text),
        required("name", "姓名", FieldType::Text),
        required("id_number", "身份证号码", FieldType::Text),
        required("phone", "手机号码", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Registers it; one person per ID number.
pub fn decide(input: &Create, _: &Account, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let grant = match context.actor {
        Actor::Anonymous => Some(RoleGrant { role: Role::Applicant, organisation_id: None }),
        Actor::Account(_) | Actor::System => None,
    };
    let (mut outcome, events) = register(Outcome::nothing(), input, AccountId(id), grant, 1, "", context)?;
    outcome.events = events;
    Ok(outcome)
}

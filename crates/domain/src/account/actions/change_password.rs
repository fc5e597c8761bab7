//! 修改密码 Change password: everybody their own. The event says only that it happened: the vault checks the present
//! password and stores the new one's hash, in the same request.

use crate::account::{Account, Event};
use crate::action::{ActionSpec, By, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one.
    pub current_password: String,
    /// By the password policy.
    pub new_password: String,
}

/// Whoever has an account, in whatever role.
pub(super) const ANYBODY: &[By] = &[
    by(Role::Applicant, Place::Owner),
    by(Role::EmployerOperator, Place::Owner),
    by(Role::SuperiorReviewer, Place::Owner),
    by(Role::AuthorityReviewer, Place::Owner),
    by(Role::SchemeReviewer, Place::Owner),
    by(Role::SpecialSchemeReviewer, Place::Owner),
    by(Role::CommitteeOperator, Place::Owner),
    by(Role::Judge, Place::Owner),
    by(Role::DisciplineWitness, Place::Owner),
    by(Role::CertificateIssuer, Place::Owner),
    by(Role::ProvincialAdministrator, Place::Owner),
    by(Role::SystemAdministrator, Place::Owner),
    by(Role::Auditor, Place::Owner),
    by(Role::ReportJob, Place::Owner),
];

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "change-password",
    label: label("修改密码", "Change password"),
    by: ANYBODY,
    from: Start::Stages(&["active"]),
    form: &[
        required("current_password", "原密码", FieldType::Text),
        required("new_password", "新密码", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Notes the change; a person's other accounts have passwords of their own.
pub fn decide(input: &ChangePassword, it: &Account, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if context.acting()?.account.0 != id {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let mut checks = Checks::new();
    checks.password("/new_password", &it.username, &input.new_password);
    checks.ensure(
        input.new_password != input.current_password,
        "/new_password",
        "password-unchanged",
        "新密码不能与原密码相同。",
    );
    checks.done()?;
    Ok(Outcome::of(Event::PasswordChanged))
}

#[cfg(test)]
mod tests {
    use crate::account::Event;
    use crate::ids::AccountId;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    fn change(
        hunan: &mut Hunan,
        who: AccountId,
        of: AccountId,
        to: &str,
    ) -> Result<Vec<crate::AnyEvent>, crate::Refusal> {
        let input = json!({"current_password": "Xiang-2023-jiang", "new_password": to});
        hunan.world.act(Who::Account(who), "account", of.0, "change-password", input)
    }

    #[test]
    fn everybody_changes_their_own() {
        let mut hunan = Hunan::new();
        let operator = hunan.operator;
        let done = change(&mut hunan, operator, operator, "Yuelu-2024-shan").unwrap();
        assert_eq!(done, [Event::PasswordChanged.into()]);
        assert!(!format!("{:?}", hunan.world.log).contains("Yuelu"));
    }

    #[test]
    fn refuses_what_the_policy_refuses_and_the_passwords_of_others() {
        let mut hunan = Hunan::new();
        let (operator, administrator) = (hunan.operator, hunan.administrator);
        let weak = change(&mut hunan, operator, operator, "12345678").unwrap_err();
        assert_eq!(weak.problems[0].pointer, "/new_password");
        let same = change(&mut hunan, operator, operator, "Xiang-2023-jiang").unwrap_err();
        assert_eq!(same.problems[0].code, "password-unchanged");
        let other = change(&mut hunan, administrator, operator, "Yuelu-2024-shan").unwrap_err();
        assert_eq!(other.code, "not-allowed");
    }
}

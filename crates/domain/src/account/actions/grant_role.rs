//! 授予角色 Grant role: the system administrator gives an account a role, at an organisation where the role is held at one.
//! A role counts from the next request of a running session.

use super::ROLES_MOVED;
use crate::account::{Account, Event, RoleGrant};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::registers::Registers;
use crate::values::{OrganisationKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// N32, X-27: normal and special schemes are reviewed by different persons.
    SchemeReviewersAreSeparate = Rule "scheme-reviewers-separate", "两类方案审核须由不同的人担任", "同一人不能同时担任“呈报方案审核”和“呈报方案审核（特殊情况）”，请另选人员。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRole {
    /// The role.
    pub role: Role,
    /// Where it is held.
    pub organisation_id: Option<NodeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "grant-role",
    label: label("授予角色", "Grant role"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    alone_with: ROLES_MOVED,
    form: &[
        required("role", "角色", FieldType::Text),
        optional("organisation_id", "所在单位", FieldType::Reference("organisations")),
    ],
    ..ActionSpec::DEFAULT
};

/// Grants it; a role that is held already changes nothing.
pub fn decide(input: &GrantRole, it: &Account, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let GrantRole { role, organisation_id } = *input;
    let mut checks = Checks::new();
    match (role.held_at_organisation(), organisation_id) {
        (true, None) => checks.problem("/organisation_id", "organisation-required", "该角色须指明所在单位。"),
        (false, Some(_)) => {
            checks.problem("/organisation_id", "organisation-not-allowed", "该角色不在任何单位担任。");
        }
        (true, Some(node)) => {
            let known = context.registers.node_name(node).is_some();
            checks.ensure(known, "/organisation_id", "reference-refused", "没有这个单位。");
            let fits = !known || may_be_held_at(role, node, context.registers);
            checks.ensure(
                fits,
                "/organisation_id",
                "reference-refused",
                "该角色不能在这类单位担任，请另选单位。",
            );
        }
        (false, None) => {}
    }
    checks.done()?;
    let clashes = |other: Role| it.person.is_some() && person_has(context, it, other);
    if role == Role::SchemeReviewer && clashes(Role::SpecialSchemeReviewer)
        || role == Role::SpecialSchemeReviewer && clashes(Role::SchemeReviewer)
    {
        return Err(SchemeReviewersAreSeparate.into());
    }
    if role == Role::Applicant && it.person.is_none() {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    if it.roles.contains(&RoleGrant { role, organisation_id }) {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::RoleGranted { organisation_id, role }))
}

/// Whether a role can be held at a node of its kind (contract.md, Roles): an operator's at an employer or a personnel agency,
/// the committee's at a committee, the authorities' at an organisation.
fn may_be_held_at(role: Role, node: NodeId, registers: &Registers) -> bool {
    let employer = registers.employers.get(node).is_some();
    let kind = registers.organisations.get(node).and_then(|it| it.kind);
    match role {
        Role::EmployerOperator => employer || kind == Some(OrganisationKind::Agency),
        Role::SuperiorReviewer => employer || kind.is_some(),
        Role::AuthorityReviewer | Role::CertificateIssuer => kind.is_some(),
        Role::SchemeReviewer
        | Role::SpecialSchemeReviewer
        | Role::DisciplineWitness
        | Role::ProvincialAdministrator => kind == Some(OrganisationKind::Authority),
        Role::CommitteeOperator | Role::Judge => registers.committees.get(node).is_some(),
        Role::Applicant | Role::SystemAdministrator | Role::Auditor | Role::ReportJob => false,
    }
}

/// Whether any account of this account's person holds the role.
fn person_has(context: &Context<'_>, it: &Account, role: Role) -> bool {
    context
        .registers
        .accounts
        .iter()
        .any(|(_, other)| other.person == it.person && other.roles.iter().any(|grant| grant.role == role))
}

#[cfg(test)]
mod tests {
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn a_role_is_held_where_its_work_is() {
        let mut hunan = Hunan::new();
        let administrator = Who::Account(hunan.administrator);
        let account = hunan.account(administrator, "李四");
        let (employer, committee, authority) = (hunan.drainage, hunan.committee, hunan.department);
        for (role, fits, refused) in [
            ("employer-operator", vec![employer], vec![committee, authority]),
            ("superior-reviewer", vec![employer, authority], vec![committee]),
            ("authority-reviewer", vec![authority], vec![employer, committee]),
            ("scheme-reviewer", vec![authority], vec![employer, committee]),
            ("committee-operator", vec![committee], vec![employer, authority]),
            ("judge", vec![committee], vec![employer, authority]),
            ("discipline-witness", vec![authority], vec![employer, committee]),
            ("certificate-issuer", vec![authority], vec![employer, committee]),
            ("provincial-administrator", vec![authority], vec![employer, committee]),
        ] {
            let input = |organisation| json!({"role": role, "organisation_id": organisation});
            for organisation in refused {
                let refused =
                    hunan.world.act(administrator, "account", account.0, "grant-role", input(organisation));
                assert_eq!(
                    refused.unwrap_err().problems[0].code,
                    "reference-refused",
                    "{role} at {organisation}"
                );
            }
            for organisation in fits {
                hunan.grant(administrator, account, role, Some(organisation));
            }
        }
    }
}

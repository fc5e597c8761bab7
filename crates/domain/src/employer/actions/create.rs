//! 新增单位 Create: the province enters an employer, approved at once, with its first operator
//! (contract.md, Who creates what; registration by the unit itself is seed 001 第一部分).

use crate::account::{self, Account, NewAccount, RoleGrant, register};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::employer::{Employer, Event, uscc_claim};
use crate::ids::{AccountId, EmployerId, OrganisationId};
use crate::input::Checks;
use crate::label::label;
use crate::values::{Nature, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 单位名称.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 统筹区.
    pub region: String,
    /// 单位性质.
    pub nature: Nature,
    /// 审核单位.
    pub reviewing_organisation_id: OrganisationId,
    /// 经办人.
    pub operator: Option<NewAccount>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增单位", "Create employer"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["approved"],
    form: &[
        required("name", "单位名称", FieldType::Text),
        required("uscc", "统一社会信用代码", FieldType::Text),
        required("region", "统筹区", FieldType::Reference("regions")),
        required("nature", "单位性质", FieldType::Choice(&["public_institution", "enterprise", "other"])),
        required("reviewing_organisation_id", "审核单位", FieldType::Reference("organisations")),
        optional("operator", "经办人", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it; one employer per credit code.
pub fn decide(input: &Create, _: &Employer, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let uscc = checks.uscc("/uscc", &input.uscc);
    let region = checks.region("/region", &input.region);
    let reviewing = context.registers.organisations.get(input.reviewing_organisation_id);
    checks.ensure(
        reviewing.is_some_and(|it| !it.deregistered),
        "/reviewing_organisation_id",
        "reference-refused",
        "没有这个审核单位。",
    );
    checks.done()?;
    let employer = EmployerId(id);
    let mut outcome = Outcome::of(Event::Created {
        employer_id: employer,
        name,
        nature: input.nature,
        region,
        reviewing_organisation_id: input.reviewing_organisation_id,
        uscc: uscc.clone(),
    })
    .take(uscc_claim(&uscc), StreamId::of::<Employer>(id));
    if let Some(operator) = &input.operator {
        let account = AccountId(context.fresh_id(1));
        let grant = RoleGrant { role: Role::EmployerOperator, organisation_id: Some(employer.into()) };
        let (with_person, events) =
            register(outcome, operator, account, Some(grant), 2, "/operator", context)?;
        outcome = events
            .into_iter()
            .fold(with_person, |outcome, event: account::Event| outcome.also::<Account>(account.0, event))
            .and(Event::OperatorAdded { account_id: account });
    }
    Ok(outcome)
}

//! 新增受理机构 Create: the province registers an organisation for 初定 or 认定 (seed 002 人 1.3).

use crate::acceptance_agency::{AcceptanceAgency, Event, agency_claim};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::OrganisationId;
use crate::input::Checks;
use crate::label::label;
use crate::values::{Level, Mode, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Which organisation.
    pub organisation_id: OrganisationId,
    /// 初定 or 认定.
    pub mode: Mode,
    /// Levels it takes.
    pub levels: Vec<Level>,
    /// 打在职称证书上的机构名称.
    pub printed_name: String,
    /// 发证单位.
    pub issuing_organisation_id: OrganisationId,
    /// 申报须知.
    pub notice: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增受理机构", "Create accepting agency"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("organisation_id", "机构", FieldType::Reference("organisations")),
        required("mode", "取得方式", FieldType::Choice(&["initial_grant", "recognition"])),
        required("levels", "职称等级", FieldType::Structure),
        required("printed_name", "证书打印名称", FieldType::Text),
        required("issuing_organisation_id", "发证单位", FieldType::Reference("organisations")),
        optional("notice", "申报须知", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Registers it; one registration an organisation and mode.
pub fn decide(input: &Create, _: &AcceptanceAgency, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let printed_name = checks.name("/printed_name", &input.printed_name);
    let notice = checks.opinion("/notice", input.notice.as_deref());
    let grants = matches!(input.mode, Mode::InitialGrant | Mode::Recognition);
    checks.ensure(grants, "/mode", "mode-mismatch", "受理机构只办理初定和认定。");
    checks.ensure(!input.levels.is_empty(), "/levels", "empty", "至少选择一个职称等级。");
    for (pointer, organisation) in [
        ("/organisation_id", input.organisation_id),
        ("/issuing_organisation_id", input.issuing_organisation_id),
    ] {
        let known = context.registers.organisations.get(organisation).is_some_and(|it| !it.deregistered);
        checks.ensure(known, pointer, "reference-refused", "没有这个机构。");
    }
    checks.done()?;
    Ok(Outcome::of(Event::Created {
        issuing_organisation_id: input.issuing_organisation_id,
        levels: input.levels.clone(),
        mode: input.mode,
        notice,
        organisation_id: input.organisation_id,
        printed_name,
    })
    .take(agency_claim(input.organisation_id, input.mode), StreamId::of::<AcceptanceAgency>(id)))
}

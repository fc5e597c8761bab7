//! 证书报送人社部 Report certificate: once generated, and again after the ministry sent it back (seed 002 人 1.18; T62).

use crate::action::{ActionSpec, Forward, Place, Start, admit, by};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::{Certificate, Event, ReportState};
use crate::context::{Context, Stop};
use crate::declaration::{self, Declaration};
use crate::ids::CertificateId;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T62: the ministry knows titles by its own codes.
    MinistryCodeMissing { title: String } = Rule "ministry-code-missing", "没有对应的人社部职称", "职称“{title}”没有对应的人社部职称代码，请先在“职称树管理”中维护后再上报。";
    /// Seed 002 人 1.18: 全部上报 means all that are not reported yet.
    AlreadyReported = Rule "already-reported", "已上报", "该证书已上报，正在等待人社部回执，不能重复上报。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportCertificate {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "report-certificate",
    label: label("证书报送人社部", "Report certificate"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["generated"]),
    forward: Forward::Yes,
    ..ActionSpec::DEFAULT
};

/// Sends it, and says so on its declaration.
pub fn decide(_: &ReportCertificate, it: &Certificate, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let outcome = Outcome::of(enter(it, context)?);
    let Some(declaration_id) = it.declaration else { return Ok(outcome) };
    let of: &Declaration = context.load(declaration_id)?;
    admit(of, &declaration::actions::report_certificate::SPEC, context)?;
    let reported = declaration::Event::CertificateReported { certificate_id: CertificateId(id) };
    Ok(outcome.also::<Declaration>(declaration_id, reported))
}

/// The certificate's own event.
pub(crate) fn enter(it: &Certificate, context: &Context<'_>) -> Result<Event, Stop> {
    let Some(face) = &it.face else { return Err(common::NotFound.into()) };
    match it.report_state {
        None | Some(ReportState::Rejected) => {}
        Some(ReportState::Sent | ReportState::Accepted) => return Err(AlreadyReported.into()),
    }
    // the tree may have been completed since the declaration was started
    let current = context.registers.title(&face.series.code, face.level, &face.title.name);
    let code = face.title.ministry_code.clone().or_else(|| current.and_then(|it| it.ministry_code.clone()));
    match code {
        Some(ministry_code) => Ok(Event::Reported { ministry_code }),
        None => Err(MinistryCodeMissing { title: face.title.name.clone() }.into()),
    }
}

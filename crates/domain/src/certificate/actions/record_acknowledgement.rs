//! 回执登记 Record acknowledgement: the ministry's answer to a report; accepted, the declaration is reported
//! (contract.md, `report-certificate`; T62).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::{AcknowledgementOutcome, Certificate, Event, ReportState};
use crate::context::Context;
use crate::declaration::{self, Declaration, Stage};
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::refusal::refusals;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The longest receipt number, in characters.
pub const RECEIPT_NUMBER_CHARS_MAX: usize = 64;

refusals! {
    /// An answer belongs to a report.
    NotReported = Rule "not-reported", "没有待回执的上报", "该证书没有正在等待回执的上报，不能登记回执。请先上报。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordAcknowledgement {
    /// 回执结果.
    pub outcome: AcknowledgementOutcome,
    /// 回执编号.
    pub receipt_number: Option<String>,
    /// 回执说明.
    pub message: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-acknowledgement",
    label: label("回执登记", "Record acknowledgement"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["generated"]),
    to: &["reported"],
    form: &[
        required("outcome", "回执结果", FieldType::Choice(&["accepted", "rejected"])),
        optional("receipt_number", "回执编号", FieldType::Text),
        optional("message", "回执说明", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Records it, on the declaration too.
pub fn decide(
    input: &RecordAcknowledgement,
    it: &Certificate,
    _: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let mut checks = Checks::new();
    let receipt_number = input
        .receipt_number
        .as_ref()
        .filter(|number| !number.trim().is_empty())
        .map(|number| checks.text("/receipt_number", number, RECEIPT_NUMBER_CHARS_MAX));
    let message = Private::Known(checks.opinion("/message", input.message.as_deref()));
    checks.done()?;
    match it.report_state {
        Some(ReportState::Sent) => {}
        None | Some(ReportState::Accepted | ReportState::Rejected) => return Err(NotReported.into()),
    }
    let decided = Outcome::of(Event::ReportAcknowledged {
        message: message.clone(),
        outcome: input.outcome,
        receipt_number: receipt_number.clone(),
    });
    let Some(declaration_id) = it.declaration else { return Ok(decided) };
    let of: &Declaration = context.load(declaration_id)?;
    // a certificate that is generated has a declaration that is, too: both change in one append
    if of.stage != Stage::ECertificateGenerated {
        return Ok(decided);
    }
    let acknowledged =
        declaration::Event::ReportAcknowledged { message, outcome: input.outcome, receipt_number };
    Ok(decided.also::<Declaration>(declaration_id, acknowledged))
}

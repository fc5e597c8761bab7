//! 证书报送人社部 Which certificates have still to be reported to the ministry or wait for its answer, and which it accepted.

use crate::column::{Column, DWELL_WORKING_DAYS, boolean, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{clear, is_status};
use crate::screens::certificate::{CERTIFICATE, ISSUE, Paper, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::certificate::{ReportState, Stage};
use zhicheng_domain::label::Named;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "certificate-reporting", "证书报送人社部", "Certificate reporting")
        .granted(&[grant(Role::ProvincialAdministrator, Scope::Everything)])
        .newest_first("arrived_at")
        .row_actions(&["report-certificate", "record-acknowledgement"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "certificate_reporting",
    up: include_str!("../../../../../projections/certificate_reporting/up.sql"),
    sources: &[&[include_str!("certificate_reporting.rs")], SOURCES],
    columns: &[CERTIFICATE, ISSUE, OWN],
    feed: Feed::Cases { aggregates: &["certificate"], rows },
};

const OWN: &[Column] = &[
    text("ministry_code", "人社部职称代码"),
    boolean("reported", "是否已上报").always(),
    text("report_state", "上报状态").one_of::<ReportState>(),
    instant("reported_at", "上报时间"),
    instant("acknowledged_at", "回执时间"),
    text("receipt_number", "回执编号"),
    text("report_message", "回执说明").personal().searchable(),
    text("status", "办理状态").always().known_by(is_status),
    instant("arrived_at", "生成时间").always(),
    instant("handled_at", "办结时间"),
    DWELL_WORKING_DAYS,
];

/// One row, from the moment that its electronic form was generated. It waits until the ministry has accepted it: to be reported,
/// for the answer to be recorded, or to be reported again.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(paper) = Paper::issued(id, state) else { return Ok(Vec::new()) };
    let Some(generated_at) = paper.it.generated_at else { return Ok(Vec::new()) };
    let it = paper.it;
    let waiting = match paper.stage {
        Stage::Generated => true,
        Stage::Numbered | Stage::Reported | Stage::Revoked => false,
    };
    let accepted = it.report_state == Some(ReportState::Accepted);
    let code = it.ministry_code.as_ref().or(paper.face.title.ministry_code.as_ref());
    let message = clear("report_message", &it.report_message)?.and_then(Option::as_ref);
    Ok(vec![Row::new(id).with(paper.cells()?).with(paper.issue()).with([
        ("ministry_code", code.into()),
        // what the ministry sent back has still to be reported (seed 002 人 1.18)
        ("reported", it.report_state.is_some_and(|state| state != ReportState::Rejected).into()),
        ("report_state", it.report_state.map(Named::name).into()),
        ("reported_at", it.reported_at.into()),
        ("acknowledged_at", it.acknowledged_at.into()),
        ("receipt_number", it.receipt_number.as_ref().into()),
        ("report_message", message.into()),
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("arrived_at", generated_at.into()),
        ("handled_at", it.acknowledged_at.filter(|_| accepted).into()),
    ])])
}

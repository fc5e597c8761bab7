//! 评审结果申请备案 Of which schemes a committee's office has results to send to be filed, and what came of those it sent.

use crate::column::{Column, DWELL_WORKING_DAYS, date, instant, integer, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::is_status;
use crate::screens::scheme::{PLAN, Plan, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::scheme::FilingState;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "filing-request", "评审结果申请备案", "Filing request")
    .granted(&[grant(Role::CommitteeOperator, Scope::OwnOrganisation("final_organisation_id"))])
    .newest_first("arrived_at")
    .row_actions(&["request-filing"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "filing_request",
    up: include_str!("../../../../../projections/filing_request/up.sql"),
    sources: &[
        &[include_str!("filing_request.rs"), include_str!("../../../../domain/src/scheme/results.rs")],
        SOURCES,
    ],
    columns: &[PLAN, OWN],
    feed: Feed::Cases { aggregates: &["scheme"], rows },
};

const OWN: &[Column] = &[
    integer("passed", "通过人数").always(),
    integer("with_quota", "职数核对（占用职数人数）").always(),
    date("publicity_starts_on", "公示开始日期"),
    date("publicity_ends_on", "公示截止日期"),
    integer("objected", "有异议人数").always(),
    integer("ready", "待申请备案人数").always(),
    integer("requested", "已申请待备案人数").always(),
    integer("filed", "已备案人数").always(),
    integer("cancelled", "已取消备案人数").always(),
    text("filing_state", "备案状态").one_of::<FilingState>(),
    text("filing_number", "备案文号"),
    date("filed_on", "备案时间"),
    text("status", "办理状态").always().known_by(is_status),
    instant("arrived_at", "可申请备案时间").always(),
    instant("handled_at", "申请备案时间"),
    DWELL_WORKING_DAYS,
];

/// One row, from the moment that a result publicity has passed. It waits while there is somebody whose publicity passed and whose
/// filing is not requested, or not again after it was sent back.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(plan) = Plan::of(id, state) else { return Ok(Vec::new()) };
    let (results, filings) = (&plan.it.results, &plan.it.filings);
    // a scheme of which nobody told how its publicity ended is known from the request on
    let Some(arrived_at) = filings.ready_at.or(filings.requested_at) else { return Ok(Vec::new()) };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let waiting = !filings.ready.is_empty();
    let latest = filings.latest.as_ref();
    Ok(vec![Row::new(id).with(plan.cells()).with([
        ("passed", count(results.passed.len()).into()),
        ("with_quota", results.with_quota.into()),
        ("publicity_starts_on", results.published.map(|(first, _)| first).into()),
        ("publicity_ends_on", results.published.map(|(_, last)| last).into()),
        ("objected", count(results.objected.len()).into()),
        ("ready", count(filings.ready.len()).into()),
        ("requested", count(filings.waiting.len()).into()),
        ("filed", count(filings.filed.len()).into()),
        ("cancelled", count(filings.cancelled.len()).into()),
        ("filing_state", filings.state().map(FilingState::name).into()),
        ("filing_number", latest.map(|(number, _)| number).into()),
        ("filed_on", latest.map(|(_, day)| *day).into()),
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("arrived_at", arrived_at.into()),
        ("handled_at", filings.requested_at.filter(|_| !waiting).into()),
    ])])
}

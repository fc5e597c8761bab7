//! 职称评审结果备案 Of which schemes the authority that approved the committee has results to file, and which it has filed.

use crate::column::{Column, DWELL_WORKING_DAYS, date, instant, integer, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::is_status;
use crate::screens::scheme::{PLAN, Plan, SOURCES};
use crate::table::{Feed, Table};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::label::Named;
use zhicheng_domain::values::{PassOrFail, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "filing-review", "职称评审结果备案", "Filing review")
    .granted(&[grant(Role::AuthorityReviewer, Scope::ApprovedByOwn("final_organisation_id"))])
    .newest_first("arrived_at")
    .row_actions(&["review-filing"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "filing_review",
    up: include_str!("../../../../../projections/filing_review/up.sql"),
    sources: &[&[include_str!("filing_review.rs")], SOURCES],
    columns: &[PLAN, OWN],
    feed: Feed::Cases { aggregates: &["scheme"], rows },
};

const OWN: &[Column] = &[
    integer("published", "通过公示人数").always(),
    integer("waiting", "待备案人数").always(),
    integer("filed", "已备案人数").always(),
    text("filing_number", "备案文号"),
    date("filed_on", "备案时间"),
    text("status", "审核状态").always().known_by(is_status),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "处理时间"),
    text("result", "审核结果").one_of::<PassOrFail>(),
    DWELL_WORKING_DAYS,
];

/// One row, from the first request on.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(plan) = Plan::of(id, state) else { return Ok(Vec::new()) };
    let filings = &plan.it.filings;
    let Some(requested_at) = filings.requested_at else { return Ok(Vec::new()) };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let passed = [&filings.ready, &filings.waiting, &filings.filed, &filings.cancelled];
    let published = passed.map(BTreeSet::len).iter().sum();
    let waiting = !filings.waiting.is_empty();
    let latest = filings.latest.as_ref();
    Ok(vec![Row::new(id).with(plan.cells()).with([
        ("published", count(published).into()),
        ("waiting", count(filings.waiting.len()).into()),
        ("filed", count(filings.filed.len()).into()),
        ("filing_number", latest.map(|(number, _)| number).into()),
        ("filed_on", latest.map(|(_, day)| *day).into()),
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("arrived_at", requested_at.into()),
        ("handled_at", filings.settled_at.filter(|_| !waiting).into()),
        ("result", filings.decision.filter(|_| !waiting).map(Named::name).into()),
    ])])
}

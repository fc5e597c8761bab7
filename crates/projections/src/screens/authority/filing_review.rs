//! 职称评审结果备案 Of which schemes the authority that approved the committee has results to file, and which it has filed.

use crate::column::{Column, DWELL_WORKING_DAYS, date, id, instant, integer, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::is_status;
use crate::table::{Feed, Table};
use chrono::Datelike;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::label::Named;
use zhicheng_domain::scheme::Scheme;
use zhicheng_domain::values::{Medium, PassOrFail, Role, SchemeKind};

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
    sources: &[
        include_str!("filing_review.rs"),
        include_str!("../../../../domain/src/scheme/mod.rs"),
        include_str!("../../../../domain/src/scheme/filings.rs"),
        include_str!("../../../../domain/src/scheme/terms.rs"),
    ],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["scheme"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "评审方案").always(),
    integer("year", "年度").always(),
    id("batch_id", "批次").always(),
    text("kind", "方案类别").always().one_of::<SchemeKind>(),
    text("medium", "评审方式").always().one_of::<Medium>(),
    date("opens_on", "开评日期").always(),
    id("final_organisation_id", "评委会标识").always(),
    text("final_organisation_name", "评委会").searchable(),
    integer("participants", "参评人数").always(),
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
    let Some(scheme) = state.get::<Scheme>() else { return Ok(Vec::new()) };
    let filings = &scheme.filings;
    let (Some(terms), Some(committee), Some(requested_at)) =
        (&scheme.terms, scheme.committee, filings.requested_at)
    else {
        return Ok(Vec::new());
    };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let waiting = !filings.waiting.is_empty();
    let latest = filings.latest.as_ref();
    Ok(vec![Row::new(id).with([
        ("id", id.into()),
        ("year", terms.opens_on.year().into()),
        ("batch_id", terms.batch_id.0.into()),
        ("kind", terms.kind.name().into()),
        ("medium", terms.medium.name().into()),
        ("opens_on", terms.opens_on.into()),
        ("final_organisation_id", committee.0.into()),
        ("final_organisation_name", scheme.committee_name.as_ref().into()),
        ("participants", count(terms.participants.len()).into()),
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

//! 异议登记 What was lodged against a declaration in a publicity, and what became of it: for whoever looks into it, the employer in
//! its own publicity, the committee in that of results, and the authority in that of an award of its own (seed 003 四(二), 六(二)).

use crate::column::{Column, DWELL_WORKING_DAYS, id, instant, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{clear, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::objection::{Objection, Stage};
use zhicheng_domain::values::{PublicityKind, Role};
use zhicheng_domain::{AnyState, Stamp};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "objections", "异议登记", "Objections")
    .granted(&[
        grant(Role::EmployerOperator, Scope::OwnOrganisation("organisation_id")),
        grant(Role::CommitteeOperator, Scope::OwnOrganisation("organisation_id")),
        grant(Role::AuthorityReviewer, Scope::OwnOrganisation("organisation_id")),
    ])
    .newest_first("arrived_at")
    .row_actions(&["accept", "refuse", "resolve"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "objections",
    up: include_str!("../../../../projections/objections/up.sql"),
    sources: &[&[
        include_str!("objections.rs"),
        include_str!("../../../domain/src/objection/mod.rs"),
        include_str!("case.rs"),
    ]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["objection"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "异议标识").always(),
    id("declaration_id", "申报标识").always(),
    text("declaration_no", "申报编号"),
    text("publicity_kind", "公示类别").always().one_of::<PublicityKind>(),
    id("organisation_id", "受理单位标识").always(),
    text("organisation_name", "受理单位").always().searchable(),
    text("source", "异议来源").personal().searchable(),
    text("content", "异议内容").personal().searchable(),
    text("evidence", "证据材料").personal().searchable(),
    text("finding", "核查情况").personal().searchable(),
    text("stage", "处理情况").always().one_of::<Stage>(),
    text("status", "状态").always().known_by(is_status),
    instant("arrived_at", "登记时间").always(),
    name_of("raised_by_name", "登记人", "raised_by"),
    id("raised_by", "登记人账号").personal(),
    instant("handled_at", "办结时间"),
    name_of("resolved_by_name", "办结人", "resolved_by"),
    id("resolved_by", "办结人账号").personal(),
    DWELL_WORKING_DAYS,
];

/// One row for each.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(it) = state.get::<Objection>() else { return Ok(Vec::new()) };
    let (Some(against), Some(stage), Some(raised)) = (&it.against, it.stage, &it.raised) else {
        return Ok(Vec::new());
    };
    let waiting = match stage {
        Stage::Raised | Stage::Accepted => true,
        Stage::Refused | Stage::Dismissed | Stage::Upheld | Stage::Closed => false,
    };
    let found = match stage {
        Stage::Refused | Stage::Dismissed | Stage::Upheld => clear("finding", &it.finding)?,
        Stage::Raised | Stage::Accepted | Stage::Closed => None,
    };
    let by = |stamp: &Stamp| stamp.actor.as_ref().and_then(|actor| actor.account_id).map(Uuid::from);
    let settled = it.settled.as_ref();
    Ok(vec![Row::new(id).with([
        ("id", id.into()),
        ("declaration_id", against.declaration.0.into()),
        ("declaration_no", against.declaration_no.as_ref().into()),
        ("publicity_kind", against.kind.name().into()),
        ("organisation_id", against.handled_at.id.0.into()),
        ("organisation_name", (&against.handled_at.name).into()),
        ("source", clear("source", &it.source)?.into()),
        ("content", clear("content", &it.content)?.into()),
        ("evidence", clear("evidence", &it.evidence)?.and_then(Option::as_ref).into()),
        ("finding", found.into()),
        ("stage", stage.name().into()),
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("arrived_at", raised.time.into()),
        ("raised_by", by(raised).into()),
        ("handled_at", settled.map(|stamp| stamp.time).into()),
        ("resolved_by", settled.and_then(by).into()),
    ])])
}

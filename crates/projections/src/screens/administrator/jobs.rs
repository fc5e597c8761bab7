//! 批量任务 Jobs, with how far each is: for whoever started it, and for the system's administrator.

use crate::column::{Column, id, instant, integer, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{action_in_words, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::job::{ItemResult, Job, Stage};
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "jobs", "批量任务", "Jobs")
    .granted(&[
        grant(Role::ProvincialAdministrator, Scope::OwnAccount("started_by")),
        grant(Role::CertificateIssuer, Scope::OwnAccount("started_by")),
        grant(Role::SystemAdministrator, Scope::Everything),
    ])
    .newest_first("started_at")
    .row_actions(&["suspend", "resume", "cancel", "undo"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "jobs",
    up: include_str!("../../../../../projections/jobs/up.sql"),
    sources: &[&[include_str!("jobs.rs"), include_str!("../../../../domain/src/job/mod.rs")]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["job"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "标识").always(),
    text("action", "办理事项").always().worded(action_in_words),
    text("stage", "任务环节").always().one_of::<Stage>(),
    text("status", "办理状态").always().known_by(is_status),
    text("screen", "条件所在列表").worded(screen_in_words),
    integer("item_count", "总数").always(),
    integer("done_count", "已办理").always(),
    integer("refused_count", "未能办理").always(),
    integer("waiting_count", "待办理").always(),
    integer("reverted_count", "撤销已处理").always(),
    name_of("started_by_name", "发起人", "started_by"),
    id("started_by", "发起账号").always(),
    text("role", "发起角色").always().one_of::<Role>(),
    id("organisation_id", "发起单位标识"),
    instant("started_at", "发起时间").always(),
    instant("changed_at", "最近进展时间").always(),
];

fn screen_in_words(name: &str) -> Option<&'static str> {
    crate::screen(name).map(|screen| screen.title)
}

/// One row, from its start on. It waits while it has something to do or is suspended.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(it) = state.get::<Job>() else { return Ok(Vec::new()) };
    let (Some(order), Some(stage)) = (&it.order, it.stage) else { return Ok(Vec::new()) };
    let waits = match stage {
        Stage::Running | Stage::Suspended | Stage::Undoing => true,
        Stage::Cancelled | Stage::Finished | Stage::Undone => false,
    };
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(vec![Row::new(id).with([
        ("id", id.into()),
        ("action", (&order.action).into()),
        ("stage", stage.name().into()),
        ("status", if waits { "waiting" } else { "done" }.into()),
        ("screen", order.screen.as_ref().into()),
        ("item_count", number(order.items.len()).into()),
        ("done_count", number(it.count(ItemResult::Done)).into()),
        ("refused_count", number(it.count(ItemResult::Refused)).into()),
        ("waiting_count", number(it.waiting().count()).into()),
        ("reverted_count", number(it.reverted.len()).into()),
        ("started_by", order.by.0.into()),
        ("role", order.role.name().into()),
        ("organisation_id", order.organisation.map(|node| node.0).into()),
        ("started_at", order.started_at.into()),
        ("changed_at", it.changed_at.unwrap_or(order.started_at).into()),
    ])])
}

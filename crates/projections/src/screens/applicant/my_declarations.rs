//! 我的申报 What an applicant has started, and what waits for the applicant.

use crate::column::{Column, DWELL_WORKING_DAYS, OVERDUE, date, id, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{ARRIVAL, Case, DECLARATION, SOURCES, day_of, is_status};
use crate::table::{Feed, Table};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "my-declarations", "我的申报", "My declarations")
    .granted(&[grant(Role::Applicant, Scope::OwnPerson("person_id"))])
    .newest_first("year")
    .row_actions(&["save-draft", "submit", "withdraw"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "my_declarations",
    up: include_str!("../../../../../projections/my_declarations/up.sql"),
    sources: &[&[include_str!("my_declarations.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, ARRIVAL, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    text("status", "状态").always().known_by(is_status),
    text("opinion", "退回原因").personal().searchable(),
    text("returned_by", "退回单位").searchable(),
    date("due_on", "修改期限"),
    instant("last_action_at", "最近操作时间").always(),
    DWELL_WORKING_DAYS,
    OVERDUE,
    id("person_id", "申报人标识").always().personal().internal(),
];

/// One row, from the first draft on.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::any(id, state) else { return Ok(Vec::new()) };
    let waiting = matches!(case.it.stage, Stage::Draft | Stage::ReturnedToApplicant);
    let returned = case.it.returned.as_ref().filter(|_| case.it.stage == Stage::ReturnedToApplicant);
    let opinion = match returned {
        Some(returned) => case.clear("opinion", &returned.opinion)?,
        None => None,
    };
    Ok(vec![Row::new(id).with([("id", id.into())]).with(case.cells_for_owner()).with(case.arrival()).with([
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("opinion", opinion.into()),
        ("returned_by", returned.map(|returned| &returned.by.name).into()),
        ("due_on", returned.and_then(|returned| returned.correct_by).into()),
        ("last_action_at", last_action_at(&case).into()),
        ("person_id", case.subject.person.0.into()),
    ])])
}

/// When something was done last of what the applicant is told, by them too: of a meeting's work the day alone, of a draft in which
/// nothing was written when it was started.
fn last_action_at(case: &Case<'_>) -> DateTime<Utc> {
    let step = case.it.steps.iter().rev().find(|step| case.it.tells_outside(step));
    let step = step.map(|step| if step.is_of_meeting() { day_of(step.handled_at) } else { step.handled_at });
    step.max(case.it.edited_at).unwrap_or(case.it.arrived_at)
}

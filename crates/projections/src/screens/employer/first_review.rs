//! 所在单位初审 What an employer's operator has to review or to pass down, and what it has handled.

use crate::column::{Column, id, instant, integer};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, DESK, PERSON, SOURCES, Status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "employer-first-review", "所在单位初审", "Employer first review")
        .granted(&[grant(Role::EmployerOperator, Scope::OwnOrganisation("employer_id"))])
        .newest_first("arrived_at")
        .row_actions(&["review-by-employer", "relay-return"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "employer_first_review",
    up: include_str!("../../../../../projections/employer_first_review/up.sql"),
    sources: &[&[include_str!("first_review.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    instant("last_submitted_at", "最近提交时间").always(),
    integer("submissions", "提交次数").always(),
    integer("attachments", "附件数").always(),
];

/// One row, from the first submission on.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let employer = case.subject.employer.node().id;
    let came_back = case.it.stage == Stage::ReturnedToSubordinate
        && case.it.holder().is_some_and(|holder| holder.id == employer);
    let due_on = case.it.returned.as_ref().filter(|_| came_back).and_then(|returned| returned.relay_by);
    let status = Status::waiting_if(came_back || case.it.stage == Stage::EmployerReview, due_on);
    let last = case.step(&["review-by-employer", "relay-return"], Some(employer));
    let attached = case.it.submitted.as_ref().map_or(0, |submitted| submitted.materials.len());
    let submitted = case.step(&["submit"], None);
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.desk(status, last)?)
            .with([
                ("last_submitted_at", submitted.map_or(case.it.arrived_at, |step| step.handled_at).into()),
                ("submissions", case.it.submissions.into()),
                ("attachments", i64::try_from(attached).unwrap_or(i64::MAX).into()),
            ]),
    ])
}

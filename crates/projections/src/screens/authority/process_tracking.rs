//! 职称申报审核流程查询 Where every declaration stands; its course is the screen `process-tracking-steps`.

use crate::column::{Column, DWELL_WORKING_DAYS, id, list};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{ARRIVAL, Case, DECLARATION, PERSON, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "process-tracking", "职称申报审核流程查询", "Process tracking")
        .granted(&[
            grant(
                Role::AuthorityReviewer,
                Scope::OnPath { organisations: "organisation_ids", committee: "final_organisation_id" },
            ),
            grant(Role::Auditor, Scope::Everything),
        ])
        .newest_first("submitted_at");

/// The table.
pub const TABLE: Table = Table {
    name: "process_tracking",
    up: include_str!("../../../../../projections/process_tracking/up.sql"),
    sources: &[&[include_str!("process_tracking.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, ARRIVAL, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[DWELL_WORKING_DAYS, list("organisation_ids", "经过的机构").always().internal()];

/// One row, from the first submission on.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.arrival())
            .with([("organisation_ids", case.organisation_ids())]),
    ])
}

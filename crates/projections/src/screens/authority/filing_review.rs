//! 职称评审结果备案 What the authority that approved a committee has to file, and what it has filed.

use crate::column::{Column, id};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, DESK, PERSON, SOURCES, Status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::Role;

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
    sources: &[include_str!("filing_review.rs"), SOURCES[0], SOURCES[1], SOURCES[2]],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[id("scheme_id", "评审方案").filterable()];

/// One row, from the request on.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let waiting = case.it.stage == Stage::FilingRequested;
    let last = case.step(&["review-filing"], None);
    if !waiting && last.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.desk(Status::waiting_if(waiting, None), last)?)
            .with([("scheme_id", case.it.review.scheme.map(|scheme| scheme.0).into())]),
    ])
}

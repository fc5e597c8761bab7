//! 职称申报人员资格审核 What an authority has to review or to pass down, and what it has handled.

use crate::column::{Column, id, list};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{DECLARATION, DESK, PERSON, SOURCES};
use crate::screens::path_desk;
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::values::{NodeType, Role};

/// The screen.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "authority-review", "职称申报人员资格审核", "Authority review")
        .granted(&[grant(Role::AuthorityReviewer, Scope::OwnOrganisation("organisation_id"))])
        .newest_first("arrived_at")
        .row_actions(&["review-by-superior", "relay-return"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "authority_review",
    up: include_str!("../../../../../projections/authority_review/up.sql"),
    sources: &[&[include_str!("review.rs"), include_str!("../path_desk.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, path_desk::OWN, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[list("next_organisations", "上级审核单位或评委会").always()];

/// One row for each authority or agency that has or had it. To whom it passes the case on is told before it does (seed 002 人 1.12).
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    path_desk::rows(id, state, NodeType::Agency, |case, node| {
        let above = case.it.path.hops.iter().filter(|hop| hop.subordinate.id == node.id);
        let above: Vec<String> = above.map(|hop| hop.superior.name.clone()).collect();
        vec![("next_organisations", above.into())]
    })
}

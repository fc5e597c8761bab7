//! 上级单位审核 What a superior employer has to review or to pass down, and what it has handled.

use crate::column::{Column, boolean, id, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{DECLARATION, DESK, PERSON, SOURCES};
use crate::screens::path_desk;
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::values::{NodeType, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "superior-review", "上级单位审核", "Superior review")
    .granted(&[grant(Role::SuperiorReviewer, Scope::OwnOrganisation("organisation_id"))])
    .newest_first("arrived_at")
    .row_actions(&["review-by-superior", "relay-return"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "superior_review",
    up: include_str!("../../../../../projections/superior_review/up.sql"),
    sources: &[&[include_str!("review.rs"), include_str!("../path_desk.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, path_desk::OWN, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    id("subordinate_id", "下级单位标识"),
    text("subordinate_name", "下级单位").searchable(),
    boolean("paper_consistent", "线上线下是否一致"),
];

/// One row for each superior employer that has or had it.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    path_desk::rows(id, state, NodeType::Employer, |case, node| {
        let last = case.step(path_desk::HANDLES, Some(node.id));
        let below = case.below(node.id);
        vec![
            ("subordinate_id", below.as_ref().map(|below| below.id.0).into()),
            ("subordinate_name", below.map(|below| below.name).into()),
            ("paper_consistent", last.and_then(|step| step.paper_consistent).into()),
        ]
    })
}

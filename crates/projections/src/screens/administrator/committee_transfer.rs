//! 职称申报转换评委会 Which declarations may be moved to another committee, and which were.

use crate::column::{Column, DWELL_WORKING_DAYS, id, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, PERSON, SOURCES, is_status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::actions::transfer_committee;
use zhicheng_domain::values::Role;

/// The screen. A transfer may be done from every row that waits; none has to be.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "committee-transfer", "职称申报转换评委会", "Committee transfer")
        .granted(&[grant(Role::ProvincialAdministrator, Scope::Everything)])
        .newest_first("arrived_at")
        .row_actions(&["transfer-committee"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "committee_transfer",
    up: include_str!("../../../../../projections/committee_transfer/up.sql"),
    sources: &[
        &[
            include_str!("committee_transfer.rs"),
            include_str!("../../../../domain/src/declaration/actions/transfer_committee.rs"),
        ],
        SOURCES,
    ],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    text("status", "转换状态").always().known_by(is_status),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "转换时间"),
    text("transferred_from_name", "原评委会").searchable(),
    DWELL_WORKING_DAYS,
];

/// One row while it may be moved, and from then on where it was. Who was moved and may be again waits too: when it was moved and from
/// where tells it from those that never were.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let movable = case.it.committee().is_some() && transfer_committee::SPEC.starts_at(case.it.stage.name());
    let last = case.step(&[transfer_committee::SPEC.name], None);
    let (status, arrived_at) = match (movable, last) {
        (true, _) => ("waiting", case.it.arrived_at),
        (false, Some(step)) => ("done", step.arrived_at),
        (false, None) => return Ok(Vec::new()),
    };
    Ok(vec![Row::new(id).with([("id", id.into())]).with(case.cells()).with(case.person()?).with([
        ("status", status.into()),
        ("arrived_at", arrived_at.into()),
        ("handled_at", last.map(|step| step.handled_at).into()),
        ("transferred_from_name", case.it.transferred_from.as_ref().map(|committee| &committee.name).into()),
    ])])
}

//! 生成电子证书 Which certificates wait for their electronic form, and which have it. One that was imported waits for nobody: it
//! has no declaration from which the form is generated.

use crate::column::{Column, DWELL_WORKING_DAYS, boolean, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::is_status;
use crate::screens::certificate::{CERTIFICATE, ISSUE, Paper, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::certificate::Stage;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "e-certificates", "生成电子证书", "Electronic certificates")
    .granted(&[grant(Role::ProvincialAdministrator, Scope::Everything)])
    .newest_first("arrived_at")
    .row_actions(&["generate-e-certificate"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "e_certificates",
    up: include_str!("../../../../../projections/e_certificates/up.sql"),
    sources: &[&[include_str!("e_certificates.rs")], SOURCES],
    columns: &[CERTIFICATE, ISSUE, OWN],
    feed: Feed::Cases { aggregates: &["certificate"], rows },
};

const OWN: &[Column] = &[
    boolean("generated", "是否已生成").always(),
    text("status", "办理状态").always().known_by(is_status),
    instant("arrived_at", "发证时间").always(),
    instant("handled_at", "生成时间"),
    DWELL_WORKING_DAYS,
];

/// One row, from the moment that it was issued.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(paper) = Paper::issued(id, state) else { return Ok(Vec::new()) };
    let waiting = match paper.stage {
        Stage::Numbered => paper.it.declaration.is_some(),
        Stage::Generated | Stage::Reported | Stage::Revoked => false,
    };
    Ok(vec![Row::new(id).with(paper.cells()?).with(paper.issue()).with([
        ("generated", paper.it.generated_at.is_some().into()),
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("arrived_at", paper.issued_at.into()),
        ("handled_at", paper.it.generated_at.into()),
    ])])
}

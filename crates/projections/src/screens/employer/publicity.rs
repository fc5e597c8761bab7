//! 所在单位申报公示 Whom an employer has still to publish, and its rounds.

use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES};
use crate::screens::publicity::{self, COLUMNS, ROUND_SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::publicity_round::PublicityRound;
use zhicheng_domain::values::{PublicityKind, Role};

/// The screen: what waits comes first.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "employer-publicity", "所在单位申报公示", "Employer publicity")
        .granted(&[grant(Role::EmployerOperator, Scope::OwnOrganisation("organisation_id"))])
        .newest_first("status")
        .row_actions(&["start-employer-publicity", "record-result", "void"])
        .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "employer_publicity",
    up: include_str!("../../../../../projections/employer_publicity/up.sql"),
    sources: &[&[include_str!("publicity.rs")], ROUND_SOURCES, SOURCES],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration", "publicity_round"], rows },
};

/// One row for a round; one for a declaration while it waits for one.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    if let Some(round) = state.get::<PublicityRound>() {
        return Ok(publicity::round(id, round, PublicityKind::Employer).into_iter().collect());
    }
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    if case.it.stage != Stage::EmployerPublicityDue {
        return Ok(Vec::new());
    }
    Ok(vec![publicity::waiting(&case, &case.subject.employer.node())?])
}

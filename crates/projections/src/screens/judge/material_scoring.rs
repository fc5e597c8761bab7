//! 材料打分 Whose material a judge has to score, and what the judge gave: the own sheet alone (seed 002 单 1.3.3).

use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES};
use crate::screens::judge::candidate::{CANDIDATE, CANDIDATE_SOURCES};
use crate::screens::judge::scoring::{self, SCORING_SOURCES, SHEET};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::values::Sheet;
use zhicheng_domain::values::Role;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "material-scoring", "材料打分", "Material scoring")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["score-material"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "material_scoring",
    up: include_str!("../../../../../projections/material_scoring/up.sql"),
    sources: &[&[include_str!("material_scoring.rs")], SCORING_SOURCES, CANDIDATE_SOURCES, SOURCES],
    columns: &[CANDIDATE, SHEET],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

/// One row for each judge of the panel who is not recused.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    scoring::rows(&case, Sheet::Material, &|_| Vec::new())
}

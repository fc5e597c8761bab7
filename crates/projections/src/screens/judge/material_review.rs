//! 材料复审 Whose material a judge has to review: the panel's reviewer alone does (seed 002 单 1.3.1). Who is recused keeps the
//! row, marked, and reads of the case what is told outside the meeting.

use crate::column::{Column, boolean, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, is_status};
use crate::screens::judge::candidate::{self, CANDIDATE, CANDIDATE_SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::{Medium, PassOrFail, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "material-review", "材料复审", "Material review")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["review-material"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "material_review",
    up: include_str!("../../../../../projections/material_review/up.sql"),
    sources: &[&[include_str!("material_review.rs")], CANDIDATE_SOURCES, SOURCES],
    columns: &[CANDIDATE, COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("status", "复审状态").always().known_by(is_status),
    boolean("recused", "回避标记").always(),
    instant("arrived_at", "到达时间"),
    instant("handled_at", "复审时间"),
    text("result", "复审结果").one_of::<PassOrFail>(),
    text("opinion", "复审意见").personal().searchable(),
];

/// One row for the reviewer, or for whoever was when it was reviewed.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let review = &case.it.review;
    let Some(panel) = review.panel.as_ref().filter(|_| review.medium != Some(Medium::Offline)) else {
        return Ok(Vec::new());
    };
    let judge = review.material_review.map_or(panel.reviewer, |(judge, _)| judge);
    let recused = review.recusals.contains_key(&judge);
    let waiting = case.it.stage == Stage::JudgesDrawn && !recused;
    let done = case.step(&["review-material"], None).filter(|_| review.material_review.is_some() && !recused);
    let opinion = match done {
        Some(step) => case.clear("opinion", &step.opinion)?.and_then(Option::as_deref),
        None => None,
    };
    let arrived_at = match done {
        Some(step) => Some(step.arrived_at),
        None => waiting.then_some(case.it.arrived_at),
    };
    let stage = if recused { case.it.stage_outside() } else { case.it.stage };
    Ok(vec![Row::new(candidate::key(&case, judge.0)).with(candidate::cells(&case, judge.0, stage)?).with([
        ("status", if waiting { "waiting" } else { "done" }.into()),
        ("recused", recused.into()),
        ("arrived_at", arrived_at.into()),
        ("handled_at", done.map(|step| step.handled_at).into()),
        ("result", done.and_then(|step| step.result).into()),
        ("opinion", opinion.into()),
    ])])
}

//! 打分 What both score sheets' tables share: a row for each judge of the panel who is not recused, with the own sheet.

use super::candidate;
use crate::column::{Column, boolean, decimal, instant, list, text};
use crate::row::{Cells, Row, RowError};
use crate::screens::case::{Case, is_status};
use std::collections::BTreeSet;
use zhicheng_domain::declaration::values::Sheet;
use zhicheng_domain::declaration::{Stage, score};
use zhicheng_domain::ids::JudgeId;

/// What the rows of both are made by, beside those of every candidate.
pub const SCORING_SOURCES: &[&str] =
    &[include_str!("scoring.rs"), include_str!("../../../../domain/src/declaration/score.rs")];

/// Columns of a judge's own sheet.
pub const SHEET: &[Column] = &[
    text("status", "打分状态").always().known_by(is_status),
    instant("arrived_at", "到达时间").always(),
    instant("handled_at", "锁定时间"),
    list("items", "评分项目（满分、权重）").always(),
    list("scores", "各项得分").always().personal(),
    decimal("total", "合计").personal(),
    decimal("weighted_total", "加权得分").personal(),
    boolean("locked", "已锁定").always(),
];

/// The rows of one sheet, with further cells of the candidate after it: from the passed material review on, where the scheme
/// asks for the sheet.
pub fn rows(case: &Case<'_>, sheet: Sheet, further: &dyn Fn(JudgeId) -> Cells) -> Result<Vec<Row>, RowError> {
    let review = &case.it.review;
    let passed = review.material_review.is_some_and(|(_, passed)| passed);
    let reviewed = case.step(&["review-material"], None).filter(|_| passed && review.asks_for(sheet));
    let (Some(panel), Some(reviewed)) = (&review.panel, reviewed) else { return Ok(Vec::new()) };
    let open = matches!(case.it.stage, Stage::MaterialReviewed | Stage::Scoring);
    let saved = review.sheets.keys().filter(|(saved, _)| *saved == sheet).map(|(_, judge)| *judge);
    let judges: BTreeSet<JudgeId> = panel.judges.iter().copied().chain(saved).collect();
    let on_sheet = review.scoring.iter().filter(|item| item.sheet == sheet);
    let items: Vec<String> =
        on_sheet.map(|it| format!("{}（满分{}，权重{}%）", it.item, it.max, it.weight)).collect();
    let row = |judge: JudgeId| -> Result<Row, RowError> {
        let own = review.sheets.get(&(sheet, judge));
        let locked = own.is_some_and(|own| own.locked);
        let waiting = open && !locked && panel.judges.contains(&judge);
        let saved_at = own.and_then(|own| case.step_of(own.version)).map(|step| step.handled_at);
        let scores = own.map(|own| {
            let items = own.items.iter();
            items.map(|scored| format!("{} {}", scored.item, scored.score)).collect::<Vec<_>>()
        });
        Ok(Row::new(candidate::key(case, judge.0))
            .with(candidate::cells(case, judge.0, case.it.stage)?)
            .with([
                ("status", if waiting { "waiting" } else { "done" }.into()),
                ("arrived_at", reviewed.handled_at.into()),
                ("handled_at", saved_at.filter(|_| locked).into()),
                ("items", items.clone().into()),
                ("scores", scores.unwrap_or_default().into()),
                ("total", own.map(|own| own.total()).into()),
                ("weighted_total", own.and_then(|own| score::of_sheet(review, sheet, own)).into()),
                ("locked", locked.into()),
            ])
            .with(further(judge)))
    };
    judges.into_iter().filter(|judge| !review.recusals.contains_key(judge)).map(row).collect()
}

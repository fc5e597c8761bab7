//! 面试答辩打分 Whose interview a judge has to score, where the scheme has one, and what the judge gave: the own
//! sheet alone (seed 002 单 1.3.2).

use crate::column::{Column, boolean, instant, text};
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
pub const SCREEN: Screen = Screen::over(&TABLE, "interview-scoring", "面试答辩打分", "Interview scoring")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["score-interview"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "interview_scoring",
    up: include_str!("../../../../../projections/interview_scoring/up.sql"),
    sources: &[&[include_str!("interview_scoring.rs")], SCORING_SOURCES, CANDIDATE_SOURCES, SOURCES],
    columns: &[CANDIDATE, SHEET, INTERVIEW],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const INTERVIEW: &[Column] = &[
    boolean("absent", "是否缺席").always(),
    instant("interview_at", "面试时间"),
    text("interview_place", "面试地点").searchable(),
];

/// One row for each judge of the panel who is not recused.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let review = &case.it.review;
    scoring::rows(&case, Sheet::Interview, &|judge| {
        let own = review.sheets.get(&(Sheet::Interview, judge));
        let notice = review.notice.as_ref();
        vec![
            ("absent", own.is_some_and(|own| own.absent).into()),
            ("interview_at", notice.map(|notice| notice.at).into()),
            ("interview_place", notice.map(|notice| &notice.place).into()),
        ]
    })
}

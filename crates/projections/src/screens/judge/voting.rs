//! 投票 On whom a judge has to vote, on whom the chair has to open the ballot, and on whom it is closed. Judges read the name and not the ID
//! number (domain.md 1.8), and the total in which no sheet can be told from another; who voted already nobody can tell from here
//! (contract.md, Voting in secret).

use crate::column::{Column, decimal, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, is_status};
use crate::screens::judge::candidate::{self, CANDIDATE, CANDIDATE_SOURCES};
use crate::table::{Feed, Table};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::{Stage, score};
use zhicheng_domain::ids::JudgeId;
use zhicheng_domain::values::{Choice, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "voting", "投票", "Voting")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["cast-vote", "open-ballot", "close-ballot"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "voting",
    up: include_str!("../../../../../projections/voting/up.sql"),
    sources: &[
        &[include_str!("voting.rs"), include_str!("../../../../domain/src/declaration/score.rs")],
        CANDIDATE_SOURCES,
        SOURCES,
    ],
    columns: &[CANDIDATE, COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("group_conclusion", "小组评议结论").one_of::<Choice>(),
    text("group_opinion", "小组评议意见").personal().searchable(),
    decimal("total_score", "总分").personal(),
    text("status", "投票状态").always().known_by(is_status),
    instant("arrived_at", "开始投票时间").always(),
    instant("handled_at", "结束投票时间"),
];

/// One row for each judge who may vote in the round that counts; before it is opened one for the chair, who opens it.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let review = &case.it.review;
    let ballot = review.ballot.as_ref();
    let opens = case.it.stage == Stage::OpinionGiven;
    let judges: BTreeSet<JudgeId> = match (ballot, &review.panel) {
        (Some(ballot), _) => ballot.attending.iter().copied().collect(),
        (None, Some(panel)) if opens => [panel.chair].into(),
        (None, _) => return Ok(Vec::new()),
    };
    let waiting = opens || case.it.voted_in().is_some();
    let opened = case.step(&["open-ballot"], None).filter(|_| ballot.is_some());
    let closed = case.step(&["close-ballot"], None).filter(|_| ballot.is_some_and(|it| it.tally.is_some()));
    let group = review.group_opinion.as_ref();
    let opinion = match group {
        Some(group) => case.clear("group_opinion", &group.opinion)?,
        None => None,
    };
    let row = |judge: Uuid| -> Result<Row, RowError> {
        let candidate = candidate::cells(&case, judge, case.it.stage)?;
        Ok(Row::new(candidate::key(&case, judge)).with(candidate).with([
            ("group_conclusion", group.map(|group| group.conclusion.name()).into()),
            ("group_opinion", opinion.into()),
            ("total_score", score::total(review).into()),
            ("status", if waiting { "waiting" } else { "done" }.into()),
            ("arrived_at", opened.map_or(case.it.arrived_at, |step| step.handled_at).into()),
            ("handled_at", closed.map(|step| step.handled_at).into()),
        ]))
    };
    let may = judges.into_iter().filter(|judge| !review.recusals.contains_key(judge));
    may.map(|judge| row(judge.0)).collect()
}

//! 评审意见 On whom a judge has to give an opinion: the group's leader before the vote, the chair or the leader after it, for the
//! committee (seed 002 单 1.3.5; X-19).

use crate::column::{Column, instant, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, SOURCES, is_status};
use crate::screens::judge::candidate::{self, CANDIDATE, CANDIDATE_SOURCES};
use crate::table::{Feed, Table};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::actions::give_opinion::OpinionKind;
use zhicheng_domain::declaration::{Opinion, Stage};
use zhicheng_domain::values::{Choice, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "review-opinions", "评审意见", "Review opinions")
    .granted(&[grant(Role::Judge, Scope::OwnJudge("judge_id"))])
    .newest_first("arrived_at")
    .row_actions(&["give-opinion"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "review_opinions",
    up: include_str!("../../../../../projections/review_opinions/up.sql"),
    sources: &[&[include_str!("review_opinions.rs")], CANDIDATE_SOURCES, SOURCES],
    columns: &[CANDIDATE, COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    text("opinion_kind", "意见类型").always().one_of::<OpinionKind>(),
    text("status", "意见状态").always().known_by(is_status),
    instant("arrived_at", "到达时间"),
    instant("handled_at", "填写时间"),
    text("group_conclusion", "小组评议结论").one_of::<Choice>(),
    text("group_opinion", "小组评议意见").personal().searchable(),
    text("committee_conclusion", "评议结论").one_of::<Choice>(),
    text("committee_opinion", "评议意见").personal().searchable(),
];

/// One row for the leader from the first score sheet on, one for the chair from the counted vote on; both stand at the opinion
/// that is due or was given last.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let review = &case.it.review;
    let Some(panel) = &review.panel else { return Ok(Vec::new()) };
    let voted = review.ballot.as_ref().is_some_and(|ballot| ballot.tally.is_some());
    let scored = case.it.stage == Stage::Scoring || review.group_opinion.is_some();
    let leader = scored.then_some(panel.leader);
    let chair = voted.then_some(panel.chair);
    let kind = if voted { OpinionKind::Committee } else { OpinionKind::Group };
    let given = match kind {
        OpinionKind::Group => review.group_opinion.as_ref(),
        OpinionKind::Committee => review.committee_opinion.as_ref(),
    };
    let waiting = given.is_none()
        && match kind {
            OpinionKind::Group => case.it.stage == Stage::Scoring,
            OpinionKind::Committee => {
                matches!(case.it.stage, Stage::VotePassed | Stage::VoteFailed) && review.declared.is_none()
            }
        };
    let step = given.and_then(|given| case.step_of(given.version));
    let arrived_at = match kind {
        OpinionKind::Group => step.map(|step| step.arrived_at).or(waiting.then_some(case.it.arrived_at)),
        OpinionKind::Committee => case.step(&["close-ballot"], None).map(|step| step.handled_at),
    };
    let words = |column, of: &Option<Opinion>| match of {
        Some(of) => case.clear(column, &of.opinion).map(|text| text.cloned()),
        None => Ok(None),
    };
    let group = words("group_opinion", &review.group_opinion)?;
    let committee = words("committee_opinion", &review.committee_opinion)?;
    let conclusion = |of: Option<&Opinion>| of.map(|of| of.conclusion.name());
    let row = |judge: Uuid| -> Result<Row, RowError> {
        Ok(Row::new(candidate::key(&case, judge)).with(candidate::cells(&case, judge, case.it.stage)?).with(
            [
                ("opinion_kind", kind.name().into()),
                ("status", if waiting { "waiting" } else { "done" }.into()),
                ("arrived_at", arrived_at.into()),
                ("handled_at", step.map(|step| step.handled_at).into()),
                ("group_conclusion", conclusion(review.group_opinion.as_ref()).into()),
                ("group_opinion", group.as_ref().into()),
                ("committee_conclusion", conclusion(review.committee_opinion.as_ref()).into()),
                ("committee_opinion", committee.as_ref().into()),
            ],
        ))
    };
    let judges: BTreeSet<_> = leader.into_iter().chain(chair).collect();
    judges
        .into_iter()
        .filter(|judge| !review.recusals.contains_key(judge))
        .map(|judge| row(judge.0))
        .collect()
}

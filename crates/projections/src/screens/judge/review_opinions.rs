//! 评审意见 On whom a judge has to give an opinion: the group's leader before the vote, the chair or the leader after it, for the
//! committee (seed 002 单 1.3.5; X-19). Who gave one has signed it: the leader and the chair read each other's name, as those of one
//! group do (domain.md 1.8).

use crate::column::{Column, id, instant, name_of, text};
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
    name_of("group_signed_by_name", "小组评议负责人签名", "group_signed_by"),
    id("group_signed_by", "小组评议签名账号").personal().internal(),
    text("committee_conclusion", "评议结论").one_of::<Choice>(),
    text("committee_opinion", "评议意见").personal().searchable(),
    name_of("committee_signed_by_name", "评议负责人签名", "committee_signed_by"),
    id("committee_signed_by", "评议签名账号").personal().internal(),
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
    let signed_by = |of: Option<&Opinion>| {
        let step = of.and_then(|of| case.step_of(of.version))?;
        step.actor.as_ref()?.account_id.map(Uuid::from)
    };
    let row = |judge: Uuid| -> Result<Row, RowError> {
        Ok(Row::new(candidate::key(&case, judge)).with(candidate::cells(&case, judge, case.it.stage)?).with(
            [
                ("opinion_kind", kind.name().into()),
                ("status", if waiting { "waiting" } else { "done" }.into()),
                ("arrived_at", arrived_at.into()),
                ("handled_at", step.map(|step| step.handled_at).into()),
                ("group_conclusion", conclusion(review.group_opinion.as_ref()).into()),
                ("group_opinion", group.as_ref().into()),
                ("group_signed_by", signed_by(review.group_opinion.as_ref()).into()),
                ("committee_conclusion", conclusion(review.committee_opinion.as_ref()).into()),
                ("committee_opinion", committee.as_ref().into()),
                ("committee_signed_by", signed_by(review.committee_opinion.as_ref()).into()),
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

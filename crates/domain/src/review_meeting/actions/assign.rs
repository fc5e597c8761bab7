//! 评委分组 Assign: the chair, and for each candidate a group of at least three judges with leader and reviewer
//! (Order 40 Art. 21; T37 to T42).

use super::check_seats;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::{DeclarationId, JudgeId, ReviewMeetingId};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::review_meeting::{Event, Group, Reply, ReviewMeeting};
use crate::values::{Medium, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The fewest judges of a group (Order 40 Art. 21).
pub const GROUP_JUDGES_MIN: usize = 3;

/// A group of the input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupInput {
    /// 组长.
    pub leader_id: JudgeId,
    /// Who does 材料复审; left out: the leader.
    pub reviewer_id: Option<JudgeId>,
    /// The judges, leader and reviewer among them.
    pub judge_ids: Vec<JudgeId>,
    /// Whom they review.
    pub declaration_ids: Vec<DeclarationId>,
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// 主任委员.
    pub chair_id: JudgeId,
    /// The groups.
    pub groups: Vec<GroupInput>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "assign",
    label: label("评委分组", "Assign panels"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["planned", "drawn", "assigned"]),
    to: &["assigned"],
    form: &[
        required("chair_id", "主任委员", FieldType::Reference("judges")),
        required("groups", "评议组", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Assigns. Candidates that are not named keep their panel; one whose group has given its opinion is not reassigned.
pub fn decide(input: &Assign, it: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if it.medium == Some(Medium::Online) && it.draw.is_none() {
        let stage = crate::aggregate::Aggregate::stage_label(it).to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    let candidates: BTreeMap<DeclarationId, &Declaration> = it.candidates(context)?.into_iter().collect();
    let mut checks = Checks::new();
    let chair_sits = match it.medium {
        Some(Medium::Offline) => it.committee.is_some_and(|id| {
            context
                .registers
                .judges_of(id)
                .any(|(id, judge)| id == input.chair_id && judge.serves_on(context.today()))
        }),
        Some(Medium::Online) | None => it.seats.contains(&input.chair_id),
    };
    checks.ensure(chair_sits, "/chair_id", "judge-not-seated", "主任委员须是本次会议的评委。");
    let mut named = BTreeSet::new();
    for (index, group) in input.groups.iter().enumerate() {
        let pointer = format!("/groups/{index}");
        check_group(&mut checks, it, group, &pointer);
        for (position, candidate) in group.declaration_ids.iter().enumerate() {
            let pointer = format!("{pointer}/declaration_ids/{position}");
            checks.ensure(named.insert(*candidate), &pointer, "repeated", "参评人员只能分在一个组。");
            let open = candidates.get(candidate).is_some_and(|it| {
                matches!(it.stage, Stage::JudgesDrawn | Stage::MaterialReviewed | Stage::Scoring)
            });
            checks.ensure(open, &pointer, "not-a-candidate", "不是待分组的参评人员，或小组已给出评议意见。");
            let recused = group.judge_ids.iter().any(|judge| it.recusals.contains(&(*candidate, *judge)));
            checks.ensure(!recused, &pointer, "recused-judge", "组内有对该参评人员回避的评委。");
        }
    }
    checks.done()?;
    let numbered = it.groups.iter().filter_map(|group| group.number).max().unwrap_or_default();
    let groups: Vec<Group> = (numbered + 1..)
        .zip(&input.groups)
        .map(|(number, group)| Group {
            declaration_ids: group.declaration_ids.clone(),
            judge_ids: group.judge_ids.clone(),
            leader_id: group.leader_id,
            number: Some(number),
            reviewer_id: group.reviewer_id.unwrap_or(group.leader_id),
        })
        .collect();
    let meeting_id = ReviewMeetingId(id);
    let mut panels: BTreeMap<DeclarationId, declaration::Event> = BTreeMap::new();
    // a panel names its chair: a new chair is told to everybody under review
    for (candidate, state) in &candidates {
        if let Some(panel) = state.review.panel.as_ref().filter(|panel| panel.chair != input.chair_id) {
            let assigned = declaration::Event::PanelAssigned {
                chair_id: input.chair_id,
                group: panel.group,
                judge_ids: panel.judges.clone(),
                leader_id: panel.leader,
                meeting_id,
                reviewer_id: panel.reviewer,
            };
            panels.insert(*candidate, assigned);
        }
    }
    for group in &groups {
        for candidate in &group.declaration_ids {
            let assigned = declaration::Event::PanelAssigned {
                chair_id: input.chair_id,
                group: group.number,
                judge_ids: group.judge_ids.clone(),
                leader_id: group.leader_id,
                meeting_id,
                reviewer_id: group.reviewer_id,
            };
            panels.insert(*candidate, assigned);
        }
    }
    let outcome = Outcome::of(Event::PanelsAssigned { chair_id: input.chair_id, groups });
    Ok(panels
        .into_iter()
        .fold(outcome, |outcome, (candidate, event)| outcome.also::<Declaration>(candidate, event)))
}

fn check_group(checks: &mut Checks, it: &ReviewMeeting, group: &GroupInput, pointer: &str) {
    check_seats(checks, it, &group.judge_ids, &format!("{pointer}/judge_ids"));
    checks.ensure(
        group.judge_ids.len() >= GROUP_JUDGES_MIN,
        &format!("{pointer}/judge_ids"),
        "group-too-small",
        format!("评议组至少{GROUP_JUDGES_MIN}名评委。"),
    );
    let declined = group.judge_ids.iter().any(|judge| it.replies.get(judge) == Some(&Reply::Declined));
    checks.ensure(
        !declined,
        &format!("{pointer}/judge_ids"),
        "judge-declined",
        "组内有不能参加的评委，请先替补。",
    );
    let leads = group.judge_ids.contains(&group.leader_id);
    checks.ensure(leads, &format!("{pointer}/leader_id"), "judge-not-in-group", "组长须是本组评委。");
    let reviews = group.reviewer_id.is_none_or(|reviewer| group.judge_ids.contains(&reviewer));
    checks.ensure(
        reviews,
        &format!("{pointer}/reviewer_id"),
        "judge-not-in-group",
        "材料复审人须是本组评委。",
    );
    checks.ensure(
        !group.declaration_ids.is_empty(),
        &format!("{pointer}/declaration_ids"),
        "empty",
        "每组至少一名参评人员。",
    );
}

//! 评审意见 Give opinion: the group's before the vote, once every sheet is locked; the committee's after it
//! (seed 002 单 1.3.5; Order 40 Art. 21; X-19; T42).

use super::judging;
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::Aggregate;
use crate::aggregate::{Decision, Outcome};
use crate::context::{Acting, Context, Stop};
use crate::declaration::values::Sheet;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::label;
use crate::label::named;
use crate::private::Private;
use crate::refusal::{common, refusals};
use crate::review_meeting::actions::assign::GROUP_JUDGES_MIN;
use crate::values::Choice;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

named! {
    /// Whose opinion.
    OpinionKind {
        Group = "group", "小组评议意见", "Group opinion";
        Committee = "committee", "评议意见", "Committee opinion";
    }
}

refusals! {
    /// T42: the group speaks after its judges have finished.
    SheetsOpen { count: usize } = Rule "sheets-open", "打分未全部锁定", "还有{count}份打分表未锁定，全部锁定后才能填写小组评议意见。";
    /// Order 40 Art. 21.
    GroupTooSmall { least: usize } = Rule "group-too-small", "评议组人数不足", "除回避的评委外，评议组至少{least}名评委，请办事机构重新分组。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveOpinion {
    /// Whose opinion.
    pub kind: OpinionKind,
    /// 结论.
    pub conclusion: Choice,
    /// 意见正文.
    pub opinion: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "give-opinion",
    label: label("评审意见", "Give opinion"),
    by: &[by(Role::Judge, Place::ChairOrGroupLeader)],
    from: Start::Stages(&[Stage::Scoring.name(), Stage::VotePassed.name(), Stage::VoteFailed.name()]),
    to: &[Stage::OpinionGiven.name(), Stage::VotePassed.name(), Stage::VoteFailed.name()],
    forward: Forward::Yes,
    form: &[
        required("kind", "意见类型", FieldType::Choice(&["group", "committee"])),
        required("conclusion", "结论", FieldType::Choice(&["agree", "disagree"])),
        required("opinion", "意见", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Gives it.
pub fn decide(input: &GiveOpinion, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let judge_id = judging::judge(it, SPEC.label.zh, context)?;
    let Some(panel) = &it.review.panel else { return Err(common::NotFound.into()) };
    if input.kind == OpinionKind::Group && panel.leader != judge_id {
        return Err(common::NotAllowed { action: OpinionKind::Group.label_zh() }.into());
    }
    if !input.kind.in_time(it) {
        let stage = it.stage_label().to_owned();
        return Err(common::StageRefused { action: input.kind.label_zh(), stage }.into());
    }
    let mut checks = Checks::new();
    let opinion = Private::Known(checks.paragraph("/opinion", &input.opinion, OPINION_CHARS_MAX));
    checks.done()?;
    let conclusion = input.conclusion;
    match input.kind {
        OpinionKind::Group => {
            check_sheets(it, context)?;
            Ok(Outcome::of(Event::GroupOpinionGiven { conclusion, judge_id, opinion }))
        }
        OpinionKind::Committee => {
            Ok(Outcome::of(Event::CommitteeOpinionGiven { conclusion, judge_id, opinion }))
        }
    }
}

/// At least three judges, and every sheet of theirs locked; the recused count neither way.
/// Whether there is an opinion that the judge who acts may give now: the group's is its leader's.
pub(super) fn open_to(it: &Declaration, acting: &Acting, context: &Context<'_>) -> bool {
    let leads =
        it.review.panel.as_ref().is_some_and(|panel| {
            context.registers.judge_of(acting).is_some_and(|judge| panel.leader == judge)
        });
    OpinionKind::Committee.in_time(it) || (leads && OpinionKind::Group.in_time(it))
}

fn check_sheets(it: &Declaration, context: &Context<'_>) -> Result<(), Stop> {
    let terms = judging::terms(it, context)?;
    let judges: Vec<_> = it
        .review
        .panel
        .iter()
        .flat_map(|panel| &panel.judges)
        .filter(|judge| !it.review.recusals.contains_key(judge))
        .collect();
    if judges.len() < GROUP_JUDGES_MIN {
        return Err(GroupTooSmall { least: GROUP_JUDGES_MIN }.into());
    }
    let open = [Sheet::Material, Sheet::Interview]
        .into_iter()
        .filter(|sheet| terms.has(*sheet))
        .flat_map(|sheet| judges.iter().map(move |judge| (sheet, **judge)))
        .filter(|key| it.review.sheets.get(key).is_none_or(|sheet| !sheet.locked))
        .count();
    if open > 0 { Err(SheetsOpen { count: open }.into()) } else { Ok(()) }
}

impl OpinionKind {
    /// Whether it may be given as things are.
    fn in_time(self, it: &Declaration) -> bool {
        match self {
            Self::Group => it.stage == Stage::Scoring,
            Self::Committee => {
                matches!(it.stage, Stage::VotePassed | Stage::VoteFailed) && it.review.declared.is_none()
            }
        }
    }

    const fn label_zh(self) -> &'static str {
        match self {
            Self::Group => "小组评议意见",
            Self::Committee => "评议意见",
        }
    }
}

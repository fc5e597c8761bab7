//! 编辑评审方案 Amend: before it is submitted, and after it was not passed. What is left out stays.

use crate::action::{ActionSpec, Field, FieldType, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::hundredths::Hundredths;
use crate::ids::{BatchId, DeclarationId};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::scheme::terms::{batch_year, check};
use crate::scheme::{Event, ExpertDemand, Scheme, ScoringItem, Stage, Terms};
use crate::values::{Medium, Role, SchemeKind};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// who reviewed it reviewed one kind of scheme this year; that must not change afterwards.
    KindFixed = Rule "scheme-kind-fixed", "方案类型不能修改", "方案已经审核过，不能改为另一类方案。请另行新增方案。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 年度批次.
    pub batch_id: Option<BatchId>,
    /// 正常 or 特殊.
    pub kind: Option<SchemeKind>,
    /// 线上 or 线下.
    pub medium: Option<Medium>,
    /// 计划开评时间.
    pub opens_on: Option<NaiveDate>,
    /// 参评人员, all of them.
    pub participants: Option<Vec<DeclarationId>>,
    /// 专家需求, all of it.
    pub experts: Option<Vec<ExpertDemand>>,
    /// 打分细则, all of it.
    pub scoring: Option<Vec<ScoringItem>>,
    /// 通过比例.
    pub ratio_percent: Option<Hundredths>,
    /// 突破比例事由; an empty one takes it away.
    pub ratio_exception: Option<String>,
    /// 是否面试答辩.
    pub interview: Option<bool>,
}

const FORM: &[Field] = &[
    optional("batch_id", "年度批次", FieldType::Reference("batches")),
    optional("kind", "方案类型", FieldType::Choice(&["normal", "special"])),
    optional("medium", "评审方式", FieldType::Choice(&["online", "offline"])),
    optional("opens_on", "计划开评时间", FieldType::Date),
    optional("participants", "参评人员", FieldType::Structure),
    optional("experts", "专家需求", FieldType::Structure),
    optional("scoring", "打分细则", FieldType::Structure),
    optional("ratio_percent", "通过比例（%）", FieldType::Text),
    optional("ratio_exception", "突破比例事由", FieldType::LongText),
    optional("interview", "是否面试答辩", FieldType::Boolean),
];

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("编辑评审方案", "Amend scheme"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["draft", "rejected"]),
    form: FORM,
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Scheme, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let (Some(now), Some(committee)) = (&it.terms, it.committee) else {
        return Err(common::NotFound.into());
    };
    let terms = Terms {
        batch_id: input.batch_id.unwrap_or(now.batch_id),
        experts: input.experts.clone().unwrap_or_else(|| now.experts.clone()),
        interview: input.interview.unwrap_or(now.interview),
        kind: input.kind.unwrap_or(now.kind),
        medium: input.medium.unwrap_or(now.medium),
        opens_on: input.opens_on.unwrap_or(now.opens_on),
        participants: input.participants.clone().unwrap_or_else(|| now.participants.clone()),
        ratio_exception: input.ratio_exception.clone().or_else(|| now.ratio_exception.clone()),
        ratio_percent: input.ratio_percent.unwrap_or(now.ratio_percent),
        scoring: input.scoring.clone().unwrap_or_else(|| now.scoring.clone()),
    };
    if it.stage == Stage::Rejected && terms.kind != now.kind {
        return Err(KindFixed.refusal().at("/kind").into());
    }
    let terms = check(&terms, committee.into(), context)?;
    if terms == *now {
        return Ok(Outcome::nothing());
    }
    let year = batch_year(&terms, context);
    Ok(Outcome::of(Event::Amended { terms, year }))
}

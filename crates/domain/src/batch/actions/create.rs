//! 年度批次信息提交 Create: who acts for the committee or the accepting agency enters the year's batch (seed 002 单 1.4.2).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::{Batch, Event, RECOMMENDATION_FACTOR_MAX, Terms};
use crate::context::Context;
use crate::hundredths::Hundredths;
use crate::ids::{BatchId, NodeId};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::values::{Level, Mode, NodeType, PathKind, Role};
use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most kinds of material that may be required.
pub const REQUIRED_MATERIALS_MAX: usize = 50;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The committee or the organisation that takes the declarations.
    pub holder_id: NodeId,
    /// The year.
    pub year: i32,
    /// How the titles are acquired.
    pub mode: Mode,
    /// Levels it takes.
    pub levels: Vec<Level>,
    /// 申报开始.
    pub opens_on: NaiveDate,
    /// 申报截止.
    pub submit_until: NaiveDate,
    /// 材料报送截止.
    pub hand_in_until: NaiveDate,
    /// 业绩截止.
    pub cut_off_on: NaiveDate,
    /// The last day; left out: 31 December of the year.
    pub closes_on: Option<NaiveDate>,
    /// 职数 must be free for public institutions.
    pub quota_required: bool,
    /// 职数审核截止; left out: none. Only with `quota_required`.
    pub quota_review_until: Option<NaiveDate>,
    /// 特殊情况职数上报省级截止; left out: none. Only with `quota_required`.
    pub special_quota_until: Option<NaiveDate>,
    /// Reservations may reach approved number times this; left out: 1.
    pub recommendation_factor: Option<Hundredths>,
    /// Kinds of material that a submission must have.
    pub required_materials: Vec<String>,
    /// Results of 初定 and 认定 are published before the certificate.
    pub award_publicity: bool,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增年度批次", "Create batch"),
    by: &[
        by(Role::CommitteeOperator, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::Anywhere),
        by(Role::SuperiorReviewer, Place::Anywhere),
        by(Role::ProvincialAdministrator, Place::Anywhere),
    ],
    from: Start::Nothing,
    to: &["draft"],
    form: &[
        required("holder_id", "评委会或受理机构", FieldType::Reference("committees")),
        required("year", "年度", FieldType::Integer),
        required("mode", "取得方式", FieldType::Choice(&["review", "initial_grant", "recognition"])),
        required("levels", "职称等级", FieldType::Structure),
        required("opens_on", "申报开始日期", FieldType::Date),
        required("submit_until", "申报截止日期", FieldType::Date),
        required("hand_in_until", "材料报送截止日期", FieldType::Date),
        required("cut_off_on", "业绩截止日期", FieldType::Date),
        optional("closes_on", "批次终结日期", FieldType::Date),
        required("quota_required", "是否受职数控制", FieldType::Boolean),
        optional("quota_review_until", "职数审核截止日期", FieldType::Date),
        optional("special_quota_until", "特殊情况职数上报截止日期", FieldType::Date),
        optional("recommendation_factor", "差额推荐系数", FieldType::Text),
        required("required_materials", "必传材料", FieldType::Structure),
        required("award_publicity", "初定认定是否公示", FieldType::Boolean),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it as a draft.
pub fn decide(input: &Create, _: &Batch, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !context.acting()?.at(input.holder_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let registers = context.registers;
    let mut checks = Checks::new();
    match (registers.node_type(input.holder_id), input.mode) {
        (Some(NodeType::Committee), Mode::Review) => {
            let committee = registers.committees.get(input.holder_id);
            let fits =
                input.levels.iter().all(|level| committee.is_some_and(|it| it.rank == Some(level.rank())));
            checks.ensure(fits, "/levels", "level-mismatch", "职称等级与评委会级别不符。");
        }
        (Some(NodeType::Agency), Mode::InitialGrant | Mode::Recognition) => {
            let accepts =
                input.levels.iter().all(|level| registers.accepts(input.holder_id, input.mode, *level));
            checks.ensure(accepts, "/levels", "level-mismatch", "该机构未登记受理这些职称等级。");
        }
        (_, Mode::Review | Mode::InitialGrant | Mode::Recognition | Mode::Examination) => {
            checks.problem(
                "/mode",
                "mode-mismatch",
                "取得方式与受理机构不符：评审由评委会受理，初定和认定由受理机构受理。",
            );
        }
    }
    checks.ensure(!input.levels.is_empty(), "/levels", "empty", "至少选择一个职称等级。");
    let known_kind = input.levels.iter().all(|level| PathKind::of(input.mode, *level).is_some());
    checks.ensure(known_kind, "/mode", "mode-mismatch", "该取得方式不在线申报。");
    checks.ensure((2000..=2999).contains(&input.year), "/year", "year-out-of-range", "年度无效。");
    checks.ensure(
        input.submit_until >= input.opens_on,
        "/submit_until",
        "ends-before-start",
        "截止日期不能早于开始日期。",
    );
    checks.ensure(
        input.hand_in_until >= input.submit_until,
        "/hand_in_until",
        "ends-before-start",
        "材料报送截止日期不能早于申报截止日期。",
    );
    let closes_on = input
        .closes_on
        .or_else(|| NaiveDate::from_ymd_opt(input.year, 12, 31))
        .unwrap_or(input.hand_in_until);
    checks.ensure(
        closes_on >= input.hand_in_until,
        "/closes_on",
        "ends-before-start",
        "批次终结日期不能早于材料报送截止日期。",
    );
    for (pointer, until) in [
        ("/quota_review_until", input.quota_review_until),
        ("/special_quota_until", input.special_quota_until),
    ] {
        let Some(until) = until else { continue };
        checks.ensure(
            input.quota_required,
            pointer,
            "quota-not-required",
            "该批次不受职数控制，不设职数截止日期。",
        );
        let message = format!("批次于{closes_on}终结，职数截止日期不能晚于这一天。");
        checks.ensure(until <= closes_on, pointer, "after-closing", message);
    }
    checks.ensure(
        input.opens_on.year() <= input.year,
        "/opens_on",
        "year-out-of-range",
        "开始日期晚于批次年度。",
    );
    let factor = input.recommendation_factor.unwrap_or(Hundredths::ONE);
    checks.ensure(
        (Hundredths::ONE..=RECOMMENDATION_FACTOR_MAX).contains(&factor),
        "/recommendation_factor",
        "out-of-range",
        "差额推荐系数应在1到10之间。",
    );
    checks.ensure(
        input.required_materials.len() <= REQUIRED_MATERIALS_MAX,
        "/required_materials",
        "too-many",
        format!("必传材料不超过{REQUIRED_MATERIALS_MAX}类。"),
    );
    let required_materials = input
        .required_materials
        .iter()
        .enumerate()
        .map(|(index, kind)| checks.name(&format!("/required_materials/{index}"), kind))
        .collect();
    checks.done()?;
    Ok(Outcome::of(Event::Created {
        batch_id: BatchId(id),
        terms: Terms {
            award_publicity: input.award_publicity,
            closes_on,
            cut_off_on: input.cut_off_on,
            hand_in_until: input.hand_in_until,
            holder_id: input.holder_id,
            levels: input.levels.clone(),
            mode: input.mode,
            opens_on: input.opens_on,
            quota_required: input.quota_required,
            quota_review_until: input.quota_review_until,
            recommendation_factor: factor,
            required_materials,
            special_quota_until: input.special_quota_until,
            submit_until: input.submit_until,
            year: input.year,
        },
    }))
}

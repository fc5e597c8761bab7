//! What a scheme says, and whether that can be: participants qualified, weights that sum to a hundred (T30).

use crate::batch::{self, Batch};
use crate::context::{Context, Stop};
use crate::declaration::values::Sheet;
use crate::declaration::{Declaration, Stage};
use crate::hundredths::Hundredths;
use crate::ids::{BatchId, DeclarationId, NodeId};
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::values::{Medium, SchemeKind};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most participants of a scheme (contract.md, HTTP: a call names at most this many declarations).
pub const PARTICIPANTS_MAX: usize = 2_000;
/// The most items of both score sheets.
pub const SCORING_ITEMS_MAX: usize = 100;
/// The most lines of the expert demand.
pub const EXPERT_LINES_MAX: usize = 200;
/// The highest score of an item.
pub const SCORE_MAX: Hundredths = Hundredths::whole(1_000);

/// What a scheme says. It is also the input of its creation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The batch whose declarations are reviewed.
    pub batch_id: BatchId,
    /// 专家需求.
    pub experts: Vec<ExpertDemand>,
    /// Whether candidates are interviewed.
    pub interview: bool,
    /// 正常 or 特殊: they have different reviewers (N32).
    pub kind: SchemeKind,
    /// 线上 or 线下.
    pub medium: Medium,
    /// 计划开评时间.
    pub opens_on: NaiveDate,
    /// 参评人员.
    pub participants: Vec<DeclarationId>,
    /// Why the ratio exceeds the usual one: it must stand in the scheme that was filed (N16).
    #[serde(default)]
    pub ratio_exception: Option<String>,
    /// 通过比例: at most this many of a hundred participants pass (N15).
    pub ratio_percent: Hundredths,
    /// 打分细则.
    pub scoring: Vec<ScoringItem>,
}

/// How many experts of a specialty are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpertDemand {
    /// How many.
    pub number: u32,
    /// Specialty code.
    pub specialty: String,
}

/// One item of a score sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoringItem {
    /// Its name, unique in its sheet.
    pub item: String,
    /// The highest score.
    pub max: Hundredths,
    /// Which sheet it stands on.
    pub sheet: Sheet,
    /// Its share of the hundred points of both sheets.
    pub weight: Hundredths,
}

impl Terms {
    /// The items of a sheet, in order.
    pub fn items(&self, sheet: Sheet) -> impl Iterator<Item = &ScoringItem> {
        self.scoring.iter().filter(move |item| item.sheet == sheet)
    }

    /// Whether judges fill in this sheet.
    pub fn has(&self, sheet: Sheet) -> bool {
        self.items(sheet).next().is_some()
    }
}

/// Checks what a scheme says, participants included; answers it in the form in which it is stored.
pub(super) fn check(terms: &Terms, holder: NodeId, context: &Context<'_>) -> Result<Terms, Stop> {
    let mut checks = Checks::new();
    let batch = context.registers.batches.get(terms.batch_id).filter(|it| it.stage == batch::Stage::Open);
    checks.ensure(batch.is_some(), "/batch_id", "reference-refused", "没有这个批次，或批次未开放。");
    check_numbers(&mut checks, terms);
    let scoring = check_scoring(&mut checks, terms);
    let ratio_exception = checks_exception(&mut checks, terms);
    for (index, line) in terms.experts.iter().enumerate() {
        let known = context.registers.specialty(&line.specialty).is_some();
        let pointer = format!("/experts/{index}");
        checks.ensure(known, &format!("{pointer}/specialty"), "reference-refused", "没有这个专业。");
        checks.ensure(line.number > 0, &format!("{pointer}/number"), "out-of-range", "人数须大于零。");
    }
    checks.done()?;
    check_participants(terms, batch, holder, context)?;
    Ok(Terms { scoring, ratio_exception, ..terms.clone() })
}

/// 年度 of the batch that it names.
pub(super) fn batch_year(terms: &Terms, context: &Context<'_>) -> Option<i32> {
    Some(context.registers.batches.get(terms.batch_id)?.terms.as_ref()?.year)
}

fn check_numbers(checks: &mut Checks, terms: &Terms) {
    let lines = terms.experts.len();
    checks.ensure(
        lines <= EXPERT_LINES_MAX,
        "/experts",
        "too-many",
        format!("专家需求不超过{EXPERT_LINES_MAX}行。"),
    );
    checks.ensure(!terms.participants.is_empty(), "/participants", "empty", "至少列入一名参评人员。");
    checks.ensure(
        terms.participants.len() <= PARTICIPANTS_MAX,
        "/participants",
        "too-many",
        format!("一个方案的参评人员不超过{PARTICIPANTS_MAX}人。"),
    );
    checks.ensure(
        (Hundredths(1)..=Hundredths::whole(100)).contains(&terms.ratio_percent),
        "/ratio_percent",
        "out-of-range",
        "通过比例应大于0且不超过100。",
    );
}

fn checks_exception(checks: &mut Checks, terms: &Terms) -> Option<String> {
    let text = terms.ratio_exception.as_deref().filter(|text| !text.trim().is_empty())?;
    Some(checks.text("/ratio_exception", text, OPINION_CHARS_MAX))
}

/// T30: the weights of both sheets sum to a hundred; interview items only where candidates are interviewed.
fn check_scoring(checks: &mut Checks, terms: &Terms) -> Vec<ScoringItem> {
    checks.ensure(
        terms.scoring.len() <= SCORING_ITEMS_MAX,
        "/scoring",
        "too-many",
        format!("打分细则不超过{SCORING_ITEMS_MAX}项。"),
    );
    let mut seen = BTreeSet::new();
    let mut stored = Vec::with_capacity(terms.scoring.len().min(SCORING_ITEMS_MAX));
    for (index, item) in terms.scoring.iter().take(SCORING_ITEMS_MAX).enumerate() {
        let pointer = format!("/scoring/{index}");
        let name = checks.name(&format!("{pointer}/item"), &item.item);
        let fresh = seen.insert((item.sheet, name.clone()));
        checks.ensure(fresh, &format!("{pointer}/item"), "repeated", "打分项重复。");
        let positive = Hundredths(1);
        checks.ensure(
            (positive..=SCORE_MAX).contains(&item.max),
            &format!("{pointer}/max"),
            "out-of-range",
            format!("满分应大于0且不超过{SCORE_MAX}。"),
        );
        checks.ensure(
            (positive..=Hundredths::whole(100)).contains(&item.weight),
            &format!("{pointer}/weight"),
            "out-of-range",
            "权重应大于0且不超过100。",
        );
        checks.ensure(
            terms.interview || item.sheet == Sheet::Material,
            &format!("{pointer}/sheet"),
            "no-interview",
            "方案不设面试答辩，不能有面试打分项。",
        );
        stored.push(ScoringItem { item: name, ..item.clone() });
    }
    let sum: i128 = terms.scoring.iter().map(|item| i128::from(item.weight.0)).sum();
    checks.ensure(sum == 10_000, "/scoring", "weights-not-100", "材料打分和面试打分各项权重之和应为100。");
    stored
}

/// T30: participants are qualified candidates of this committee and batch, each named once.
pub(super) fn check_participants<'a>(
    terms: &Terms,
    batch: Option<&Batch>,
    holder: NodeId,
    context: &Context<'a>,
) -> Result<Vec<&'a Declaration>, Stop> {
    let mut checks = Checks::new();
    let of_holder =
        batch.and_then(|it| it.terms.as_ref()).is_some_and(|batch_terms| batch_terms.holder_id == holder);
    checks.ensure(of_holder, "/batch_id", "reference-refused", "该批次不属于本评委会。");
    let mut seen = BTreeSet::new();
    for (index, participant) in terms.participants.iter().enumerate() {
        let fresh = seen.insert(*participant);
        checks.ensure(fresh, &format!("/participants/{index}"), "repeated", "参评人员重复。");
    }
    checks.done()?;
    let declarations = context.load_all::<Declaration>(terms.participants.iter().map(|id| id.0))?;
    let mut checks = Checks::new();
    for (index, it) in declarations.iter().enumerate() {
        let fits = it.stage == Stage::Qualified
            && it.committee() == Some(holder)
            && it.batch == Some(terms.batch_id);
        checks.ensure(
            fits,
            &format!("/participants/{index}"),
            "participant-not-qualified",
            "参评人员须是本评委会本批次复核合格、尚未列入其他方案的申报人。",
        );
    }
    checks.done()?;
    Ok(declarations)
}

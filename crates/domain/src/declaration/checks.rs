//! 提交前检查 Conditions computed with the rule's text beside each line (F-11). `submit` refuses where one fails; what a
//! machine cannot judge is said to be manual, and a person confirms it.

use super::actions::save_draft::question;
use super::sections;
use super::state::Declaration;
use super::values::SectionKey;
use crate::batch::Batch;
use crate::codes::education::Education;
use crate::codes::id_number::IdNumber;
use crate::context::{Context, Stop};
use crate::ids::BatchId;
use crate::label::Named;
use crate::registers::paths::{self, PathSnapshot};
use crate::values::DeclarationKind;
use schemars::JsonSchema;
use serde::Serialize;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It holds.
    Pass,
    /// It does not: the declaration cannot be submitted.
    Fail,
    /// A person has to judge.
    Manual,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// Stable code of the rule.
    pub rule: &'static str,
    /// The rule in words.
    pub text: String,
    /// Where it comes from.
    pub source: &'static str,
    /// How it came out.
    pub outcome: CheckOutcome,
    /// What is missing, and what to do.
    pub detail: Option<String>,
}

fn check(
    rule: &'static str,
    text: impl Into<String>,
    source: &'static str,
    failure: Option<String>,
) -> Check {
    let outcome = if failure.is_some() { CheckOutcome::Fail } else { CheckOutcome::Pass };
    Check { rule, text: text.into(), source, outcome, detail: failure }
}

/// The sections without which nothing is submitted (contract.md, `submit`).
pub const REQUIRED_SECTIONS: &[SectionKey] = &[
    SectionKey::Basic,
    SectionKey::Education,
    SectionKey::Employment,
    SectionKey::SelfReport,
    SectionKey::Assessments,
];

/// All checks of the draft as it stands.
pub fn checks(it: &Declaration, context: &Context<'_>) -> Result<Vec<Check>, Stop> {
    let mut list = vec![required_sections(it), graduated(it), final_organisation(it), path(it, context)?];
    if let Some(batch) = batch(it, context) {
        list.push(window(it, batch, context));
        list.push(required_materials(it, batch));
        list.push(cut_off(it, batch));
    }
    list.push(age(it, context));
    if let Some(person) = it.subject.as_ref().map(|subject| subject.person) {
        let barred = context.registers.blacklisted(person, context.today());
        list.push(check(
            "not-barred",
            "不在黑名单期限内",
            "seed 003 三(四), 七(一)",
            barred.then(|| "本人在诚信档案黑名单期限内，不能申报。".to_owned()),
        ));
    }
    if it.subject.as_ref().is_some_and(|subject| subject.kind == DeclarationKind::Transfer) {
        list.push(Check {
            rule: "transfer-one-year",
            text: "转评须在新岗位工作满1年并考核合格（N27）".into(),
            source: "seed 003 八(二)",
            outcome: CheckOutcome::Manual,
            detail: Some("由所在单位初审时核对。".into()),
        });
    }
    let hours = it
        .draft
        .section(SectionKey::ContinuingEducation)
        .is_some_and(|body| body.as_array().is_some_and(|it| !it.is_empty()));
    list.push(Check {
        rule: "continuing-education",
        text: "原则上须提供《继续教育学时认定单》（N36）".into(),
        source: "seed 003 三(三)",
        outcome: if hours { CheckOutcome::Pass } else { CheckOutcome::Manual },
        detail: (!hours).then(|| "未填写继续教育学时；不影响提交，由审核人判断。".to_owned()),
    });
    Ok(list)
}

/// The batch of the chosen final organisation.
pub(super) fn batch<'a>(it: &Declaration, context: &Context<'a>) -> Option<&'a Batch> {
    let chosen: BatchId = it.final_organisation.as_ref()?.batch_id;
    context.registers.batches.get(chosen)
}

fn required_sections(it: &Declaration) -> Check {
    let missing: Vec<&str> = REQUIRED_SECTIONS
        .iter()
        .filter(|key| it.draft.section(**key).is_none_or(|body| body.as_array().is_some_and(Vec::is_empty)))
        .map(|key| key.label().zh)
        .collect();
    let failure = (!missing.is_empty()).then(|| format!("尚未填写：{}。", missing.join("、")));
    check("required-sections", "必填部分已填写", "seed 002 个 二(一)4", failure)
}

fn graduated(it: &Declaration) -> Check {
    let education = it.draft.section(SectionKey::Education);
    let any = education.as_ref().and_then(|body| body.as_array()).is_some_and(|entries| {
        entries.iter().any(|entry| {
            entry
                .get("education_code")
                .and_then(|code| code.as_str())
                .and_then(Education::by_code)
                .is_some_and(Education::counts_as_graduated)
        })
    });
    let failure = (!any).then(|| "学历中至少有一项须为毕业。".to_owned());
    check("graduated", "至少有一项毕业学历", "domain.md 4.9, 5.8", failure)
}

fn final_organisation(it: &Declaration) -> Check {
    let failure = it.final_organisation.is_none().then(|| "尚未选择终审机构。".to_owned());
    check("final-organisation", "已选择终审机构", "seed 002 人 1.28 step 5", failure)
}

/// The ways to the chosen final organisation, resolved anew.
pub(super) fn snapshot(
    it: &Declaration,
    context: &Context<'_>,
) -> Result<Result<PathSnapshot, String>, Stop> {
    let resolution = paths::resolve(context.registers, &question(it, context)?);
    let Some(chosen) = &it.final_organisation else {
        let reasons: Vec<String> = resolution.breaks.into_iter().map(|it| it.detail).collect();
        return Ok(Err(reasons.join("")));
    };
    Ok(PathSnapshot::to(&resolution, chosen.node.id).ok_or_else(|| {
        let reasons: Vec<String> = resolution.breaks.iter().map(|it| it.detail.clone()).collect();
        format!("审核路径不能到达“{}”。{}", chosen.node.name, reasons.join(""))
    }))
}

fn path(it: &Declaration, context: &Context<'_>) -> Result<Check, Stop> {
    let failure = snapshot(it, context)?.err().filter(|detail| !detail.is_empty());
    Ok(check("path", "审核路径完整且均已确认", "seed 002 人 1.28; domain.md 2.8", failure))
}

/// A first submission is judged by the batch's window, a resubmission by `correct_by` (contract.md).
pub(super) fn late(it: &Declaration, batch: &Batch, context: &Context<'_>) -> Option<String> {
    let today = context.today();
    match it.returned.as_ref().and_then(|returned| returned.correct_by) {
        Some(correct_by) if it.submissions > 0 => {
            (today > correct_by).then(|| format!("修改期限为{correct_by}，已过期。"))
        }
        Some(_) | None => (!batch.takes_submissions_on(today)).then(|| match &batch.terms {
            Some(terms) => format!("申报时间为{}至{}。", terms.opens_on, terms.submit_until),
            None => "批次未开放。".to_owned(),
        }),
    }
}

fn window(it: &Declaration, batch: &Batch, context: &Context<'_>) -> Check {
    check("submission-window", "在申报时间内", "seed 003 二(一); N10", late(it, batch, context))
}

fn required_materials(it: &Declaration, batch: &Batch) -> Check {
    let missing: Vec<&str> = batch
        .terms
        .iter()
        .flat_map(|terms| &terms.required_materials)
        .filter(|kind| it.draft.materials.iter().all(|material| material.kind != **kind))
        .map(String::as_str)
        .collect();
    let failure = (!missing.is_empty()).then(|| format!("缺少材料：{}。", missing.join("、")));
    check("required-materials", "必传材料已上传", "seed 002 个 二(一)3", failure)
}

fn cut_off(it: &Declaration, batch: &Batch) -> Check {
    let failure = batch.terms.as_ref().and_then(|terms| {
        let late: Vec<String> = sections::achievements(&it.draft)
            .into_iter()
            .filter(|dated| dated.on > terms.cut_off_on)
            .map(|dated| format!("{}（{}）", dated.anchor, dated.on))
            .collect();
        (!late.is_empty())
            .then(|| format!("业绩截止{}，以下晚于截止日期：{}。", terms.cut_off_on, late.join("、")))
    });
    check("cut-off", "业绩成果在截止日期前（N12）", "seed 003 二(三)", failure)
}

fn age(it: &Declaration, context: &Context<'_>) -> Check {
    let number = it.subject.as_ref().and_then(|subject| subject.id_number.known());
    let failure = match number.map(|number| IdNumber::parse(number)) {
        Some(Ok(number)) => number.check_age(context.today()).err().map(|error| error.to_string()),
        Some(Err(problem)) => Some(problem.sentence),
        None => Some("没有本人的身份证号。".to_owned()),
    };
    check("age", "年龄在16至100岁之间", "domain.md 4.2", failure)
}

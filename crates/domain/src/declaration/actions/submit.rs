//! 提交 Submit: complete, pledged, in time, and the path still resolves; also after a return
//! (seed 002 个 二(一)4; seed 003 一, 二, 四(一); T05, T10).

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::checks::{self, CheckOutcome};
use crate::declaration::values::Answer;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::label;
use crate::private::Private;
use crate::refusal::{FieldProblem, Refusal, refusals};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The version of the pledge text that is signed now (seed 003 四(一)).
pub const PLEDGE_VERSION: &str = "2023-1";
/// The pledge's text.
pub const PLEDGE_TEXT: &str = "本人承诺：所填写的申报信息和上传的材料真实、准确、完整，未填写、上传任何涉密内容；如有不实，愿承担取消资格、撤销职称、记入诚信档案等一切后果。";

refusals! {
    /// N10: the window of the batch, or the correction deadline, is over.
    SubmissionClosed { why: String } = Rule "submission-closed", "不在申报时间内", "现在不能提交：{why}";
    /// T05: the way to the final organisation must still be whole.
    PathBroken { why: String } = Rule "path-broken", "审核路径不完整", "{why}";
    /// T05: something is missing; the fields say what.
    Incomplete = Rule "incomplete", "申报内容不完整", "申报内容不完整，请按下列各条补充后再提交。";
    /// N31 and seed 003 四(一): both must be ticked.
    PledgeMissing = Rule "pledge-missing", "须签署承诺", "请阅读并勾选个人承诺和不含涉密内容的声明后再提交。";
    /// The pledge was changed since the form was read.
    PledgeOutdated = Rule "pledge-outdated", "承诺内容已更新", "承诺内容已更新，请重新阅读后再提交。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// The pledge's version, from the form.
    pub pledge_version: String,
    /// 个人承诺.
    pub pledged: bool,
    /// 不含涉密内容.
    pub not_classified: bool,
    /// Answers to the deficiencies of a return.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "submit",
    label: label("提交", "Submit"),
    by: &[by(Role::Applicant, Place::Owner)],
    from: Start::Stages(&[Stage::Draft.name(), Stage::ReturnedToApplicant.name()]),
    to: &[Stage::EmployerReview.name()],
    forward: Forward::Yes,
    form: &[
        required("pledge_version", "承诺版本", FieldType::Text),
        required("pledged", "个人承诺", FieldType::Boolean),
        required("not_classified", "不含涉密内容", FieldType::Boolean),
        optional("answers", "对退回意见的答复", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Submits it.
pub fn decide(input: &Submit, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut problems = Checks::new();
    let answers: Vec<Answer> = input
        .answers
        .iter()
        .enumerate()
        .map(|(index, answer)| Answer {
            item_id: answer.item_id.clone(),
            answer: problems.paragraph(
                &format!("/answers/{index}/answer"),
                &answer.answer,
                OPINION_CHARS_MAX,
            ),
        })
        .collect();
    problems.done()?;
    if !input.pledged || !input.not_classified {
        let pointer = if input.pledged { "/not_classified" } else { "/pledged" };
        return Err(PledgeMissing.refusal().at(pointer).into());
    }
    if input.pledge_version != PLEDGE_VERSION {
        return Err(PledgeOutdated.refusal().at("/pledge_version").into());
    }
    if let Some(batch) = checks::batch(it, context)
        && let Some(why) = checks::late(it, batch, context)
    {
        return Err(SubmissionClosed { why }.into());
    }
    let path = checks::snapshot(it, context)?.map_err(|why| PathBroken { why }.refusal());
    let failed: Vec<FieldProblem> = checks::checks(it, context)?
        .into_iter()
        .filter(|check| check.outcome == CheckOutcome::Fail && check.rule != "path")
        .map(|check| FieldProblem::new("", check.rule, check.detail.unwrap_or(check.text)))
        .collect();
    if !failed.is_empty() {
        return Err(Refusal { problems: failed, ..Incomplete.refusal() }.into());
    }
    let path = path?;
    let Some(chosen) = &it.final_organisation else { return Err(Incomplete.into()) };
    let (batch_id, pledge_version) = (chosen.batch_id, input.pledge_version.clone());
    Ok(Outcome::of(if it.submissions == 0 {
        Event::Submitted { batch_id, path, pledge_version }
    } else {
        Event::Resubmitted { answers: Private::Known(answers), batch_id, path, pledge_version }
    }))
}

//! 所在单位初审 Review by employer: pass, return or fail (seed 001 第二步; seed 003 四(二)1; T07 to T09).
//! Also 不予推荐 from recommendation, and a return that voids this person's publicity (T17).

use super::returns::{self, CorrectionTerms};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::evolve::published;
use crate::declaration::values::{Duty, HandledBy};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::publicity_round::actions::void::refuse_upheld;
use crate::publicity_round::{self, PublicityRound};
use crate::refusal::{common, refusals};
use crate::values::{Role, Verdict};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// contract.md: pass starts from employer_review; fail also from recommendation; return also from publicity.
    VerdictNotHere { verdict: &'static str, stage: &'static str } = Rule "stage-refused", "当前环节不能办理", "“{stage}”环节不能选择“{verdict}”。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewByEmployer {
    /// 审核状态.
    pub decision: Verdict,
    /// 审核意见: required to return or fail.
    pub opinion: Option<String>,
    /// The complete list of deficiencies (N25).
    #[serde(default)]
    pub items: Vec<returns::ItemInput>,
    /// Working days to correct; left out: 5.
    pub correction_days: Option<u32>,
    /// 真实性审核责任卡.
    #[serde(default)]
    pub responsibility_card: Vec<Duty>,
    /// 经办人.
    pub handled_by: Option<String>,
    /// 负责人.
    pub responsible_person: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-by-employer",
    label: label("所在单位初审", "Review by employer"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[
        Stage::EmployerReview.name(),
        Stage::EmployerPublicity.name(),
        Stage::EmployerPublicityEnded.name(),
        Stage::Recommendation.name(),
    ]),
    to: &[
        Stage::EmployerPublicityDue.name(),
        Stage::Recommendation.name(),
        Stage::ReturnedToApplicant.name(),
        Stage::EmployerFailed.name(),
    ],
    form: &[
        required("decision", "审核状态", FieldType::Choice(&["pass", "return", "fail"])),
        optional("opinion", "审核意见", FieldType::LongText),
        optional("items", "退回条目", FieldType::Structure),
        optional("correction_days", "修改期限（工作日）", FieldType::Integer),
        optional("responsibility_card", "真实性审核责任卡", FieldType::Structure),
        optional("handled_by", "经办人", FieldType::Text),
        optional("responsible_person", "负责人", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Passes, returns or fails it.
pub fn decide(
    input: &ReviewByEmployer,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let mut checks = Checks::new();
    let opinion = match input.decision {
        Verdict::Pass => checks.opinion("/opinion", input.opinion.as_deref()),
        Verdict::Return | Verdict::Fail => {
            Some(checks.reason("/opinion", input.opinion.as_deref().unwrap_or_default()))
        }
    };
    let items = returns::items(&mut checks, &input.items, it);
    let terms = CorrectionTerms::of(&mut checks, input.correction_days);
    let card: Vec<Duty> = input
        .responsibility_card
        .iter()
        .enumerate()
        .map(|(index, line)| Duty {
            duty: checks.name(&format!("/responsibility_card/{index}/duty"), &line.duty),
            name: checks.name(&format!("/responsibility_card/{index}/name"), &line.name),
        })
        .collect();
    let handling = HandledBy {
        handled_by: input.handled_by.as_ref().map(|it| checks.name("/handled_by", it)).into(),
        opinion: opinion.clone().into(),
        paper_consistent: None,
        responsible_person: input
            .responsible_person
            .as_ref()
            .map(|it| checks.name("/responsible_person", it))
            .into(),
    };
    checks.done()?;
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    if !given_here(input.decision, it.stage) {
        let label = |named: crate::label::Label| named.zh;
        return Err(VerdictNotHere {
            verdict: label(crate::label::Named::label(input.decision)),
            stage: label(crate::label::Named::label(it.stage)),
        }
        .into());
    }
    match input.decision {
        Verdict::Pass => {
            if let Some(holds) = crate::aggregate::Aggregate::holds(it) {
                return Err(common::DeclarationHeld { holds }.into());
            }
            let publicity_still_valid = it.published.is_some() && it.published == published(it);
            Ok(Outcome::of(Event::EmployerReviewPassed {
                handling,
                publicity_still_valid,
                responsibility_card: Private::Known(card),
            }))
        }
        Verdict::Fail => Ok(super::end(Outcome::of(Event::EmployerReviewFailed { handling }), it, id)),
        Verdict::Return => {
            returns::while_hand_in_lasts(it, context)?;
            refuse_upheld(it)?;
            let returned = Event::ReturnedToApplicant {
                by: subject.employer.node(),
                correct_by: terms.correct_by(context),
                correction_days: terms.days,
                items: Private::Known(items),
                opinion: Private::Known(opinion.unwrap_or_default()),
            };
            let outcome = Outcome::of(returned);
            let Some(publicity) = it.publicity.as_ref().filter(|_| it.stage != Stage::EmployerReview) else {
                return Ok(outcome);
            };
            let round_id = publicity.round;
            let outcome = outcome
                .and(Event::EmployerPublicityVoided { reason: handling.opinion, round_id })
                .also::<PublicityRound>(
                round_id,
                publicity_round::Event::Voided { declaration_ids: vec![DeclarationId(id)] },
            );
            Ok(super::close_objections(outcome, it))
        }
    }
}

/// Whether this stage takes the verdict: later than at its own review the employer may still fail or return.
pub(super) const fn given_here(verdict: Verdict, stage: Stage) -> bool {
    match verdict {
        Verdict::Pass => matches!(stage, Stage::EmployerReview),
        Verdict::Fail => matches!(stage, Stage::EmployerReview | Stage::Recommendation),
        Verdict::Return => true,
    }
}

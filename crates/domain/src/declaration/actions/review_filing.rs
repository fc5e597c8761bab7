//! 职称评审结果备案 Review filing: the authority that approved the committee puts the result on file under its number, or
//! sends it back (seed 002 人 1.15; seed 003 四(二)3, 六(二); N26, X-09; T55, T56).

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::publicity_round;
use crate::refusal::{common, refusals};
use crate::scheme::Scheme;
use crate::scheme::actions::review_filing::reviewed;
use crate::values::{PassOrFail, Role};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// N26: without the employer's review and publicity nothing is put on file.
    PublicityMissing = Rule "publicity-missing", "缺少单位审核或公示", "没有所在单位初审通过和公示无异议的记录，按湘人社函〔2023〕118号四(二)3不予备案。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewFiling {
    /// 备案结果.
    pub decision: PassOrFail,
    /// 备案意见: required where it is not passed.
    pub opinion: Option<String>,
    /// 备案文号: required where it is passed.
    pub filing_number: Option<String>,
    /// 备案时间: required where it is passed.
    pub filed_on: Option<NaiveDate>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-filing",
    label: label("职称评审结果备案", "Review filing"),
    by: &[by(Role::AuthorityReviewer, Place::ApprovingAuthority)],
    from: Start::Stages(&[Stage::FilingRequested.name()]),
    to: &[Stage::Filed.name(), Stage::ResultPublicityPassed.name()],
    forward: Forward::No,
    form: &[
        required("decision", "备案结果", FieldType::Choice(&["pass", "fail"])),
        optional("opinion", "备案意见", FieldType::LongText),
        optional("filing_number", "备案文号", FieldType::Text),
        optional("filed_on", "备案时间", FieldType::Date),
    ],
    ..ActionSpec::DEFAULT
};

/// Puts it on file, or sends it back.
pub fn decide(input: &ReviewFiling, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let event = enter(input, it, context)?;
    let reviewed = reviewed(input, vec![DeclarationId(id)], std::iter::once(&event));
    let outcome = Outcome::of(event);
    Ok(match super::scheme_of(it, context)? {
        Some(scheme) => outcome.also::<Scheme>(scheme, reviewed),
        None => outcome,
    })
}

/// The declaration's own event of a scheme's filing; the shared checks have passed.
pub(crate) fn enter(input: &ReviewFiling, it: &Declaration, context: &Context<'_>) -> Result<Event, Stop> {
    match input.decision {
        PassOrFail::Fail => {
            let mut checks = Checks::new();
            let opinion = checks.reason("/opinion", input.opinion.as_deref().unwrap_or_default());
            checks.done()?;
            Ok(Event::FilingRejected { opinion: Private::Known(Some(opinion)) })
        }
        PassOrFail::Pass => pass(input, it, context),
    }
}

fn pass(input: &ReviewFiling, it: &Declaration, context: &Context<'_>) -> Result<Event, Stop> {
    let Some(declared) = it.review.declared else { return Err(common::NotFound.into()) };
    let mut checks = Checks::new();
    let opinion = Private::Known(checks.opinion("/opinion", input.opinion.as_deref()));
    let filing_number = match &input.filing_number {
        Some(typed) => checks.document_number("/filing_number", typed),
        None => {
            checks.problem("/filing_number", "required", "请填写备案文号。");
            String::new()
        }
    };
    match input.filed_on {
        None => checks.problem("/filed_on", "required", "请填写备案时间。"),
        Some(filed_on) => {
            let days = declared.vote_on..=context.today();
            let message = format!("备案时间应在表决日{}至今天之间。", declared.vote_on);
            checks.ensure(days.contains(&filed_on), "/filed_on", "date-out-of-range", message);
        }
    }
    checks.done()?;
    if let Some(holds) = crate::aggregate::Aggregate::holds(it) {
        return Err(common::DeclarationHeld { holds }.into());
    }
    let Some(publicity) = &it.result_publicity else { return Err(PublicityMissing.into()) };
    publicity_round::over(publicity.ends_on, context)?;
    let reviewed = it
        .steps
        .iter()
        .any(|step| step.action == "review-by-employer" && step.result == Some("pass") && !step.rolled_back);
    if !reviewed || it.published.is_none() {
        return Err(PublicityMissing.into());
    }
    let filed_on = input.filed_on.unwrap_or(declared.acquired_on);
    let early = filed_on < publicity.ends_on || declared.acquired_on < publicity.ends_on;
    Ok(Event::Filed { early, filed_on, filing_number, opinion })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    const ACT: &str = "review-filing";

    fn pass(filed_on: &str) -> serde_json::Value {
        json!({"decision": "pass", "filing_number": "湘人社函[2023] 118号", "filed_on": filed_on})
    }

    #[test]
    fn it_is_filed_under_one_spelling_of_the_number() {
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested();
        let authority = hunan.authority();
        hunan.act(authority, "declaration", case, ACT, pass("2023-10-25"));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::Filed);
        let (number, filed_on) = it.filing.unwrap();
        assert_eq!((number.as_str(), filed_on.to_string().as_str()), ("湘人社函〔2023〕118号", "2023-10-25"));
    }

    #[test]
    fn a_filing_day_within_the_publicity_is_marked() {
        for (filed_on, expected) in [("2023-10-22", true), ("2023-10-23", false)] {
            let mut hunan = Hunan::new();
            let case = hunan.filing_requested();
            let authority = hunan.authority();
            hunan.act(authority, "declaration", case, ACT, pass(filed_on));
            let Event::Filed { early, .. } = hunan.last_of_declaration(case) else { panic!("it is filed") };
            assert_eq!(early, expected, "{filed_on}");
        }
    }

    #[test]
    fn the_filing_day_lies_between_the_vote_and_today() {
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested();
        let authority = hunan.authority();
        for day in ["2023-10-15", "2023-10-26"] {
            let refused = hunan.refused(authority, "declaration", case, ACT, pass(day));
            assert_eq!(refused.problems[0].pointer, "/filed_on", "{day}");
        }
        let refused = hunan.refused(authority, "declaration", case, ACT, json!({"decision": "pass"}));
        let pointers: Vec<&str> = refused.problems.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(pointers, ["/filing_number", "/filed_on"]);
    }

    #[test]
    fn sending_back_needs_an_opinion_and_stays_possible_under_a_hold() {
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested();
        hunan.held(case);
        let authority = hunan.authority();
        let refused = hunan.refused(authority, "declaration", case, ACT, pass("2023-10-25"));
        assert_eq!(refused.code, "declaration-held");
        let refused = hunan.refused(authority, "declaration", case, ACT, json!({"decision": "fail"}));
        assert_eq!(refused.code, "reason-required");
        let fail = json!({"decision": "fail", "opinion": "职数有异议。"});
        hunan.act(authority, "declaration", case, ACT, fail);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ResultPublicityPassed);
    }

    #[test]
    fn without_the_employers_publicity_nothing_is_filed() {
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested_without_publicity();
        let authority = hunan.authority();
        let refused = hunan.refused(authority, "declaration", case, ACT, pass("2023-10-25"));
        assert_eq!(refused.code, "publicity-missing");
        assert!(refused.detail.contains("四(二)3"));
    }

    #[test]
    fn only_the_authority_that_approved_the_committee_files() {
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested();
        let refused = hunan.refused(hunan.changsha_reviewer, "declaration", case, ACT, pass("2023-10-25"));
        assert_eq!(refused.code, "not-allowed");
    }
}

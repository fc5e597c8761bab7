//! 评审结果申请备案 Request filing: the committee's office asks the approving authority to put the result on file (seed 002 单
//! 1.2.7; seed 003 六(二); T54).

use crate::action::{ActionSpec, Forward, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::calendar::FirstDay;
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::refusal::common;
use crate::scheme::{self, Scheme};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// Working days after the review within which it is put on file; later is recorded as late (N04).
pub const FILED_WITHIN_DAYS: u32 = 15;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFiling {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "request-filing",
    label: label("评审结果申请备案", "Request filing"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&[Stage::ResultPublicityPassed.name()]),
    to: &[Stage::FilingRequested.name()],
    forward: Forward::Yes,
    ..ActionSpec::DEFAULT
};

/// Requests it.
pub fn decide(_: &RequestFiling, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let outcome = Outcome::of(enter(it, context)?);
    Ok(match super::scheme_of(it, context)? {
        Some(scheme) => outcome.also::<Scheme>(
            scheme,
            scheme::Event::FilingRequested { declaration_ids: vec![DeclarationId(id)] },
        ),
        None => outcome,
    })
}

/// The declaration's own event of a scheme's request; the shared checks have passed. The days are counted from the
/// vote, which for one candidate is where the review ended.
pub(crate) fn enter(it: &Declaration, context: &Context<'_>) -> Result<Event, Stop> {
    let Some(declared) = it.review.declared else { return Err(common::NotFound.into()) };
    let latest =
        context.calendar().add_working_days(declared.vote_on, FILED_WITHIN_DAYS, FirstDay::NotCounted);
    let late = latest.is_some_and(|latest| context.today() > latest.on);
    Ok(Event::FilingRequested { filing_authority: it.approving_authority(context), late })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::NodeId;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn fifteen_working_days_after_the_vote_are_in_time_and_sixteen_are_late() {
        for (now, late) in [("2023-11-06T23:59:59+08:00", false), ("2023-11-07T00:00:00+08:00", true)] {
            let mut hunan = Hunan::new();
            let case = hunan.result_publicity_passed();
            hunan.world.clock(now);
            let operator = hunan.committee_operator;
            hunan.act(operator, "declaration", case, "request-filing", json!({}));
            let it = hunan.world.get::<Declaration>(case);
            let holder = it.holder().unwrap();
            assert_eq!((it.stage, holder.id), (Stage::FilingRequested, NodeId(hunan.department)));
            let requested = Event::FilingRequested { filing_authority: Some(holder), late };
            assert_eq!(hunan.last_of_declaration(case), requested, "{now}");
        }
    }

    #[test]
    fn it_lies_with_the_authority_until_the_certificate_is_issued_and_then_with_the_issuing_unit() {
        let holder = |hunan: &Hunan, case| hunan.world.get::<Declaration>(case).holder().unwrap().id;
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        assert_eq!(holder(&hunan, case), NodeId(hunan.department));
        let mut hunan = Hunan::new();
        let case = hunan.filing_requested();
        let authority = hunan.authority();
        let sent_back = json!({"decision": "fail", "opinion": "材料不齐。"});
        hunan.act(authority, "declaration", case, "review-filing", sent_back);
        assert_eq!(holder(&hunan, case), NodeId(hunan.committee), "it is the committee's again");
        let mut hunan = Hunan::new();
        let case = hunan.issued();
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.holder(), it.certificate.map(|certificate| certificate.issuing));
        // a request of before it said of whom
        let mut hunan = Hunan::new();
        let case = hunan.result_publicity_passed();
        hunan.happened(case, Event::FilingRequested { filing_authority: None, late: false });
        assert_eq!(holder(&hunan, case), NodeId(hunan.committee));
    }

    #[test]
    fn waits_for_the_publicity_and_yields_to_a_hold() {
        let mut hunan = Hunan::new();
        let case = hunan.in_result_publicity();
        let operator = hunan.committee_operator;
        let refused = hunan.refused(operator, "declaration", case, "request-filing", json!({}));
        assert_eq!(refused.code, "stage-refused");
        let mut hunan = Hunan::new();
        let case = hunan.result_publicity_passed();
        hunan.held(case);
        let operator = hunan.committee_operator;
        let refused = hunan.refused(operator, "declaration", case, "request-filing", json!({}));
        assert_eq!(refused.code, "declaration-held");
    }
}

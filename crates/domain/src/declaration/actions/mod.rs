//! The actions on a declaration, in menu order (contract.md, Actions on a declaration).

pub mod abandon;
pub mod attach_material;
pub mod cancel_filing;
pub mod cast_vote;
pub mod close_ballot;
pub mod create;
pub mod end_publicity;
pub mod generate_e_certificate;
pub mod give_opinion;
pub mod hold_when_blacklisted;
pub mod issue_certificate;
pub mod judging;
pub mod lapse;
pub mod lift_blacklist_hold;
pub mod next_hop;
pub mod open_ballot;
pub mod quota;
pub mod raise_objection;
pub mod recommend;
pub mod record_employer_publicity_result;
pub mod record_failure_reason;
pub mod record_offline_result;
pub mod record_result_publicity;
pub mod relay_return;
pub mod relay_when_due;
pub mod remove_material;
pub mod report_certificate;
pub mod request_filing;
pub mod resolve_objection;
pub mod returns;
pub mod review_by_employer;
pub mod review_by_superior;
pub mod review_filing;
pub mod review_material;
pub mod review_qualification;
pub mod reviews;
pub mod revoke_certificate;
pub mod rollback;
pub mod save_draft;
pub mod score_interview;
pub mod score_material;
pub mod scoring;
pub mod start_employer_publicity;
pub mod start_result_publicity;
pub mod submit;
pub mod transfer_committee;
pub mod withdraw;

use super::{Declaration, Event, open_claim};
use crate::action::ActionSpec;
use crate::aggregate::{Aggregate as _, Outcome, StreamId};
use crate::context::{Acting, Context, Stop};
use crate::ids::{DeclarationId, SchemeId};
use crate::label::Named as _;
use crate::objection::{self, Objection};
use crate::publicity_round;
use crate::quota_ledger::{self, QuotaLedger};
use crate::scheme::Scheme;
use crate::values::Verdict;
use uuid::Uuid;

crate::action::actions! {
    Declaration;
    create::Create,
    save_draft::SaveDraft,
    attach_material::AttachMaterial,
    remove_material::RemoveMaterial,
    submit::Submit,
    withdraw::Withdraw,
    review_by_employer::ReviewByEmployer,
    start_employer_publicity::StartEmployerPublicity,
    record_employer_publicity_result::RecordEmployerPublicityResult,
    raise_objection::RaiseObjection,
    resolve_objection::ResolveObjection,
    recommend::Recommend,
    review_by_superior::ReviewBySuperior,
    relay_return::RelayReturn,
    review_qualification::ReviewQualification,
    transfer_committee::TransferCommittee,
    end_publicity::EndPublicity,
    relay_when_due::RelayWhenDue,
    abandon::Abandon,
    lapse::Lapse,
    hold_when_blacklisted::HoldWhenBlacklisted,
    lift_blacklist_hold::LiftBlacklistHold,
    rollback::Rollback,
    review_material::ReviewMaterial,
    score_material::ScoreMaterial,
    score_interview::ScoreInterview,
    give_opinion::GiveOpinion,
    open_ballot::OpenBallot,
    cast_vote::CastVote,
    close_ballot::CloseBallot,
    record_offline_result::RecordOfflineResult,
    record_failure_reason::RecordFailureReason,
    start_result_publicity::StartResultPublicity,
    record_result_publicity::RecordResultPublicity,
    request_filing::RequestFiling,
    review_filing::ReviewFiling,
    cancel_filing::CancelFiling,
    issue_certificate::IssueCertificate,
    generate_e_certificate::GenerateECertificate,
    report_certificate::ReportCertificate,
    revoke_certificate::RevokeCertificate,
}

/// What every end of a declaration gives back: the claim to be the only open one, the place in the quota, and what was
/// still open against it.
pub(crate) fn end(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    let outcome = close_objections(release_quota(outcome, it, id), it);
    let Some(subject) = &it.subject else { return outcome };
    let claim = open_claim(subject.person, subject.year, subject.level);
    outcome.release(claim, StreamId::of::<Declaration>(id))
}

/// What an end gives back after which nobody may start anew that year and level: the claim stays.
pub(crate) fn end_for_the_year(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    close_objections(release_quota(outcome, it, id), it)
}

/// The code of the shared check of the stage.
const STAGE_REFUSED: &str = "stage-refused";

/// The rule behind a stage that refuses, where one says more than the stage (N26).
pub(super) fn behind_the_stage(
    stop: Stop,
    spec: &ActionSpec,
    it: &Declaration,
    context: &Context<'_>,
) -> Stop {
    let by_stage = matches!(&stop, Stop::Refused(refusal) if refusal.code == STAGE_REFUSED);
    if !by_stage || spec.name != recommend::SPEC.name {
        return stop;
    }
    recommend::too_early(it, context).map_or(stop, Stop::Refused)
}

/// Whether an action is open to the one who acts, where more than role, place, stage and holds decides that.
pub(super) fn open_to(it: &Declaration, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
    if spec.name == cast_vote::SPEC.name {
        return cast_vote::ballot(it, context).is_ok();
    }
    if spec.name == give_opinion::SPEC.name {
        return give_opinion::open_to(it, acting, context);
    }
    if spec.name == resolve_objection::SPEC.name {
        return !it.objections.is_empty()
            && resolve_objection::handled_at(it).is_some_and(|(_, at)| acting.organisation == Some(at.id));
    }
    if spec.name == rollback::SPEC.name {
        return it.latest_operation().is_some();
    }
    if spec.name == cancel_filing::SPEC.name {
        return it.filing.is_some();
    }
    if spec.name == start_result_publicity::SPEC.name {
        return start_result_publicity::open(it, context);
    }
    if spec.name == record_employer_publicity_result::SPEC.name {
        return it.publicity.as_ref().is_some_and(|it| publicity_round::over(it.ends_on, context).is_ok());
    }
    if spec.name == record_result_publicity::SPEC.name {
        return it
            .result_publicity
            .as_ref()
            .is_some_and(|it| publicity_round::over(it.ends_on, context).is_ok());
    }
    true
}

/// Whether a choice is open: the verdicts that this stage and this day allow (N25, X-17).
pub(super) fn choice_open(it: &Declaration, spec: &ActionSpec, choice: &str, context: &Context<'_>) -> bool {
    let by_employer = spec.name == review_by_employer::SPEC.name;
    if !by_employer && ![review_by_superior::SPEC.name, review_qualification::SPEC.name].contains(&spec.name)
    {
        return true;
    }
    let Some(verdict) = Verdict::from_name(choice) else { return true };
    let here = !by_employer || review_by_employer::given_here(verdict, it.stage);
    let held = match verdict {
        Verdict::Pass => it.holds().is_some(),
        Verdict::Return => returns::while_hand_in_lasts(it, context).is_err(),
        Verdict::Fail => false,
    };
    here && !held
}

/// Gives back the place in the employer's quota, where there is one.
pub(crate) fn release_quota(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    match &it.quota {
        Some(quota) => outcome.also::<QuotaLedger>(
            quota.ledger_id,
            quota_ledger::Event::Released { declaration_id: DeclarationId(id) },
        ),
        None => outcome,
    }
}

/// The scheme under which it is reviewed: it is told of filings too, and the list of schemes shows what waits in each. None
/// where there is none.
pub(crate) fn scheme_of(it: &Declaration, context: &Context<'_>) -> Result<Option<SchemeId>, Stop> {
    let Some(id) = it.review.scheme else { return Ok(None) };
    Ok(context.load::<Scheme>(id)?.exists().then_some(id))
}

/// Closes the objections that are still open: what they were against is void or over.
pub(crate) fn close_objections(outcome: Outcome<Event>, it: &Declaration) -> Outcome<Event> {
    it.objections
        .iter()
        .fold(outcome, |outcome, open| outcome.also::<Objection>(*open, objection::Event::Closed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyState;
    use crate::aggregate::Aggregate;
    use crate::ids::AccountId;
    use crate::refusal::Kind;
    use crate::world::Who;
    use crate::world::given::AwardTerms;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn offered(hunan: &Hunan, who: AccountId, case: Uuid) -> Vec<(&'static str, Vec<&'static str>)> {
        hunan.world.offered(who, StreamId::of::<Declaration>(case))
    }

    fn offers(hunan: &Hunan, who: AccountId, case: Uuid, action: &str) -> bool {
        offered(hunan, who, case).iter().any(|(name, _)| *name == action)
    }

    #[test]
    fn nothing_is_offered_that_its_own_rule_refuses_whatever_is_filled_in() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        assert!(!offers(&hunan, hunan.province, case, "rollback"), "there is nothing to undo");
        let (operator, record) = (hunan.operator, "record-employer-publicity-result");
        assert!(!offers(&hunan, operator, case, "resolve-objection"), "nobody objected");
        hunan.world.clock("2023-05-09T23:59:59+08:00");
        assert!(!offers(&hunan, operator, case, record), "the last day is not over");
        hunan.world.clock("2023-05-10T00:00:00+08:00");
        assert!(offers(&hunan, operator, case, record));
        let objection = json!({"source": "来信", "content": "论文署名不实。"});
        hunan.act(operator, "declaration", case, "raise-objection", objection);
        assert!(offers(&hunan, operator, case, "resolve-objection"));
        let mut hunan = Hunan::new();
        let award = hunan.award_certified(AwardTerms::NoPublicity);
        assert!(!offers(&hunan, hunan.province, award, "cancel-filing"), "it was never filed");
        let mut hunan = Hunan::new();
        let filed = hunan.filed();
        assert!(offers(&hunan, hunan.province, filed, "cancel-filing"));
    }

    #[test]
    fn returning_is_a_choice_until_the_hand_in_day() {
        let mut hunan = Hunan::new();
        let case = hunan.at_changsha();
        let choices = |hunan: &Hunan| offered(hunan, hunan.changsha_reviewer, case)[0].1.clone();
        hunan.world.clock("2023-09-28T23:59:59+08:00");
        assert_eq!(choices(&hunan), ["pass", "return", "fail"]);
        hunan.world.clock("2023-09-29T00:00:00+08:00");
        assert_eq!(choices(&hunan), ["pass", "fail"]);
    }

    #[test]
    fn whose_turn_it_is_not_is_told_the_stage_and_a_stranger_nothing() {
        let mut hunan = Hunan::new();
        let case = hunan.at_changsha();
        for action in ["review-by-superior", "relay-return"] {
            let input = if action == "relay-return" { json!({}) } else { json!({"decision": "pass"}) };
            let refused = hunan.refused_on(hunan.housing_reviewer, case, action, input.clone());
            assert_eq!(refused.code, "stage-refused", "{action}");
            let (administrator, department) = (Who::Account(hunan.administrator), hunan.department);
            let stranger = hunan.account(administrator, "路人");
            hunan.grant(administrator, stranger, "authority-reviewer", Some(department));
            let refused = hunan.refused(stranger, "declaration", case, action, input);
            assert_eq!(refused.kind, Kind::Forbidden, "{action}");
        }
    }

    /// The steps that only the system takes.
    const BY_THE_SYSTEM: &[&str] = &[
        "end-publicity",
        "relay-when-due",
        "abandon",
        "lapse",
        "hold-when-blacklisted",
        "lift-blacklist-hold",
    ];

    #[test]
    fn what_the_system_does_is_in_nobodys_hands() {
        let nobodys: Vec<&str> = AnyState::specs(Declaration::TYPE)
            .iter()
            .filter(|spec| spec.by.is_empty())
            .map(|spec| spec.name)
            .collect();
        assert_eq!(nobodys, BY_THE_SYSTEM);
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        let accounts = [
            hunan.administrator,
            hunan.province,
            hunan.operator,
            hunan.changsha_reviewer,
            hunan.committee_operator,
            hunan.applicant,
        ];
        let everybody = accounts.map(Who::Account);
        for who in everybody.into_iter().chain([Who::Anonymous]) {
            for action in BY_THE_SYSTEM {
                let refused = hunan.world.act(who, "declaration", case, action, json!({})).unwrap_err();
                assert_eq!(refused.kind, Kind::Forbidden, "{action} by {who:?}");
            }
        }
    }
}

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
use crate::objection::{self, Objection};
use crate::quota_ledger::{self, QuotaLedger};
use crate::scheme::Scheme;
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
        return resolve_objection::handled_at(it).is_some_and(|(_, at)| acting.organisation == Some(at.id));
    }
    true
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
    use crate::refusal::Kind;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

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

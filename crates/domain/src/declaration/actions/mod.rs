//! The actions on a declaration, in menu order (contract.md, Actions on a declaration).

pub mod attach_material;
pub mod cast_vote;
pub mod close_ballot;
pub mod create;
pub mod give_opinion;
pub mod judging;
pub mod open_ballot;
pub mod record_failure_reason;
pub mod record_offline_result;
pub mod remove_material;
pub mod returns;
pub mod review_by_employer;
pub mod review_material;
pub mod rollback;
pub mod save_draft;
pub mod score_interview;
pub mod score_material;
pub mod scoring;
pub mod submit;
pub mod withdraw;

use super::{Declaration, Event, open_claim};
use crate::aggregate::{Outcome, StreamId};
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
}

/// What every end of a declaration gives back: the claim to be the only open one.
pub(crate) fn end(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    let Some(subject) = &it.subject else { return outcome };
    let claim = open_claim(subject.person, subject.year, subject.level);
    outcome.release(claim, StreamId::of::<Declaration>(id))
}

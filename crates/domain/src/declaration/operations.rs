//! What can be rolled back, strictly from the latest operation backwards (seed 002 人 1.26), and what undoing it means.

use super::evolve::to;
use super::stage::Stage;
use super::state::{Declaration, Operation, OperationKind, Step};
use crate::aggregate::Stamp;
use sha2::{Digest as _, Sha256};

/// Length of an operation's id.
const OPERATION_ID_BYTES: usize = 16;

/// An operation was done: it is the latest now, and what was done of this kind before cannot be undone any more.
pub(super) fn operation(it: &mut Declaration, stamp: &Stamp, action: &'static str, kind: OperationKind) {
    it.operations.retain(|operation| operation.kind != kind);
    it.operations.push(Operation {
        id: opaque(it),
        action,
        by: stamp.actor.clone(),
        at: stamp.time,
        kind,
        step: it.steps.len().saturating_sub(1),
    });
}

/// The id of the operation that this version did. Readers without the committee's view know of the version nothing, so they
/// must not find it by trying all: the keyed hash of the ID number, which no answer tells, goes in with it.
fn opaque(it: &Declaration) -> String {
    let secret = it.subject.as_ref().map(|subject| subject.id_number_hash.as_str()).unwrap_or_default();
    let digest = Sha256::new_with_prefix(secret)
        .chain_update(it.id.map(|id| id.0).unwrap_or_default())
        .chain_update(it.version.to_be_bytes())
        .finalize();
    hex::encode(digest.iter().take(OPERATION_ID_BYTES).copied().collect::<Vec<u8>>())
}

/// The candidate leaves the scheme; annulled rounds stay on record.
pub(super) fn leave_scheme(it: &mut Declaration) {
    let review = std::mem::take(&mut it.review);
    if let Some(ballot) = review.ballot {
        it.annulled_ballots.push(ballot);
    }
}

/// The latest operation is undone, and all that it brought with it.
pub(super) fn undo(it: &mut Declaration, stamp: &Stamp, ground: Option<&str>) {
    let Some(operation) = it.operations.pop() else { return };
    if let Some(step) = it.steps.get_mut(operation.step) {
        step.rolled_back = true;
    }
    match operation.kind {
        OperationKind::Qualification => {
            for step in it.steps.iter_mut().filter(|step| step.is_of_meeting()) {
                step.rolled_back = true;
            }
            leave_scheme(it);
            to(it, stamp, Stage::QualificationReview);
        }
        OperationKind::MaterialReview => {
            it.review.material_review = None;
            it.review.failure_reason = None;
            to(it, stamp, Stage::JudgesDrawn);
        }
        OperationKind::Score(sheet, judge) => {
            it.review.sheets.remove(&(sheet, judge));
            let judge = operation.by.as_ref().and_then(|actor| actor.account_id);
            let by = |step: &Step| step.actor.as_ref().and_then(|actor| actor.account_id);
            let of_sheet = it.steps.iter_mut().filter(|step| step.action == operation.action);
            for step in of_sheet.filter(|step| by(step) == judge) {
                step.rolled_back = true;
            }
            if it.review.sheets.is_empty() {
                to(it, stamp, Stage::MaterialReviewed);
            }
        }
        OperationKind::GroupOpinion => {
            it.review.group_opinion = None;
            it.review.bound_electorate = None;
            to(it, stamp, Stage::Scoring);
        }
        OperationKind::Ballot => {
            it.review.failure_reason = None;
            for step in it.steps.iter_mut().rev() {
                if step.action == "open-ballot" {
                    step.rolled_back = true;
                    break;
                }
            }
            if let Some(mut ballot) = it.review.ballot.take() {
                ballot.annulled = Some(ground.unwrap_or_default().to_owned());
                it.review.bound_electorate = Some(ballot.attending.clone());
                it.annulled_ballots.push(ballot);
            }
            to(it, stamp, Stage::OpinionGiven);
        }
        OperationKind::CommitteeOpinion => it.review.committee_opinion = None,
        OperationKind::FinalApproval => to(it, stamp, Stage::SuperiorReview),
    }
}

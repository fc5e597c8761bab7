//! The actions on a declaration, in menu order (contract.md, Actions on a declaration).

pub mod attach_material;
pub mod create;
pub mod end_publicity;
pub mod raise_objection;
pub mod record_employer_publicity_result;
pub mod remove_material;
pub mod resolve_objection;
pub mod returns;
pub mod review_by_employer;
pub mod save_draft;
pub mod start_employer_publicity;
pub mod submit;
pub mod withdraw;

use super::{Declaration, Event, open_claim};
use crate::aggregate::{Outcome, StreamId};
use crate::ids::DeclarationId;
use crate::objection::{self, Objection};
use crate::quota_ledger::{self, QuotaLedger};
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
    end_publicity::EndPublicity,
    record_employer_publicity_result::RecordEmployerPublicityResult,
    raise_objection::RaiseObjection,
    resolve_objection::ResolveObjection,
}

/// What every end of a declaration gives back: the claim to be the only open one, the place in the quota, and what was
/// still open against it.
pub(crate) fn end(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    let outcome = close_objections(release_quota(outcome, it, id), it);
    let Some(subject) = &it.subject else { return outcome };
    let claim = open_claim(subject.person, subject.year, subject.level);
    outcome.release(claim, StreamId::of::<Declaration>(id))
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

/// Closes the objections that are still open: what they were against is void or over.
pub(crate) fn close_objections(outcome: Outcome<Event>, it: &Declaration) -> Outcome<Event> {
    it.objections
        .iter()
        .fold(outcome, |outcome, open| outcome.also::<Objection>(*open, objection::Event::Closed))
}

//! The actions on a declaration, in menu order (contract.md, Actions on a declaration).

pub mod attach_material;
pub mod create;
pub mod remove_material;
pub mod returns;
pub mod review_by_employer;
pub mod save_draft;
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
}

/// What every end of a declaration gives back: the claim to be the only open one.
pub(crate) fn end(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    let Some(subject) = &it.subject else { return outcome };
    let claim = open_claim(subject.person, subject.year, subject.level);
    outcome.release(claim, StreamId::of::<Declaration>(id))
}

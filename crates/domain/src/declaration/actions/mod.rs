//! The actions on a declaration, in menu order (contract.md, Actions on a declaration).

pub mod attach_material;
pub mod cancel_filing;
pub mod create;
pub mod generate_e_certificate;
pub mod issue_certificate;
pub mod record_result_publicity;
pub mod remove_material;
pub mod report_certificate;
pub mod request_filing;
pub mod returns;
pub mod review_by_employer;
pub mod review_filing;
pub mod revoke_certificate;
pub mod save_draft;
pub mod start_result_publicity;
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

/// What every end of a declaration gives back: the claim to be the only open one.
pub(crate) fn end(outcome: Outcome<Event>, it: &Declaration, id: Uuid) -> Outcome<Event> {
    let Some(subject) = &it.subject else { return outcome };
    let claim = open_claim(subject.person, subject.year, subject.level);
    outcome.release(claim, StreamId::of::<Declaration>(id))
}

//! The actions on a certificate, in menu order. Where it has a declaration the same happens to both in one append.

pub mod record_acknowledgement;
pub mod report_certificate;
pub mod revoke_certificate;

use super::Certificate;

crate::action::actions! {
    Certificate;
    report_certificate::ReportCertificate,
    record_acknowledgement::RecordAcknowledgement,
    revoke_certificate::RevokeCertificate,
}

//! 人社部门 The authorities' screens.

pub mod certificate_inquiry;
pub mod certificate_issuance;
pub mod certificate_revocation;
pub mod filing_review;
pub mod process_step;
pub mod process_tracking;
pub mod review;

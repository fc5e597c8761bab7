//! 管理 The administrators' and the auditor's screens.

pub mod audit_trail;
pub mod certificate_reporting;
pub mod committee_transfer;
pub mod e_certificates;
pub mod jobs;
pub mod rollback;

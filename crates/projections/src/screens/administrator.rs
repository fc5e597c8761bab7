//! 管理 The administrators' and the auditor's screens.

pub mod audit_trail;
pub mod jobs;
pub mod rollback;

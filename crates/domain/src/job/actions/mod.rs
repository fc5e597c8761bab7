//! The actions on a job, in menu order.

pub mod advance;
pub mod cancel;
pub mod create;
pub mod resume;
pub mod settle;
pub mod suspend;
pub mod undo;

use super::Job;
use crate::action::{By, Place, by};
use crate::values::Role;

crate::action::actions! { Job; create::Create, suspend::Suspend, resume::Resume, cancel::Cancel, undo::Undo, advance::Advance, settle::Settle }

/// Who keeps a job going or ends it: whoever started it, and the system's administrator (contract.md, Roles).
const KEEPERS: &[By] = &[
    by(Role::ProvincialAdministrator, Place::Owner),
    by(Role::CertificateIssuer, Place::Owner),
    by(Role::SystemAdministrator, Place::Anywhere),
];

//! The actions on an objection, in menu order. It is created by `raise-objection` on its declaration.

pub mod accept;
pub mod refuse;
pub mod resolve;

use super::Objection;
use crate::action::{By, Place, by};
use crate::values::Role;

crate::action::actions! { Objection; accept::Accept, refuse::Refuse, resolve::Resolve }

/// Whoever looks into it (contract.md, `raise-objection`); the authority where an award was published.
const HANDLERS: &[By] = &[
    by(Role::EmployerOperator, Place::Holder),
    by(Role::CommitteeOperator, Place::Holder),
    by(Role::AuthorityReviewer, Place::Holder),
];

//! The actions on the specialty tree, in menu order.

pub mod amend;
pub mod create;
pub mod remove;

use super::Specialty;

crate::action::actions! { Specialty; create::Create, amend::Amend, remove::Remove }

//! The actions on the specialty tree, in menu order.

pub mod create;

use super::Specialty;

crate::action::actions! { Specialty; create::Create }

//! The actions on an employer, in menu order.

pub mod create;

use super::Employer;

crate::action::actions! { Employer; create::Create }

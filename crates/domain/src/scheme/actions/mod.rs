//! The actions on a scheme, in menu order.

pub mod amend;
pub mod create;
pub mod review;
pub mod submit;

use super::Scheme;

crate::action::actions! { Scheme; create::Create, amend::Amend, submit::Submit, review::Review }

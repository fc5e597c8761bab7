//! The actions on an issuing code, in menu order.

pub mod amend;
pub mod create;
pub mod deregister;

use super::IssuingCode;

crate::action::actions! { IssuingCode; create::Create, amend::Amend, deregister::Deregister }

//! The actions on an issuing code, in menu order.

pub mod create;

use super::IssuingCode;

crate::action::actions! { IssuingCode; create::Create }

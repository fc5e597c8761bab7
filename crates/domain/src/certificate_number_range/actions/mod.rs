//! The actions on a range of certificate numbers.

pub mod create;

use super::NumberRange;

crate::action::actions! { NumberRange; create::Create }

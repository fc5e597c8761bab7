//! The actions on a committee, in menu order.

pub mod create;

use super::Committee;

crate::action::actions! { Committee; create::Create }

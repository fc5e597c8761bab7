//! The actions on a batch, in menu order.

pub mod create;
pub mod open;

use super::Batch;

crate::action::actions! { Batch; create::Create, open::Open }

//! The actions on a batch, in menu order.

pub mod close;
pub mod create;
pub mod extend;
pub mod open;

use super::Batch;

crate::action::actions! { Batch; create::Create, open::Open, extend::Extend, close::Close }

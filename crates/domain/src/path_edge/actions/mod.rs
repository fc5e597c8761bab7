//! The actions on a path edge, in menu order.

pub mod confirm;
pub mod create;

use super::PathEdge;

crate::action::actions! { PathEdge; create::Create, confirm::Confirm }

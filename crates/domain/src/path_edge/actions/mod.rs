//! The actions on a path edge, in menu order.

pub mod amend;
pub mod confirm;
pub mod create;
pub mod decline;
pub mod deregister;

use super::PathEdge;

crate::action::actions! {
    PathEdge;
    create::Create, amend::Amend, confirm::Confirm, decline::Decline, deregister::Deregister,
}

//! The actions on an approval, in menu order.

pub mod approve;
pub mod decline;
pub mod expire;

use super::Approval;

crate::action::actions! { Approval; approve::Approve, decline::Decline, expire::Expire }

//! The actions on a blacklist entry, in menu order.

pub mod amend;
pub mod create;
pub mod expire;
pub mod lift;

use super::BlacklistEntry;

crate::action::actions! { BlacklistEntry; create::Create, amend::Amend, lift::Lift, expire::Expire }

//! The actions on the title tree, in menu order.

pub mod amend;
pub mod create;
pub mod remove;

use super::Title;

crate::action::actions! { Title; create::Create, amend::Amend, remove::Remove }

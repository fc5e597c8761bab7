//! The actions on the title tree, in menu order.

pub mod create;

use super::Title;

crate::action::actions! { Title; create::Create }

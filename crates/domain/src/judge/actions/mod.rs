//! The actions on a judge, in menu order.

pub mod create;

use super::Judge;

crate::action::actions! { Judge; create::Create }

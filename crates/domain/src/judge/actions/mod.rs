//! The actions on a judge, in menu order.

pub mod amend;
pub mod create;
pub mod disqualify;
pub mod renew;

use super::Judge;

crate::action::actions! { Judge; create::Create, amend::Amend, renew::Renew, disqualify::Disqualify }

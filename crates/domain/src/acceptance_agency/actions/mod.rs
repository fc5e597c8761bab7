//! The actions on an accepting agency, in menu order.

pub mod create;

use super::AcceptanceAgency;

crate::action::actions! { AcceptanceAgency; create::Create }

//! The actions on an accepting agency, in menu order.

pub mod amend;
pub mod create;
pub mod deregister;

use super::AcceptanceAgency;

crate::action::actions! { AcceptanceAgency; create::Create, amend::Amend, deregister::Deregister }

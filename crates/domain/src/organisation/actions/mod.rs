//! The actions on an organisation, in menu order.

pub mod amend;
pub mod create;
pub mod deregister;

use super::Organisation;

crate::action::actions! { Organisation; create::Create, amend::Amend, deregister::Deregister }

//! The actions on an account, in menu order.

pub mod create;
pub mod grant_role;

use super::Account;

crate::action::actions! { Account; create::Create, grant_role::GrantRole }

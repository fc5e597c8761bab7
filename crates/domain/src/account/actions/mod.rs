//! The actions on an account, in menu order.

pub mod create;
pub mod create_first;
pub mod grant_role;

use super::Account;

crate::action::actions! { Account; create::Create, create_first::CreateFirst, grant_role::GrantRole }

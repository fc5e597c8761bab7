//! The actions on an account, in menu order.

pub mod change_password;
pub mod create;
pub mod create_first;
pub mod grant_role;
pub mod mark_read;
pub mod resume;
pub mod revoke_role;
pub mod suspend;

use super::Account;

/// What changes who may act in which role.
const ROLES_MOVED: &[&str] =
    &["account.role_granted", "account.role_revoked", "account.suspended", "account.resumed"];

crate::action::actions! {
    Account;
    create::Create, create_first::CreateFirst, grant_role::GrantRole, revoke_role::RevokeRole,
    change_password::ChangePassword, mark_read::MarkRead, suspend::Suspend, resume::Resume,
}

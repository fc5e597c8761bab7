//! The actions on a stored file.

pub mod store;

use super::StoredMaterial;

crate::action::actions! { StoredMaterial; store::Store }

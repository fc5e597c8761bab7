//! The actions on a person. Registration comes with an account.

pub mod erase;

use super::Person;

crate::action::actions! { Person; erase::Erase }

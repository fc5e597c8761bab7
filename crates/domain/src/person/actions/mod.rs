//! The actions on a person. Registration comes with an account.

pub mod erase;
pub mod tell_erased;

use super::Person;

crate::action::actions! { Person; erase::Erase, tell_erased::TellErased }

//! The actions on a person. Registration comes with an account; `erase` needs a second person.

use super::Person;

crate::action::actions! { Person; }

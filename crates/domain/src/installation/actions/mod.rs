//! The actions on the installation.

pub mod begin;
pub mod move_clock;

use super::Installation;

crate::action::actions! { Installation; begin::Begin, move_clock::MoveClock }

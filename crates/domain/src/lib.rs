//! .

pub mod calendar;
pub mod codes;
pub mod draw;
pub mod reference;
pub mod vote;

//! .

pub mod draw;
pub mod vote;

//! 评委 The judge's screens.

pub mod voting;

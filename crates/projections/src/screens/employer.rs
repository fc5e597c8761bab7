//! 用人单位 The employer's screens.

pub mod declaration_inquiry;
pub mod first_review;
pub mod publicity;
pub mod recommendation;

//! 评委 The judge's screens.

pub mod candidate;
pub mod interview_scoring;
pub mod material_review;
pub mod material_scoring;
pub mod review_opinions;
pub mod scoring;
pub mod voting;

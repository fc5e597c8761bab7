//! 评委会办事机构 The committee office's screens.

pub mod filing_request;
pub mod qualification_review;
pub mod result_publicity;
pub mod review_results;

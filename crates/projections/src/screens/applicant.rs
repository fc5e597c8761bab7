//! 个人 The applicant's screens.

pub mod my_declarations;

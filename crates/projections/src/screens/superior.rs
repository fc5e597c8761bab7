//! 上级单位 The superior employer's screens.

pub mod review;

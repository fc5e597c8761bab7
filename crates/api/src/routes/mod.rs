//! The routes, one file for each family.

pub mod collections;
pub mod health;
pub mod sessions;

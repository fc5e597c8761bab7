//! The routes, one file for each family.

pub mod clock;
pub mod collections;
pub mod declarations;
pub mod health;
pub mod jobs;
pub mod lookups;
pub mod materials;
pub mod notices;
pub mod public;
pub mod screens;
pub mod sessions;
pub mod tickets;

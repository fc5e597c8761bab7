//! 基础数据 Reference data: what the first start seeds and lists offer, each table with its source.
//!
//! These are data of the nation and of the province, not rules: a table that an administrator may change later (series,
//! titles, specialties) is only the seed of events here.

pub mod ethnic_groups;
pub mod political_statuses;
pub mod regions;
pub mod seed;
pub mod series;
pub mod specialties;
pub mod titles;

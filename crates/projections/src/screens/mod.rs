//! The listing screens: one file for each, with its table's columns and what makes its rows.

pub mod account;
pub mod administrator;
pub mod applicant;
pub mod approvals;
pub mod authority;
pub mod case;
pub mod certificate;
pub mod committee;
pub mod deadline;
pub mod employer;
pub mod judge;
pub mod notice_read;
pub mod notices;
pub mod objections;
pub mod path_desk;
pub mod person;
pub mod publicity;
pub mod publicity_person;
pub mod scheme;
pub mod superior;

//! The rules of 职称 professional titles in Hunan: pure, without I/O, clock or randomness.
//!
//! A declaration is started, written and submitted by an applicant; reviewed, published and recommended by the
//! employer; examined level by level along the path captured at submission; then either takes effect at a final
//! organisation (初定, 认定) or goes to a committee: qualification review, scheme, draw, scores, secret ballot, cut,
//! declared result, publicity, filing; then a certificate is issued, generated, reported and, rarely, revoked.
//!
//! [`aggregate`] says what deciding and evolving are and lists all aggregates; [`action`] what an action is;
//! [`context`] all that a decision may not fetch; [`registers`] what is folded in memory to be looked up.
//! Rule numbers (N01, T05, X-16, F-11) are those of the project's rule book; each rule names its seed section.

pub mod acceptance_agency;
pub mod account;
pub mod action;
pub mod aggregate;
pub mod approval;
pub mod batch;
pub mod blacklist_entry;
pub mod calendar;
pub mod codes;
pub mod committee;
pub mod context;
pub mod declaration;
pub mod draw;
pub mod employer;
pub mod hundredths;
pub mod ids;
pub mod input;
pub mod installation;
pub mod issuing_code;
pub mod judge;
pub mod label;
pub mod material;
pub mod organisation;
pub mod path_edge;
pub mod person;
pub mod private;
pub mod reference;
pub mod refusal;
pub mod registers;
pub mod specialty;
pub mod title;
pub mod values;
pub mod vote;
pub mod working_calendar;
#[cfg(any(test, feature = "world"))]
pub mod world;

pub use aggregate::{Aggregate, AnyCommand, AnyEvent, AnyState, Decision, Outcome, Stamp, StreamId};
pub use context::{Acting, Actor, Context, Known, Need, Stop};
pub use refusal::Refusal;
pub use registers::Registers;

/// Every module's refusals.
const REFUSALS: &[&[refusal::Code]] = &[
    refusal::common::CODES,
    account::actions::grant_role::CODES,
    account::actions::revoke_role::CODES,
    path_edge::actions::create::CODES,
    batch::actions::close::CODES,
    specialty::actions::remove::CODES,
    judge::actions::create::CODES,
    blacklist_entry::actions::create::CODES,
    blacklist_entry::actions::expire::CODES,
    approval::actions::approve::CODES,
    approval::actions::expire::CODES,
    installation::actions::begin::CODES,
    installation::actions::move_clock::CODES,
    declaration::actions::create::CODES,
    declaration::actions::save_draft::CODES,
    declaration::actions::attach_material::CODES,
    declaration::actions::submit::CODES,
    declaration::actions::withdraw::CODES,
    declaration::actions::returns::CODES,
    declaration::actions::review_by_employer::CODES,
];

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
pub mod certificate;
pub mod certificate_number_pool;
pub mod certificate_number_range;
pub mod clear_text;
pub mod codes;
pub mod committee;
pub mod context;
pub mod declaration;
pub mod draw;
pub mod employer;
pub mod form;
pub mod history;
pub mod hundredths;
pub mod ids;
pub mod input;
pub mod installation;
pub mod issuing_code;
pub mod job;
pub mod judge;
pub mod label;
pub mod material;
pub mod notice;
pub mod objection;
pub mod organisation;
pub mod path_edge;
pub mod person;
pub mod private;
pub mod publicity_round;
pub mod quota_application;
pub mod quota_ledger;
pub mod reference;
pub mod refusal;
pub mod registers;
pub mod review_meeting;
pub mod scheme;
pub mod specialty;
pub mod story;
pub mod title;
pub mod transitions;
pub mod upcast;
pub mod values;
pub mod vote;
pub mod working_calendar;
#[cfg(any(test, feature = "world"))]
pub mod world;

pub use aggregate::{Aggregate, AnyCommand, AnyEvent, AnyState, Decision, Outcome, Stamp, StreamId};
pub use context::{Acting, Actor, Context, Known, Need, OpenedBox, Stop};
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
    job::actions::create::CODES,
    job::actions::undo::CODES,
    installation::actions::begin::CODES,
    installation::actions::move_clock::CODES,
    declaration::actions::create::CODES,
    declaration::actions::save_draft::CODES,
    declaration::actions::attach_material::CODES,
    declaration::actions::submit::CODES,
    declaration::actions::withdraw::CODES,
    declaration::actions::returns::CODES,
    declaration::actions::review_by_employer::CODES,
    publicity_round::CODES,
    declaration::actions::start_result_publicity::CODES,
    declaration::actions::review_filing::CODES,
    declaration::actions::cancel_filing::CODES,
    declaration::actions::issue_certificate::CODES,
    certificate::actions::report_certificate::CODES,
    certificate::actions::record_acknowledgement::CODES,
    certificate_number_pool::CODES,
    certificate_number_pool::KEY_CODES,
    certificate_number_range::actions::create::CODES,
    publicity_round::actions::CODES,
    publicity_round::actions::create::CODES,
    publicity_round::actions::reckon_anew::CODES,
    publicity_round::actions::void::CODES,
    declaration::actions::record_employer_publicity_result::CODES,
    declaration::actions::raise_objection::CODES,
    declaration::actions::resolve_objection::CODES,
    quota_ledger::CODES,
    quota_application::actions::CODES,
    quota_application::actions::submit::CODES,
    quota_application::actions::forward::CODES,
    quota_application::actions::review::CODES,
    declaration::actions::reviews::CODES,
    declaration::actions::next_hop::CODES,
    declaration::actions::relay_when_due::CODES,
    declaration::actions::review_qualification::CODES,
    declaration::actions::transfer_committee::CODES,
    declaration::actions::abandon::CODES,
    declaration::actions::lapse::CODES,
    declaration::actions::hold_when_blacklisted::CODES,
    declaration::actions::lift_blacklist_hold::CODES,
    declaration::actions::judging::CODES,
    declaration::actions::scoring::CODES,
    declaration::actions::give_opinion::CODES,
    declaration::actions::open_ballot::CODES,
    declaration::actions::cast_vote::CODES,
    declaration::actions::close_ballot::CODES,
    declaration::actions::record_offline_result::CODES,
    declaration::actions::rollback::CODES,
    scheme::CODES,
    scheme::actions::CODES,
    scheme::actions::amend::CODES,
    scheme::actions::submit::CODES,
    scheme::actions::review::CODES,
    review_meeting::actions::create::CODES,
    review_meeting::actions::commit_seed::CODES,
    review_meeting::actions::reveal_seed::CODES,
    review_meeting::actions::draw::CODES,
    review_meeting::actions::replace_judge::CODES,
    review_meeting::actions::send_interview_notices::CODES,
    review_meeting::actions::apply_cut::CODES,
    review_meeting::actions::declare_results::CODES,
    review_meeting::actions::annul::CODES,
    review_meeting::actions::close::CODES,
    review_meeting::actions::draw::DRAW_CODES,
];

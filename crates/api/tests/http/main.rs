//! The API over the real router, real PostgreSQL and a real vault: what clients rely on, told as sentences.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may fail so, and says what it left out")]
#![allow(clippy::disallowed_methods, reason = "clients make up their keys, and ids of nothing")]

mod bad_input;
mod balloting;
mod cqrs_es;
mod erasure;
mod exports;
mod good_input;
mod idempotency;
mod jobs;
mod meeting;
mod notices;
mod opinions;
mod policies;
mod public;
mod races;
mod routes;
mod screens;
mod sealing;
mod sessions;
mod support;
mod tickets;
mod visibility;

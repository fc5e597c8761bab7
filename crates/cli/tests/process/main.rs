//! The binary as it runs: killed under load, twice on one database, its tables rebuilt while they are read.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test has nothing better to do, and works by the real clock"
)]

mod applicants;
mod carrying;
mod client;
mod exporting;
mod journal;
mod killing;
mod looking;
mod office;
mod rebuilding;
mod server;
mod sharing;
mod starting;
mod subscribing;
mod telling;
mod transferring;

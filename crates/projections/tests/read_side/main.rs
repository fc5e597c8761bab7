//! The read side on real PostgreSQL, over the real log.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod certificates;
mod columns;
mod desks;
mod following;
mod inquiries;
mod judging;
mod names;
mod rebuilding;
mod requests;
mod results;
mod schema;
mod screens;
mod support;

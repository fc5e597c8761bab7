//! The read side on real PostgreSQL, over the real log.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod certificates;
mod following;
mod inquiries;
mod rebuilding;
mod requests;
mod results;
mod schema;
mod screens;
mod support;

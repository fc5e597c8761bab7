//! The log on a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

mod account;
mod appending;
mod claiming;
mod cqrs;
mod failing;
mod opening;
mod order;
mod proving;
mod reading;
mod scenario;

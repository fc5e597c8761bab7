//! The bus on a real nats-server and a real log.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes up ids"
)]

mod outsiders;
mod publishing;
mod subscribing;
mod waking;

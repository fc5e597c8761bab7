//! For tests: a database of one's own, on real PostgreSQL, in a tenth of a second.
//!
//! ```no_run
//! # async fn example() {
//! let database = zhicheng_testkit::fresh_database().await;
//! let pool = sqlx::PgPool::connect_with(database.options()).await.expect("the database was just made");
//! # }
//! ```
//!
//! A database, not a schema: NOTIFY channels and advisory locks belong to the database, and those of two tests must not
//! meet. All tests of a run share one private cluster ([`run`]): under cargo-nextest the one its setup script started,
//! under plain `cargo test` one of the process's own. A test that kills PostgreSQL takes a [`PrivateCluster`] instead.
//!
//! Failures panic with what went wrong: this crate serves tests, and a test has nothing better to do.
#![allow(
    clippy::disallowed_methods,
    reason = "tests have no configuration loader; the run's address is an environment variable"
)]

mod database;
mod private;
pub mod run;

pub use database::{TestDatabase, fresh_database, fresh_database_from};
pub use private::PrivateCluster;

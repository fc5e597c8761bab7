//! The private PostgreSQL: a cluster of our own in the data folder, for whoever has not set up a database.
//!
//! [`Cluster::start`] finds PostgreSQL's programs, makes the cluster when the folder is empty, clears away what a crash
//! left, and runs the postmaster as a child of this process over a Unix socket. A thread of its own watches it, starts it
//! again when it dies and tells [`ClusterState`]; dropping the [`Cluster`] stops it. The promises are those of a real
//! database: `fsync` on, data checksums on, no TCP port, no password, one data folder for one process.
//!
//! Reading order: `cluster.rs` (what callers see), `supervisor.rs` (what happens), then the steps it takes, one a file.

mod account;
mod cluster;
mod database_log;
mod error;
mod folder;
mod initialise;
mod launcher;
mod leftovers;
mod postmaster_file;
mod programs;
mod settings;
mod supervisor;

pub use cluster::{Cluster, ClusterState};
pub use error::ClusterError;
pub use settings::Settings;

//! The journal: what an event of the log looks like, which of its bytes are hashed, and how the hashes become one root.
//!
//! Nothing here reads a file, a database or a clock, so an auditor's verifier can stand on this crate alone.
//!
//! * [`RecordedEvent`] is an event as the log holds it.
//! * [`canonical`] says exactly which bytes a leaf hash covers, and which JSON may be hashed at all.
//! * [`merkle`] folds leaf hashes into the root of an RFC 6962 tree.

pub mod canonical;
pub mod merkle;
mod recorded;

pub use recorded::{HistoryCommand, HistoryLine, RecordedEvent};

/// A SHA-256 hash: of a leaf, of a node, or the root of the log.
pub type Hash = [u8; 32];

//! 申报材料 Materials: uploaded files by digest, each encrypted under the key of the person it belongs to.
//!
//! A file lies at `<person>/<digest>`, sealed for that place: two persons who upload the same file share nothing on the
//! disk, a file moved to another name does not open, and a person whose key was destroyed is erased here too. The digest is
//! that of the clear bytes, so an event that names it proves which file was meant.
#![warn(missing_docs)]

mod error;
mod limits;
mod store;

pub use self::{
    error::Error,
    limits::{Limits, MediaType, SIZE_BYTES_MAX},
    store::{MaterialStore, Stored},
};

//! What can go wrong with a material.

use zhicheng_vault::SealError;

/// Why a file was not taken or not given. The first three are the uploader's to mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file is larger than the limits allow.
    #[error("the file is larger than {size_bytes_max} bytes")]
    TooLarge {
        /// The limit.
        size_bytes_max: u64,
    },
    /// By its first bytes the file is none of the kinds taken.
    #[error("the file is none of the kinds taken")]
    MediaType,
    /// The upload broke off.
    #[error("the upload broke off")]
    Upload(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no such file, or the text is no digest.
    #[error("there is no such file")]
    NotFound,
    /// The file does not open: another person's key, or the bytes were altered.
    #[error("the file does not open")]
    NotOpened(#[source] SealError),
    /// The folder could not be read or written.
    #[error("the material store could not be read or written")]
    Store(#[source] object_store::Error),
    /// The folder could not be made, or not be searched for leftovers.
    #[error("the material store's folder could not be used")]
    Folder(#[source] std::io::Error),
    /// A task on the blocking pool ended early (the program is stopping).
    #[error("the task was cut short")]
    CutShort(#[source] tokio::task::JoinError),
}

//! What a use case may answer instead of a receipt: five kinds, each with one owner (STYLE, Errors).

use std::time::Duration;
use zhicheng_domain::Refusal;
use zhicheng_domain::refusal::{Kind, common};

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No session, or one that has ended.
    #[error("unauthenticated")]
    Unauthenticated,
    /// User name or password is wrong, or signing in is suspended: the same answer for all.
    #[error("sign-in refused")]
    SignInRefused {
        /// When it may be tried again, where too many attempts were made.
        wait: Option<Duration>,
    },
    /// Too many requests of this kind came from one address.
    #[error("too many requests")]
    TooManyRequests {
        /// When it may be tried again.
        wait: Option<Duration>,
    },
    /// Another session has scanned this QR code.
    #[error("ticket taken")]
    TicketTaken,
    /// The action needs the password given again within the last five minutes.
    #[error("reauthentication required")]
    ReauthenticationRequired,
    /// Unsafe requests carry an idempotency key.
    #[error("idempotency key missing")]
    KeyMissing,
    /// The key's form is wrong: 1 to 128 visible ASCII characters.
    #[error("idempotency key invalid")]
    KeyInvalid,
    /// The same key was used for another body.
    #[error("idempotency key reused")]
    KeyReused,
    /// `If-Match` names another version than the present one.
    #[error("version mismatch: {present}")]
    VersionMismatch {
        /// The present version.
        present: i64,
    },
    /// Somebody else holds a name that this would take.
    #[error("claim held")]
    ClaimHeld {
        /// What kind of thing holds it.
        holder: String,
    },
    /// What was sent is larger than what is taken.
    #[error("too large: at most {bytes_max} bytes")]
    TooLarge {
        /// The most that is taken, in bytes.
        bytes_max: u64,
    },
    /// More rows are asked for than a file may have.
    #[error("export too large: at most {rows_max} rows")]
    ExportTooLarge {
        /// The most that a file may have.
        rows_max: u32,
    },
    /// What was sent did not arrive whole.
    #[error("the upload broke off")]
    UploadBroken {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Others were faster, again and again.
    #[error("busy")]
    Busy,
    /// Not now: the database or the vault cannot be reached, or the table is behind.
    #[error("unavailable: {what}")]
    Unavailable {
        /// What cannot be reached.
        what: &'static str,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// We are wrong.
    #[error("internal: {what}")]
    Internal {
        /// What failed.
        what: &'static str,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// No such thing, or not to be known of.
    pub fn not_found() -> Self {
        Self::Refused(common::NotFound.refusal())
    }

    /// The rules say no, whatever the kind.
    pub fn is_refusal(&self, kind: Kind) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.kind == kind)
    }

    pub(crate) fn internal(
        what: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Internal { what, source: Some(Box::new(source)) }
    }

    pub(crate) const fn fault(what: &'static str) -> Self {
        Self::Internal { what, source: None }
    }
}

impl From<zhicheng_eventstore::ReadError> for Error {
    fn from(error: zhicheng_eventstore::ReadError) -> Self {
        match error {
            zhicheng_eventstore::ReadError::Unavailable(_) => {
                Self::Unavailable { what: "log", source: Some(Box::new(error)) }
            }
            other => Self::internal("log", other),
        }
    }
}

impl From<zhicheng_vault::Error> for Error {
    fn from(error: zhicheng_vault::Error) -> Self {
        if error.is_transient() {
            Self::Unavailable { what: "vault", source: Some(Box::new(error)) }
        } else {
            Self::internal("vault", error)
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => {
                Self::Unavailable { what: "database", source: Some(Box::new(error)) }
            }
            sqlx::Error::Database(inner)
                if inner.code().is_some_and(|code| {
                    // connection lost; shut down; too many connections; a statement that took too long
                    code.starts_with("08") || code.starts_with("57P") || matches!(&*code, "53300" | "57014")
                }) =>
            {
                Self::Unavailable { what: "database", source: Some(Box::new(error)) }
            }
            _ => Self::internal("database", error),
        }
    }
}

//! Roots of the log: archived by the server as it goes, and told in a form in which anybody can keep them elsewhere.
//!
//! Hashes that lie beside the events prove only that the two agree: whoever may write to the database can change both. What was
//! archived before, and above all what somebody keeps who has no part in the system, shows that the log still begins as it did then.

use crate::app::App;
use crate::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use zhicheng_eventstore::Hash;

/// How often the root is archived, where the log grew: what was written since is held by nothing yet.
const ARCHIVE_EVERY: Duration = Duration::from_secs(60);

/// The root of the log over its first events, as it was at some time: `<position>:<64 hexadecimal digits>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptRoot {
    /// How many events it covers.
    pub position: i64,
    /// The root.
    pub root: Hash,
}

impl fmt::Display for KeptRoot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.position, hex::encode(self.root))
    }
}

/// What is no kept root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("应为“位置:根”，根是64位十六进制数，如检查报告所示")]
pub struct NoKeptRoot;

impl FromStr for KeptRoot {
    type Err = NoKeptRoot;

    fn from_str(text: &str) -> Result<Self, NoKeptRoot> {
        let (position, digits) = text.trim().split_once(':').ok_or(NoKeptRoot)?;
        let position = position.parse().ok().filter(|position| *position >= 0).ok_or(NoKeptRoot)?;
        let mut root = Hash::default();
        hex::decode_to_slice(digits, &mut root).map_err(|_| NoKeptRoot)?;
        Ok(Self { position, root })
    }
}

impl App {
    /// Archives the root of the log as it is now.
    ///
    /// # Errors
    /// Where the log cannot be read, or what was archived before cannot.
    pub async fn archive_root(&self) -> Result<KeptRoot, Error> {
        let (position, root) = self.store().archive_root().await?;
        let kept = KeptRoot { position, root };
        self.tell_of_root(kept);
        Ok(kept)
    }

    /// Archives the root at start and then every minute in which the log grew, until the process ends. A minute that fails is made
    /// good by the next.
    pub async fn keep_roots(&self) {
        loop {
            let archived = self.root().map(|root| root.position);
            match self.store().head().await {
                Ok(head) if archived == Some(head) => {}
                Ok(_) | Err(_) => {
                    if let Err(error) = self.archive_root().await {
                        tracing::warn!(%error, "the root of the log is archived later");
                    }
                }
            }
            tokio::time::sleep(ARCHIVE_EVERY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_root_is_read_as_it_is_told() {
        let kept = KeptRoot { position: 4_097, root: [171; 32] };
        assert_eq!(kept.to_string().parse(), Ok(kept));
        assert!(kept.to_string().starts_with("4097:abab"));
    }

    #[test]
    fn what_is_none_is_refused() {
        let digits = "ab".repeat(32);
        for text in ["", "7", &digits, &format!("-1:{digits}"), &format!("7:{digits}ab"), "7:xyz"] {
            assert_eq!(text.parse::<KeptRoot>(), Err(NoKeptRoot), "{text}");
        }
    }
}

//! Whether the parts answer, and how far each table is.

use crate::app::App;
use serde::Serialize;

/// What `/readyz` answers.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    /// Whether everything that commands need answers.
    pub ready: bool,
    /// The log's last position.
    pub position: Option<i64>,
    /// Whether the log answers.
    pub log: bool,
    /// Whether the vault answers.
    pub vault: bool,
}

impl App {
    /// Asks every part.
    pub async fn readiness(&self) -> Readiness {
        let position = self.store().head().await.ok();
        let vault = self.vault().ping().await.is_ok();
        Readiness { ready: position.is_some() && vault, position, log: position.is_some(), vault }
    }
}

//! Whether the parts answer, and how far each table is.

use crate::app::App;
use chrono::{DateTime, Utc};
use serde::Serialize;
use zhicheng_projections::TABLES;

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
    /// Where a rehearsal's clock stands; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<DateTime<Utc>>,
    /// Each read table's position and lag.
    pub tables: Vec<TableState>,
}

/// How a read table is.
#[derive(Debug, Clone, Serialize)]
pub struct TableState {
    /// The table.
    pub table: &'static str,
    /// The log is read up to here; none while it is being built.
    pub position: Option<i64>,
    /// Events that it is behind.
    pub lag: i64,
    /// The event that it cannot get past.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<i64>,
}

impl App {
    /// Asks every part.
    pub async fn readiness(&self) -> Readiness {
        let position = self.store().head().await.ok();
        let vault = self.vault().ping().await.is_ok();
        let tables = self.tables().health(TABLES, position.unwrap_or(0)).await.unwrap_or_default();
        let tables = tables
            .into_iter()
            .map(|it| TableState {
                table: it.table,
                position: it.position,
                lag: it.lag,
                stopped_at: it.stopped_at,
            })
            .collect();
        let rehearsal = self.is_rehearsal().then(|| self.now());
        Readiness {
            ready: position.is_some() && vault,
            position,
            log: position.is_some(),
            vault,
            rehearsal,
            tables,
        }
    }
}

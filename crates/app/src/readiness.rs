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
    /// How far the bus is told; absent where this process has none. It makes nothing unready: publication is late, all else goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusState>,
    /// The root of the log that this process archived last, as `zhicheng check --root` takes it: to be kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Each read table's position and lag.
    pub tables: Vec<TableState>,
}

/// How far the bus is told.
#[derive(Debug, Clone, Serialize)]
pub struct BusState {
    /// `publishing`, `standby` (another process publishes), `waiting` (for the broker) or `refused` (the stream is of another log).
    pub state: &'static str,
    /// The last position that the stream holds, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Events that it is behind, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<i64>,
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
        let bus = self.relay().map(|relay| BusState {
            state: relay.name(),
            position: relay.position(),
            lag: position.zip(relay.position()).map(|(head, told)| (head - told).max(0)),
        });
        let rehearsal = self.is_rehearsal().then(|| self.now());
        Readiness {
            ready: position.is_some() && vault,
            position,
            log: position.is_some(),
            vault,
            rehearsal,
            bus,
            root: self.root().map(|root| root.to_string()),
            tables,
        }
    }
}

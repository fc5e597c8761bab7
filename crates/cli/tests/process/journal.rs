//! What a client knows by itself: which commands it sent, when each was answered, and with which receipt.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

/// One command and its receipt.
#[derive(Debug, Clone)]
pub struct Entry {
    /// None of whoever had no account.
    command: Option<Uuid>,
    sent: DateTime<Utc>,
    answered: DateTime<Utc>,
    id: Uuid,
    version: i64,
    position: i64,
}

/// Everything that was acknowledged, by all clients of a test.
#[derive(Clone, Default)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Journal {
    /// Notes an acknowledged command.
    pub fn note(&self, command: Option<Uuid>, sent: DateTime<Utc>, receipt: &Value) {
        let entry = Entry {
            command,
            sent,
            answered: Utc::now(),
            id: receipt["id"].as_str().unwrap().parse().unwrap(),
            version: receipt["version"].as_i64().unwrap(),
            position: receipt["position"].as_i64().unwrap(),
        };
        self.entries.lock().unwrap().push(entry);
    }

    /// Writes it down as `zhicheng check --acknowledged` reads it.
    pub fn write(&self, path: &Path) {
        let entries = self.entries.lock().unwrap();
        let lines = entries.iter().map(|it| {
            json!({"command_id": it.command, "position": it.position, "sent": it.sent, "answered": it.answered})
        });
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        std::fs::write(path, text).unwrap();
    }

    /// How many commands were acknowledged.
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    /// Waits until so many more are acknowledged.
    pub async fn grows_by(&self, more: usize) {
        let until = self.len() + more;
        while self.len() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Holds the log against it: dense; each acknowledged command in it once, with its receipt's position; no command of an
    /// account after `begun` that nobody sent; and what was acknowledged before another was sent stands before it.
    pub async fn holds(&self, log: &PgPool, begun: i64) {
        let events: Vec<(i64, String, i64, bool, bool)> = sqlx::query_as(
            "select position, aggregate_id, sequence, command_id is not null,
                    coalesce(payload::jsonb #>> '{actor,kind}', '') = 'system'
             from events
             order by position",
        )
        .fetch_all(log)
        .await
        .unwrap();
        for (expected, (position, ..)) in (1..).zip(&events) {
            assert_eq!(*position, expected, "positions are 1, 2, 3 and so on");
        }
        let mut entries = self.entries.lock().unwrap().clone();
        let by_version: HashMap<(Uuid, i64), i64> = events
            .iter()
            .filter_map(|(position, id, sequence, ..)| Some(((id.parse().ok()?, *sequence), *position)))
            .collect();
        let mut acknowledged = BTreeMap::new();
        for entry in &entries {
            let at = by_version.get(&(entry.id, entry.version));
            assert!(
                at.is_some_and(|at| *at <= entry.position),
                "{entry:?} was acknowledged and is not there"
            );
            // Its last event: the next one begins another command.
            let next = events.get(usize::try_from(entry.position).unwrap());
            assert!(next.is_none_or(|(_, _, _, begins, _)| *begins), "{entry:?} ends inside a command");
            let twice = acknowledged.insert(entry.position, entry.id);
            assert!(twice.is_none(), "two commands were told position {}", entry.position);
        }
        let in_log = events
            .iter()
            .filter(|(position, _, _, begins, by_system)| *position > begun && *begins && !by_system)
            .count();
        assert_eq!(in_log, entries.len(), "each command was sent until it was acknowledged, and counts once");

        entries.sort_by_key(|entry| entry.sent);
        let mut answered: Vec<_> = entries.iter().map(|entry| (entry.answered, entry.position)).collect();
        answered.sort_unstable();
        let (mut earlier, mut last) = (answered.into_iter().peekable(), 0);
        for entry in &entries {
            while let Some((_, position)) = earlier.next_if(|(at, _)| *at < entry.sent) {
                last = last.max(position);
            }
            assert!(last < entry.position, "{entry:?} stands before one that was answered earlier ({last})");
        }
    }
}

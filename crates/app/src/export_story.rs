//! The log as a history that another system can take in: every event exactly as it is stored.

use crate::app::App;
use crate::error::Error;
use crate::sealing::subject_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_eventstore::HistoryLine;
use zhicheng_vault::PersonKey;

/// Events read at a time.
const PAGE_EVENTS: u32 = 2_000;

/// Why keys were not given out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// What a key opens cannot be erased once the key is elsewhere; a rehearsal's persons are invented.
    #[error("正式系统的个人密钥不能导出；只有演练系统可以连同密钥导出")]
    KeysStay,
    /// Log or vault do not answer.
    #[error(transparent)]
    Unavailable(#[from] Error),
}

/// A line of a history's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonKeyLine {
    /// Whose.
    pub person: Uuid,
    /// The key in hexadecimal; none where it was destroyed.
    pub key: Option<String>,
}

impl App {
    /// Every event up to now, in order, and whom they are about; `write` gets a page at a time, with the log's head.
    ///
    /// # Errors
    ///
    /// The log does not answer, or what `write` says.
    pub async fn export_story<E: From<Error>>(
        &self,
        mut write: impl FnMut(&[HistoryLine], i64) -> Result<(), E> + Send,
    ) -> Result<BTreeSet<Uuid>, E> {
        let head = self.store().head().await.map_err(Error::from)?;
        let (mut position, mut persons) = (0, BTreeSet::new());
        while position < head {
            let limit = u32::try_from(head - position).unwrap_or(PAGE_EVENTS).min(PAGE_EVENTS);
            let lines = self.store().read_history_after(position, limit).await.map_err(Error::from)?;
            let Some(last) = lines.last() else { break };
            position = last.event.position;
            persons.extend(lines.iter().filter_map(|line| subject_of(&line.event)));
            write(&lines, head)?;
        }
        Ok(persons)
    }

    /// The keys of these persons, from a rehearsal.
    ///
    /// # Errors
    ///
    /// [`ExportError`].
    pub async fn export_keys(&self, persons: &BTreeSet<Uuid>) -> Result<Vec<PersonKeyLine>, ExportError> {
        if !self.is_rehearsal() {
            return Err(ExportError::KeysStay);
        }
        let persons: Vec<Uuid> = persons.iter().copied().collect();
        let mut keys = self.vault().person_keys().keys(&persons).await.map_err(Error::from)?;
        let line = |person: Uuid| match keys.remove(&person)? {
            PersonKey::Known(key) => Some(PersonKeyLine { person, key: Some(key.expose().to_string()) }),
            PersonKey::Destroyed => Some(PersonKeyLine { person, key: None }),
            PersonKey::Absent => None,
        };
        Ok(persons.into_iter().filter_map(line).collect())
    }
}

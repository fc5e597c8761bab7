//! After a person was erased in the log: the key is destroyed, the files go, and nothing of them stays in memory. What a crash
//! left is finished by the sweep (architecture.md, Personal data).

use crate::app::App;
use crate::error::Error;
use uuid::Uuid;
use zhicheng_vault::PersonKey;

/// The event after which a person's key must be gone.
pub(crate) const ERASED: &str = "person.erased";
/// The last part of the names of events that tell other streams of it.
const TOLD: &str = ".person_erased";

/// Whether what was folded before this event may still hold what is gone with the key.
pub(crate) fn takes_away(event_type: &str) -> bool {
    event_type == ERASED || event_type.ends_with(TOLD)
}

impl App {
    /// Destroys what is left of an erased person. A failure is told and left to the sweep.
    pub(crate) async fn forget(&self, person: Uuid) {
        if let Err(error) = self.destroy(person).await {
            tracing::error!(%person, %error, "an erased person's key or files are still there; the sweep goes on");
        }
    }

    async fn destroy(&self, person: Uuid) -> Result<(), Error> {
        self.vault().person_keys().destroy(person).await?;
        self.materials().remove_all(person).await.map_err(|error| Error::internal("materials", error))?;
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select distinct aggregate_type, aggregate_id
             from events
             where metadata ->> 'subject' = $1",
        )
        .bind(person.to_string())
        .fetch_all(self.store().pool())
        .await?;
        for (aggregate, id) in rows {
            self.store().cache().remove(&aggregate, &id);
        }
        Ok(())
    }

    /// Destroys the keys of all persons whom the log says are erased, where a crash left one; a file without its key says nothing.
    pub async fn sweep_erased(&self) -> Result<(), Error> {
        let persons: Vec<(String,)> = sqlx::query_as(
            "select aggregate_id from events where aggregate_type = 'person' and event_type = $1",
        )
        .bind(ERASED)
        .fetch_all(self.store().pool())
        .await?;
        let persons: Vec<Uuid> = persons.iter().filter_map(|(person,)| person.parse().ok()).collect();
        let keys = self.vault().person_keys().keys(&persons).await?;
        for person in persons {
            if !matches!(keys.get(&person), Some(PersonKey::Destroyed)) {
                self.destroy(person).await?;
            }
        }
        Ok(())
    }
}

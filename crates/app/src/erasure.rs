//! After a person was erased in the log: the key is destroyed, the files go, and nothing of them stays in memory. What a crash
//! left is finished by the sweep (architecture.md, Personal data).

use crate::app::App;
use crate::error::Error;
use crate::execute::Request;
use chrono::TimeDelta;
use uuid::Uuid;
use zhicheng_domain::aggregate::Aggregate as _;
use zhicheng_domain::person::Person;
use zhicheng_domain::person::actions::tell_erased;
use zhicheng_vault::PersonKey;

/// The event after which a person's key must be gone.
pub(crate) const ERASED: &str = "person.erased";
/// The last part of the names of events that tell other streams of it.
const TOLD: &str = ".person_erased";

/// For how long after an erasure streams about the person are looked for that were not told.
const LATE: TimeDelta = TimeDelta::minutes(10);
/// How many events before it they may have begun.
const LATE_EVENTS: i64 = 20_000;

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
        self.tell_the_late().await
    }

    /// Tells of a recent erasure those streams about the person that began while it went on, and were looked for in vain.
    async fn tell_the_late(&self) -> Result<(), Error> {
        let untold: Vec<(String, String, String)> = sqlx::query_as(
            "select erased.aggregate_id, late.aggregate_type, late.aggregate_id
             from events as erased
             join events as late
                 on late.position > erased.position - $2
                 and late.metadata ->> 'subject' = erased.aggregate_id
                 and late.aggregate_type <> 'person'
             where erased.aggregate_type = 'person'
               and erased.event_type = $1
               and erased.recorded_at > $3
             group by erased.aggregate_id, late.aggregate_type, late.aggregate_id
             having not bool_or(late.event_type like '%.person_erased')
             order by erased.aggregate_id",
        )
        .bind(ERASED)
        .bind(LATE_EVENTS)
        .bind(self.now() - LATE)
        .fetch_all(self.store().pool())
        .await?;
        for of_person in untold.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some((person, ..)) = of_person.first() else { continue };
            let streams: Vec<_> = of_person
                .iter()
                .map(|(_, aggregate, id)| serde_json::json!({"aggregate": aggregate, "id": id}))
                .collect();
            let id = person.parse().map_err(|error| Error::internal("a stream's id", error))?;
            let key = format!("tell-erased:{person}:{}", self.store().head().await?);
            let input = serde_json::json!({ "streams": streams });
            let request = Request::of_system(Person::TYPE, Some(id), tell_erased::SPEC.name, input, key);
            if let Err(error) = self.execute(request).await {
                tracing::error!(%person, %error, "streams that began during an erasure are told of it later");
            }
        }
        Ok(())
    }
}

//! Person keys: one key a person, under which everything about that person is sealed. Destroying it erases the person.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use moka::{ops::compute::Op, sync::Cache};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{Error, SealKey, random, wrap::Wrapper};
use zhicheng_database::Gather;

/// How long a key is kept in memory: the time within which every process notices that a key was destroyed.
const CACHE_LIFE: Duration = Duration::from_secs(1);
/// Keys read at once for whoever waits, at most.
const GATHERED_MAX: usize = 64;
/// How many keys are kept in memory.
const CACHE_KEYS_MAX: u64 = 50_000;

/// What the vault knows of a person's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonKey {
    /// The key is there.
    Known(SealKey),
    /// The key was destroyed: what it sealed is erased.
    Destroyed,
    /// The vault never held a key of this person.
    Absent,
}

/// The keys of persons.
///
/// Keys are remembered for at most one second, counted from before they were read, so a key destroyed in another process
/// is used for at most one second more. That a key is absent is not remembered: one made elsewhere is seen at once.
#[derive(Clone)]
pub struct PersonKeys {
    kept: Kept,
    gathered: Gather<Uuid, PersonKey>,
}

/// The keys where they are kept, and what is remembered of them.
#[derive(Clone)]
struct Kept {
    pool: PgPool,
    wrapper: Wrapper,
    cache: Cache<Uuid, Remembered>,
}

#[derive(Clone)]
struct Remembered {
    key: PersonKey,
    asked_at: Instant,
}

impl PersonKeys {
    pub(crate) fn new(pool: PgPool, wrapper: Wrapper) -> Self {
        let cache = Cache::builder().max_capacity(CACHE_KEYS_MAX).time_to_live(CACHE_LIFE).build();
        let kept = Kept { pool, wrapper, cache };
        let of_all = kept.clone();
        let gathered = Gather::start(GATHERED_MAX, move |persons: Vec<Uuid>| {
            let kept = of_all.clone();
            async move {
                // each of them asks again and hears why
                let keys = kept.read(&persons).await.ok()?;
                persons.iter().map(|person| keys.get(person).cloned()).collect()
            }
        });
        Self { kept, gathered }
    }

    /// The person's key, made now where there is none. However often and wherever it is called, the key is the same.
    ///
    /// # Errors
    /// [`Error::KeyDestroyed`] where the person was erased: no second key is made.
    pub async fn create(&self, person: Uuid) -> Result<SealKey, Error> {
        if let PersonKey::Known(key) = self.key(person).await? {
            return Ok(key);
        }
        let key = random::key()?;
        match self.insert(person, key.as_slice()).await? {
            PersonKey::Known(key) => Ok(key),
            PersonKey::Destroyed | PersonKey::Absent => Err(Error::KeyDestroyed { person }),
        }
    }

    /// Puts a key where there is none yet; answers what is there now.
    async fn insert(&self, person: Uuid, key: &[u8]) -> Result<PersonKey, Error> {
        sqlx::query(
            "insert into person_keys (person, wrapped) values ($1, $2) on conflict (person) do nothing",
        )
        .bind(person)
        .bind(self.kept.wrapper.wrap(&place(person), key)?)
        .execute(&self.kept.pool)
        .await?;
        Ok(self.kept.read(&[person]).await?.remove(&person).unwrap_or(PersonKey::Absent))
    }

    /// The key of one person.
    ///
    /// # Errors
    /// When the database cannot be asked or the row does not open.
    pub async fn key(&self, person: Uuid) -> Result<PersonKey, Error> {
        if let Some(key) = self.kept.remembered(person) {
            return Ok(key);
        }
        match self.gathered.ask(person).await {
            Some(key) => Ok(key),
            None => Ok(self.kept.read(&[person]).await?.remove(&person).unwrap_or(PersonKey::Absent)),
        }
    }

    /// The keys of many persons, with at most one question to the database. Every person named has an entry.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub async fn keys(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, PersonKey>, Error> {
        let mut found = HashMap::with_capacity(persons.len());
        let mut missing = HashSet::new();
        for person in persons {
            match self.kept.remembered(*person) {
                Some(key) => {
                    found.insert(*person, key);
                }
                None => {
                    missing.insert(*person);
                }
            }
        }
        let missing: Vec<Uuid> = missing.into_iter().collect();
        match missing.as_slice() {
            [] => {}
            [person] => {
                found.insert(*person, self.key(*person).await?);
            }
            many => found.extend(self.kept.read(many).await?),
        }
        Ok(found)
    }

    /// Keeps a key that was made elsewhere, as for a history that comes from another system.
    ///
    /// # Errors
    /// [`Error::KeyDestroyed`] where the person has another key here, or had one.
    pub async fn keep(&self, person: Uuid, key: &SealKey) -> Result<(), Error> {
        match self.insert(person, key.bytes()).await? {
            PersonKey::Known(kept) if kept == *key => Ok(()),
            PersonKey::Known(_) | PersonKey::Destroyed | PersonKey::Absent => {
                Err(Error::KeyDestroyed { person })
            }
        }
    }

    /// Destroys the person's key for good and leaves a tombstone; answers when it was destroyed. A second call changes
    /// nothing and gives the first time. A person without a key is marked too, so that none is made later.
    ///
    /// This process stops using the key at once, others within one second.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn destroy(&self, person: Uuid) -> Result<DateTime<Utc>, Error> {
        let asked_at = Instant::now();
        let destroyed_at = sqlx::query_scalar(
            "insert into person_keys (person, wrapped, destroyed_at)
             values ($1, null, now())
             on conflict (person) do update
             set wrapped = null,
                 destroyed_at = coalesce(person_keys.destroyed_at, excluded.destroyed_at)
             returning destroyed_at",
        )
        .bind(person)
        .fetch_one(&self.kept.pool)
        .await?;
        self.kept.cache.insert(person, Remembered { key: PersonKey::Destroyed, asked_at });
        // The wrapped key lingers in its page until then. It is destroyed for everybody already, so a failure is no reason to
        // say otherwise; autovacuum comes too.
        if let Err(error) = sqlx::raw_sql("vacuum (skip_locked) person_keys").execute(&self.kept.pool).await {
            tracing::warn!(%error, "the table of person keys could not be vacuumed after a key was destroyed");
        }
        Ok(destroyed_at)
    }
}

impl Kept {
    /// What is remembered of a person's key, for as long as that counts.
    fn remembered(&self, person: Uuid) -> Option<PersonKey> {
        self.cache.get(&person).filter(|kept| kept.asked_at.elapsed() < CACHE_LIFE).map(|kept| kept.key)
    }

    async fn read(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, PersonKey>, Error> {
        let asked_at = Instant::now();
        let rows: Vec<(Uuid, Option<Vec<u8>>)> =
            sqlx::query_as("select person, wrapped from person_keys where person = any($1)")
                .bind(persons)
                .fetch_all(&self.pool)
                .await?;
        let mut found: HashMap<_, _> = persons.iter().map(|person| (*person, PersonKey::Absent)).collect();
        for (person, wrapped) in rows {
            let key = match wrapped {
                Some(wrapped) => {
                    let key = self.wrapper.open_key(&place(person), &wrapped, "a person's key")?;
                    PersonKey::Known(SealKey::from_secret(key))
                }
                None => PersonKey::Destroyed,
            };
            self.remember(person, Remembered { key: key.clone(), asked_at });
            found.insert(person, key);
        }
        Ok(found)
    }

    /// Keeps what was read, but never puts a key back that was destroyed while it was being read.
    fn remember(&self, person: Uuid, read: Remembered) {
        self.cache.entry(person).and_compute_with(|kept| match kept {
            Some(kept) if kept.value().key == PersonKey::Destroyed && read.key != PersonKey::Destroyed => {
                Op::Nop
            }
            _ => Op::Put(read),
        });
    }
}

fn place(person: Uuid) -> String {
    format!("person_keys/{person}")
}

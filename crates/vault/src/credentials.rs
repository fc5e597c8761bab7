//! Passwords: argon2id, hashed off the async threads and few at a time, as each takes 19 MiB. That memory goes from one hash
//! to whoever waits for the next, and is given back once nobody does.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString},
};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::{sync::Semaphore, task::spawn_blocking};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Error, random, wrap::Wrapper};

/// The longest password taken.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Cost of a hash: memory, passes, lanes (OWASP's first choice for argon2id).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many may wait for a hash; the next one is told to come back.
const HASHES_WAITING_MAX: usize = 200;

/// The passwords of accounts.
#[derive(Clone)]
pub struct Credentials {
    pool: PgPool,
    wrapper: Wrapper,
    hashing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// What hashes work in, for those that wait.
    memory: Arc<Mutex<Vec<Memory>>>,
    /// What an unknown account's password is compared with, so that the answer takes as long.
    dummy_hash: Arc<str>,
}

/// What one hash works in.
type Memory = Vec<Block>;

impl Credentials {
    pub(crate) async fn new(pool: PgPool, wrapper: Wrapper) -> Result<Self, Error> {
        let at_once = available_parallelism().map_or(1, usize::from);
        let mut credentials = Self {
            pool,
            wrapper,
            hashing: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::new(Semaphore::new(HASHES_WAITING_MAX)),
            memory: Arc::default(),
            dummy_hash: Arc::from(""),
        };
        let nobodys = random::key()?.to_vec();
        credentials.dummy_hash =
            credentials.blocking(move |memory| hash(&nobodys, memory)).await?.as_str().into();
        Ok(credentials)
    }

    /// Sets or replaces the account's password. Whether it is a good one is for the caller to say.
    ///
    /// # Errors
    /// [`Error::PasswordTooLong`], [`Error::Busy`], or when the database cannot be asked.
    pub async fn set_password(&self, account: Uuid, password: &str, now: DateTime<Utc>) -> Result<(), Error> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(Error::PasswordTooLong);
        }
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let hash = self.blocking(move |memory| hash(&password, memory)).await?;
        sqlx::query(
            "insert into credentials (account, wrapped, changed_at)
             values ($1, $2, $3)
             on conflict (account) do update
             set wrapped = excluded.wrapped,
                 changed_at = excluded.changed_at",
        )
        .bind(account)
        .bind(self.wrapper.wrap(&place(account), hash.as_bytes())?)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether this is the account's password. An unknown account (`None`, or one without a password) costs the same
    /// question to the database and the same hash, and is answered `false`.
    ///
    /// Ask [`crate::Lockouts::attempt`] first.
    ///
    /// # Errors
    /// [`Error::Busy`], or when the database cannot be asked.
    pub async fn verify(&self, account: Option<Uuid>, password: &str) -> Result<bool, Error> {
        let wrapped: Option<Vec<u8>> =
            sqlx::query_scalar("select wrapped from credentials where account = $1")
                .bind(account.unwrap_or(Uuid::nil()))
                .fetch_optional(&self.pool)
                .await?;
        let stored = match (account, wrapped) {
            (Some(account), Some(wrapped)) => {
                Some(self.wrapper.open(&place(account), &wrapped, "a password hash")?)
            }
            _ => None,
        };
        let dummy = self.dummy_hash.clone();
        let password =
            (password.len() <= PASSWORD_BYTES_MAX).then(|| Zeroizing::new(password.as_bytes().to_vec()));
        self.blocking(move |memory| {
            let genuine = stored.is_some() && password.is_some();
            let hash = match &stored {
                Some(stored) => {
                    std::str::from_utf8(stored).map_err(|_| Error::Damaged { what: "a password hash" })?
                }
                None => &dummy,
            };
            let hash = PasswordHash::new(hash).map_err(Error::PasswordHash)?;
            let password = password.as_ref().map_or(&[][..], |password| password.as_slice());
            let equal = is_password(password, &hash, memory).map_err(Error::PasswordHash)?;
            Ok(genuine && equal)
        })
        .await
    }

    /// When the password was last set; `None` for an account without one.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn changed_at(&self, account: Uuid) -> Result<Option<DateTime<Utc>>, Error> {
        Ok(sqlx::query_scalar("select changed_at from credentials where account = $1")
            .bind(account)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Removes the account's password: nobody signs in with one until another is set.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn remove(&self, account: Uuid) -> Result<(), Error> {
        sqlx::query("delete from credentials where account = $1").bind(account).execute(&self.pool).await?;
        Ok(())
    }

    /// Does `work` on the blocking pool, a few at a time.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        // Goes along with the work: a caller that goes away does not let one more in while its hash is still running.
        let turn = self.hashing.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
        drop(waiting);
        let (kept, waiting) = (Arc::clone(&self.memory), Arc::clone(&self.waiting));
        spawn_blocking(move || {
            let _turn = turn;
            let mut memory = kept.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let done = work(&mut memory);
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            match waiting.available_permits() < HASHES_WAITING_MAX {
                true => kept.push(memory),
                false => kept.clear(),
            }
            done
        })
        .await
        .map_err(Error::CutShort)?
    }
}

fn hash(password: &[u8], memory: &mut Memory) -> Result<Zeroizing<String>, Error> {
    let salt = SaltString::encode_b64(&random::bytes::<16>()?).map_err(Error::PasswordHash)?;
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::PasswordHash(error.into()))?;
    let hash = hashed(password, salt.as_salt(), params, Params::DEFAULT_OUTPUT_LEN, memory);
    Ok(Zeroizing::new(hash.map_err(Error::PasswordHash)?.to_string()))
}

/// Whether the hash is that of the password. The cost is that of the stored hash, so hashes made with other settings go on working.
fn is_password(
    password: &[u8],
    stored: &PasswordHash<'_>,
    memory: &mut Memory,
) -> argon2::password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else { return Ok(false) };
    let hash = hashed(password, salt, Params::try_from(stored)?, expected.len(), memory)?;
    // outputs are compared in constant time
    Ok(hash.hash == Some(expected))
}

fn hashed<'a>(
    password: &[u8],
    salt: Salt<'a>,
    params: Params,
    length: usize,
    memory: &mut Memory,
) -> argon2::password_hash::Result<PasswordHash<'a>> {
    let mut salt_bytes = [0; Salt::MAX_LENGTH];
    let salt_bytes = salt.decode_b64(&mut salt_bytes)?;
    memory.resize(params.block_count(), Block::default());
    let written = ParamsString::try_from(&params)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let output = Output::init_with(length, |output| {
        Ok(argon2.hash_password_into_with_memory(password, salt_bytes, output, memory)?)
    })?;
    Ok(PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(salt),
        hash: Some(output),
    })
}

fn place(account: Uuid) -> String {
    format!("credentials/{account}")
}

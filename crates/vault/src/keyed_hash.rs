//! Keyed hashes: finding an ID number, and holding it unique, without storing it.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use sqlx::PgPool;
use zeroize::Zeroizing;

use crate::{Error, random, wrap::Wrapper};

/// The name of the secret among those of the vault.
const NAME: &str = "keyed_hash";

/// HMAC-SHA256 under a random secret that the vault keeps. The secret is read once, so hashing needs no database.
#[derive(Clone)]
pub(crate) struct KeyedHash {
    secret: Zeroizing<[u8; 32]>,
}

impl KeyedHash {
    /// Makes the secret on first use; of two processes at once, both get the first one's.
    pub(crate) async fn make(pool: &PgPool, wrapper: &Wrapper) -> Result<(), Error> {
        sqlx::query(
            "insert into vault_secrets (name, wrapped) values ($1, $2) on conflict (name) do nothing",
        )
        .bind(NAME)
        .bind(wrapper.wrap(NAME, random::key()?.as_slice())?)
        .execute(pool)
        .await?;
        Ok(())
    }

    /// Reads the secret.
    pub(crate) async fn load(pool: &PgPool, wrapper: &Wrapper) -> Result<Self, Error> {
        let wrapped: Vec<u8> = sqlx::query_scalar("select wrapped from vault_secrets where name = $1")
            .bind(NAME)
            .fetch_one(pool)
            .await?;
        Ok(Self { secret: wrapper.open_key(NAME, &wrapped, "the secret of the keyed hashes")? })
    }

    /// The hash of `text` for one purpose. The purpose's length goes in first, so that no two pairs run together.
    pub(crate) fn bytes(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.as_slice()).expect("HMAC takes a key of any length");
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// As [`Self::bytes`], in hexadecimal.
    pub(crate) fn hex(&self, purpose: &str, text: &str) -> String {
        hex::encode(self.bytes(purpose, text))
    }
}

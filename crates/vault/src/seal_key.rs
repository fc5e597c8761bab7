//! The key that seals what belongs to one person.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::{Error, random};

/// A 256-bit key. Clones share one copy, which is wiped when the last of them is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey(Arc<Zeroizing<[u8; 32]>>);

impl SealKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(Arc::new(random::key()?)))
    }

    /// A key from bytes, as for the stories whose ciphertexts must repeat.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }

    /// The key in hexadecimal, for whoever may carry it out of the vault: everything that it sealed can be read with it.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }

    pub(crate) fn from_secret(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealKey(..)")
    }
}

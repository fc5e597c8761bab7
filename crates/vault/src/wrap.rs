//! Wrapping: how a secret lies in a row of the vault.
//!
//! A wrapped value is a random nonce followed by the AES-256-GCM-SIV ciphertext, bound to the place it belongs to (table
//! and id), so that a row copied over another one does not open.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, MasterKey, aead, random};

/// Wraps and opens the rows of one purpose.
#[derive(Clone)]
pub(crate) struct Wrapper {
    key: Zeroizing<[u8; 32]>,
}

impl Wrapper {
    /// The wrapper of one purpose (usually a table), its key derived from the master key.
    pub(crate) fn derive(master: &MasterKey, purpose: &str) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(b"zhicheng vault 1"), master.bytes())
            .expand(purpose.as_bytes(), key.as_mut())
            .expect("32 bytes is a length that HKDF-SHA256 can give");
        Self { key }
    }

    /// The wrapper of a key that was itself unwrapped, as that of a ballot round.
    pub(crate) fn with_key(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key }
    }

    /// Wraps `clear` for `place`.
    pub(crate) fn wrap(&self, place: &str, clear: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = random::bytes::<{ aead::NONCE_BYTES }>()?;
        let sealed = aead::encrypt(&self.key, &nonce, place.as_bytes(), clear).ok_or(Error::TooLong)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was wrapped for the same place; `what` names the kind of row in the error.
    pub(crate) fn open(
        &self,
        place: &str,
        wrapped: &[u8],
        what: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        wrapped
            .split_first_chunk()
            .and_then(|(nonce, sealed)| aead::decrypt(&self.key, nonce, place.as_bytes(), sealed))
            .ok_or(Error::Damaged { what })
    }

    /// Opens a wrapped 256-bit key.
    pub(crate) fn open_key(
        &self,
        place: &str,
        wrapped: &[u8],
        what: &'static str,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        let clear = self.open(place, wrapped, what)?;
        let mut key = Zeroizing::new([0; 32]);
        if clear.len() != key.len() {
            return Err(Error::Damaged { what });
        }
        key.copy_from_slice(&clear);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_at_its_own_place_with_its_own_purpose_only() {
        let master = MasterKey::from_bytes([7; 32]);
        let wrapper = Wrapper::derive(&master, "person_keys");
        let wrapped = wrapper.wrap("person 1", b"secret").unwrap();
        assert_eq!(wrapper.open("person 1", &wrapped, "key").unwrap().as_slice(), b"secret");
        assert!(wrapper.open("person 2", &wrapped, "key").is_err());
        assert!(Wrapper::derive(&master, "sessions").open("person 1", &wrapped, "key").is_err());
        assert!(wrapper.open("person 1", &wrapped[..5], "key").is_err());
    }
}

//! AES-256-GCM-SIV: the one cipher for everything at rest. A nonce used twice tells only whether two texts are equal.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

/// Length of a nonce.
pub(crate) const NONCE_BYTES: usize = 12;

/// Encrypts `clear`, bound to `place`; `None` only for texts beyond 2^36 bytes.
pub(crate) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    place: &[u8],
    clear: &[u8],
) -> Option<Vec<u8>> {
    Aes256GcmSiv::new(key.into()).encrypt(Nonce::from_slice(nonce), Payload { msg: clear, aad: place }).ok()
}

/// Decrypts what [`encrypt`] made; `None` if key, nonce, place or a single bit differs.
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    place: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    Aes256GcmSiv::new(key.into())
        .decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: place })
        .ok()
        .map(Zeroizing::new)
}

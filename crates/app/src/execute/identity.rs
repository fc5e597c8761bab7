//! What identifies a command: its id, the digest of its body, and the seed of the ids that it makes.

use super::Request;
use crate::app::App;
use crate::caller::Caller;
use sha2::{Digest, Sha256};
use uuid::Uuid;

impl App {
    /// The digest of a request: keyed, so that nobody can guess a body from it.
    pub(super) fn digest(&self, request: &Request) -> [u8; 32] {
        let text = format!("{}\n{:?}\n{}\n{}", request.aggregate, request.id, request.action, request.input);
        let hash = self.vault().keyed_hash("command", &text);
        let mut digest = [0u8; 32];
        if hex::decode_to_slice(&hash, &mut digest).is_err() {
            digest = Sha256::digest(hash.as_bytes()).into();
        }
        digest
    }

    /// The command's id: the same key of the same account is the same command. For the anonymous the request belongs to it, by its keyed
    /// digest: the id lies in the log, and a guess of a name and an ID number must not be tried on it.
    pub(crate) fn command_id(&self, request: &Request) -> Uuid {
        let mut hasher = Sha256::new();
        match &request.caller {
            Caller::System => hasher.update(b"system\n"),
            Caller::Anonymous => {
                hasher.update(b"anonymous\n");
                hasher.update(self.digest(request));
            }
            Caller::Session(session) => {
                hasher.update(b"account\n");
                hasher.update(session.account.0.as_bytes());
            }
            Caller::Job(on_behalf) => return command_of_job(on_behalf.job, &request.key),
        }
        ended(hasher, &request.key)
    }
}

/// The id of what a job does under a key, whoever it does it for.
pub(crate) fn command_of_job(job: Uuid, key: &str) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(b"job\n");
    hasher.update(job.as_bytes());
    ended(hasher, key)
}

fn ended(mut hasher: Sha256, key: &str) -> Uuid {
    hasher.update(b"\n");
    hasher.update(key.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Fresh ids of a command follow from its id and from chance, and change from one attempt to the next.
pub(super) fn seed_of(command: Uuid, attempt: u32) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(command.as_bytes());
    hasher.update(attempt.to_be_bytes());
    let mut random = [0u8; 16];
    if getrandom::fill(&mut random).is_ok() {
        hasher.update(random);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut seed = [0u8; 16];
    seed.copy_from_slice(&digest[..16]);
    seed
}

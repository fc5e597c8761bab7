//! Roll and box of a round as they lie in their rows: sealed whole, sorted, of a length that depends on the electorate alone.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope::{BALLOT_BYTES, RoundKeys};
use crate::Error;

/// Has voted or not, and the hash of the request's key.
const SLOT_BYTES: usize = 1 + 32;
/// How many ballots follow.
const COUNT_BYTES: usize = 2;

/// Who has voted: one slot for each voter, in the order of the sorted electorate. Beside a voter stands nothing of the
/// vote, only a keyed hash of the key of the request, by which its repeat is known.
pub(super) struct Roll {
    slots: Zeroizing<Vec<u8>>,
}

/// What the roll says of one voter and one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voted {
    No,
    WithThisRequest,
    WithAnother,
}

impl Roll {
    pub(super) fn empty(voters: usize) -> Self {
        Self { slots: Zeroizing::new(vec![0; voters * SLOT_BYTES]) }
    }

    pub(super) fn open(keys: &RoundKeys, round: Uuid, voters: usize, sealed: &[u8]) -> Result<Self, Error> {
        let slots = keys.contents.open(&roll_place(round), sealed, "a ballot roll")?;
        if slots.len() != voters * SLOT_BYTES {
            return Err(Error::BoxBroken { round });
        }
        Ok(Self { slots })
    }

    pub(super) fn seal(&self, keys: &RoundKeys, round: Uuid) -> Result<Vec<u8>, Error> {
        keys.contents.wrap(&roll_place(round), &self.slots)
    }

    pub(super) fn voted(&self, voter_index: usize, request: &RequestHash) -> Voted {
        let slot = self.slot(voter_index);
        if slot[0] == 0 {
            Voted::No
        } else if slot[1..] == request.0 {
            Voted::WithThisRequest
        } else {
            Voted::WithAnother
        }
    }

    pub(super) fn note(&mut self, voter_index: usize, request: &RequestHash) {
        let slot = &mut self.slots[voter_index * SLOT_BYTES..][..SLOT_BYTES];
        slot[0] = 1;
        slot[1..].copy_from_slice(&request.0);
    }

    pub(super) fn all_voted(&self) -> bool {
        self.slots.chunks_exact(SLOT_BYTES).all(|slot| slot[0] != 0)
    }

    /// Who has voted, in the order of the electorate.
    pub(super) fn voters(&self, electorate: &[Uuid]) -> Vec<Uuid> {
        electorate
            .iter()
            .zip(self.slots.chunks_exact(SLOT_BYTES))
            .filter(|(_, slot)| slot[0] != 0)
            .map(|(voter, _)| *voter)
            .collect()
    }

    fn slot(&self, voter_index: usize) -> &[u8] {
        &self.slots[voter_index * SLOT_BYTES..][..SLOT_BYTES]
    }
}

/// The hash of a request's key, for one round and voter: useless for guessing at the key, or comparing it elsewhere.
pub(super) struct RequestHash([u8; 32]);

impl RequestHash {
    pub(super) fn of(keys: &RoundKeys, round: Uuid, voter: Uuid, request_key: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(keys.contents_key.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(b"zhicheng ballot request 1");
        mac.update(round.as_bytes());
        mac.update(voter.as_bytes());
        mac.update(request_key.as_bytes());
        Self(mac.finalize().into_bytes().into())
    }
}

/// The ballots, sorted by ciphertext, which is random: a ballot's place says nothing about when it came.
pub(super) struct BallotBox {
    ballots: Vec<[u8; BALLOT_BYTES]>,
}

impl BallotBox {
    pub(super) fn empty() -> Self {
        Self { ballots: Vec::new() }
    }

    pub(super) fn open(keys: &RoundKeys, round: Uuid, voters: usize, sealed: &[u8]) -> Result<Self, Error> {
        let clear = keys.contents.open(&box_place(round), sealed, "a ballot box")?;
        let broken = || Error::BoxBroken { round };
        let (count, ballots) = clear.split_first_chunk::<COUNT_BYTES>().ok_or_else(broken)?;
        let count = usize::from(u16::from_be_bytes(*count));
        if count > voters || ballots.len() != voters * BALLOT_BYTES {
            return Err(broken());
        }
        let (ballots, _) = ballots.as_chunks();
        Ok(Self { ballots: ballots[..count].to_vec() })
    }

    /// Filled up with zeros to the room of all voters.
    pub(super) fn seal(&self, keys: &RoundKeys, round: Uuid, voters: usize) -> Result<Vec<u8>, Error> {
        let count = u16::try_from(self.ballots.len()).map_err(|_| Error::BoxBroken { round })?;
        let mut clear = Vec::with_capacity(COUNT_BYTES + voters * BALLOT_BYTES);
        clear.extend_from_slice(&count.to_be_bytes());
        clear.extend_from_slice(self.ballots.as_flattened());
        clear.resize(COUNT_BYTES + voters * BALLOT_BYTES, 0);
        keys.contents.wrap(&box_place(round), &clear)
    }

    pub(super) fn put(&mut self, ballot: [u8; BALLOT_BYTES]) {
        let place = self.ballots.partition_point(|other| *other < ballot);
        self.ballots.insert(place, ballot);
    }

    pub(super) fn ballots(&self) -> &[[u8; BALLOT_BYTES]] {
        &self.ballots
    }
}

fn roll_place(round: Uuid) -> String {
    format!("ballot_roll/{round}")
}

fn box_place(round: Uuid) -> String {
    format!("ballot_box/{round}")
}

#[cfg(test)]
mod tests {
    use super::{super::envelope::Choice, *};
    use crate::{MasterKey, wrap::Wrapper};

    #[test]
    fn neither_length_nor_order_tells_who_came_when() {
        let round = Uuid::from_u128(1);
        let wrapper = Wrapper::derive(&MasterKey::from_bytes([7; 32]), "test");
        let electorate: Vec<Uuid> = (0..9).map(Uuid::from_u128).collect();
        let keys = RoundKeys::generate(&wrapper, &wrapper, round, &electorate).unwrap().keys;
        let mut roll = Roll::empty(electorate.len());
        let mut ballot_box = BallotBox::empty();
        let mut lengths = std::collections::BTreeSet::new();
        for (turn, voter_index) in [4, 0, 8, 2, 6].into_iter().enumerate() {
            let request = RequestHash::of(&keys, round, electorate[voter_index], "key");
            assert_eq!(roll.voted(voter_index, &request), Voted::No);
            roll.note(voter_index, &request);
            assert_eq!(roll.voted(voter_index, &request), Voted::WithThisRequest);
            let other = RequestHash::of(&keys, round, electorate[voter_index], "other key");
            assert_eq!(roll.voted(voter_index, &other), Voted::WithAnother);
            ballot_box.put(keys.seal(round, Choice::Agree).unwrap());
            let sealed_roll = roll.seal(&keys, round).unwrap();
            let sealed_box = ballot_box.seal(&keys, round, electorate.len()).unwrap();
            lengths.insert((sealed_roll.len(), sealed_box.len()));
            roll = Roll::open(&keys, round, electorate.len(), &sealed_roll).unwrap();
            ballot_box = BallotBox::open(&keys, round, electorate.len(), &sealed_box).unwrap();
            assert_eq!(ballot_box.ballots().len(), turn + 1);
            assert!(ballot_box.ballots().is_sorted());
            // Neither row opens in the place of the other.
            assert!(Roll::open(&keys, round, electorate.len(), &sealed_box).is_err());
        }
        assert_eq!(lengths.len(), 1);
        assert_eq!(roll.voters(&electorate), [0, 2, 4, 6, 8].map(Uuid::from_u128));
        assert!(!roll.all_voted());
    }
}

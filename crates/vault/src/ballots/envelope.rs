//! A ballot's envelope: the choice, padded to one length and sealed to the round's key.

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Error, random, wrap::Wrapper};

type KeyPair = X25519HkdfSha256;

/// Length of the padded choice.
const CHOICE_BYTES: usize = 16;
/// Length of every sealed ballot: the encapsulated key, the choice and the tag.
pub(super) const BALLOT_BYTES: usize = 32 + CHOICE_BYTES + 16;
const INFO: &[u8] = b"zhicheng ballot 1";

/// What a judge says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// 同意
    Agree,
    /// 不同意
    Disagree,
}

impl Choice {
    fn padded(self) -> Zeroizing<[u8; CHOICE_BYTES]> {
        let word: &[u8] = match self {
            Self::Agree => b"agree",
            Self::Disagree => b"disagree",
        };
        let mut padded = Zeroizing::new([0; CHOICE_BYTES]);
        padded[..word.len()].copy_from_slice(word);
        padded
    }

    fn from_padded(padded: &[u8]) -> Option<Self> {
        [Self::Agree, Self::Disagree].into_iter().find(|choice| choice.padded().as_slice() == padded)
    }
}

/// What voting needs of a round: the key of its roll and box, and the public key for ballots. Stored together in one wrapped
/// value, so that nobody can put a public key of their own into the row; bound to the electorate, so that nobody can add a
/// voter there.
pub(super) struct RoundKeys {
    /// Wraps roll and box.
    pub(super) contents: Wrapper,
    /// Hashes the keys of requests.
    pub(super) contents_key: Zeroizing<[u8; 32]>,
    public_key: <KeyPair as Kem>::PublicKey,
}

/// The wrapped keys of a new round.
pub(super) struct NewKeys {
    pub(super) wrapped_private_key: Vec<u8>,
    pub(super) wrapped_contents_key: Vec<u8>,
    pub(super) keys: RoundKeys,
}

impl RoundKeys {
    /// Fresh keys for a round.
    pub(super) fn generate(
        private_keys: &Wrapper,
        contents_keys: &Wrapper,
        round: Uuid,
        electorate: &[Uuid],
    ) -> Result<NewKeys, Error> {
        let seed = random::key()?;
        let (_, public_key) = KeyPair::derive_keypair(seed.as_slice());
        let contents_key = random::key()?;
        let both = Zeroizing::new([contents_key.as_slice(), public_key.to_bytes().as_slice()].concat());
        Ok(NewKeys {
            wrapped_private_key: private_keys.wrap(&place(round), seed.as_slice())?,
            wrapped_contents_key: contents_keys.wrap(&place_with_voters(round, electorate), &both)?,
            keys: Self { contents: Wrapper::with_key(contents_key.clone()), contents_key, public_key },
        })
    }

    /// The keys from their wrapped value.
    pub(super) fn open(
        contents_keys: &Wrapper,
        round: Uuid,
        electorate: &[Uuid],
        wrapped: &[u8],
    ) -> Result<Self, Error> {
        const WHAT: &str = "a ballot round's contents key";
        let both = contents_keys.open(&place_with_voters(round, electorate), wrapped, WHAT)?;
        let (contents, public) = both.split_first_chunk::<32>().ok_or(Error::Damaged { what: WHAT })?;
        let contents_key = Zeroizing::new(*contents);
        let public_key =
            <KeyPair as Kem>::PublicKey::from_bytes(public).map_err(|_| Error::Damaged { what: WHAT })?;
        Ok(Self { contents: Wrapper::with_key(contents_key.clone()), contents_key, public_key })
    }

    /// Seals a choice: [`BALLOT_BYTES`], different each time.
    pub(super) fn seal(&self, round: Uuid, choice: Choice) -> Result<[u8; BALLOT_BYTES], Error> {
        let (encapsulated, sealed) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, KeyPair>(
            &OpModeS::Base,
            &self.public_key,
            INFO,
            choice.padded().as_slice(),
            round.as_bytes(),
        )
        .map_err(|_| Error::Damaged { what: "a ballot round's public key" })?;
        let mut ballot = [0; BALLOT_BYTES];
        let (head, tail) = ballot.split_at_mut(32);
        head.copy_from_slice(encapsulated.to_bytes().as_slice());
        tail.copy_from_slice(&sealed);
        Ok(ballot)
    }
}

/// What closing needs on top: the private key.
pub(super) struct PrivateKey(<KeyPair as Kem>::PrivateKey);

impl PrivateKey {
    /// The private key from its wrapped seed.
    pub(super) fn open(private_keys: &Wrapper, round: Uuid, wrapped: &[u8]) -> Result<Self, Error> {
        let seed = private_keys.open_key(&place(round), wrapped, "a ballot round's private key")?;
        let (private_key, _) = KeyPair::derive_keypair(seed.as_slice());
        Ok(Self(private_key))
    }

    /// The choice in a ballot of this round; `None` for anything else.
    pub(super) fn choice(&self, round: Uuid, ballot: &[u8; BALLOT_BYTES]) -> Option<Choice> {
        let (encapsulated, sealed) = ballot.split_at(32);
        let encapsulated = <KeyPair as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let padded = Zeroizing::new(
            single_shot_open::<ChaCha20Poly1305, HkdfSha256, KeyPair>(
                &OpModeR::Base,
                &self.0,
                &encapsulated,
                INFO,
                sealed,
                round.as_bytes(),
            )
            .ok()?,
        );
        Choice::from_padded(&padded)
    }
}

fn place(round: Uuid) -> String {
    format!("ballot_rounds/{round}")
}

fn place_with_voters(round: Uuid, electorate: &[Uuid]) -> String {
    let mut digest = Sha256::new();
    electorate.iter().for_each(|voter| digest.update(voter.as_bytes()));
    format!("ballot_rounds/{round}/{}", hex::encode(digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;

    #[test]
    fn a_ballot_opens_in_its_own_round_only_and_never_looks_the_same() {
        let master = MasterKey::from_bytes([7; 32]);
        let (private_keys, contents_keys) = (Wrapper::derive(&master, "a"), Wrapper::derive(&master, "b"));
        let (round, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let voters = [Uuid::from_u128(3), Uuid::from_u128(4)];
        let new = RoundKeys::generate(&private_keys, &contents_keys, round, &voters).unwrap();
        let private_key = PrivateKey::open(&private_keys, round, &new.wrapped_private_key).unwrap();
        let keys = RoundKeys::open(&contents_keys, round, &voters, &new.wrapped_contents_key).unwrap();
        for choice in [Choice::Agree, Choice::Disagree] {
            let ballot = keys.seal(round, choice).unwrap();
            assert_ne!(ballot, keys.seal(round, choice).unwrap());
            assert_eq!(private_key.choice(round, &ballot), Some(choice));
            assert_eq!(private_key.choice(other, &ballot), None);
        }
        assert!(RoundKeys::open(&contents_keys, other, &voters, &new.wrapped_contents_key).is_err());
        assert!(RoundKeys::open(&contents_keys, round, &voters[..1], &new.wrapped_contents_key).is_err());
        assert!(PrivateKey::open(&private_keys, other, &new.wrapped_private_key).is_err());
    }
}

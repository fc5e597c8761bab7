//! 抽取评委 The draw of the judges: two witnesses' seeds rank the pool, and anyone can draw again (contract.md, The draw).
//!
//! Each witness first commits to a seed (its SHA-256) and reveals it when both have: neither can choose a seed knowing the
//! other's. The draw's seed is SHA-256 of both; judges are ranked by HMAC-SHA256 of their id under it. Nothing else
//! enters, so the record suffices to repeat the draw.

use std::fmt;

use hmac::{Hmac, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Name of this way to draw, kept in the record: another way gets another name.
pub const ALGORITHM: &str = "sha256-commitments-hmac-sha256-rank";
/// Length of a seed, in bytes.
pub const SEED_BYTES: usize = 32;
/// Largest pool, in judges.
pub const POOL_JUDGES_MAX: usize = 10_000;

/// What a draw was made of and what came out: enough for anyone to repeat it with [`redraw`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrawRecord {
    /// [`ALGORITHM`].
    pub algorithm: String,
    /// SHA-256 of each witness's seed, in lower-case hex, in the order of commitment.
    pub commitments: [String; 2],
    /// The first `size` of the ranking, in its order.
    pub drawn: Vec<Uuid>,
    /// Everyone who could be drawn, ascending.
    pub pool: Vec<Uuid>,
    /// The seeds, in lower-case hex, in the order of their commitments.
    pub seeds: [Seed; 2],
    /// How many judges were wanted.
    pub size: u32,
    /// 候补 The rest of the ranking, in its order: who is next when one declines.
    pub substitutes: Vec<Uuid>,
}

/// A witness's seed: 32 bytes, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed([u8; SEED_BYTES]);

/// Why there is no draw.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The seed is not 64 lower-case hex digits.
    #[error("随机种子应为64位小写十六进制数字")]
    SeedFormat,
    /// The commitment is not 64 lower-case hex digits.
    #[error("随机种子承诺值应为64位小写十六进制数字")]
    CommitmentFormat,
    /// Both commitments are the same: one witness copied the other and adds nothing.
    #[error("两位监督人的承诺值相同，请第二位监督人另选随机种子")]
    CommitmentRepeated,
    /// A seed is not the one that was committed to.
    #[error("第{witness}位监督人公布的随机种子与其承诺值不符")]
    CommitmentBroken {
        /// 1 or 2, in the order of commitment.
        witness: usize,
    },
    /// Nobody was to be drawn.
    #[error("抽取人数应大于零")]
    SizeZero,
    /// Fewer judges than wanted.
    #[error("可抽取的评委为{pool}人，少于需要的{size}人，请补充评委库")]
    PoolTooSmall {
        /// Judges in the pool.
        pool: usize,
        /// Judges wanted.
        size: u32,
    },
    /// More than [`POOL_JUDGES_MAX`].
    #[error("可抽取的评委超过{POOL_JUDGES_MAX}人，请缩小范围")]
    PoolTooLarge,
    /// A judge stands in the pool twice and would have two chances.
    #[error("评委库中有重复的评委：{judge}")]
    PoolRepeats {
        /// Who.
        judge: Uuid,
    },
    /// The record was made in another way.
    #[error("抽取算法不是{ALGORITHM}，无法重新抽取")]
    AlgorithmUnknown,
    /// Drawing again gives something else: the record was changed.
    #[error("重新抽取的结果与记录不一致")]
    RecordDiffers,
}

impl DrawError {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SeedFormat => "draw-seed-format",
            Self::CommitmentFormat => "draw-commitment-format",
            Self::CommitmentRepeated => "draw-commitment-repeated",
            Self::CommitmentBroken { .. } => "draw-commitment-broken",
            Self::SizeZero => "draw-size-zero",
            Self::PoolTooSmall { .. } => "draw-pool-too-small",
            Self::PoolTooLarge => "draw-pool-too-large",
            Self::PoolRepeats { .. } => "draw-pool-repeats",
            Self::AlgorithmUnknown => "draw-algorithm-unknown",
            Self::RecordDiffers => "draw-record-differs",
        }
    }
}

/// Draws `size` judges out of a pool, which may come in any order.
///
/// # Errors
/// [`DrawError`], but for the last two of it.
pub fn draw(
    commitments: &[String; 2],
    seeds: [Seed; 2],
    pool: impl IntoIterator<Item = Uuid>,
    size: u32,
) -> Result<DrawRecord, DrawError> {
    check_commitments(commitments, seeds)?;
    let pool = check_pool(pool, size)?;

    let seed = draw_seed(seeds);
    let mut ranking: Vec<([u8; 32], Uuid)> = pool.iter().map(|judge| (rank(&seed, *judge), *judge)).collect();
    ranking.sort_unstable();
    let mut drawn: Vec<Uuid> = ranking.into_iter().map(|(_, judge)| judge).collect();
    let substitutes = drawn.split_off(usize::try_from(size).unwrap_or(usize::MAX).min(drawn.len()));

    Ok(DrawRecord {
        algorithm: ALGORITHM.to_owned(),
        commitments: commitments.clone(),
        drawn,
        pool,
        seeds,
        size,
        substitutes,
    })
}

/// Draws again from what a record holds. For an honest record the answer equals it; see [`DrawRecord::verify`].
///
/// # Errors
/// [`DrawError`], but for [`DrawError::RecordDiffers`].
pub fn redraw(record: &DrawRecord) -> Result<DrawRecord, DrawError> {
    if record.algorithm != ALGORITHM {
        return Err(DrawError::AlgorithmUnknown);
    }
    draw(&record.commitments, record.seeds, record.pool.iter().copied(), record.size)
}

impl DrawRecord {
    /// Whether drawing again gives this very record.
    ///
    /// # Errors
    /// [`DrawError::RecordDiffers`] where it does not, and why it cannot be drawn again otherwise.
    pub fn verify(&self) -> Result<(), DrawError> {
        if redraw(self)? == *self { Ok(()) } else { Err(DrawError::RecordDiffers) }
    }
}

impl Seed {
    /// Reads a seed: 64 lower-case hex digits and nothing else.
    ///
    /// # Errors
    /// [`DrawError::SeedFormat`].
    pub fn parse(text: &str) -> Result<Self, DrawError> {
        read_digest(text).map(Self).ok_or(DrawError::SeedFormat)
    }

    /// What the witness publishes first: the lower-case hex SHA-256 of the bytes.
    pub fn commitment(&self) -> String {
        hex::encode(Sha256::digest(self.0))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; SEED_BYTES] {
        &self.0
    }
}

impl From<[u8; SEED_BYTES]> for Seed {
    fn from(bytes: [u8; SEED_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// Only its commitment: a seed that is not yet revealed must not reach a log.
impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Seed(commitment {})", self.commitment())
    }
}

impl Serialize for Seed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Seed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seed".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "A witness's seed: 32 bytes as 64 lower-case hex digits.",
        })
    }
}

/// Checks a commitment when it is made: its form, and that it does not repeat the other witness's.
///
/// # Errors
/// [`DrawError::CommitmentFormat`], [`DrawError::CommitmentRepeated`].
pub fn check_commitment(commitment: &str, earlier: Option<&str>) -> Result<(), DrawError> {
    read_digest(commitment).ok_or(DrawError::CommitmentFormat)?;
    if earlier == Some(commitment) {
        return Err(DrawError::CommitmentRepeated);
    }
    Ok(())
}

fn check_commitments(commitments: &[String; 2], seeds: [Seed; 2]) -> Result<(), DrawError> {
    let [first, second] = commitments;
    check_commitment(first, None)?;
    check_commitment(second, Some(first))?;
    for (index, (commitment, seed)) in commitments.iter().zip(seeds).enumerate() {
        if seed.commitment() != *commitment {
            return Err(DrawError::CommitmentBroken { witness: index + 1 });
        }
    }
    Ok(())
}

/// The pool in the order in which it is recorded.
fn check_pool(pool: impl IntoIterator<Item = Uuid>, size: u32) -> Result<Vec<Uuid>, DrawError> {
    // one more than allowed is enough to know that there are too many
    let mut pool: Vec<Uuid> = pool.into_iter().take(POOL_JUDGES_MAX + 1).collect();
    if pool.len() > POOL_JUDGES_MAX {
        return Err(DrawError::PoolTooLarge);
    }
    pool.sort_unstable();
    if let Some(judge) = pool.windows(2).find_map(|pair| (pair[0] == pair[1]).then_some(pair[0])) {
        return Err(DrawError::PoolRepeats { judge });
    }
    if size == 0 {
        return Err(DrawError::SizeZero);
    }
    if usize::try_from(size).is_ok_and(|size| pool.len() < size) {
        return Err(DrawError::PoolTooSmall { pool: pool.len(), size });
    }
    Ok(pool)
}

/// SHA-256 of the first seed's bytes followed by the second's.
fn draw_seed(seeds: [Seed; 2]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for seed in seeds {
        hasher.update(seed.0);
    }
    hasher.finalize().into()
}

/// HMAC-SHA256 of the judge's id, as its 36 ASCII characters, under the draw's seed.
fn rank(seed: &[u8; 32], judge: Uuid) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(judge.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
    mac.finalize().into_bytes().into()
}

fn read_digest(text: &str) -> Option<[u8; 32]> {
    let lower_case = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; 32];
    (lower_case && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // computed apart from this code, from the contract's words
    const FIRST_SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const FIRST_COMMITMENT: &str = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd";
    const SECOND_SEED: &str = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0";
    const SECOND_COMMITMENT: &str = "1865c00831e73f7ee23fc13cb2d0f588b9c341835ca7472f8ec035aba4b789d6";
    const DRAW_SEED: &str = "cbd3aabe6d5a9125f0e086ced756cff43bcf46c307d73ec8c6bc5382c5640689";
    const RANKING: [u8; 9] = [2, 6, 3, 1, 5, 7, 8, 9, 4];

    fn judge(number: u8) -> Uuid {
        Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
    }

    fn seeds() -> [Seed; 2] {
        [Seed::parse(FIRST_SEED).unwrap(), Seed::parse(SECOND_SEED).unwrap()]
    }

    fn commitments() -> [String; 2] {
        [FIRST_COMMITMENT.to_owned(), SECOND_COMMITMENT.to_owned()]
    }

    fn drawn(size: u32) -> DrawRecord {
        draw(&commitments(), seeds(), (1..=9).map(judge), size).unwrap()
    }

    #[test]
    fn draws_as_the_contract_says() {
        assert_eq!(seeds().map(|seed| seed.commitment()), commitments());
        assert_eq!(hex::encode(draw_seed(seeds())), DRAW_SEED);
        assert_eq!(
            hex::encode(rank(&draw_seed(seeds()), judge(2))),
            "15c1a0b6b9aaa91b3870b231f890dc123fb0ed8c854269a76ba37067dd7cfb24"
        );
        let record = drawn(4);
        assert_eq!(record.drawn, RANKING[..4].iter().copied().map(judge).collect::<Vec<_>>());
        assert_eq!(record.substitutes, RANKING[4..].iter().copied().map(judge).collect::<Vec<_>>());
        assert_eq!(record.pool, (1..=9).map(judge).collect::<Vec<_>>());
    }

    #[test]
    fn can_be_drawn_again_by_anyone() {
        let record = drawn(4);
        let sent = serde_json::to_string(&record).unwrap();
        let received: DrawRecord = serde_json::from_str(&sent).unwrap();
        assert_eq!(redraw(&received).unwrap(), record);
        received.verify().unwrap();
        assert_eq!(sent, serde_json::to_value(&record).unwrap().to_string(), "fields stand in sorted order");
    }

    #[test]
    fn shows_that_a_record_was_changed() {
        let mut swapped = drawn(4);
        swapped.drawn[0] = swapped.substitutes[0];
        assert_eq!(swapped.verify(), Err(DrawError::RecordDiffers));

        let mut friend_added = drawn(4);
        friend_added.pool.push(judge(10));
        assert_eq!(friend_added.verify(), Err(DrawError::RecordDiffers));

        let mut other_way = drawn(4);
        other_way.algorithm = "dice".into();
        assert_eq!(other_way.verify(), Err(DrawError::AlgorithmUnknown));

        let mut other_seed = drawn(4);
        other_seed.seeds[1] = Seed::from([7; SEED_BYTES]);
        assert_eq!(other_seed.verify(), Err(DrawError::CommitmentBroken { witness: 2 }));
    }

    #[test]
    fn refuses_a_seed_that_was_not_committed_to() {
        let swapped = [SECOND_COMMITMENT.to_owned(), FIRST_COMMITMENT.to_owned()];
        assert_eq!(
            draw(&swapped, seeds(), (1..=9).map(judge), 4),
            Err(DrawError::CommitmentBroken { witness: 1 })
        );
        assert_eq!(
            check_commitment(FIRST_COMMITMENT, Some(FIRST_COMMITMENT)),
            Err(DrawError::CommitmentRepeated)
        );
        for malformed in ["", "63", &FIRST_COMMITMENT.to_uppercase(), &format!("{FIRST_COMMITMENT}00")] {
            assert_eq!(check_commitment(malformed, None), Err(DrawError::CommitmentFormat));
            assert_eq!(Seed::parse(malformed), Err(DrawError::SeedFormat));
        }
    }

    #[test]
    fn refuses_a_pool_that_cannot_be_drawn_from() {
        let from = |pool: Vec<Uuid>, size| draw(&commitments(), seeds(), pool, size).unwrap_err();
        assert_eq!(from((1..=9).map(judge).collect(), 10), DrawError::PoolTooSmall { pool: 9, size: 10 });
        assert_eq!(from((1..=9).map(judge).collect(), 0), DrawError::SizeZero);
        assert_eq!(from(vec![judge(1), judge(2), judge(1)], 1), DrawError::PoolRepeats { judge: judge(1) });
        assert_eq!(from((0..10_001).map(Uuid::from_u128).collect(), 1), DrawError::PoolTooLarge);
    }

    #[test]
    fn draws_the_whole_pool_without_substitutes() {
        let record = drawn(9);
        assert_eq!((record.drawn.len(), record.substitutes.len()), (9, 0));
    }

    #[test]
    fn hides_a_seed_from_logs() {
        assert!(!format!("{:?}", seeds()).contains(FIRST_SEED));
    }

    proptest! {
        #[test]
        fn does_not_depend_on_the_order_of_the_pool(
            pool in proptest::collection::btree_set(any::<u128>(), 1..40).prop_map(|ids| ids.into_iter().map(Uuid::from_u128).collect::<Vec<_>>()).prop_shuffle(),
            bytes in any::<([u8; 32], [u8; 32])>(),
            part in 1_usize..40,
        ) {
            prop_assume!(bytes.0 != bytes.1);
            let seeds = [Seed::from(bytes.0), Seed::from(bytes.1)];
            let commitments = seeds.map(|seed| seed.commitment());
            let size = part.min(pool.len()) as u32;
            let record = draw(&commitments, seeds, pool.clone(), size).unwrap();
            prop_assert_eq!(redraw(&record).unwrap(), record.clone());
            prop_assert_eq!(record.drawn.len(), size as usize);
            let mut everyone = [record.drawn, record.substitutes].concat();
            everyone.sort_unstable();
            prop_assert_eq!(everyone, record.pool);
        }
    }
}

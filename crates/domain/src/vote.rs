//! 表决 Quorum and majority: two thirds, in integers (domain.md 3.3, rules 19 and 20 of 3.2).
//!
//! A meeting needs two thirds of the committee; a candidate passes with two thirds of those attending. Who attends and
//! hands in no ballot counts as attending; who is recused for a candidate counts neither way, which is for
//! the caller to leave out.

/// How many of `whole` are two thirds: `ceil(2 * whole / 3)`. The votes needed of those attending, and the judges
/// needed of a committee.
pub const fn threshold(whole: u32) -> u32 {
    // at most two thirds of a u32, rounded up: it fits again
    (2 * whole as u64).div_ceil(3) as u32
}

/// Whether `agree` votes of `attending` judges pass a candidate: `3 * agree >= 2 * attending`. With nobody attending
/// nobody passes, and more votes than voters pass nobody.
pub const fn passes(agree: u32, attending: u32) -> bool {
    attending > 0 && agree <= attending && 3 * agree as u64 >= 2 * attending as u64
}

/// Whether `attending` judges of a committee of `size` may meet: `3 * attending >= 2 * size`.
pub const fn quorum(attending: u32, size: u32) -> bool {
    passes(attending, size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THRESHOLDS: [(u32, u32); 21] = [
        (7, 5),
        (8, 6),
        (9, 6),
        (10, 7),
        (11, 8),
        (12, 8),
        (13, 9),
        (14, 10),
        (15, 10),
        (16, 11),
        (17, 12),
        (18, 12),
        (19, 13),
        (20, 14),
        (21, 14),
        (22, 15),
        (23, 16),
        (24, 16),
        (25, 17),
        (26, 18),
        (27, 18),
    ];

    #[test]
    fn passes_with_two_thirds_of_those_attending() {
        for (attending, needed) in THRESHOLDS {
            assert_eq!(threshold(attending), needed);
            assert!(passes(needed, attending), "{needed} of {attending}");
            assert!(!passes(needed - 1, attending), "{} of {attending}", needed - 1);
        }
    }

    #[test]
    fn meets_with_two_thirds_of_the_committee() {
        assert!(quorum(17, 25) && !quorum(16, 25));
        assert!(quorum(8, 11) && !quorum(7, 11));
    }

    #[test]
    fn passes_nobody_without_voters_or_with_too_many_votes() {
        assert!(!passes(0, 0));
        assert!(!quorum(0, 0));
        assert!(!passes(8, 7));
        assert!(passes(u32::MAX, u32::MAX));
        assert_eq!((threshold(0), threshold(1), threshold(u32::MAX)), (0, 1, 2_863_311_530));
    }

    proptest! {
        #[test]
        fn agrees_with_the_threshold(agree in 0_u32.., attending in 1_u32..) {
            prop_assert_eq!(passes(agree, attending), agree <= attending && agree >= threshold(attending));
        }
    }
}

//! 职数和比例控制 The cut: who of those that passed the vote stays within ratio and quota (N15, X-07).
//!
//! Whole numbers only. Ranked by agreeing votes, then weighted score, then declaration number; who finds no place is cut,
//! and the next one is asked.

use crate::hundredths::Hundredths;

/// A candidate that passed the vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Judges that agreed.
    pub agree: u32,
    /// Weighted score, in the units of [`crate::declaration::score::weighted`].
    pub score: i128,
    /// 申报编号.
    pub declaration_no: String,
}

/// How many of `candidates` may pass by the ratio: rounded down.
pub fn places(candidates: usize, ratio_percent: Hundredths) -> u32 {
    let candidates = i128::try_from(candidates).unwrap_or(i128::MAX / 10_000);
    let places = candidates * i128::from(ratio_percent.0.max(0)) / 10_000;
    u32::try_from(places).unwrap_or(u32::MAX)
}

/// The positions of the candidates in the order of their rank.
pub fn ranking(candidates: &[Passed]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|left, right| match (candidates.get(*left), candidates.get(*right)) {
        (Some(left), Some(right)) => right
            .agree
            .cmp(&left.agree)
            .then(right.score.cmp(&left.score))
            .then_with(|| left.declaration_no.cmp(&right.declaration_no)),
        (None, _) | (_, None) => std::cmp::Ordering::Equal,
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::score::UNITS_A_POINT;

    fn passed(agree: u32, points: i128, declaration_no: &str) -> Passed {
        Passed { agree, score: points * UNITS_A_POINT, declaration_no: declaration_no.into() }
    }

    #[test]
    fn ranks_by_votes_then_score_then_number() {
        let candidates = [passed(17, 99, "4"), passed(25, 80, "3"), passed(25, 90, "2"), passed(25, 90, "1")];
        assert_eq!(ranking(&candidates), [3, 2, 1, 0]);
    }

    #[test]
    fn rounds_places_down() {
        assert_eq!(places(10, Hundredths::whole(65)), 6);
        assert_eq!(places(3, Hundredths(6_666)), 1);
        assert_eq!(places(3, Hundredths(6_667)), 2);
        assert_eq!(places(0, Hundredths::whole(100)), 0);
        assert_eq!(places(2_000, Hundredths::whole(100)), 2_000);
    }
}

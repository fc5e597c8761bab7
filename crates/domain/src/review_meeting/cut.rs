//! 职数和比例控制 The cut: who of those that passed the vote stays within ratio and quota (N15, X-07).
//!
//! Whole numbers only. Ranked by agreeing votes, then weighted score, then declaration number; who finds no place is cut,
//! and the next one is asked.

use crate::declaration::Review;
use crate::declaration::values::Sheet;
use crate::hundredths::Hundredths;
use crate::ids::JudgeId;
use crate::scheme::Terms;

/// Units of a weighted score in one point: exact for all that sheets can hold but for a division's rest.
pub const UNITS_A_POINT: i128 = 1_000_000;

/// A candidate that passed the vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Judges that agreed.
    pub agree: u32,
    /// Weighted score, in units of which [`UNITS_A_POINT`] make a point.
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

/// The weighted score of a candidate: each item's mean over the panel's sheets, as a share of its maximum, times its
/// weight. A recused judge's sheet does not count; an absent candidate's items count as nothing.
/// Of an offline review each sheet counts as one item whose maximum is the sum of its items' maxima.
pub fn weighted_score(review: &Review, terms: &Terms) -> i128 {
    match &review.offline {
        Some(offline) => {
            [(Sheet::Material, offline.material_score), (Sheet::Interview, offline.interview_score)]
                .into_iter()
                .map(|(sheet, score)| {
                    let max = terms.items(sheet).map(|item| i128::from(item.max.0)).sum();
                    let weight = terms.items(sheet).map(|item| i128::from(item.weight.0)).sum();
                    share(i128::from(score.unwrap_or_default().0), max, weight)
                })
                .sum()
        }
        None => {
            let counts = |judge: &JudgeId| {
                review.panel.as_ref().is_some_and(|panel| panel.judges.contains(judge))
                    && !review.recusals.contains_key(judge)
            };
            terms
                .scoring
                .iter()
                .map(|item| {
                    let sheets: Vec<_> = review
                        .sheets
                        .iter()
                        .filter(|((sheet, judge), _)| *sheet == item.sheet && counts(judge))
                        .map(|(_, sheet)| sheet)
                        .collect();
                    let sum: i128 = sheets
                        .iter()
                        .flat_map(|sheet| &sheet.items)
                        .filter(|scored| scored.item == item.item)
                        .map(|scored| i128::from(scored.score.0))
                        .sum();
                    let judges = i128::try_from(sheets.len()).unwrap_or(i128::MAX);
                    share(sum, i128::from(item.max.0).saturating_mul(judges), i128::from(item.weight.0))
                })
                .sum()
        }
    }
}

/// `weight` hundredths of a point times `score / max`, in units.
const fn share(score: i128, max: i128, weight: i128) -> i128 {
    if max <= 0 { 0 } else { score * weight * (UNITS_A_POINT / 100) / max }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_item_without_sheets_counts_nothing() {
        assert_eq!(share(100, 0, 10_000), 0);
        assert_eq!(share(75, 100, 10_000), 75 * UNITS_A_POINT);
    }
}

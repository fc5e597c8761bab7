//! 得分 What a candidate's score sheets come to: the mean of each sheet, and the weighted score by which those that passed the vote
//! are ranked (T40, T41, T46). Whole numbers only.

use super::state::{Review, ScoreSheet};
use super::values::{ScoredItem, Sheet};
use crate::hundredths::Hundredths;
use crate::scheme::ScoringItem;

/// Units of a weighted score in one point: exact for all that sheets can hold but for a division's rest.
pub const UNITS_A_POINT: i128 = 1_000_000;

/// Units of a weighted score in a hundredth of a point.
const UNITS_A_HUNDREDTH: i128 = UNITS_A_POINT / 100;

/// The weighted score of a candidate by the scheme's scoring rules, in units of which [`UNITS_A_POINT`] make a point: each item's
/// mean over the panel's sheets, as a share of its maximum, times its weight. An absent candidate's items count as nothing.
/// Of an offline review each sheet counts as one item whose maximum is the sum of its items' maxima.
pub fn weighted(review: &Review, scoring: &[ScoringItem]) -> i128 {
    match &review.offline {
        Some(offline) => {
            [(Sheet::Material, offline.material_score), (Sheet::Interview, offline.interview_score)]
                .into_iter()
                .map(|(sheet, score)| {
                    let items = || scoring.iter().filter(move |item| item.sheet == sheet);
                    let max = items().map(|item| i128::from(item.max.0)).sum();
                    let weight = items().map(|item| i128::from(item.weight.0)).sum();
                    share(i128::from(score.unwrap_or_default().0), max, weight)
                })
                .sum()
        }
        None => scoring
            .iter()
            .map(|item| {
                let sheets = counted(review, item.sheet);
                let sum: i128 = sheets
                    .iter()
                    .flat_map(|sheet| &sheet.items)
                    .filter(|scored| scored.item == item.item)
                    .map(|scored| i128::from(scored.score.0))
                    .sum();
                let judges = i128::try_from(sheets.len()).unwrap_or(i128::MAX);
                share(sum, i128::from(item.max.0).saturating_mul(judges), i128::from(item.weight.0))
            })
            .sum(),
    }
}

/// 总分: the weighted score by the rules with which the scheme was approved, once every sheet is locked or the result of an
/// offline review is entered; rounded to hundredths.
pub fn total(review: &Review) -> Option<Hundredths> {
    let entered =
        review.offline.as_ref().is_some_and(|it| it.material_score.is_some() || it.interview_score.is_some());
    let known = entered || (review.offline.is_none() && review.group_opinion.is_some());
    if !known || review.scoring.is_empty() {
        return None;
    }
    rounded(weighted(review, &review.scoring), UNITS_A_HUNDREDTH)
}

/// 加权得分: what one judge's sheet adds to the total by the rules with which the scheme was approved, as if the others gave the same;
/// rounded to hundredths. None where the rules are not known.
pub fn of_sheet(review: &Review, sheet: Sheet, own: &ScoreSheet) -> Option<Hundredths> {
    if review.scoring.is_empty() {
        return None;
    }
    let rule = |scored: &ScoredItem| {
        review.scoring.iter().find(|item| item.sheet == sheet && item.item == scored.item)
    };
    let points = own.items.iter().filter_map(|scored| {
        let item = rule(scored)?;
        Some(share(scored.score.0.into(), item.max.0.into(), item.weight.0.into()))
    });
    rounded(points.sum(), UNITS_A_HUNDREDTH)
}

/// 材料分 or 面试分: the mean of what the panel's sheets sum up to, once every sheet is locked; of an offline review what was
/// entered. None where no judge filled in such a sheet.
pub fn mean(review: &Review, sheet: Sheet) -> Option<Hundredths> {
    if let Some(offline) = &review.offline {
        return match sheet {
            Sheet::Material => offline.material_score,
            Sheet::Interview => offline.interview_score,
        };
    }
    // the group speaks when every sheet is locked
    review.group_opinion.as_ref()?;
    let sheets = counted(review, sheet);
    let sum = sheets.iter().flat_map(|sheet| &sheet.items).map(|scored| i128::from(scored.score.0)).sum();
    rounded(sum, i128::try_from(sheets.len()).ok().filter(|judges| *judges > 0)?)
}

/// The panel's sheets of a kind; a recused judge's does not count.
fn counted(review: &Review, sheet: Sheet) -> Vec<&ScoreSheet> {
    let Some(panel) = &review.panel else { return Vec::new() };
    let counts = |judge| panel.judges.contains(judge) && !review.recusals.contains_key(judge);
    let of_kind = review.sheets.iter().filter(|((kind, judge), _)| *kind == sheet && counts(judge));
    of_kind.map(|(_, sheet)| sheet).collect()
}

/// `weight` hundredths of a point times `score / max`, in units.
const fn share(score: i128, max: i128, weight: i128) -> i128 {
    if max <= 0 { 0 } else { score * weight * UNITS_A_HUNDREDTH / max }
}

/// `sum / parts` in hundredths, a half rounded up. `parts` is positive, and no score negative.
fn rounded(sum: i128, parts: i128) -> Option<Hundredths> {
    i64::try_from((sum * 2 + parts) / (parts * 2)).ok().map(Hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::Declaration;
    use crate::world::sitting::{Sitting, sheet};
    use serde_json::json;

    fn scores(it: &Declaration) -> [Option<String>; 3] {
        let review = &it.review;
        [mean(review, Sheet::Material), mean(review, Sheet::Interview), total(review)]
            .map(|score| score.map(|score| score.to_string()))
    }

    fn known(material: &str, interview: &str, total: &str) -> [Option<String>; 3] {
        [material, interview, total].map(|score| Some(score.to_owned()))
    }

    #[test]
    fn an_item_without_sheets_counts_nothing() {
        assert_eq!(share(100, 0, 10_000), 0);
        assert_eq!(share(75, 100, 10_000), 75 * UNITS_A_POINT);
    }

    #[test]
    fn a_third_is_rounded_to_the_nearer_hundredth() {
        assert_eq!(
            [rounded(100, 3), rounded(200, 3), rounded(5, 2)],
            [33, 67, 3].map(|it| Some(Hundredths(it)))
        );
    }

    #[test]
    fn scores_are_known_once_the_group_has_spoken_and_not_while_a_sheet_is_open() {
        let mut sitting = Sitting::assigned(1, |_| {});
        sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
        for (seat, score) in [(0, 80), (1, 81), (2, 83)] {
            sitting.judged(seat, 0, "score-material", sheet("业绩成果", score));
            sitting.judged(seat, 0, "score-interview", sheet("答辩", 40));
            assert_eq!(scores(&sitting.candidate(0)), [None, None, None]);
        }
        sitting.judged(0, 0, "give-opinion", crate::world::sitting::opinion("group"));
        // 60 x 81.333… / 100 + 40 x 40 / 50
        assert_eq!(scores(&sitting.candidate(0)), known("81.33", "40", "80.8"));
        sitting.roll_back(0).unwrap();
        assert_eq!(scores(&sitting.candidate(0)), [None, None, None]);
    }

    #[test]
    fn a_sheet_tells_what_it_adds_to_the_total() {
        let mut sitting = Sitting::assigned(1, |_| {});
        sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
        sitting.judged(0, 0, "score-material", sheet("业绩成果", 81));
        sitting.judged(0, 0, "score-interview", sheet("答辩", 40));
        let it = sitting.candidate(0);
        let of_sheet = |kind| {
            let own = it.review.sheets.iter().find(|((sheet, _), _)| *sheet == kind).unwrap().1;
            super::of_sheet(&it.review, kind, own).map(|points| points.to_string())
        };
        // 60 x 81 / 100, and 40 x 40 / 50
        assert_eq!(
            (of_sheet(Sheet::Material).as_deref(), of_sheet(Sheet::Interview).as_deref()),
            (Some("48.6"), Some("32"))
        );
    }

    #[test]
    fn an_offline_review_has_the_scores_that_were_entered() {
        let sitting = Sitting::approved(1, |input| input["medium"] = json!("offline"));
        let mut it = sitting.candidate(0);
        assert_eq!(it.review.scoring.len(), 2, "the rules came with the scheme's approval");
        let tally = crate::declaration::Tally {
            attending: 25,
            agree: 25,
            disagree: 0,
            passed: true,
            vote_on: chrono::NaiveDate::MIN,
        };
        it.review.offline = Some(crate::declaration::OfflineResult {
            tally,
            size: 25,
            material_score: Hundredths::parse("92.5"),
            interview_score: None,
            evidence: Vec::new(),
        });
        assert_eq!(scores(&it), [Some("92.5".to_owned()), None, Some("55.5".to_owned())]);
        if let Some(offline) = &mut it.review.offline {
            offline.material_score = None;
        }
        assert_eq!(scores(&it), [None, None, None]);
    }
}

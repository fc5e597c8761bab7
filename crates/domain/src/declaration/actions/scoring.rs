//! 打分 A judge's score sheet: every item of the scheme between nothing and its maximum, one sheet a judge, editable until
//! locked (T40, T41).

use super::judging;
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::values::{ScoredItem, Sheet};
use crate::declaration::{Declaration, Event, ScoreSheet};
use crate::hundredths::Hundredths;
use crate::input::Checks;
use crate::refusal::refusals;
use crate::review_meeting::actions::send_interview_notices::NoInterview;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

refusals! {
    /// T40: editable until locked.
    SheetLocked = Rule "sheet-locked", "打分已锁定", "您的打分已锁定，不能再修改。确需修改的，请由省本级专技处回退后重新打分。";
    /// The scheme gives this sheet no item.
    SheetUnused = Rule "sheet-unused", "方案没有该项打分", "评审方案的打分细则没有设置该类打分项，不需要打分。";
}

/// One item of the input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    /// The item's name in the scheme.
    pub item: String,
    /// The score.
    pub score: Hundredths,
    /// A remark.
    pub note: Option<String>,
}

/// The input of both sheets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The items; all of them to lock the sheet, none of an absent candidate.
    pub items: Vec<ItemInput>,
    /// 缺席: the candidate did not appear at the interview.
    pub absent: Option<bool>,
    /// Whether the sheet is final.
    pub locked: bool,
}

/// Saves the whole sheet of the judge who acts; a save that changes nothing appends nothing.
pub(super) fn score(
    input: &Scores,
    sheet: Sheet,
    action: &'static str,
    it: &Declaration,
    context: &Context<'_>,
) -> Decision<Event> {
    let judge_id = judging::judge(it, action, context)?;
    let terms = judging::terms(it, context)?;
    if sheet == Sheet::Interview && !terms.interview {
        return Err(NoInterview.into());
    }
    if !terms.has(sheet) {
        return Err(SheetUnused.into());
    }
    let earlier = it.review.sheets.get(&(sheet, judge_id));
    if earlier.is_some_and(|earlier| earlier.locked) {
        return Err(SheetLocked.into());
    }
    let absent = input.absent.unwrap_or(false);
    let mut checks = Checks::new();
    let present = sheet == Sheet::Interview || !absent;
    checks.ensure(present, "/absent", "absent-not-here", "只有面试答辩可以记为缺席。");
    checks.ensure(!absent || input.items.is_empty(), "/items", "absent", "缺席的参评人员不打分。");
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for (index, scored) in input.items.iter().take(crate::scheme::terms::SCORING_ITEMS_MAX + 1).enumerate() {
        let pointer = format!("/items/{index}");
        let fresh = seen.insert(scored.item.as_str());
        checks.ensure(fresh, &format!("{pointer}/item"), "repeated", "打分项重复。");
        let known = terms.items(sheet).find(|item| item.item == scored.item);
        checks.ensure(known.is_some(), &format!("{pointer}/item"), "unknown-item", "打分细则没有这一项。");
        let max = known.map_or(Hundredths::default(), |item| item.max);
        checks.ensure(
            known.is_none() || (Hundredths::default()..=max).contains(&scored.score),
            &format!("{pointer}/score"),
            "score-out-of-range",
            format!("分数应在0到{max}之间。"),
        );
        let note = checks.opinion(&format!("{pointer}/note"), scored.note.as_deref()).into();
        items.push(ScoredItem { item: scored.item.clone(), note, score: scored.score });
    }
    let complete = absent || terms.items(sheet).all(|item| seen.contains(item.item.as_str()));
    checks.ensure(!input.locked || complete, "/items", "items-missing", "锁定前须为每一项打分。");
    checks.done()?;
    // in the scheme's order, so that equal sheets are equal
    items.sort_by_key(|scored| terms.items(sheet).position(|item| item.item == scored.item));
    let locked = input.locked;
    let same =
        |earlier: &ScoreSheet| earlier.items == items && earlier.absent == absent && earlier.locked == locked;
    if earlier.is_some_and(same) {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(match sheet {
        Sheet::Material => Event::MaterialScored { items, judge_id, locked },
        Sheet::Interview => Event::InterviewScored { absent, items, judge_id, locked },
    }))
}

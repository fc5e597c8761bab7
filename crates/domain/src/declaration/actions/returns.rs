//! 退回 What all returns share: one complete list of deficiencies, a deadline in working days, and until when one may
//! return at all (N25, X-15, X-17).

use crate::calendar::FirstDay;
use crate::context::{Context, Stop};
use crate::declaration::checks;
use crate::declaration::values::{ReturnItem, SectionKey};
use crate::declaration::{Declaration, Stage};
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::Named;
use crate::refusal::refusals;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

/// Working days to correct where the return names none.
pub const CORRECTION_DAYS_DEFAULT: u32 = 5;
/// The longest correction period, in working days.
pub const CORRECTION_DAYS_MAX: u32 = 60;
/// A level passes a return on within this many working days; after that it goes by itself.
pub const RELAY_DAYS: u32 = 2;
/// The most deficiencies of one return.
pub const ITEMS_MAX: usize = 200;

refusals! {
    /// returning is offered until the batch's hand-in day.
    ReturnClosed { hand_in_until: NaiveDate } = Rule "return-closed", "已过退回期限", "材料报送截止日期{hand_in_until}已过，不能再退回，只能通过或不通过。";
}

/// One deficiency as it is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    /// A section's key, `section/index` or `materials/<kind>`.
    pub anchor: String,
    /// What is missing or wrong.
    pub problem: String,
}

/// Checks the deficiencies and numbers them.
pub fn items(checks: &mut Checks, items: &[ItemInput], it: &Declaration) -> Vec<ReturnItem> {
    checks.ensure(items.len() <= ITEMS_MAX, "/items", "too-many", format!("退回条目不超过{ITEMS_MAX}条。"));
    items
        .iter()
        .take(ITEMS_MAX)
        .enumerate()
        .map(|(index, item)| {
            let anchor = checks.name(&format!("/items/{index}/anchor"), &item.anchor);
            let (first, rest) = anchor.split_once('/').unwrap_or((anchor.as_str(), ""));
            let known = first == "materials" && !rest.is_empty()
                || SectionKey::from_name(first).is_some() && (rest.is_empty() || rest.parse::<u32>().is_ok());
            checks.ensure(
                known,
                &format!("/items/{index}/anchor"),
                "anchor-unknown",
                "没有这个部分或材料类别。",
            );
            ReturnItem {
                item_id: format!("{}-{}", it.return_count + 1, index + 1),
                problem: checks.paragraph(
                    &format!("/items/{index}/problem"),
                    &item.problem,
                    OPINION_CHARS_MAX,
                ),
                anchor,
            }
        })
        .collect()
}

/// How long the applicant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrectionTerms {
    /// Working days.
    pub days: u32,
}

impl CorrectionTerms {
    /// From the input.
    pub fn of(checks: &mut Checks, days: Option<u32>) -> Self {
        let days = days.unwrap_or(CORRECTION_DAYS_DEFAULT);
        checks.ensure(
            (1..=CORRECTION_DAYS_MAX).contains(&days),
            "/correction_days",
            "out-of-range",
            format!("修改期限应为1至{CORRECTION_DAYS_MAX}个工作日。"),
        );
        Self { days: days.clamp(1, CORRECTION_DAYS_MAX) }
    }

    /// The last day, counted from the day after arrival.
    pub fn correct_by(self, context: &Context<'_>) -> NaiveDate {
        working_days_from_today(context, self.days)
    }
}

/// The last day on which a level may keep a return.
pub fn relay_by(context: &Context<'_>) -> NaiveDate {
    working_days_from_today(context, RELAY_DAYS)
}

fn working_days_from_today(context: &Context<'_>, days: u32) -> NaiveDate {
    let today = context.today();
    context
        .calendar()
        .add_working_days(today, days, FirstDay::NotCounted)
        .map_or(today, |reckoned| reckoned.on)
}

/// Refuses a return after the hand-in day of the batch.
pub fn while_hand_in_lasts(it: &Declaration, context: &Context<'_>) -> Result<(), Stop> {
    let Some(batch) = checks::batch(it, context) else { return Ok(()) };
    if it.stage == Stage::ReturnedToSubordinate || batch.takes_material_on(context.today()) {
        return Ok(());
    }
    let hand_in_until = batch.terms.as_ref().map(|terms| terms.hand_in_until).unwrap_or_default();
    Err(ReturnClosed { hand_in_until }.into())
}

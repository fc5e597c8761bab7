//! 公示期 How long a publicity runs: at least five working days, the first counted if it is one (N01, N03; domain.md 4.11).

use crate::context::{Context, Stop};
use crate::refusal::refusals;
use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shortest publicity, in working days (N01, N03).
pub const WORKING_DAYS_MIN: u32 = 5;
/// The longest publicity, in working days.
pub const WORKING_DAYS_MAX: u32 = 60;
/// How many days ahead a publicity may be announced.
pub const STARTS_AHEAD_DAYS_MAX: u64 = 60;

refusals! {
    /// N01, N03: seed 003 四(二)2, 六(一).
    PublicityTooShort { working_days: u32, least: u32 } = Rule "publicity-too-short", "公示期不足", "公示期为{working_days}个工作日，按湘人社函〔2023〕118号不得少于{least}个工作日，请延长。";
    /// Beyond this it is a slip of the pen.
    PublicityTooLong { most: u32 } = Rule "publicity-too-long", "公示期过长", "公示期不超过{most}个工作日，请核对。";
    /// T12: nobody publishes backwards.
    PublicityStartRefused { first: NaiveDate, last: NaiveDate } = Rule "publicity-start-refused", "公示开始日期有误", "公示开始日期应在{first}至{last}之间，请核对。";
    /// T15, T16, T53: by the clock of the request, inclusive of the last day.
    PublicityNotEnded { ends_on: NaiveDate } = Rule "publicity-not-ended", "公示期未满", "公示期至{ends_on}（含当日），请在该日以后办理。";
}

/// When a publicity runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Last day, inclusive.
    pub ends_on: NaiveDate,
    /// Whether the last day rests on a year whose calendar is not published yet.
    pub provisional: bool,
    /// First day.
    pub starts_on: NaiveDate,
    /// Its length in working days.
    pub working_days: u32,
}

impl Period {
    /// The period that begins on `starts_on`.
    ///
    /// # Errors
    /// `publicity-too-short`, `publicity-too-long`, `publicity-start-refused`, each at its field.
    pub fn of(starts_on: NaiveDate, working_days: u32, context: &Context<'_>) -> Result<Self, Stop> {
        if working_days < WORKING_DAYS_MIN {
            let refusal = PublicityTooShort { working_days, least: WORKING_DAYS_MIN }.refusal();
            return Err(refusal.at("/working_days").into());
        }
        if working_days > WORKING_DAYS_MAX {
            return Err(PublicityTooLong { most: WORKING_DAYS_MAX }.refusal().at("/working_days").into());
        }
        let first = context.today();
        let last = first.checked_add_days(Days::new(STARTS_AHEAD_DAYS_MAX)).unwrap_or(first);
        let ends = context.calendar().end_of_period(starts_on, working_days);
        match ends {
            Some(ends) if (first..=last).contains(&starts_on) => {
                Ok(Self { ends_on: ends.on, provisional: ends.provisional, starts_on, working_days })
            }
            Some(_) | None => Err(PublicityStartRefused { first, last }.refusal().at("/starts_on").into()),
        }
    }
}

/// Refuses while the period runs: its last day ends at 24:00 in Asia/Shanghai.
pub fn over(ends_on: NaiveDate, context: &Context<'_>) -> Result<(), Stop> {
    if context.today() > ends_on { Ok(()) } else { Err(PublicityNotEnded { ends_on }.into()) }
}

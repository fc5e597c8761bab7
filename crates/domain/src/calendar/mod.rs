//! 工作日历 The working-day calendar: every period of the rules is counted with it (domain.md 4.10, 4.11).
//!
//! The State Council's notices of 2023 to 2026 are built in; later years are published by the provincial administrator
//! and override. Where a period reaches into a year without a notice it is reckoned by weekday and the days that the
//! law fixes (1 January, 1 and 2 May, 1 to 3 October) and marked provisional, to be reckoned anew when the notice comes.
//!
//! The convention: the first day of a period counts if it is a working day, and the period ends with its last working
//! day at 24:00 in Asia/Shanghai. Nothing here panics: where a date would leave the range of dates the answer is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{Problem, text};

mod notices;
mod year;

pub use notices::discouraged;
use year::{YearTable, provisional_table};

/// First year that can be published.
pub const YEAR_MIN: i32 = 2000;
/// Last year that can be published.
pub const YEAR_MAX: i32 = 2199;
/// Longest name of a notice, in characters.
pub const NOTICE_CHARS_MAX: usize = 200;
/// Most days that one notice names: a year, and December and January around it.
pub const NOTICE_DAYS_MAX: usize = 366 + 31 + 31;

/// Which days are worked, by the notices published so far.
///
/// Serialises as the notices that were published over the built-in ones; cheap to clone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Published", into = "Published")]
#[schemars(with = "Published")]
pub struct WorkingCalendar {
    /// Built in or published; a later publication of a year replaces the earlier.
    notices: BTreeMap<i32, Arc<Notice>>,
    /// Of every year that a notice speaks about; the others follow the rule.
    tables: BTreeMap<i32, Arc<YearTable>>,
}

/// A day and whether it is worked, as notices are published and as calendars are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Whether it is worked.
    pub working: bool,
}

/// What a day is and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// 工作日 Monday to Friday.
    Workday,
    /// 调休上班 A Saturday or Sunday that is worked.
    MakeUpWorkday,
    /// 周末 A Saturday or Sunday.
    Weekend,
    /// 节假日 A weekday that is off.
    Holiday,
}

impl DayKind {
    /// Whether it is worked.
    pub fn is_working(self) -> bool {
        match self {
            Self::Workday | Self::MakeUpWorkday => true,
            Self::Weekend | Self::Holiday => false,
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Workday => "工作日",
            Self::MakeUpWorkday => "调休上班日",
            Self::Weekend => "周末",
            Self::Holiday => "放假日",
        }
    }
}

/// A day's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Standing {
    /// What it is.
    pub kind: DayKind,
    /// Whether its year has no notice yet, so that it may change.
    pub provisional: bool,
}

/// A date that was reckoned, the end of a period or a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reckoned {
    /// The date.
    pub on: NaiveDate,
    /// Whether a year without notice was touched, so that it may change.
    pub provisional: bool,
}

/// Whether the day on which counting starts is itself counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FirstDay {
    /// 含当日 It counts if it is a working day: publicity periods (rules N01, N03).
    Counted,
    /// 不含当日 Counting begins on the day after: deadlines after an event (rules N02, N04, N05).
    NotCounted,
}

/// A year as `GET /v1/working-calendar/{year}` answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CalendarYear {
    /// Every day of it, in order.
    pub days: Vec<Day>,
    /// The notice, where there is one.
    pub notice: Option<String>,
    /// Whether there is none.
    pub provisional: bool,
    /// The year.
    pub year: i32,
}

/// A notice and the days it names; days that it does not name follow the weekday and the fixed days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Notice {
    /// In order; of its year, and of December before and January after.
    days: Vec<Day>,
    notice: String,
    year: i32,
}

/// The serialised form: notices that are not the built-in ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WorkingCalendar")]
struct Published {
    published: Vec<Notice>,
}

impl Default for WorkingCalendar {
    /// The calendar of the notices of 2023 to 2026.
    fn default() -> Self {
        notices::reference().clone()
    }
}

impl WorkingCalendar {
    /// What a day is, why, and how sure that is.
    pub fn standing(&self, date: NaiveDate) -> Standing {
        let table = self.table(date.year());
        Standing { kind: table.kind(date.ordinal0()), provisional: table.is_provisional() }
    }

    /// Whether a day is worked, provisionally or for sure.
    pub fn is_working(&self, date: NaiveDate) -> bool {
        self.standing(date).kind.is_working()
    }

    /// The last day of a period of `working_days` that begins on `start`: the start counts if it is a working day,
    /// otherwise counting begins with the next (domain.md 4.11). Of zero days it is the start.
    pub fn end_of_period(&self, start: NaiveDate, working_days: u32) -> Option<Reckoned> {
        self.add_working_days(start, working_days, FirstDay::Counted)
    }

    /// The `working_days`-th working day from `start` on. Zero days lead nowhere: the start, worked or not.
    pub fn add_working_days(&self, start: NaiveDate, working_days: u32, first: FirstDay) -> Option<Reckoned> {
        let mut year = start.year();
        let mut passed = match first {
            FirstDay::Counted => start.ordinal0(),
            FirstDay::NotCounted => start.ordinal(),
        };
        let mut remaining = working_days;
        let mut provisional = false;
        if remaining == 0 {
            return Some(Reckoned { on: start, provisional });
        }
        loop {
            let table = self.table(year);
            let before = table.worked_before(passed);
            let left = table.worked_in_all() - before;
            provisional |= table.is_provisional() && passed < table.length();
            if remaining <= left {
                let on = NaiveDate::from_yo_opt(year, table.ordinal_of(before + remaining)?)?;
                return Some(Reckoned { on, provisional });
            }
            remaining -= left;
            passed = 0;
            year = next_year(year)?;
        }
    }

    /// The `working_days`-th working day before `date`, which is not counted itself: the last day on which a scheme may
    /// arrive for an opening (rules N06, N07). Of zero days it is the date.
    pub fn minus_working_days(&self, date: NaiveDate, working_days: u32) -> Option<Reckoned> {
        let mut year = date.year();
        let mut table = self.table(year);
        let mut before = date.ordinal0();
        let mut remaining = working_days;
        let mut provisional = false;
        if remaining == 0 {
            return Some(Reckoned { on: date, provisional });
        }
        loop {
            let worked = table.worked_before(before);
            provisional |= table.is_provisional() && before > 0;
            if remaining <= worked {
                let on = NaiveDate::from_yo_opt(year, table.ordinal_of(worked - remaining + 1)?)?;
                return Some(Reckoned { on, provisional });
            }
            remaining -= worked;
            year = previous_year(year)?;
            table = self.table(year);
            before = table.length();
        }
    }

    /// How many working days lie after `after` up to and including `up_to`: the days that a step took (过程跟踪), the
    /// days that a case has waited. Zero where `up_to` is not after `after`.
    pub fn working_days_between(&self, after: NaiveDate, up_to: NaiveDate) -> u32 {
        if up_to <= after {
            return 0;
        }
        let (first, last) = (self.table(after.year()), self.table(up_to.year()));
        let whole_years: u32 =
            (after.year()..up_to.year()).map(|year| self.table(year).worked_in_all()).sum();
        whole_years + last.worked_before(up_to.ordinal()) - first.worked_before(after.ordinal())
    }

    /// Whether any day from `first` to `last` stands in a year without notice: a count over them may change.
    pub fn is_provisional_between(&self, first: NaiveDate, last: NaiveDate) -> bool {
        (first.year()..=last.year()).any(|year| self.table(year).is_provisional())
    }

    /// The last `working_days` working days of a quarter (1 to 4), in order: the paper hand-in of rule N11. Fewer where
    /// the quarter has fewer; none where there is no such quarter.
    pub fn last_working_days_of_quarter(
        &self,
        year: i32,
        quarter: u32,
        working_days: usize,
    ) -> Option<Vec<NaiveDate>> {
        let first_month = quarter.checked_sub(1).filter(|index| *index < 4)? * 3 + 1;
        let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
        let last_month = NaiveDate::from_ymd_opt(year, first_month + 2, 1)?;
        let last = last_month.with_day(u32::from(last_month.num_days_in_month()))?;
        Some(self.last_working_days(first, last, working_days))
    }

    /// The last working day of a year: no filing may cross it (rule N09).
    pub fn last_working_day_of_year(&self, year: i32) -> Option<Reckoned> {
        let table = self.table(year);
        let on = NaiveDate::from_yo_opt(year, table.ordinal_of(table.worked_in_all())?)?;
        Some(Reckoned { on, provisional: table.is_provisional() })
    }

    /// Every day of a year, in order; empty for a year that has no dates.
    pub fn days(&self, year: i32) -> Vec<Day> {
        let table = self.table(year);
        (0..table.length())
            .filter_map(|ordinal0| {
                let date = NaiveDate::from_yo_opt(year, ordinal0 + 1)?;
                Some(Day { date, working: table.kind(ordinal0).is_working() })
            })
            .collect()
    }

    /// The notice that a year follows; none while it is provisional.
    pub fn notice(&self, year: i32) -> Option<&str> {
        self.notices.get(&year).map(|notice| notice.notice.as_str())
    }

    /// A year with its notice and all its days.
    pub fn year(&self, year: i32) -> CalendarYear {
        CalendarYear {
            days: self.days(year),
            notice: self.notice(year).map(str::to_owned),
            provisional: !self.notices.contains_key(&year),
            year,
        }
    }

    /// 发布 Takes a year's notice in place of what was known of that year.
    ///
    /// `days` are those that the notice names, days off and make-up days; or all days of the year. What it does not
    /// name follows the weekday and the days that the law fixes. A notice also names days around its year (that of 2023
    /// began on 2022-12-31): December before and January after are taken; of two notices the one of the day's own year
    /// wins for January, the following year's for December, since it came later.
    ///
    /// # Errors
    /// `calendar-year`, `calendar-days-empty`, `calendar-days-too-many`, `calendar-day-outside`,
    /// `calendar-day-contradicts`, and those of [`fn@text::line`] for the notice. Nothing is changed then.
    pub fn publish_year(&mut self, year: i32, notice: &str, days: &[Day]) -> Result<(), Problem> {
        let notice = checked_notice(year, notice, days)?;
        self.notices.insert(year, Arc::new(notice));
        for touched in year - 1..=year + 1 {
            self.rebuild(touched);
        }
        Ok(())
    }

    fn without_notices() -> Self {
        Self { notices: BTreeMap::new(), tables: BTreeMap::new() }
    }

    fn table(&self, year: i32) -> &YearTable {
        self.tables.get(&year).map_or_else(|| provisional_table(year), Arc::as_ref)
    }

    /// Builds a year's table from the notices that name its days.
    fn rebuild(&mut self, year: i32) {
        let own = self.notices.get(&year);
        // later ones override: a notice of this January from the year before, then the own, then of this December
        let named = [self.notices.get(&(year - 1)), own, self.notices.get(&(year + 1))]
            .into_iter()
            .flatten()
            .flat_map(|notice| &notice.days)
            .filter(|day| day.date.year() == year)
            .map(|day| (day.date.ordinal0(), day.working));
        let mut named = named.peekable();
        if own.is_none() && named.peek().is_none() {
            self.tables.remove(&year);
            return;
        }
        let table = YearTable::build(year, own.is_none(), named);
        self.tables.insert(year, Arc::new(table));
    }

    fn last_working_days(&self, first: NaiveDate, last: NaiveDate, count: usize) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = first
            .iter_days()
            .take_while(|date| *date <= last)
            .filter(|date| self.is_working(*date))
            .collect();
        days.split_off(days.len().saturating_sub(count))
    }
}

impl PartialEq for WorkingCalendar {
    /// Two calendars are the same if they follow the same notices.
    fn eq(&self, other: &Self) -> bool {
        self.notices == other.notices
    }
}

impl Eq for WorkingCalendar {}

impl From<WorkingCalendar> for Published {
    fn from(calendar: WorkingCalendar) -> Self {
        let reference = notices::reference();
        let published = calendar
            .notices
            .iter()
            .filter(|(year, notice)| reference.notices.get(year) != Some(notice))
            .map(|(_, notice)| Notice::clone(notice))
            .collect();
        Self { published }
    }
}

impl TryFrom<Published> for WorkingCalendar {
    type Error = Problem;

    fn try_from(stored: Published) -> Result<Self, Problem> {
        let mut calendar = Self::default();
        for notice in stored.published {
            calendar.publish_year(notice.year, &notice.notice, &notice.days)?;
        }
        Ok(calendar)
    }
}

fn checked_notice(year: i32, notice: &str, days: &[Day]) -> Result<Notice, Problem> {
    if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
        return Err(Problem::new("calendar-year", format!("工作日历的年份应在{YEAR_MIN}至{YEAR_MAX}年之间")));
    }
    let notice = text::line(notice, NOTICE_CHARS_MAX)?;
    if days.is_empty() {
        return Err(Problem::new("calendar-days-empty", "请列出通知中的放假日和调休上班日"));
    }
    if days.len() > NOTICE_DAYS_MAX {
        return Err(Problem::new("calendar-days-too-many", format!("列出的日期不能超过{NOTICE_DAYS_MAX}天")));
    }
    let belongs = |date: NaiveDate| {
        date.year() == year
            || (date.year() == year - 1 && date.month() == 12)
            || (date.year() == year + 1 && date.month() == 1)
    };
    if let Some(outside) = days.iter().find(|day| !belongs(day.date)) {
        return Err(Problem::new("calendar-day-outside", format!("{}不属于{year}年的通知", outside.date)));
    }
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    if let Some(pair) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
        return Err(Problem::new(
            "calendar-day-contradicts",
            format!("{}既列为放假日又列为上班日，请核对", pair[0].date),
        ));
    }
    Ok(Notice { days, notice, year })
}

fn next_year(year: i32) -> Option<i32> {
    (year < NaiveDate::MAX.year()).then(|| year + 1)
}

fn previous_year(year: i32) -> Option<i32> {
    (year > NaiveDate::MIN.year()).then(|| year - 1)
}

#[cfg(test)]
mod tests;

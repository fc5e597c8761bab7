//! A year of the calendar, counted once so that every question about it is a look-up.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};

use super::DayKind;

/// Statutory days that have a fixed date (month, day): off on a weekday even where no notice says so. The other
/// festivals follow the moon, the weekday or the notice.
const FIXED_DAYS_OFF: [(u32, u32); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// Years of each kind to build the rule's tables from: first of January on Monday to Sunday, common then leap.
const KINDS: usize = 14;

/// What each day of a year is, and how many days are worked before it.
#[derive(Debug)]
pub(super) struct YearTable {
    kinds: Vec<DayKind>,
    /// Working days among the first n days, for n from 0 to the length of the year.
    worked: Vec<u16>,
    provisional: bool,
}

/// The table of a year that no notice names: there are fourteen of them.
pub(super) fn provisional_table(year: i32) -> &'static YearTable {
    static TABLES: LazyLock<[YearTable; KINDS]> = LazyLock::new(|| {
        std::array::from_fn(|kind| {
            // in 400 years every kind of year occurs
            let year = (2000..2400).find(|year| kind_of_year(*year) == kind).unwrap_or(2000);
            YearTable::build(year, true, std::iter::empty())
        })
    });
    &TABLES[kind_of_year(year)]
}

fn kind_of_year(year: i32) -> usize {
    // the calendar repeats after 400 years, which brings any year into the range of dates
    let year = 2000 + year.rem_euclid(400);
    let weekday = NaiveDate::from_yo_opt(year, 1).map_or(0, |date| date.weekday().num_days_from_monday());
    let leap = NaiveDate::from_yo_opt(year, 366).is_some();
    weekday as usize + if leap { 7 } else { 0 }
}

impl YearTable {
    /// Builds a table by weekday and fixed days, then by what is named: day of the year from 0, and whether it is
    /// worked; of two that name one day the later wins.
    pub(super) fn build(year: i32, provisional: bool, named: impl Iterator<Item = (u32, bool)>) -> Self {
        let days = || (1..=366).map_while(|ordinal| NaiveDate::from_yo_opt(year, ordinal));
        let mut working: Vec<bool> = days().map(is_working_by_rule).collect();
        for (ordinal0, is_working) in named {
            if let Some(day) = working.get_mut(ordinal0 as usize) {
                *day = is_working;
            }
        }
        let kinds: Vec<DayKind> = days()
            .zip(&working)
            .map(|(date, is_working)| match (is_weekend(date), *is_working) {
                (false, true) => DayKind::Workday,
                (true, true) => DayKind::MakeUpWorkday,
                (true, false) => DayKind::Weekend,
                (false, false) => DayKind::Holiday,
            })
            .collect();
        let mut worked = Vec::with_capacity(working.len() + 1);
        let mut count = 0;
        worked.push(count);
        for is_working in working {
            count += u16::from(is_working);
            worked.push(count);
        }
        Self { kinds, worked, provisional }
    }

    /// What a day of the year (from 0) is.
    pub(super) fn kind(&self, ordinal0: u32) -> DayKind {
        self.kinds.get(ordinal0 as usize).copied().unwrap_or(DayKind::Weekend)
    }

    /// Working days among the first `days` days of the year.
    pub(super) fn worked_before(&self, days: u32) -> u32 {
        self.worked.get(days as usize).map_or_else(|| self.worked_in_all(), |count| u32::from(*count))
    }

    /// Working days of the year.
    pub(super) fn worked_in_all(&self) -> u32 {
        self.worked.last().map_or(0, |count| u32::from(*count))
    }

    /// Day of the year (from 1) of its n-th working day, n from 1; none where it has fewer.
    pub(super) fn ordinal_of(&self, working_day: u32) -> Option<u32> {
        if working_day == 0 || working_day > self.worked_in_all() {
            return None;
        }
        u32::try_from(self.worked.partition_point(|count| u32::from(*count) < working_day)).ok()
    }

    /// Days of the year.
    pub(super) fn length(&self) -> u32 {
        u32::try_from(self.kinds.len()).unwrap_or(u32::MAX)
    }

    /// Whether its year has no notice.
    pub(super) fn is_provisional(&self) -> bool {
        self.provisional
    }
}

fn is_working_by_rule(date: NaiveDate) -> bool {
    !is_weekend(date) && !FIXED_DAYS_OFF.contains(&(date.month(), date.day()))
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn off(text: &str) -> Day {
    Day { date: date(text), working: false }
}

fn worked(text: &str) -> Day {
    Day { date: date(text), working: true }
}

fn ends(start: &str, working_days: u32) -> String {
    WorkingCalendar::default().end_of_period(date(start), working_days).unwrap().on.to_string()
}

/// Working days of each year and month, domain.md 4.10.
const WORKED: [(i32, u32, [u32; 12]); 4] = [
    (2023, 249, [18, 20, 23, 20, 21, 21, 21, 23, 20, 19, 22, 21]),
    (2024, 251, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
    (2025, 248, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
    (2026, 248, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
];

#[test]
fn counts_the_working_days_of_years_and_months() {
    let calendar = WorkingCalendar::default();
    for (year, in_year, in_months) in WORKED {
        let days = calendar.days(year);
        assert_eq!(days.len(), if year == 2024 { 366 } else { 365 });
        assert_eq!(days.iter().filter(|day| day.working).count() as u32, in_year);
        for (month0, expected) in in_months.into_iter().enumerate() {
            let count = days.iter().filter(|day| day.working && day.date.month0() as usize == month0).count();
            assert_eq!(count as u32, expected, "{year}-{:02}", month0 + 1);
        }
    }
}

#[test]
fn ends_a_publicity_of_five_days_as_hunan_counts() {
    for (start, end) in [
        ("2023-09-25", "2023-10-07"),
        ("2023-09-28", "2023-10-10"),
        ("2024-09-12", "2024-09-19"),
        ("2024-09-27", "2024-10-09"),
        ("2025-01-22", "2025-01-27"),
        ("2025-09-26", "2025-10-09"),
        ("2026-02-09", "2026-02-13"),
        ("2026-09-21", "2026-09-28"),
        ("2026-09-28", "2026-10-09"),
        ("2026-12-18", "2026-12-24"),
        ("2026-12-21", "2026-12-25"),
        ("2023-09-01", "2023-09-07"),
    ] {
        assert_eq!(ends(start, 5), end, "from {start}");
    }
}

#[test]
fn begins_on_the_next_working_day_after_a_rest_day() {
    // 2023-09-29 to 10-06 are off
    assert_eq!(ends("2023-09-30", 1), "2023-10-07");
    assert_eq!(ends("2023-09-30", 5), ends("2023-10-07", 5));
    assert!(!WorkingCalendar::default().is_working(date("2023-09-30")));
}

#[test]
fn counts_deadlines_from_the_day_after_the_vote() {
    let calendar = WorkingCalendar::default();
    let after = |start, working_days| {
        let reckoned = calendar.add_working_days(date(start), working_days, FirstDay::NotCounted).unwrap();
        assert!(!reckoned.provisional);
        reckoned.on.to_string()
    };
    assert_eq!(after("2023-12-24", 5), "2023-12-29");
    assert_eq!(after("2023-11-10", 3), "2023-11-15");
    assert_eq!(after("2023-11-10", 15), "2023-12-01");
    assert_eq!(after("2023-11-10", 0), "2023-11-10");
}

#[test]
fn counts_back_from_the_opening() {
    let calendar = WorkingCalendar::default();
    for (opening, working_days, by) in [
        ("2023-10-16", 10, "2023-09-26"),
        ("2023-10-16", 5, "2023-10-09"),
        ("2024-10-14", 10, "2024-09-25"),
        ("2024-10-14", 5, "2024-10-08"),
        ("2024-01-02", 1, "2023-12-29"),
        ("2024-01-02", 0, "2024-01-02"),
    ] {
        let reckoned = calendar.minus_working_days(date(opening), working_days).unwrap();
        assert_eq!(
            reckoned,
            Reckoned { on: date(by), provisional: false },
            "{working_days} before {opening}"
        );
    }
}

#[test]
fn hands_in_papers_on_the_last_two_days_of_the_quarter() {
    let calendar = WorkingCalendar::default();
    let days = calendar.last_working_days_of_quarter(2023, 3, 2).unwrap();
    assert_eq!(days, [date("2023-09-27"), date("2023-09-28")]);
    assert_eq!(calendar.last_working_days_of_quarter(2023, 4, 1).unwrap(), [date("2023-12-29")]);
    assert_eq!(calendar.last_working_days_of_quarter(2023, 1, 1000).unwrap().len(), 18 + 20 + 23);
    assert_eq!(calendar.last_working_days_of_quarter(2023, 0, 2), None);
    assert_eq!(calendar.last_working_days_of_quarter(2023, 5, 2), None);
    assert_eq!(calendar.last_working_days_of_quarter(i32::MAX, 1, 2), None);
    assert_eq!(calendar.last_working_day_of_year(2023).unwrap().on, date("2023-12-29"));
}

#[test]
fn counts_days_after_arrival_up_to_the_day_of_handling() {
    let calendar = WorkingCalendar::default();
    let between = |after, up_to| calendar.working_days_between(date(after), date(up_to));
    assert_eq!(between("2023-09-25", "2023-09-25"), 0);
    assert_eq!(between("2023-09-25", "2023-09-26"), 1);
    assert_eq!(between("2023-09-28", "2023-10-09"), 3);
    assert_eq!(between("2023-10-09", "2023-09-28"), 0);
    assert_eq!(between("2022-12-31", "2026-12-31"), 249 + 251 + 248 + 248);
    assert_eq!(between("2023-12-29", "2024-01-02"), 1);
}

#[test]
fn says_why_a_day_is_worked_or_not() {
    let calendar = WorkingCalendar::default();
    for (day, kind) in [
        ("2023-10-07", DayKind::MakeUpWorkday),
        ("2023-10-06", DayKind::Holiday),
        ("2023-10-09", DayKind::Workday),
        ("2023-10-14", DayKind::Weekend),
        ("2024-02-09", DayKind::Workday),
    ] {
        assert_eq!(calendar.standing(date(day)), Standing { kind, provisional: false }, "{day}");
    }
    assert!(discouraged(date("2024-02-09")).is_some());
    assert_eq!(discouraged(date("2024-02-08")), None);
}

#[test]
fn is_provisional_beyond_the_notices() {
    let calendar = WorkingCalendar::default();
    for (day, working) in [
        ("2027-01-01", false),
        ("2027-05-03", true),
        ("2028-05-02", false),
        ("2029-10-03", false),
        ("2027-10-04", true),
    ] {
        let standing = calendar.standing(date(day));
        assert_eq!((standing.kind.is_working(), standing.provisional), (working, true), "{day}");
    }
    assert!(calendar.end_of_period(date("2026-12-28"), 4).is_some_and(|end| !end.provisional));
    let crossing = calendar.end_of_period(date("2026-12-28"), 5).unwrap();
    assert_eq!(crossing, Reckoned { on: date("2027-01-04"), provisional: true });
    let back = calendar.minus_working_days(date("2027-01-04"), 1).unwrap();
    assert_eq!(back, Reckoned { on: date("2026-12-31"), provisional: true });
    assert!(calendar.is_provisional_between(date("2026-12-31"), date("2027-01-01")));
    assert!(!calendar.is_provisional_between(date("2023-01-01"), date("2026-12-31")));
    assert_eq!(calendar.notice(2027), None);
    assert_eq!(calendar.notice(2023), Some("国办发明电〔2022〕16号"));
}

#[test]
fn reckons_anew_when_the_notice_comes() {
    let mut calendar = WorkingCalendar::default();
    calendar
        .publish_year(
            2027,
            "国办发明电〔2026〕1号",
            &[off("2027-01-01"), off("2027-01-04"), worked("2027-01-09")],
        )
        .unwrap();
    let end = calendar.end_of_period(date("2026-12-28"), 5).unwrap();
    assert_eq!(end, Reckoned { on: date("2027-01-05"), provisional: false });
    assert_eq!(calendar.standing(date("2027-01-09")).kind, DayKind::MakeUpWorkday);
    assert!(!calendar.is_working(date("2027-10-01")), "the law fixes it whether named or not");
    let year = calendar.year(2027);
    assert_eq!((year.provisional, year.notice.as_deref()), (false, Some("国办发明电〔2026〕1号")));
    assert!(calendar.standing(date("2028-01-03")).provisional);
}

#[test]
fn follows_the_latest_notice_of_a_year_and_the_days_around_it() {
    let mut calendar = WorkingCalendar::default();
    assert!(calendar.is_working(date("2026-12-31")));
    calendar.publish_year(2027, "甲", &[off("2026-12-31"), worked("2027-01-02"), off("2028-01-03")]).unwrap();
    assert!(!calendar.is_working(date("2026-12-31")));
    assert!(!calendar.is_working(date("2028-01-03")));
    assert!(calendar.standing(date("2028-01-03")).provisional, "2028 still has no notice of its own");

    calendar.publish_year(2027, "乙", &[worked("2027-01-03")]).unwrap();
    assert!(calendar.is_working(date("2026-12-31")));
    assert!(!calendar.is_working(date("2027-01-02")));
    assert!(calendar.is_working(date("2027-01-03")));
    assert_eq!(calendar.notice(2027), Some("乙"));
}

#[test]
fn takes_a_year_with_all_its_days() {
    let mut calendar = WorkingCalendar::default();
    let days = calendar.days(2028);
    calendar.publish_year(2028, "全年", &days).unwrap();
    assert_eq!(calendar.days(2028), days);
    assert!(!calendar.standing(date("2028-03-01")).provisional);
}

#[test]
fn refuses_a_notice_that_cannot_be_right() {
    let mut calendar = WorkingCalendar::default();
    let before = calendar.clone();
    for (year, notice, days, code) in [
        (1999, "通知", vec![off("1999-01-01")], "calendar-year"),
        (2200, "通知", vec![off("2200-01-01")], "calendar-year"),
        (2027, " ", vec![off("2027-01-01")], "text-empty"),
        (2027, "通知", vec![], "calendar-days-empty"),
        (2027, "通知", vec![off("2028-02-01")], "calendar-day-outside"),
        (2027, "通知", vec![off("2026-11-30")], "calendar-day-outside"),
        (2027, "通知", vec![off("2027-01-01"), worked("2027-01-01")], "calendar-day-contradicts"),
        (2027, "通知", vec![off("2027-01-01"); 429], "calendar-days-too-many"),
    ] {
        assert_eq!(calendar.publish_year(year, notice, &days).unwrap_err().code, code);
    }
    assert_eq!(calendar, before);
}

#[test]
fn stores_only_what_was_published() {
    let mut calendar = WorkingCalendar::default();
    assert_eq!(serde_json::to_string(&calendar).unwrap(), r#"{"published":[]}"#);
    calendar.publish_year(2027, "甲", &[off("2027-02-05")]).unwrap();
    calendar.publish_year(2023, "更正", &[worked("2023-01-02")]).unwrap();
    let stored = serde_json::to_string(&calendar).unwrap();
    let read: WorkingCalendar = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, calendar);
    assert_eq!(read.days(2023), calendar.days(2023));
    assert_eq!(stored, serde_json::to_value(&calendar).unwrap().to_string(), "fields stand in sorted order");
    assert!(
        serde_json::from_str::<WorkingCalendar>(r#"{"published":[{"days":[],"notice":"甲","year":2027}]}"#)
            .is_err()
    );
}

#[test]
fn answers_none_at_the_ends_of_time() {
    let calendar = WorkingCalendar::default();
    assert_eq!(calendar.end_of_period(NaiveDate::MAX, 1000), None);
    assert_eq!(calendar.end_of_period(date("2026-01-01"), u32::MAX), None);
    assert_eq!(calendar.minus_working_days(NaiveDate::MIN, 1), None);
    assert_eq!(calendar.minus_working_days(date("2026-01-01"), u32::MAX), None);
    assert!(calendar.working_days_between(NaiveDate::MIN, NaiveDate::MAX) > 130_000_000);
    for year in [i32::MIN, i32::MAX, NaiveDate::MAX.year(), NaiveDate::MIN.year()] {
        let _ = (calendar.year(year), calendar.last_working_day_of_year(year));
    }
    let _ = (calendar.standing(NaiveDate::MAX), calendar.standing(NaiveDate::MIN));
}

proptest! {
    #[test]
    fn ends_on_a_working_day_after_that_many(offset in 0_u64..3650, working_days in 1_u32..600) {
        let calendar = WorkingCalendar::default();
        let start = date("2020-06-01") + chrono::Days::new(offset);
        let end = calendar.end_of_period(start, working_days).unwrap().on;
        prop_assert!(calendar.is_working(end));
        let before_start = start.pred_opt().unwrap();
        prop_assert_eq!(calendar.working_days_between(before_start, end), working_days);
        let by_hand = start.iter_days().filter(|day| calendar.is_working(*day)).nth(working_days as usize - 1);
        prop_assert_eq!(Some(end), by_hand);
    }

    #[test]
    fn comes_back_to_a_working_day(offset in 0_u64..3650, working_days in 0_u32..600) {
        let calendar = WorkingCalendar::default();
        let start = calendar.end_of_period(date("2020-06-01") + chrono::Days::new(offset), 1).unwrap().on;
        let later = calendar.add_working_days(start, working_days, FirstDay::NotCounted).unwrap();
        let back = calendar.minus_working_days(later.on, working_days).unwrap();
        prop_assert_eq!(back.on, start);
    }

    #[test]
    fn adds_up_over_any_day_between(first in 0_u64..4000, second in 0_u64..4000, third in 0_u64..4000) {
        let calendar = WorkingCalendar::default();
        let mut days = [first, second, third].map(|offset| date("2020-01-01") + chrono::Days::new(offset));
        days.sort();
        let [early, middle, late] = days;
        prop_assert_eq!(
            calendar.working_days_between(early, late),
            calendar.working_days_between(early, middle) + calendar.working_days_between(middle, late)
        );
    }
}

//! The State Council's notices of 2023 to 2026 as they were published (domain.md 4.10).

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::{Day, WorkingCalendar};

/// A day as year, month, day.
type Date = (i32, u32, u32);

struct Published {
    year: i32,
    notice: &'static str,
    /// Days off, first and last of each run; moved rest days are in them.
    off: &'static [(Date, Date)],
    /// 调休上班 Saturdays and Sundays that are worked.
    made_up: &'static [Date],
}

const NOTICES: [Published; 4] = [
    Published {
        year: 2023,
        notice: "国办发明电〔2022〕16号",
        off: &[
            ((2022, 12, 31), (2023, 1, 2)),
            ((2023, 1, 21), (2023, 1, 27)),
            ((2023, 4, 5), (2023, 4, 5)),
            ((2023, 4, 29), (2023, 5, 3)),
            ((2023, 6, 22), (2023, 6, 24)),
            ((2023, 9, 29), (2023, 10, 6)),
        ],
        made_up: &[
            (2023, 1, 28),
            (2023, 1, 29),
            (2023, 4, 23),
            (2023, 5, 6),
            (2023, 6, 25),
            (2023, 10, 7),
            (2023, 10, 8),
        ],
    },
    Published {
        year: 2024,
        notice: "国办发明电〔2023〕7号",
        off: &[
            ((2024, 1, 1), (2024, 1, 1)),
            ((2024, 2, 10), (2024, 2, 17)),
            ((2024, 4, 4), (2024, 4, 6)),
            ((2024, 5, 1), (2024, 5, 5)),
            ((2024, 6, 10), (2024, 6, 10)),
            ((2024, 9, 15), (2024, 9, 17)),
            ((2024, 10, 1), (2024, 10, 7)),
        ],
        made_up: &[
            (2024, 2, 4),
            (2024, 2, 18),
            (2024, 4, 7),
            (2024, 4, 28),
            (2024, 5, 11),
            (2024, 9, 14),
            (2024, 9, 29),
            (2024, 10, 12),
        ],
    },
    Published {
        year: 2025,
        notice: "国办发明电〔2024〕12号",
        off: &[
            ((2025, 1, 1), (2025, 1, 1)),
            ((2025, 1, 28), (2025, 2, 4)),
            ((2025, 4, 4), (2025, 4, 6)),
            ((2025, 5, 1), (2025, 5, 5)),
            ((2025, 5, 31), (2025, 6, 2)),
            ((2025, 10, 1), (2025, 10, 8)),
        ],
        made_up: &[(2025, 1, 26), (2025, 2, 8), (2025, 4, 27), (2025, 9, 28), (2025, 10, 11)],
    },
    Published {
        year: 2026,
        // its number is not in the source; the date is
        notice: "国务院办公厅关于2026年部分节假日安排的通知（2025年11月4日）",
        off: &[
            ((2026, 1, 1), (2026, 1, 3)),
            ((2026, 2, 15), (2026, 2, 23)),
            ((2026, 4, 4), (2026, 4, 6)),
            ((2026, 5, 1), (2026, 5, 5)),
            ((2026, 6, 19), (2026, 6, 21)),
            ((2026, 9, 25), (2026, 9, 27)),
            ((2026, 10, 1), (2026, 10, 7)),
        ],
        made_up: &[(2026, 1, 4), (2026, 2, 14), (2026, 2, 28), (2026, 5, 9), (2026, 9, 20), (2026, 10, 10)],
    },
];

/// Working days on which a notice encourages leave: a period may end there, which is legal and unwise, so people are
/// warned.
const DISCOURAGED: [(Date, &str); 1] =
    [((2024, 2, 9), "除夕为工作日，但通知鼓励安排带薪年休假，公示等期限不宜在这一天届满")];

/// Why a period had better not end on a day, where a notice says something of the kind.
pub fn discouraged(date: NaiveDate) -> Option<&'static str> {
    DISCOURAGED.iter().find(|(day, _)| to_date(*day) == Some(date)).map(|(_, reason)| *reason)
}

/// The calendar of these notices alone, built once.
pub(super) fn reference() -> &'static WorkingCalendar {
    static REFERENCE: LazyLock<WorkingCalendar> = LazyLock::new(|| {
        let mut calendar = WorkingCalendar::without_notices();
        for published in &NOTICES {
            calendar
                .publish_year(published.year, published.notice, &published.days())
                .expect("the notices above hold dates of their own years and no day twice");
        }
        calendar
    });
    &REFERENCE
}

impl Published {
    fn days(&self) -> Vec<Day> {
        let off = self.off.iter().flat_map(|(first, last)| {
            let (first, last) = (to_date(*first), to_date(*last));
            first
                .into_iter()
                .flat_map(|first| first.iter_days())
                .take_while(move |date| last.is_some_and(|last| *date <= last))
                .map(|date| Day { date, working: false })
        });
        let made_up = self.made_up.iter().filter_map(|day| Some(Day { date: to_date(*day)?, working: true }));
        off.chain(made_up).collect()
    }
}

fn to_date((year, month, day): Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

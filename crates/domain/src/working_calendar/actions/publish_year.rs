//! 发布年度工作日历 Publish year: the province enters the State Council's notice of a year; provisional periods are reckoned
//! anew with it (domain.md 4.10, 4.11; TM17).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::calendar::Day;
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use crate::working_calendar::{Event, PublishedCalendar};
use chrono::Datelike;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishYear {
    /// Whose notice it is; left out: the year that most of its days lie in.
    pub year: Option<i32>,
    /// What the notice is called.
    pub notice: String,
    /// The days that it names, off and made up; or all days of the year.
    pub days: Vec<Day>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "publish-year",
    label: label("发布年度工作日历", "Publish year"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Any,
    form: &[
        optional("year", "年度", FieldType::Integer),
        required("notice", "通知文号", FieldType::Text),
        required("days", "放假日和调休上班日", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it; what changes nothing appends nothing.
pub fn decide(input: &PublishYear, it: &PublishedCalendar, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let year = input.year.unwrap_or_else(|| usual_year(&input.days));
    let event =
        Event::YearPublished { days: input.days.clone(), notice: input.notice.trim().to_owned(), year };
    let mut after = it.calendar.clone();
    if let Err(problem) = after.publish_year(year, &input.notice, &input.days) {
        let pointer = match problem.code {
            "calendar-year" => "/year",
            code if code.starts_with("calendar-") => "/days",
            _ => "/notice",
        };
        let mut checks = Checks::new();
        checks.problem(pointer, problem.code, problem.sentence);
        checks.done()?;
    }
    if after == it.calendar {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(event))
}

/// The year in which most of the days lie: a notice names at most December before and January after.
fn usual_year(days: &[Day]) -> i32 {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for day in days {
        *counts.entry(day.date.year()).or_default() += 1;
    }
    // no days: a year that can be published, so that the answer is that days are missing
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(crate::calendar::YEAR_MIN, |(year, _)| year)
}

#[cfg(test)]
mod tests {
    use crate::working_calendar::STREAM;
    use crate::world::{Who, hunan::Hunan};
    use chrono::NaiveDate;
    use serde_json::{Value, json};

    fn notice() -> Value {
        json!({"notice": "国务院办公厅关于2027年部分节假日安排的通知", "days": [
            {"date": "2026-12-31", "working": false}, {"date": "2027-02-08", "working": false}, {"date": "2027-02-14", "working": true},
        ]})
    }

    #[test]
    fn periods_are_reckoned_with_the_notice() {
        let mut hunan = Hunan::new();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let before = hunan.world.registers.calendar.standing(day("2027-02-08"));
        assert!(before.provisional && before.kind.is_working());
        hunan.act(hunan.province, "working_calendar", STREAM, "publish-year", notice());
        let calendar = &hunan.world.registers.calendar;
        assert!(!calendar.standing(day("2027-02-08")).provisional);
        assert!(!calendar.is_working(day("2027-02-08")) && calendar.is_working(day("2027-02-14")));
        assert!(!calendar.is_working(day("2026-12-31")));
        let province = Who::Account(hunan.province);
        let again = hunan.world.act(province, "working_calendar", STREAM, "publish-year", notice());
        assert_eq!(again.unwrap(), []);
    }

    #[test]
    fn refuses_days_of_other_years_and_other_peoples_notices() {
        let mut hunan = Hunan::new();
        let own = hunan.refused(hunan.operator, "working_calendar", STREAM, "publish-year", notice());
        assert_eq!(own.code, "not-allowed");
        let mut wrong_year = notice();
        wrong_year["year"] = json!(2028);
        for (input, pointer) in [
            (json!({"notice": "通知", "days": []}), "/days"),
            (wrong_year, "/days"),
            (
                json!({"year": 1999, "notice": "通知", "days": [{"date": "1999-01-01", "working": false}]}),
                "/year",
            ),
            (json!({"notice": " ", "days": [{"date": "2027-01-01", "working": false}]}), "/notice"),
        ] {
            let refused = hunan.refused(hunan.province, "working_calendar", STREAM, "publish-year", input);
            assert_eq!(refused.problems[0].pointer, pointer);
        }
    }
}

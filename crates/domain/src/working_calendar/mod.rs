//! 工作日历 The working-day calendar as it is published year by year: one stream for all years (domain.md 4.10; TM17).
//! [`crate::calendar`] reckons with it.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::calendar::{Day, WorkingCalendar, YEAR_MAX, YEAR_MIN};
use crate::context::{Acting, Context};
use uuid::Uuid;

/// The one stream.
pub const STREAM: Uuid = Uuid::nil();

/// The year that a calendar's id in a URL names; the stream is the same for all years.
pub fn year_of(id: &str) -> Option<i32> {
    let year = (id.len() == 4).then(|| id.parse().ok()).flatten()?;
    (YEAR_MIN..=YEAR_MAX).contains(&year).then_some(year)
}

events! {
    /// What happens to the calendar.
    pub enum Event of "working_calendar" {
        /// The State Council's notice of a year was entered, in place of what was known of that year.
        YearPublished { days: Vec<Day>, notice: String, year: i32 } = "year_published",
    }
}

impl Event {
    /// Brings a calendar up to what was published. The decision tried it on a copy first, so it cannot fail; of a fact
    /// that a later rule would refuse the calendar stays as it is.
    pub fn publish_in(&self, calendar: &mut WorkingCalendar) {
        match self {
            Self::YearPublished { days, notice, year } => {
                let _ = calendar.publish_year(*year, notice, days);
            }
        }
    }
}

/// The calendar that the notices published so far make; before the first, that of the built-in ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublishedCalendar {
    /// The calendar.
    pub calendar: WorkingCalendar,
}

impl Aggregate for PublishedCalendar {
    const TYPE: &'static str = "working_calendar";
    const COLLECTION: &'static str = "working-calendar";
    type Command = actions::Command;
    type Event = Event;

    /// The notices of 2023 to 2026 are built in, so it is there from the start.
    fn exists(&self) -> bool {
        true
    }

    fn stage(&self) -> Option<&'static str> {
        None
    }

    fn stands(&self, _: Place, _: &Acting, _: &Context<'_>) -> bool {
        false
    }

    fn view(&self) -> serde_json::Value {
        serde_json::to_value(&self.calendar).unwrap_or_default()
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        event.publish_in(&mut self.calendar);
    }
}

//! The actions on the calendar.

pub mod publish_year;

use super::PublishedCalendar;

crate::action::actions! { PublishedCalendar; publish_year::PublishYear }

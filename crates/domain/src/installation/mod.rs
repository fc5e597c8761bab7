//! 系统安装 The installation: how this log began, and in a rehearsal where its clock stands (contract.md, First start and
//! time). A rehearsal is chosen when the log is empty and never left again.
//!
//! The clock of a rehearsal is real time moved by an offset. The offset follows from the events alone: beginning is
//! stamped with real time, each move with the clock as it stood before; so every process and every restart shows the
//! same time, and it ticks on.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The one stream.
pub const STREAM: Uuid = Uuid::nil();

events! {
    /// What happens to the installation.
    pub enum Event of "installation" {
        /// The log began; with a start time where it is a rehearsal. Its stamp is real time.
        Begun { rehearsal: Option<DateTime<Utc>> } = "begun",
        /// The rehearsal's clock was moved forwards. Its stamp is the clock before.
        ClockMoved { now: DateTime<Utc> } = "clock_moved",
    }
}

/// How the log began and where its clock stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// Whether the log began with it.
    pub begun: bool,
    /// When the rehearsal started by its own clock; none where it is no rehearsal.
    pub rehearsal: Option<DateTime<Utc>>,
    /// How far the clock of rules and timers is ahead of real time; zero where it is no rehearsal.
    pub offset: TimeDelta,
}

impl Installation {
    /// Whether it is a rehearsal, which every page shows.
    pub const fn is_rehearsal(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// What the clock of rules and timers shows when it is `real`.
    pub fn clock(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        real.checked_add_signed(self.offset).unwrap_or(real)
    }
}

impl Aggregate for Installation {
    const TYPE: &'static str = "installation";
    const COLLECTION: &'static str = "installations";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.begun
    }

    fn stage(&self) -> Option<&'static str> {
        self.begun.then_some(if self.is_rehearsal() { "rehearsal" } else { "in_service" })
    }

    fn stage_label(&self) -> &'static str {
        if self.is_rehearsal() { "演练" } else { "正式" }
    }

    fn stands(&self, _: Place, _: &Acting, _: &Context<'_>) -> bool {
        false
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"rehearsal": self.rehearsal})
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Begun { rehearsal } => {
                self.begun = true;
                self.rehearsal = *rehearsal;
                self.offset = rehearsal.map_or_else(TimeDelta::zero, |start| start - stamp.time);
            }
            Event::ClockMoved { now } => {
                let moved = *now - stamp.time;
                self.offset = self.offset.checked_add(&moved).unwrap_or(self.offset);
            }
        }
    }
}

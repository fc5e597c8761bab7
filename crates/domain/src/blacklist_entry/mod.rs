//! 黑名单 A blacklist entry: fraud stands on record for three years (N24; seed 003 七(一); seed 002 人 1.21). The person is
//! named by id alone; name and number stay with the person's own record.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Outcome, Stamp, StreamId, events};
use crate::context::{Acting, Context};
use crate::ids::PersonId;
use crate::private::Private;
use chrono::NaiveDate;
use uuid::Uuid;

events! {
    /// What happens to a blacklist entry.
    pub enum Event of "blacklist_entry" {
        /// 加入黑名单.
        Created { basis: Private<Option<String>>, entered_on: NaiveDate, expires_on: NaiveDate, person_id: PersonId, reason: Private<String> } = "created",
        /// 修改.
        Amended { basis: Private<Option<String>>, reason: Private<String> } = "amended",
        /// 解除, by two persons.
        Lifted { reason: Private<String> } = "lifted",
        /// Its three years are over (TM13).
        Expired = "expired",
        /// The person's key was destroyed.
        PersonErased = "person_erased",
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// In force.
    #[default]
    Active,
    /// Lifted by hand.
    Lifted,
    /// Over by itself.
    Expired,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Lifted => "lifted",
            Self::Expired => "expired",
        }
    }
}

/// A blacklist entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlacklistEntry {
    /// Who; none before creation.
    pub person: Option<PersonId>,
    /// 加入原因.
    pub reason: Private<String>,
    /// 依据文号.
    pub basis: Private<Option<String>>,
    /// First day in force.
    pub entered_on: Option<NaiveDate>,
    /// First day on which it is no longer in force.
    pub expires_on: Option<NaiveDate>,
    /// Where it stands.
    pub stage: Stage,
}

impl BlacklistEntry {
    /// Whether it bars the person on this day. It ends with its last day, whether or not that was noted yet.
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.stage == Stage::Active
            && self.entered_on.is_some_and(|entered_on| entered_on <= day)
            && !self.is_over_on(day)
    }

    /// Whether its three years are over.
    pub fn is_over_on(&self, day: NaiveDate) -> bool {
        self.expires_on.is_some_and(|expires_on| expires_on <= day)
    }

    /// The outcome that also lets the person be entered again.
    fn given_back(&self, outcome: Outcome<Event>, id: Uuid) -> Outcome<Event> {
        match self.person {
            Some(person) => outcome.release(entry_claim(person), StreamId::of::<Self>(id)),
            None => outcome,
        }
    }
}

/// The claim that keeps a person to one entry in force.
pub fn entry_claim(person: PersonId) -> String {
    format!("blacklist-entry:{person}")
}

impl Aggregate for BlacklistEntry {
    const TYPE: &'static str = "blacklist_entry";
    const COLLECTION: &'static str = "blacklist-entries";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.person.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.person.map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        match self.stage {
            Stage::Active => "有效",
            Stage::Lifted => "已解除",
            Stage::Expired => "已到期",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Owner && acting.person.is_some() && acting.person == self.person
    }

    fn subject(&self) -> Option<PersonId> {
        self.person
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({
            "person_id": self.person, "reason": self.reason, "basis": self.basis,
            "entered_on": self.entered_on, "expires_on": self.expires_on,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { basis, entered_on, expires_on, person_id, reason } => {
                self.person = Some(*person_id);
                basis.clone_into(&mut self.basis);
                reason.clone_into(&mut self.reason);
                self.entered_on = Some(*entered_on);
                self.expires_on = Some(*expires_on);
            }
            Event::Amended { basis, reason } => {
                basis.clone_into(&mut self.basis);
                reason.clone_into(&mut self.reason);
            }
            Event::Lifted { .. } => self.stage = Stage::Lifted,
            Event::Expired => self.stage = Stage::Expired,
            Event::PersonErased => {
                self.basis = Private::Erased;
                self.reason = Private::Erased;
            }
        }
    }
}

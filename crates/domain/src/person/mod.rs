//! 专技人才 A natural person: known by one ID number, named elsewhere by id only.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::PersonId;
use crate::private::Private;

events! {
    /// What happens to a person's record.
    pub enum Event of "person" {
        /// The person was seen for the first time.
        Registered { id_number: Private<String>, id_number_hash: String, name: Private<String>, person_id: PersonId, phone: Private<String> } = "registered",
        /// 清除个人信息: the person's key is destroyed after this append.
        Erased { reason: Private<String> } = "erased",
    }
}

/// A natural person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Person {
    /// Its id; none before registration.
    pub id: Option<PersonId>,
    /// Name, as registered.
    pub name: Private<String>,
    /// Resident ID number, 18 characters.
    pub id_number: Private<String>,
    /// Keyed hash of the ID number, for claims and searches.
    pub id_number_hash: String,
    /// Mobile number.
    pub phone: Private<String>,
    /// Whether it was erased.
    pub erased: bool,
}

/// The claim that makes a person unique: one per ID number.
pub fn id_number_claim(hash: &str) -> String {
    format!("person:id-number:{hash}")
}

impl Aggregate for Person {
    const TYPE: &'static str = "person";
    const COLLECTION: &'static str = "persons";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| if self.erased { "erased" } else { "registered" })
    }

    fn stage_label(&self) -> &'static str {
        if self.erased { "已清除" } else { "有效" }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Owner && acting.person.is_some() && acting.person == self.id
    }

    fn subject(&self) -> Option<PersonId> {
        self.id
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"name": self.name, "id_number": self.id_number, "phone": self.phone})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Registered { id_number, id_number_hash, name, person_id, phone } => {
                self.id = Some(*person_id);
                id_number.clone_into(&mut self.id_number);
                id_number_hash.clone_into(&mut self.id_number_hash);
                name.clone_into(&mut self.name);
                phone.clone_into(&mut self.phone);
            }
            Event::Erased { .. } => {
                self.erased = true;
                self.name = Private::Erased;
                self.id_number = Private::Erased;
                self.phone = Private::Erased;
                self.id_number_hash.clear();
            }
        }
    }
}

//! 材料 A stored file: whose it is and what it is; the file itself lies in the material store, sealed under the person's key.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::{DeclarationId, PersonId};
use crate::private::Private;

events! {
    /// What happens to a stored file.
    pub enum Event of "material" {
        /// It was stored.
        Stored { digest: String, media_type: String, name: Private<String>, person_id: PersonId, size: u64 } = "stored",
        /// A declaration names it: who sees the form sees the file.
        Attached { declaration_id: DeclarationId } = "attached",
        /// The person's key was destroyed, and with it what the file held.
        PersonErased = "person_erased",
    }
}

/// What is known of a stored file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// SHA-256 of the file in clear, hex.
    pub digest: String,
    /// By its content.
    pub media_type: String,
    /// As it was sent.
    pub name: Private<String>,
    /// Bytes.
    pub size: u64,
}

/// A stored file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredMaterial {
    /// Whose key seals it.
    pub person: Option<PersonId>,
    /// The file; none before it is stored.
    pub file: Option<File>,
    /// The declaration that names it.
    pub declaration: Option<DeclarationId>,
    /// Whether it vanished with its person's key.
    pub erased: bool,
}

impl Aggregate for StoredMaterial {
    const TYPE: &'static str = "material";
    const COLLECTION: &'static str = "materials";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.file.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        None
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
        match &self.file {
            Some(file) => {
                serde_json::json!({"digest": file.digest, "media_type": file.media_type, "name": file.name, "size": file.size})
            }
            None => serde_json::Value::Null,
        }
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Stored { digest, media_type, name, person_id, size } => {
                self.person = Some(*person_id);
                self.file = Some(File {
                    digest: digest.clone(),
                    media_type: media_type.clone(),
                    name: name.clone(),
                    size: *size,
                });
            }
            Event::Attached { declaration_id } => self.declaration = Some(*declaration_id),
            Event::PersonErased => {
                self.erased = true;
                if let Some(file) = &mut self.file {
                    file.name = Private::Erased;
                }
            }
        }
    }
}

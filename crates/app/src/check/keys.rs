//! The keys of persons: whoever the log seals something about has one, and whoever it says is erased has none any more.

use super::{Check, Checked, Look, System};
use crate::erasure;
use crate::sealing::subject_of;
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_eventstore::RecordedEvent;
use zhicheng_eventstore::sealing::SEALED_MARKER;
use zhicheng_vault::PersonKey;

/// How many persons are asked about in one go.
const PAGE_PERSONS: usize = 1_000;

/// The persons of the log.
pub(super) struct Keys {
    checked: Checked,
    /// Something of theirs is sealed.
    sealed: BTreeSet<Uuid>,
    erased: BTreeSet<Uuid>,
}

impl Keys {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Keys), sealed: BTreeSet::new(), erased: BTreeSet::new() }
    }
}

impl Look for Keys {
    fn stored(&mut self, event: &RecordedEvent) {
        if event.event_type == erasure::ERASED {
            self.erased.extend(event.aggregate_id.parse::<Uuid>());
        }
        if !event.payload.contains(SEALED_MARKER) {
            return;
        }
        match subject_of(event) {
            Some(person) => {
                self.sealed.insert(person);
            }
            None => {
                let (of, at) = (&event.event_type, event.position);
                self.checked.fault(format!("位置 {at}（{of}）有封存的内容，却没有写明是谁的"));
            }
        }
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let persons: Vec<Uuid> = self.sealed.union(&self.erased).copied().collect();
            let keys = system.app.vault().person_keys();
            for (page, persons) in persons.chunks(PAGE_PERSONS).enumerate() {
                let found = match keys.keys(persons).await {
                    Ok(found) => found,
                    Err(error) => {
                        self.checked.broke_off(&error);
                        break;
                    }
                };
                for person in persons {
                    let wrong = match (found.get(person), self.erased.contains(person)) {
                        (Some(PersonKey::Known(_)), false) | (Some(PersonKey::Destroyed), true) => None,
                        (Some(PersonKey::Known(_)), true) => Some("已清除，密钥还在"),
                        (Some(PersonKey::Destroyed), false) => Some("没有清除，密钥却已销毁"),
                        (Some(PersonKey::Absent) | None, false) => Some("的密钥不见了"),
                        (Some(PersonKey::Absent) | None, true) => Some("已清除，密钥没有销毁的记录"),
                    };
                    self.checked
                        .expect(wrong.is_none(), || format!("{person} {}", wrong.unwrap_or_default()));
                }
                let done = (page * PAGE_PERSONS + persons.len()) as i64;
                system.tell("密钥", done, (self.sealed.len() + self.erased.len()) as i64);
            }
            vec![self.checked]
        })
    }
}

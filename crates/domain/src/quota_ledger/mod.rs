//! 职数台账 The quota ledger of one employer, year and level: what was approved, who has a place reserved, whose place was
//! used. A place is never promised twice, because every promise is an event of this one stream (N15, N17, X-07, X-08).

pub mod actions;
mod cut;

pub use cut::Cut;

use crate::action::Place as Relation;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::declaration::values::QuotaUse;
use crate::hundredths::Hundredths;
use crate::ids::{DeclarationId, EmployerId, QuotaApplicationId};
use crate::label::Named;
use crate::refusal::refusals;
use crate::values::{Level, QuotaKind};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

refusals! {
    /// N17: 差额推荐 within what was approved; X-08: times the batch's factor.
    QuotaExhausted { approved: u32, limit: u32 } = Rule "quota-exhausted", "职数不足", "核准职数{approved}个，可推荐{limit}人，已全部占用。请在核准职数内择优推荐，或先申报增加职数。";
}

events! {
    /// What happens to a quota ledger.
    pub enum Event of "quota_ledger" {
        /// An application was approved.
        Approved { application_id: QuotaApplicationId, employer_id: EmployerId, kind: QuotaKind, level: Level, number: u32, year: i32 } = "approved",
        /// A place is kept for a declaration, through returns.
        Reserved { application_id: QuotaApplicationId, declaration_id: DeclarationId, kind: QuotaKind } = "reserved",
        /// The declaration has ended: its place is free.
        Released { declaration_id: DeclarationId } = "released",
        /// The cut of a meeting used the places of some and gave back those of others (T46).
        CutApplied { consumed: Vec<DeclarationId>, returned: Vec<DeclarationId> } = "cut_applied",
        /// The cut is void: what it used and gave back is reserved again.
        CutVoided { declaration_ids: Vec<DeclarationId> } = "cut_voided",
    }
}

/// An approved application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Which kind of quota.
    pub kind: QuotaKind,
    /// How many places.
    pub number: u32,
}

/// A place that was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The application that approved it.
    pub application: QuotaApplicationId,
    /// Which kind of quota.
    pub kind: QuotaKind,
}

/// A quota ledger.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuotaLedger {
    /// The employer; none before anything was approved.
    pub employer: Option<EmployerId>,
    /// The year.
    pub year: i32,
    /// The level; none before anything was approved.
    pub level: Option<Level>,
    /// What was approved, by application.
    pub grants: BTreeMap<QuotaApplicationId, Grant>,
    /// Places kept for declarations under way.
    pub reserved: BTreeMap<DeclarationId, Place>,
    /// Places used by a cut.
    pub consumed: BTreeMap<DeclarationId, Place>,
    /// Places that a cut gave back; kept in mind in case it is voided.
    pub returned: BTreeMap<DeclarationId, Place>,
}

/// The ledger's stream: derived from what it is about, so that there is one and everybody finds it.
pub fn ledger_id(employer: EmployerId, year: i32, level: Level) -> Uuid {
    let digest = Sha256::digest(format!("quota-ledger:{employer}:{year}:{level}"));
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl QuotaLedger {
    /// How many places of a kind were approved.
    pub fn approved(&self, kind: QuotaKind) -> u32 {
        let numbers = self.grants.values().filter(|grant| grant.kind == kind).map(|grant| grant.number);
        numbers.fold(0, u32::saturating_add)
    }

    /// How many places were approved in all.
    pub fn approved_in_all(&self) -> u32 {
        QuotaKind::ALL.iter().map(|kind| self.approved(*kind)).fold(0, u32::saturating_add)
    }

    /// The place that a declaration has, reserved or used.
    pub fn place(&self, declaration: DeclarationId) -> Option<Place> {
        self.reserved.get(&declaration).or_else(|| self.consumed.get(&declaration)).copied()
    }

    /// A place for a declaration, and the event that keeps it; no event where it has one. Places within what was
    /// approved come first, in the order of the kinds; then those that only the factor allows.
    ///
    /// # Errors
    /// [`QuotaExhausted`] where every place is promised or used.
    pub fn reserve(
        &self,
        declaration: DeclarationId,
        factor: Hundredths,
    ) -> Result<(Place, Option<Event>), QuotaExhausted> {
        if let Some(place) = self.place(declaration) {
            return Ok((place, None));
        }
        let found = self.free(Hundredths::ONE).or_else(|| self.free(factor));
        let Some(place) = found else {
            let limits = QuotaKind::ALL.iter().map(|kind| times(self.approved(*kind), factor));
            return Err(QuotaExhausted {
                approved: self.approved_in_all(),
                limit: limits.fold(0, u32::saturating_add),
            });
        };
        let reserved = Event::Reserved {
            application_id: place.application,
            declaration_id: declaration,
            kind: place.kind,
        };
        Ok((place, Some(reserved)))
    }

    /// Begins a cut: the caller walks the ranking and asks of each candidate whether the place holds.
    pub fn cut(&self) -> Cut<'_> {
        Cut::of(self)
    }

    fn free(&self, factor: Hundredths) -> Option<Place> {
        let kind = QuotaKind::ALL
            .iter()
            .copied()
            .find(|kind| self.promised(|place| place.kind == *kind) < times(self.approved(*kind), factor))?;
        let mut of_kind = self.grants.iter().filter(|(_, grant)| grant.kind == kind);
        let with_room = of_kind.clone().find(|(application, grant)| {
            self.promised(|place| place.application == **application) < times(grant.number, factor)
        });
        let application = with_room.or_else(|| of_kind.next()).map(|(application, _)| *application)?;
        Some(Place { application, kind })
    }

    fn promised(&self, which: impl Fn(&Place) -> bool) -> u32 {
        let count = self.reserved.values().chain(self.consumed.values()).filter(|place| which(place)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// A place as a declaration's events name it.
pub fn as_use(place: Place, ledger_id: Uuid) -> QuotaUse {
    QuotaUse { application_id: place.application, kind: place.kind, ledger_id }
}

/// A number of places times a factor, rounded down: half a place is none.
fn times(number: u32, factor: Hundredths) -> u32 {
    let places = i64::from(number).saturating_mul(factor.0) / 100;
    u32::try_from(places.max(0)).unwrap_or(u32::MAX)
}

impl Aggregate for QuotaLedger {
    const TYPE: &'static str = "quota_ledger";
    const COLLECTION: &'static str = "quota-ledgers";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.employer.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        None
    }

    fn stands(&self, place: Relation, acting: &Acting, _: &Context<'_>) -> bool {
        place == Relation::Employer && self.employer.is_some_and(|id| acting.at(id))
    }

    fn view(&self) -> serde_json::Value {
        let kinds: Vec<_> = QuotaKind::ALL
            .iter()
            .map(|kind| {
                let of = |places: &BTreeMap<DeclarationId, Place>| {
                    places.values().filter(|place| place.kind == *kind).count()
                };
                serde_json::json!({
                    "kind": kind, "approved": self.approved(*kind), "reserved": of(&self.reserved), "consumed": of(&self.consumed),
                })
            })
            .collect();
        serde_json::json!({"employer_id": self.employer, "year": self.year, "level": self.level, "quotas": kinds})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Approved { application_id, employer_id, kind, level, number, year } => {
                self.employer = Some(*employer_id);
                self.year = *year;
                self.level = Some(*level);
                self.grants.insert(*application_id, Grant { kind: *kind, number: *number });
            }
            Event::Reserved { application_id, declaration_id, kind } => {
                self.returned.remove(declaration_id);
                self.reserved.insert(*declaration_id, Place { application: *application_id, kind: *kind });
            }
            Event::Released { declaration_id } => {
                self.reserved.remove(declaration_id);
                self.consumed.remove(declaration_id);
                self.returned.remove(declaration_id);
            }
            Event::CutApplied { consumed, returned } => {
                for id in consumed {
                    if let Some(place) = self.reserved.remove(id) {
                        self.consumed.insert(*id, place);
                    }
                }
                for id in returned {
                    if let Some(place) = self.reserved.remove(id) {
                        self.returned.insert(*id, place);
                    }
                }
            }
            Event::CutVoided { declaration_ids } => {
                for id in declaration_ids {
                    if let Some(place) = self.consumed.remove(id).or_else(|| self.returned.remove(id)) {
                        self.reserved.insert(*id, place);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;

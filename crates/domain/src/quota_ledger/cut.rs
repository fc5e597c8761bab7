//! The cut against the quota: used places never exceed what was approved, kind by kind (N15, T46, X-07).

use super::{Event, QuotaLedger};
use crate::ids::DeclarationId;
use crate::values::QuotaKind;

/// A cut in the making. Ask [`keep`](Self::keep) of each candidate in the order of rank, give back the places of the
/// others, then append [`event`](Self::event) to the ledger together with the declarations' own events.
#[derive(Debug, Clone)]
pub struct Cut<'a> {
    ledger: &'a QuotaLedger,
    consumed: Vec<DeclarationId>,
    returned: Vec<DeclarationId>,
}

impl<'a> Cut<'a> {
    pub(super) const fn of(ledger: &'a QuotaLedger) -> Self {
        Self { ledger, consumed: Vec::new(), returned: Vec::new() }
    }

    /// Uses the candidate's place, if what was approved of its kind still allows it; otherwise the place is given back.
    /// A candidate without a place is not kept.
    pub fn keep(&mut self, candidate: DeclarationId) -> bool {
        let Some(place) = self.ledger.reserved.get(&candidate) else { return false };
        let fits = self.used(place.kind) < self.ledger.approved(place.kind);
        if fits {
            self.consumed.push(candidate);
        } else {
            self.give_back(candidate);
        }
        fits
    }

    /// Gives the candidate's place back: it did not pass, or the ratio cut it.
    pub fn give_back(&mut self, candidate: DeclarationId) {
        if self.ledger.reserved.contains_key(&candidate) && !self.returned.contains(&candidate) {
            self.returned.push(candidate);
        }
    }

    /// The ledger's event; none where no candidate had a place.
    pub fn event(self) -> Option<Event> {
        let touched = !self.consumed.is_empty() || !self.returned.is_empty();
        touched.then_some(Event::CutApplied { consumed: self.consumed, returned: self.returned })
    }

    fn used(&self, kind: QuotaKind) -> u32 {
        let before = self.ledger.consumed.values().filter(|place| place.kind == kind).count();
        let now = self
            .consumed
            .iter()
            .filter(|id| self.ledger.reserved.get(id).is_some_and(|place| place.kind == kind))
            .count();
        u32::try_from(before + now).unwrap_or(u32::MAX)
    }
}

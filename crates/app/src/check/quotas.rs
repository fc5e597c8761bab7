//! Places of a quota ledger: at no time are more used than were approved of their kind (N15, N17), and nobody is promised one beyond what
//! was approved times the factor of the batch, which the ledger does not know: it is looked up through the declaration. A cut that
//! is voided promises anew what it gave back, whoever was promised a place meanwhile; so promises are held where each is made.

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use std::collections::HashMap;
use zhicheng_domain::AnyEvent;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::batch::{Batch, RECOMMENDATION_FACTOR_MAX};
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::ids::{BatchId, DeclarationId};
use zhicheng_domain::label::Named;
use zhicheng_domain::quota_ledger::{Event, Place, QuotaLedger};
use zhicheng_domain::values::QuotaKind;

/// The ledgers. Batches and declarations come before them in the order of types.
pub(super) struct Quotas {
    checked: Checked,
    /// The factor of each batch, in hundredths.
    factors: HashMap<BatchId, i64>,
    /// The batches that each declaration was for, each with the position from which on it was.
    batches: HashMap<DeclarationId, Vec<(i64, BatchId)>>,
}

impl Quotas {
    pub(super) fn new() -> Self {
        Self { checked: Checked::new(Check::Quotas), factors: HashMap::new(), batches: HashMap::new() }
    }

    /// The largest factor that a declaration's batches allowed up to a position; the largest that any may have, where it is of none that
    /// is known.
    fn factor(&self, declaration: DeclarationId, position: i64) -> i64 {
        let batches = self.batches.get(&declaration).map_or(&[][..], Vec::as_slice);
        let until = batches.iter().take_while(|(from, _)| *from <= position);
        let factors = until.filter_map(|(_, batch)| self.factors.get(batch)).copied();
        factors.max().unwrap_or(RECOMMENDATION_FACTOR_MAX.0)
    }

    fn hold(&mut self, seen: &Seen<'_>, ledger: &QuotaLedger) {
        for kind in QuotaKind::ALL {
            let of_kind = |place: &&Place| place.kind == *kind;
            let used = ledger.consumed.values().filter(of_kind).count();
            let approved = ledger.approved(*kind);
            self.checked.expect(used <= approved as usize, || {
                let (id, at, kind) = (&seen.event.aggregate_id, seen.event.position, kind.label().zh);
                format!("台账 {id} 在位置 {at}：{kind}核准 {approved}，已用 {used}")
            });
        }
        let AnyEvent::QuotaLedger(Event::Reserved { application_id: _, declaration_id, kind }) = seen.fact
        else {
            return;
        };
        let of_kind = |place: &&Place| place.kind == *kind;
        let promised = ledger.reserved.values().chain(ledger.consumed.values()).filter(of_kind).count();
        let (approved, at) = (ledger.approved(*kind), seen.event.position);
        let limit = i64::from(approved) * self.factor(*declaration_id, at) / 100;
        self.checked.expect(i64::try_from(promised).is_ok_and(|promised| promised <= limit), || {
            let (id, kind) = (&seen.event.aggregate_id, kind.label().zh);
            format!("台账 {id} 在位置 {at}：{kind}核准 {approved}，批次许可推荐 {limit}，已推荐 {promised}")
        });
    }
}

impl Look for Quotas {
    /// What is used, given back or reserved again must be there.
    fn before(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let (AnyEvent::QuotaLedger(event), Some(ledger)) = (seen.fact, state.get::<QuotaLedger>()) else {
            return;
        };
        let mut missing: Option<DeclarationId> = None;
        match event {
            Event::Approved { .. } => {}
            Event::Reserved { application_id, declaration_id, kind } => {
                let granted = ledger.grants.get(application_id).is_some_and(|grant| grant.kind == *kind);
                if !granted || ledger.place(*declaration_id).is_some() {
                    missing = Some(*declaration_id);
                }
            }
            Event::Released { declaration_id } => {
                let known =
                    ledger.place(*declaration_id).is_some() || ledger.returned.contains_key(declaration_id);
                if !known {
                    missing = Some(*declaration_id);
                }
            }
            Event::CutApplied { consumed, returned } => {
                let mut touched = consumed.iter().chain(returned);
                missing = touched.find(|id| !ledger.reserved.contains_key(id)).copied();
            }
            Event::CutVoided { declaration_ids } => {
                let cut =
                    |id: &DeclarationId| ledger.consumed.contains_key(id) || ledger.returned.contains_key(id);
                missing = declaration_ids.iter().find(|id| !cut(id)).copied();
            }
        }
        if let Some(declaration) = missing {
            let (name, at) = (&seen.event.event_type, seen.event.position);
            self.checked.fault(format!("位置 {at}（{name}）：申报 {declaration} 的职数对不上"));
        }
    }

    fn after(&mut self, seen: &Seen<'_>, state: &AnyState) {
        if let Some(it) = state.get::<Declaration>()
            && let (Some(id), Some(chosen)) = (it.id, &it.final_organisation)
        {
            let batches = self.batches.entry(id).or_default();
            if batches.last().is_none_or(|(_, batch)| *batch != chosen.batch_id) {
                batches.push((seen.event.position, chosen.batch_id));
            }
        }
        if let Some(ledger) = state.get::<QuotaLedger>() {
            self.hold(seen, ledger);
        }
    }

    fn stream_ended(&mut self, _: &str, state: &AnyState) {
        if let Some(it) = state.get::<Batch>()
            && let (Some(id), Some(terms)) = (it.id, &it.terms)
        {
            self.factors.insert(id, terms.recommendation_factor.0);
        }
    }

    fn finish<'a>(self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        ready(self.checked)
    }
}

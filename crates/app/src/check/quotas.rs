//! Places of a quota ledger: at no time are more used than were approved of their kind (N15, N17). More may be promised, by the
//! factor of the batch, which the ledger does not know: the largest that any batch may have bounds it here.

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use zhicheng_domain::AnyEvent;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::batch::RECOMMENDATION_FACTOR_MAX;
use zhicheng_domain::ids::DeclarationId;
use zhicheng_domain::label::Named;
use zhicheng_domain::quota_ledger::{Event, QuotaLedger};
use zhicheng_domain::values::QuotaKind;

/// The ledgers.
pub(super) struct Quotas {
    checked: Checked,
}

impl Quotas {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Quotas) }
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
        let Some(ledger) = state.get::<QuotaLedger>() else { return };
        for kind in QuotaKind::ALL {
            let of_kind = |place: &&zhicheng_domain::quota_ledger::Place| place.kind == *kind;
            let used = ledger.consumed.values().filter(of_kind).count() as u64;
            let reserved = ledger.reserved.values().filter(of_kind).count() as u64;
            let approved = u64::from(ledger.approved(*kind));
            let factor = u64::try_from(RECOMMENDATION_FACTOR_MAX.0).unwrap_or_default();
            let holds = used <= approved && (used + reserved) * 100 <= approved * factor;
            self.checked.expect(holds, || {
                let (id, at, kind) = (&seen.event.aggregate_id, seen.event.position, kind.label().zh);
                format!("台账 {id} 在位置 {at}：{kind}核准 {approved}，已用 {used}，占用中 {reserved}")
            });
        }
    }

    fn finish<'a>(self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        ready(self.checked)
    }
}

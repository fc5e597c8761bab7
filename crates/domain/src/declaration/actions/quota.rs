//! 职数 When a place in the employer's quota is needed, and how it is kept and given back (seed 003 三(二)1; N15, N17, X-07).

use crate::aggregate::{Decision, Outcome};
use crate::batch::Batch;
use crate::context::{Context, Stop};
use crate::declaration::checks;
use crate::declaration::values::QuotaUse;
use crate::declaration::{Declaration, Event};
use crate::hundredths::Hundredths;
use crate::ids::DeclarationId;
use crate::quota_ledger::{self, QuotaLedger, as_use, ledger_id};
use crate::values::Nature;
use uuid::Uuid;

/// A place for a declaration, and the ledger's event where it is a new one.
pub(super) struct Reservation {
    /// As the declaration's events name it.
    pub(super) quota: QuotaUse,
    event: Option<quota_ledger::Event>,
}

impl Reservation {
    /// Adds the ledger's event: that the place is kept, or, where the declaration has come to a batch without quotas, that it is free.
    pub(super) fn keep(
        reservation: Option<Self>,
        outcome: Outcome<Event>,
        it: &Declaration,
        id: Uuid,
    ) -> Outcome<Event> {
        match reservation {
            Some(Self { quota, event: Some(event) }) => outcome.also::<QuotaLedger>(quota.ledger_id, event),
            Some(Self { quota: _, event: None }) => outcome,
            None => super::release_quota(outcome, it, id),
        }
    }
}

/// Whether quotas apply: the batch says so and the employer is a public institution (contract.md, quota-applications).
pub(super) fn applies(it: &Declaration, batch: &Batch) -> bool {
    let required = batch.terms.as_ref().is_some_and(|terms| terms.quota_required);
    let public =
        it.subject.as_ref().is_some_and(|subject| subject.employer.nature == Nature::PublicInstitution);
    required && public
}

/// Reserves a place, or finds the one that is kept; none where quotas do not apply.
///
/// # Errors
/// `quota-exhausted` (N17).
pub(super) fn reserve(
    it: &Declaration,
    id: Uuid,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Option<Reservation>, Stop> {
    if !applies(it, batch) {
        return Ok(None);
    }
    let Some(subject) = &it.subject else { return Ok(None) };
    let ledger_id = ledger_id(subject.employer.id, subject.year, subject.level);
    let ledger: &QuotaLedger = context.load(ledger_id)?;
    let factor = batch.terms.as_ref().map_or(Hundredths::ONE, |terms| terms.recommendation_factor);
    let (place, event) = ledger.reserve(DeclarationId(id), factor)?;
    Ok(Some(Reservation { quota: as_use(place, ledger_id), event }))
}

/// Keeps a place again for a declaration whose end is undone (X-07: rollback emits reserve).
///
/// # Errors
/// `quota-exhausted` where the place was given to somebody else meanwhile.
pub fn reserve_again(
    outcome: Outcome<Event>,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let Some(batch) = checks::batch(it, context) else { return Ok(outcome) };
    match reserve(it, id, batch, context)? {
        Some(Reservation { quota, event: Some(event) }) => {
            Ok(outcome.also::<QuotaLedger>(quota.ledger_id, event))
        }
        Some(Reservation { quota: _, event: None }) | None => Ok(outcome),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::StreamId;
    use crate::context::{Actor, Approval, Known};
    use crate::ids::EmployerId;
    use crate::values::Level;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn again(hunan: &Hunan, case: Uuid) -> Result<usize, Stop> {
        let ledger = ledger_id(EmployerId(hunan.drainage), 2023, Level::AssociateSenior);
        let stream = StreamId::of::<QuotaLedger>(ledger);
        let known = Known { streams: [(stream, hunan.world.state(stream))].into(), ..Known::default() };
        let context = Context {
            actor: Actor::System,
            now: hunan.world.now,
            seed: [0; 16],
            registers: &hunan.world.registers,
            known: &known,
            approval: Approval::NotGiven,
        };
        let it = hunan.world.get::<Declaration>(case);
        reserve_again(Outcome::nothing(), &it, case, &context).map(|outcome| outcome.others.len())
    }

    #[test]
    fn who_failed_gives_the_place_back_and_may_get_it_again_while_it_is_free() {
        let mut hunan = Hunan::new();
        hunan.quota_batch("1");
        hunan.quota(1);
        let case = hunan.at_committee();
        assert_eq!(again(&hunan, case), Ok(0), "the place is kept");
        let fail = json!({"decision": "fail", "opinion": "业绩不足。"});
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", fail);
        assert_eq!(again(&hunan, case), Ok(1));
        let other = hunan.another_published(1);
        hunan.act(hunan.operator, "declaration", other, "recommend", json!({}));
        let Err(Stop::Refused(refusal)) = again(&hunan, case) else { panic!("the place is gone") };
        assert_eq!(refusal.code, "quota-exhausted");
    }

    #[test]
    fn quotas_bind_public_institutions_where_the_batch_says_so() {
        let mut hunan = Hunan::new();
        let free = hunan.recommended();
        assert_eq!(hunan.world.get::<Declaration>(free).quota, None);
        hunan.quota_batch("1");
        let bound = hunan.another_published(1);
        let refused = hunan.refused_on(hunan.operator, bound, "recommend", json!({}));
        assert_eq!(refused.code, "quota-exhausted");
    }

    #[test]
    fn a_transfer_out_of_quota_frees_the_place() {
        let mut hunan = Hunan::new();
        let free = hunan.committee;
        hunan.quota_batch("1");
        hunan.quota(1);
        let case = hunan.at_committee();
        let ledger = ledger_id(EmployerId(hunan.drainage), 2023, Level::AssociateSenior);
        assert_eq!(hunan.world.get::<QuotaLedger>(ledger).reserved.len(), 1);
        let input = json!({"committee_id": free, "reason": "选错评委会。"});
        hunan.act(hunan.province, "declaration", case, "transfer-committee", input);
        assert_eq!(hunan.world.get::<Declaration>(case).quota, None);
        assert!(hunan.world.get::<QuotaLedger>(ledger).reserved.is_empty());
    }

    #[test]
    fn a_transfer_under_quota_needs_a_place() {
        let mut hunan = Hunan::new();
        let case = hunan.qualified();
        hunan.quota_batch("1");
        let input = json!({"committee_id": hunan.committee, "reason": "选错评委会。"});
        let refused = hunan.refused_on(hunan.province, case, "transfer-committee", input.clone());
        assert_eq!(refused.code, "quota-exhausted");
        hunan.quota(1);
        hunan.act(hunan.province, "declaration", case, "transfer-committee", input);
        assert!(hunan.world.get::<Declaration>(case).quota.is_some());
    }
}

//! 职数 The employers' ledgers in the cut of a meeting: whose post is used, whose is given back, and how both are undone
//! with the cut (N15, X-07).

use crate::context::{Context, Stop};
use crate::declaration::Declaration;
use crate::ids::DeclarationId;
use crate::quota_ledger::{self, Cut, QuotaLedger};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The cuts of all ledgers concerned, in the making.
#[derive(Debug)]
pub(super) struct Quotas<'a> {
    cuts: BTreeMap<Uuid, Cut<'a>>,
}

impl<'a> Quotas<'a> {
    /// The ledgers of these candidates.
    pub(super) fn load(
        candidates: &[(DeclarationId, &Declaration)],
        context: &Context<'a>,
    ) -> Result<Self, Stop> {
        let ids: Vec<Uuid> = by_ledger(candidates).into_keys().collect();
        let ledgers = context.load_all::<QuotaLedger>(ids.iter().copied())?;
        Ok(Self { cuts: ids.into_iter().zip(ledgers.into_iter().map(QuotaLedger::cut)).collect() })
    }

    /// Whether the candidate has a post; it is used then. Whoever stands under no quota needs none.
    pub(super) fn keep(&mut self, id: DeclarationId, candidate: &Declaration) -> bool {
        self.cut_of(candidate).is_none_or(|cut| cut.keep(id))
    }

    /// Gives the candidate's post back.
    pub(super) fn give_back(&mut self, id: DeclarationId, candidate: &Declaration) {
        if let Some(cut) = self.cut_of(candidate) {
            cut.give_back(id);
        }
    }

    /// What the ledgers append.
    pub(super) fn events(self) -> impl Iterator<Item = (Uuid, quota_ledger::Event)> {
        self.cuts.into_iter().filter_map(|(ledger, cut)| cut.event().map(|event| (ledger, event)))
    }

    fn cut_of(&mut self, candidate: &Declaration) -> Option<&mut Cut<'a>> {
        let quota = candidate.quota.as_ref()?;
        self.cuts.get_mut(&quota.ledger_id)
    }
}

/// What the ledgers append when the cut of these candidates is void: what it used and gave back is reserved again.
pub(crate) fn voided(
    candidates: &[(DeclarationId, &Declaration)],
) -> impl Iterator<Item = (Uuid, quota_ledger::Event)> {
    by_ledger(candidates)
        .into_iter()
        .map(|(ledger, declaration_ids)| (ledger, quota_ledger::Event::CutVoided { declaration_ids }))
}

fn by_ledger(candidates: &[(DeclarationId, &Declaration)]) -> BTreeMap<Uuid, Vec<DeclarationId>> {
    let mut ledgers: BTreeMap<Uuid, Vec<DeclarationId>> = BTreeMap::new();
    for (id, candidate) in candidates {
        if let Some(quota) = &candidate.quota {
            ledgers.entry(quota.ledger_id).or_default().push(*id);
        }
    }
    ledgers
}

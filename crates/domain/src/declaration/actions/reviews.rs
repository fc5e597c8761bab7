//! What the reviews above the employer share: opinion, signatures, one complete list of deficiencies, and the return one
//! level down (seed 003 四(三), 四(四); N25, X-15, X-17).

use super::returns::{self, CorrectionTerms, ItemInput};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::state::anchor_of;
use crate::declaration::values::{HandledBy, ReturnItem};
use crate::declaration::{Declaration, Event};
use crate::ids::NodeId;
use crate::input::Checks;
use crate::private::Private;
use crate::refusal::{common, refusals};
use crate::registers::paths::Node;
use crate::values::Verdict;
use schemars::JsonSchema;
use serde::Deserialize;

refusals! {
    /// T19; seed 003 四 tail: where paper and online differ, the cause is found and corrected first.
    PaperInconsistent = Rule "paper-inconsistent", "线上线下不一致", "纸质材料与线上申报不一致，不能审核通过。请查明原因并退回更正（湘人社函〔2023〕118号四）。";
    /// N26; seed 003 四(二)3: the hard condition of every step upwards.
    PublicityMissing = Rule "publicity-missing", "未经单位审核公示", "未经单位审核和公示通过的，不得推荐上报（湘人社函〔2023〕118号四(二)3）。请先由所在单位公示并保存公示结果。";
}

/// A review as it is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// 审核结果.
    pub decision: Verdict,
    /// 审核意见: required to return or fail.
    pub opinion: Option<String>,
    /// The complete list of deficiencies (N25).
    #[serde(default)]
    pub items: Vec<ItemInput>,
    /// Working days to correct; left out: 5.
    pub correction_days: Option<u32>,
    /// 上级审核单位或评委会: where the path has several.
    pub next_organisation_id: Option<NodeId>,
    /// 经办人.
    pub handled_by: Option<String>,
    /// 负责人.
    pub responsible_person: Option<String>,
    /// 线上线下一致.
    pub paper_consistent: Option<bool>,
}

/// A review, checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checked {
    /// Opinion and signatures.
    pub(super) handling: HandledBy,
    opinion: Option<String>,
    items: Vec<ReturnItem>,
    terms: CorrectionTerms,
}

impl Review {
    /// Checks it.
    pub(super) fn check(&self, it: &Declaration) -> Result<Checked, Stop> {
        let mut checks = Checks::new();
        let opinion = match self.decision {
            Verdict::Pass => checks.opinion("/opinion", self.opinion.as_deref()),
            Verdict::Return | Verdict::Fail => {
                Some(checks.reason("/opinion", self.opinion.as_deref().unwrap_or_default()))
            }
        };
        let items = returns::items(&mut checks, &self.items, it);
        let terms = CorrectionTerms::of(&mut checks, self.correction_days);
        let handling = HandledBy {
            handled_by: self.handled_by.as_ref().map(|it| checks.name("/handled_by", it)).into(),
            opinion: opinion.clone().into(),
            paper_consistent: self.paper_consistent,
            responsible_person: self
                .responsible_person
                .as_ref()
                .map(|it| checks.name("/responsible_person", it))
                .into(),
        };
        checks.done()?;
        Ok(Checked { handling, opinion, items, terms })
    }
}

/// What every pass above the employer needs: no hold, paper like online, reviewed and published at the employer.
pub(super) fn may_pass(it: &Declaration, handling: &HandledBy) -> Result<(), Stop> {
    if let Some(holds) = it.holds() {
        return Err(common::DeclarationHeld { holds }.into());
    }
    if handling.paper_consistent == Some(false) {
        return Err(PaperInconsistent.refusal().at("/paper_consistent").into());
    }
    published(it)
}

/// Refuses what was never published, or changed since (N26).
pub(super) fn published(it: &Declaration) -> Result<(), Stop> {
    let valid = it.published.is_some() && it.published == crate::declaration::evolve::published(it);
    if valid { Ok(()) } else { Err(PublicityMissing.into()) }
}

/// Sends it one level down, from whoever holds it (T22, T28); until the batch's hand-in day.
pub(super) fn send_back(it: &Declaration, review: Checked, context: &Context<'_>) -> Decision<Event> {
    returns::while_hand_in_lasts(it, context)?;
    let (Some(by), Some(to)) = (it.holder(), it.below()) else { return Err(common::NotFound.into()) };
    Ok(Outcome::of(Event::ReturnedToSubordinate {
        old_faults: old_faults(it, &by, &review.items),
        by,
        correction_days: review.terms.days,
        handling: review.handling,
        items: Private::Known(review.items),
        opinion: Private::Known(review.opinion.unwrap_or_default()),
        relay_by: returns::relay_by(context),
        to,
    }))
}

/// Deficiencies that this organisation could have named in an earlier return: nobody named them then, and what they are
/// about has not changed since. A breach of the one-time notice, to be flagged (N25, F-05).
fn old_faults(it: &Declaration, by: &Node, items: &[ReturnItem]) -> Vec<String> {
    let returned_before = it.steps.iter().any(|step| {
        step.result == Some("return")
            && step.action != "relay-return"
            && step.organisation.as_ref().is_some_and(|organisation| organisation.id == by.id)
    });
    if !returned_before {
        return Vec::new();
    }
    items
        .iter()
        .filter(|item| {
            let part = anchor_of(&item.anchor);
            !it.amended.contains(part) && !it.faults_told.contains(part)
        })
        .map(|item| item.item_id.clone())
        .collect()
}

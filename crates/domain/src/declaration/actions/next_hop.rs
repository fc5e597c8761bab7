//! Where a declaration goes next: along the ways captured at submission, and to nobody else (seed 001 第四步; domain.md
//! 2.7 path edge; X-25).

use super::submit::PathBroken;
use crate::committee::Committee;
use crate::context::{Context, Stop};
use crate::declaration::Declaration;
use crate::declaration::checks;
use crate::ids::NodeId;
use crate::refusal::{NamedChoice, Refusal, common, refusals};
use crate::registers::paths::Hop;
use crate::values::NodeType;
use chrono::NaiveDate;

refusals! {
    /// T18: the path leads on in several ways.
    NextOrganisationRequired = Rule "next-organisation-required", "须选择上级单位", "审核路径上有多个上级单位，请选择一个后再提交。";
    /// N33: seed 003 七(四): what an expired committee does is not recognised.
    CommitteeExpired { name: String } = Rule "committee-expired", "评委会已到期", "“{name}”的核准备案已到期或已停用，其评审结果不予认可。请待其重新核准备案，或联系省本级专技处转换评委会。";
    /// N10: seed 003 二(一).
    HandInClosed { hand_in_until: NaiveDate } = Rule "hand-in-closed", "已过材料报送截止日期", "材料须在{hand_in_until}（含当日）前报送到终审机构，现已过期。";
}

/// The next hop from a node. Where there are several, the one that was chosen.
pub(super) fn next_hop(
    it: &Declaration,
    from: NodeId,
    chosen: Option<NodeId>,
    context: &Context<'_>,
) -> Result<Hop, Stop> {
    let hops = it.path.next(from);
    let hop = match (chosen, hops.as_slice()) {
        (_, []) => {
            let why = "提交时的审核路径在此处没有上级单位，请联系省本级专技处。".to_owned();
            return Err(PathBroken { why }.into());
        }
        (None, [only]) => (*only).clone(),
        (None, several) => {
            let choices = several
                .iter()
                .map(|hop| NamedChoice { id: hop.superior.id.into(), name: hop.superior.name.clone() })
                .collect();
            let refusal = NextOrganisationRequired.refusal().at("/next_organisation_id");
            return Err(Stop::Refused(Refusal { choices, ..refusal }));
        }
        (Some(chosen), several) => {
            let Some(hop) = several.iter().find(|hop| hop.superior.id == chosen) else {
                let refusal = common::ReferenceRefused { what: "上级单位" }.refusal();
                return Err(refusal.at("/next_organisation_id").into());
            };
            (*hop).clone()
        }
    };
    if hop.node_type == NodeType::Committee {
        valid_committee(hop.superior.id, context)?;
    }
    if hop.is_final {
        in_time(it, context)?;
    }
    Ok(hop)
}

/// The committee, while it may act (N33).
pub(super) fn valid_committee<'a>(node: NodeId, context: &Context<'a>) -> Result<&'a Committee, Stop> {
    let Some(committee) = context.registers.committees.get(node) else {
        return Err(common::ReferenceRefused { what: "评委会" }.into());
    };
    if committee.valid_on(context.today()) {
        return Ok(committee);
    }
    Err(CommitteeExpired { name: committee.name.clone() }.into())
}

/// A first submission must have arrived by the hand-in day (N10). What was sent back in time and corrected in time may
/// arrive later: it is judged by its own deadline (contract.md, `review-by-superior`).
fn in_time(it: &Declaration, context: &Context<'_>) -> Result<(), Stop> {
    let Some(batch) = checks::batch(it, context) else { return Ok(()) };
    if it.submissions > 1 || batch.takes_material_on(context.today()) {
        return Ok(());
    }
    let hand_in_until = batch.terms.as_ref().map(|terms| terms.hand_in_until).unwrap_or_default();
    Err(HandInClosed { hand_in_until }.into())
}

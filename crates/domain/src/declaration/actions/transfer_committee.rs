//! 转换评委会 Transfer committee: where the wrong committee was chosen; the rest of the path is resolved anew from where the
//! case is (seed 002 人 1.27; T29, X-11).

use super::next_hop::valid_committee;
use super::quota::{self, Reservation};
use super::save_draft::question;
use super::submit::PathBroken;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::Batch;
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{CommitteeId, NodeId};
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::refusal::{common, refusals};
use crate::registers::paths::{self, Hop, Node, PathSnapshot};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// 初定 and 认定 have no committee.
    NoCommittee = Rule "no-committee", "不经评委会评审", "该申报不经评委会评审，不能转换评委会。";
    /// Nothing would change.
    SameCommittee = Rule "same-committee", "评委会未变", "该申报已在所选评委会，请选择其他评委会。";
    /// T29: same level, and it reviews the specialty.
    CommitteeUnfit { name: String } = Rule "committee-unfit", "不能转换到该评委会", "“{name}”的级别不符或不能评审该专业，请选择其他评委会。";
    /// T29: its batch is open.
    TransferNoBatch { name: String } = Rule "no-open-batch", "没有开放的批次", "“{name}”没有受理该年度、取得方式和级别的开放批次。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferCommittee {
    /// The new committee.
    pub committee_id: CommitteeId,
    /// Why.
    pub reason: String,
}

impl TransferCommittee {
    /// What can be said of it whatever it is done to; answers the reason.
    pub(crate) fn checked(&self) -> Result<String, Stop> {
        let mut checks = Checks::new();
        let reason = checks.reason("/reason", &self.reason);
        checks.done()?;
        Ok(reason)
    }
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "transfer-committee",
    label: label("转换评委会", "Transfer committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&[
        Stage::SuperiorReview.name(),
        Stage::ReturnedToSubordinate.name(),
        Stage::QualificationReview.name(),
        Stage::Qualified.name(),
    ]),
    to: &[Stage::QualificationReview.name()],
    form: &[
        required("committee_id", "转入评委会", FieldType::Reference("committees")),
        required("reason", "转换原因", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Moves it. The publicity stays valid; a qualified candidate is reviewed anew by the new committee.
pub fn decide(
    input: &TransferCommittee,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let reason = input.checked()?;
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    let (Some(current), Some(chosen)) = (it.committee(), &it.final_organisation) else {
        return Err(NoCommittee.into());
    };
    let node = NodeId::from(input.committee_id);
    if current == node {
        return Err(SameCommittee.refusal().at("/committee_id").into());
    }
    let committee = valid_committee(node, context).map_err(|stop| match stop {
        Stop::Refused(refusal) => Stop::Refused(refusal.at("/committee_id")),
        Stop::Need(needs) => Stop::Need(needs),
        Stop::SecondPerson => Stop::SecondPerson,
    })?;
    let name = committee.name.clone();
    let fits = committee.rank == Some(subject.level.rank())
        && committee.can_review(&subject.series.code, &subject.specialty.code);
    if !fits {
        return Err(CommitteeUnfit { name }.refusal().at("/committee_id").into());
    }
    let batches = &context.registers.batches;
    let open = Batch::of(batches, node, subject.year, subject.mode, subject.level);
    let Some((batch, batch_id)) = open.and_then(|batch| Some((batch, batch.id?))) else {
        return Err(TransferNoBatch { name }.refusal().at("/committee_id").into());
    };
    let path = path(it, node, &name, context)?;
    let reservation = quota::reserve(it, id, batch, context)?;
    let transferred = Event::CommitteeTransferred {
        batch_id,
        from: chosen.node.clone(),
        path,
        quota: reservation.as_ref().map(|reservation| reservation.quota.clone()),
        reason: Private::Known(reason),
        to: Node { id: node, name },
    };
    Ok(Reservation::keep(reservation, Outcome::of(transferred), it, id))
}

/// What was walked so far, and the ways from there to the new committee. At a committee the case is on the last hop: the
/// ways lead from the organisation that sent it there.
fn path(
    it: &Declaration,
    committee: NodeId,
    name: &str,
    context: &Context<'_>,
) -> Result<PathSnapshot, Stop> {
    let at_committee = matches!(it.stage, Stage::QualificationReview | Stage::Qualified);
    let walked =
        if at_committee { it.route.split_last().map_or(&[][..], |(_, rest)| rest) } else { &it.route };
    let Some(here) = walked.last() else { return Err(common::NotFound.into()) };
    let resolution = paths::resolve_from(context.registers, &question(it, context)?, here.id);
    let Some(ahead) = PathSnapshot::to(&resolution, committee) else {
        let reasons: String = resolution.breaks.into_iter().map(|it| it.detail).collect();
        let why = format!("从“{}”没有到达“{name}”的审核路径。{reasons}", here.name);
        return Err(PathBroken { why }.refusal().at("/committee_id").into());
    };
    let behind = walked.windows(2).filter_map(|pair| {
        let [from, to] = pair else { return None };
        it.path.hops.iter().find(|hop| hop.subordinate.id == from.id && hop.superior.id == to.id).cloned()
    });
    let mut hops: Vec<Hop> = behind.collect();
    for hop in ahead.hops {
        if !hops.contains(&hop) {
            hops.push(hop);
        }
    }
    Ok(PathSnapshot { hops })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn input(committee: Uuid) -> serde_json::Value {
        json!({"committee_id": committee, "reason": "选错评委会。"})
    }

    #[test]
    fn a_qualified_candidate_is_reviewed_anew_by_the_new_committee() {
        let mut hunan = Hunan::new();
        let case = hunan.qualified();
        let (other, operator) = hunan.other_committee("01", "2024-12-31");
        hunan.edge("senior", hunan.changsha, other, hunan.changsha_reviewer);
        hunan.act(hunan.province, "declaration", case, "transfer-committee", input(other));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::QualificationReview);
        assert_eq!(it.committee(), Some(NodeId(other)));
        assert_eq!(it.route.last().unwrap().id, NodeId(other));
        assert!(it.latest_operation().is_none());
        hunan.act(operator, "declaration", case, "review-qualification", json!({"decision": "pass"}));
    }

    #[test]
    fn from_a_superior_it_walks_on_to_the_new_committee() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let (other, _) = hunan.other_committee("01", "2024-12-31");
        let refused = hunan.refused_on(hunan.province, case, "transfer-committee", input(other));
        assert_eq!(refused.code, "path-broken");
        hunan.edge("senior", hunan.housing, other, hunan.housing_reviewer);
        hunan.act(hunan.province, "declaration", case, "transfer-committee", input(other));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::SuperiorReview);
        let pass = json!({"decision": "pass"});
        hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", pass);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.holder().unwrap().id), (Stage::QualificationReview, NodeId(other)));
    }

    #[test]
    fn a_committee_that_does_not_fit_is_refused() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let committee = hunan.committee;
        let (series, _) = hunan.other_committee("05", "2024-12-31");
        let (expired, _) = hunan.other_committee("01", "2023-05-09");
        for (to, code) in [
            (committee, "same-committee"),
            (series, "committee-unfit"),
            (expired, "committee-expired"),
            (hunan.housing, "reference-refused"),
        ] {
            let refused = hunan.refused_on(hunan.province, case, "transfer-committee", input(to));
            assert_eq!(refused.code, code);
        }
        let refused = hunan.refused_on(hunan.changsha_reviewer, case, "transfer-committee", input(committee));
        assert_eq!(refused.code, "not-allowed");
    }

    #[test]
    fn not_before_it_was_recommended() {
        let mut hunan = Hunan::new();
        let case = hunan.published();
        let (other, _) = hunan.other_committee("01", "2024-12-31");
        let refused = hunan.refused_on(hunan.province, case, "transfer-committee", input(other));
        assert_eq!(refused.code, "stage-refused");
    }
}

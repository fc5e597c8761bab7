//! 按职数和比例确定通过人员 Apply cut: of those that passed the vote, who stays within the approved number of posts and
//! the ratio of the scheme (seed 003 五(三); N15, N16; T46).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{self, Declaration, Stage, score};
use crate::ids::{DeclarationId, ReviewMeetingId};
use crate::label::label;
use crate::quota_ledger::QuotaLedger;
use crate::refusal::{common, refusals};
use crate::review_meeting::cut::{Passed, places, ranking};
use crate::review_meeting::quota::Quotas;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T46: the cut is made once, when all are counted.
    CandidatesOpen { count: usize } = Rule "candidates-open", "还有参评人员未完成评审", "还有{count}名参评人员未完成表决，全部完成后才能确定通过人员。";
    /// Only a rollback voids it.
    CutStands = Rule "cut-applied", "已确定通过人员", "本次会议已按职数和比例确定通过人员，不能重复办理。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyCut {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "apply-cut",
    label: label("确定通过人员", "Apply cut"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["planned", "drawn", "assigned"]),
    ..ActionSpec::DEFAULT
};

/// Applies it: the next in rank takes the place of one that has no post.
pub fn decide(_: &ApplyCut, it: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if it.cut {
        return Err(CutStands.into());
    }
    let Some(terms) = &it.load_scheme(context)?.terms else { return Err(common::NotFound.into()) };
    let candidates = it.candidates(context)?;
    let open = candidates.iter().filter(|(_, candidate)| !closed(candidate.stage)).count();
    if open > 0 || candidates.is_empty() {
        return Err(CandidatesOpen { count: open }.into());
    }
    let passed: Vec<(DeclarationId, &Declaration)> =
        candidates.iter().copied().filter(|(_, candidate)| candidate.stage == Stage::VotePassed).collect();
    let ranked: Vec<Passed> = passed
        .iter()
        .map(|(_, candidate)| Passed {
            agree: candidate.review.tally().map_or(0, |tally| tally.agree),
            score: score::weighted(&candidate.review, &terms.scoring),
            declaration_no: candidate
                .subject
                .as_ref()
                .map(|subject| subject.declaration_no.clone())
                .unwrap_or_default(),
        })
        .collect();
    let places = places(candidates.len(), terms.ratio_percent);
    let meeting_id = ReviewMeetingId(id);
    let mut quotas = Quotas::load(&candidates, context)?;
    for (candidate, state) in candidates.iter().filter(|(_, state)| state.stage != Stage::VotePassed) {
        quotas.give_back(*candidate, state);
    }
    let (mut kept, mut cut, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for (rank, position) in (1u32..).zip(ranking(&ranked)) {
        let Some((candidate, state)) = passed.get(position) else { continue };
        let within_ratio = u32::try_from(kept.len()).is_ok_and(|taken| taken < places);
        let stays = within_ratio && quotas.keep(*candidate, state);
        if stays {
            kept.push(*candidate)
        } else {
            quotas.give_back(*candidate, state);
            cut.push(*candidate)
        }
        let quota = state.quota.clone();
        moved.push((*candidate, declaration::Event::CutApplied { kept: stays, meeting_id, quota, rank }));
    }
    let outcome = quotas
        .events()
        .fold(Outcome::of(Event::CutApplied { cut, kept, places }), |outcome, (ledger, event)| {
            outcome.also::<QuotaLedger>(ledger, event)
        });
    Ok(moved
        .into_iter()
        .fold(outcome, |outcome, (candidate, event)| outcome.also::<Declaration>(candidate, event)))
}

/// Whether the committee has decided on a candidate.
pub(super) const fn closed(stage: Stage) -> bool {
    matches!(stage, Stage::VotePassed | Stage::VoteFailed | Stage::MaterialReviewFailed)
}

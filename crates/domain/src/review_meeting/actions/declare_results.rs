//! 宣布结果 Declare results: the chair declares what the votes and the cut gave; nothing of it is rolled back any more
//! (Order 40 Art. 22; seed 003 二(四); N05, N09, N21; T46b).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::apply_cut::{CandidatesOpen, closed};
use crate::aggregate::Aggregate;
use crate::calendar::FirstDay;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::ReviewMeetingId;
use crate::refusal::{common, refusals};
use crate::scheme::{self, Scheme};
use crate::values::Medium;
use chrono::{Datelike, NaiveDate};

/// Working days from the vote to the acquisition of the title (N05).
pub const ACQUIRED_AFTER_DAYS: u32 = 5;

refusals! {
    /// T46b.
    CutMissing = Rule "cut-missing", "尚未确定通过人员", "按职数和比例确定通过人员后才能宣布结果。";
    /// T46b: the committee's opinion stands on the form.
    OpinionsMissing { count: usize } = Rule "opinions-missing", "评议意见不全", "还有{count}名参评人员没有评委会评议意见，填写后才能宣布结果。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareResults {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "declare-results",
    label: label("宣布结果", "Declare results"),
    by: &[by(Role::Judge, Place::Chair), by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["planned", "assigned"]),
    to: &["declared"],
    ..ActionSpec::DEFAULT
};

/// The day on which a title is acquired (N05), and whether that is in another year than the vote (N09).
pub fn acquisition(vote_on: NaiveDate, context: &Context<'_>) -> (NaiveDate, bool) {
    let reckoned = context.calendar().add_working_days(vote_on, ACQUIRED_AFTER_DAYS, FirstDay::NotCounted);
    let acquired_on = reckoned.map_or(vote_on, |it| it.on);
    (acquired_on, acquired_on.year() != vote_on.year())
}

/// Declares them, and tells the scheme. The office does it for a review held outside the system, whose minutes say who declared
/// it there.
pub fn decide(_: &DeclareResults, it: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let online = it.medium == Some(Medium::Online);
    if online && context.acting()?.role != Role::Judge {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    if online && it.chair.is_none() {
        let stage = it.stage_label().to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    if !it.cut {
        return Err(CutMissing.into());
    }
    let candidates = it.candidates(context)?;
    let open = candidates.iter().filter(|(_, candidate)| !closed(candidate.stage)).count();
    if open > 0 {
        return Err(CandidatesOpen { count: open }.into());
    }
    let voted: Vec<_> = candidates
        .iter()
        .filter_map(|(id, candidate)| candidate.review.tally().map(|tally| (*id, *candidate, tally)))
        .collect();
    let missing = voted.iter().filter(|(_, it, _)| it.review.committee_opinion.is_none()).count();
    if online && missing > 0 {
        return Err(OpinionsMissing { count: missing }.into());
    }
    let meeting_id = ReviewMeetingId(id);
    let mut crosses_year = false;
    let (mut declaration_ids, mut moved) = (Vec::new(), Vec::new());
    let (mut granted, mut with_quota) = (Vec::new(), 0);
    for (candidate, state, tally) in voted {
        let (acquired_on, crosses) = acquisition(tally.vote_on, context);
        crosses_year |= crosses;
        declaration_ids.push(candidate);
        let passed = state.stage == Stage::VotePassed;
        if passed {
            granted.push(candidate);
            with_quota += u32::from(state.quota.is_some());
        }
        let vote_on = tally.vote_on;
        let declared = declaration::Event::ResultDeclared { acquired_on, meeting_id, passed, vote_on };
        moved.push((candidate, declared));
    }
    // nobody voted on those whose materials failed: what came of them is declared with the others
    let today = context.today();
    for (candidate, _) in candidates.iter().filter(|(_, it)| it.stage == Stage::MaterialReviewFailed) {
        declaration_ids.push(*candidate);
        let (acquired_on, vote_on, passed) = (today, today, false);
        let declared = declaration::Event::ResultDeclared { acquired_on, meeting_id, passed, vote_on };
        moved.push((*candidate, declared));
    }
    let outcome = Outcome::of(Event::ResultsDeclared { crosses_year, declaration_ids });
    let outcome = match it.scheme {
        Some(scheme) => {
            outcome.also::<Scheme>(scheme, scheme::Event::ResultsDeclared { passed: granted, with_quota })
        }
        None => outcome,
    };
    Ok(moved
        .into_iter()
        .fold(outcome, |outcome, (candidate, event)| outcome.also::<Declaration>(candidate, event)))
}

//! The actions on a review meeting, in menu order.

pub mod annul;
pub mod apply_cut;
pub mod assign;
pub mod cast_votes;
pub mod close;
pub mod close_ballots;
pub mod commit_seed;
pub mod create;
pub mod declare_recusal;
pub mod declare_results;
pub mod draw;
pub mod open_ballots;
pub mod record_attendance;
pub mod record_reply;
pub mod replace_judge;
pub mod reveal_seed;
pub mod send_interview_notices;

use super::ReviewMeeting;
use crate::action::ActionSpec;
use crate::context::{Acting, Context, Stop};
use crate::ids::{DeclarationId, JudgeId};
use crate::input::Checks;
use crate::values::{Medium, Role};
use std::collections::BTreeSet;

crate::action::actions! {
    ReviewMeeting;
    create::Create,
    commit_seed::CommitSeed,
    reveal_seed::RevealSeed,
    draw::Draw,
    record_reply::RecordReply,
    replace_judge::ReplaceJudge,
    assign::Assign,
    declare_recusal::DeclareRecusal,
    send_interview_notices::SendInterviewNotices,
    record_attendance::RecordAttendance,
    open_ballots::OpenBallots,
    cast_votes::CastVotes,
    close_ballots::CloseBallots,
    apply_cut::ApplyCut,
    declare_results::DeclareResults,
    annul::Annul,
    close::Close,
}

/// The most candidates of one call about ballots (contract.md, HTTP).
pub const BALLOTS_MAX: usize = 100;

/// Refuses an empty list, too long a list, one that names a candidate twice, or one of another meeting.
fn check_candidates(ids: &[DeclarationId], candidates: &[DeclarationId]) -> Result<(), Stop> {
    let mut checks = Checks::new();
    let pointer = "/declaration_ids";
    checks.ensure(!ids.is_empty(), pointer, "empty", "至少指明一名参评人员。");
    checks.ensure(
        ids.len() <= BALLOTS_MAX,
        pointer,
        "too-many",
        format!("一次最多办理{BALLOTS_MAX}名参评人员的投票。"),
    );
    let mut seen = BTreeSet::new();
    for (index, id) in ids.iter().enumerate().take(BALLOTS_MAX) {
        let pointer = format!("{pointer}/{index}");
        checks.ensure(seen.insert(*id), &pointer, "repeated", "参评人员重复。");
        checks.ensure(candidates.contains(id), &pointer, "not-a-candidate", "不是本次会议的参评人员。");
    }
    checks.done()
}

/// Notes judges that are named twice or do not sit in this meeting.
fn check_seats(checks: &mut Checks, it: &ReviewMeeting, judges: &[JudgeId], pointer: &str) {
    let mut seen = BTreeSet::new();
    for (index, judge) in judges.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        checks.ensure(seen.insert(*judge), &pointer, "repeated", "评委重复。");
        checks.ensure(it.seats.contains(judge), &pointer, "judge-not-seated", "不是本次会议抽取的评委。");
    }
}

/// The same refusal, naming the candidate concerned.
fn naming(stop: Stop, pointer: &str) -> Stop {
    match stop {
        Stop::Refused(refusal) => Stop::Refused(refusal.at(pointer)),
        Stop::Need(needs) => Stop::Need(needs),
        Stop::SecondPerson => Stop::SecondPerson,
    }
}

/// What an offline meeting does outside the system: draw, notices, attendance and ballots.
const ONLINE: &[&ActionSpec] = &[
    &commit_seed::SPEC,
    &reveal_seed::SPEC,
    &draw::SPEC,
    &record_reply::SPEC,
    &replace_judge::SPEC,
    &send_interview_notices::SPEC,
    &record_attendance::SPEC,
    &open_ballots::SPEC,
    &cast_votes::SPEC,
    &close_ballots::SPEC,
];

/// Whether an action is open to the one who acts, as far as the meeting itself knows: its candidates are asked when it is
/// taken.
pub(super) fn open_to(it: &ReviewMeeting, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
    let is = |other: &ActionSpec| spec.name == other.name;
    let online = it.medium == Some(Medium::Online);
    if !online && ONLINE.iter().any(|other| is(other)) {
        return false;
    }
    let own = it.witnesses.iter().find(|witness| witness.account == acting.account);
    if is(&commit_seed::SPEC) {
        return own.is_none() && it.witnesses.len() < 2;
    }
    if is(&reveal_seed::SPEC) {
        return own.is_some_and(|own| own.seed.is_none()) && it.witnesses.len() == 2;
    }
    if is(&draw::SPEC) {
        return draw::ready(it, context);
    }
    if is(&replace_judge::SPEC) {
        return !it.substitutes.is_empty();
    }
    if is(&assign::SPEC) {
        return !online || it.draw.is_some();
    }
    if is(&apply_cut::SPEC) {
        return !it.cut && (!online || it.chair.is_some());
    }
    if is(&declare_results::SPEC) {
        return it.cut && (!online || (it.chair.is_some() && acting.role == Role::Judge));
    }
    true
}

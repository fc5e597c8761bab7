//! What an event of a review meeting tells its judges: each one of the own seat alone.

use super::{Event, ReviewMeeting};
use crate::aggregate::Stamp;
use crate::ids::JudgeId;
use crate::notice::{Addressee, NoticeKind, Told};

/// The notices of an event on the state before it.
pub(super) fn of(event: &Event, it: &ReviewMeeting, stamp: &Stamp) -> Vec<Told> {
    // each once, in the order in which they are named
    let to_each = |judges: &mut dyn Iterator<Item = JudgeId>, kind, due_on, text: String| {
        let mut each: Vec<Told> = Vec::new();
        for judge in judges.map(Addressee::Judge) {
            if each.iter().all(|told| told.to != judge) {
                let given = it.told.len() + each.len();
                each.push(Told::now(stamp, given, judge, kind, text.clone()).by(due_on));
            }
        }
        each
    };
    match event {
        Event::PanelsAssigned { chair_id, groups } => {
            let sat = |judge: &JudgeId| {
                it.chair == Some(*judge) || it.groups.iter().any(|group| group.judge_ids.contains(judge))
            };
            let now = groups.iter().flat_map(|group| &group.judge_ids).chain([chair_id]);
            let opens_on = it.opens_on.map(|day| day.to_string()).unwrap_or_default();
            let text = format!(
                "您已编入{opens_on}开评的评审会议，请按时到{}报到；评审、打分和投票事项见各办理列表。",
                it.places.registration
            );
            let mut fresh = now.filter(|judge| !sat(judge)).copied();
            to_each(&mut fresh, NoticeKind::PanelAssigned, it.opens_on, text)
        }
        Event::InterviewNoticesSent { declaration_ids } => {
            let named = |id| declaration_ids.contains(id);
            let groups = it.groups.iter().filter(|group| group.declaration_ids.iter().any(named));
            let text = format!(
                "本组参评人员的面试通知已发出，面试在{}进行，各人的时间见“面试答辩打分”。",
                it.places.interview
            );
            let mut judges = groups.flat_map(|group| &group.judge_ids).copied();
            to_each(&mut judges, NoticeKind::InterviewNotified, None, text)
        }
        Event::Annulled { .. } => {
            let text = "当次评审会议已作废，已完成的评审、打分和投票不再有效。".to_owned();
            to_each(&mut it.seats.iter().copied(), NoticeKind::MeetingAnnulled, None, text)
        }
        Event::Created { .. }
        | Event::SeedCommitted { .. }
        | Event::SeedRevealed { .. }
        | Event::JudgesDrawn { .. }
        | Event::ReplyRecorded { .. }
        | Event::JudgeReplaced { .. }
        | Event::JudgeRecused { .. }
        | Event::AttendanceRecorded { .. }
        | Event::BallotsOpened { .. }
        | Event::BallotsClosed { .. }
        | Event::CutApplied { .. }
        | Event::CandidateReopened { .. }
        | Event::ResultsDeclared { .. }
        | Event::Closed => Vec::new(),
    }
}

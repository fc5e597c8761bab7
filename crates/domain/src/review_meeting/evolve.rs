//! How each event changes a review meeting.

use super::{Event, Places, ReviewMeeting, Witness, notices};
use crate::aggregate::Stamp;
use crate::ids::JudgeId;

/// Applies one event.
pub(super) fn evolve(it: &mut ReviewMeeting, event: &Event, stamp: &Stamp) {
    let notices = notices::of(event, it, stamp);
    it.told.extend(notices);
    match event {
        Event::Created {
            committee_id,
            interview_place,
            material_place,
            medium,
            meeting_id,
            opens_on,
            registration_place,
            scheme_id,
        } => {
            it.id = Some(*meeting_id);
            it.scheme = Some(*scheme_id);
            it.committee = Some(*committee_id);
            it.medium = Some(*medium);
            it.opens_on = Some(*opens_on);
            it.places = Places {
                registration: registration_place.clone(),
                material: material_place.clone(),
                interview: interview_place.clone(),
            };
        }
        Event::SeedCommitted { account_id, commitment, person_id } => it.witnesses.push(Witness {
            account: *account_id,
            person: *person_id,
            commitment: commitment.clone(),
            seed: None,
        }),
        Event::SeedRevealed { account_id, seed } => {
            for witness in it.witnesses.iter_mut().filter(|witness| witness.account == *account_id) {
                witness.seed = Some(seed.clone());
            }
        }
        Event::JudgesDrawn { record } => {
            it.seats = record.drawn.iter().copied().map(JudgeId).collect();
            it.substitutes = record.substitutes.iter().copied().map(JudgeId).collect();
            it.draw = Some(record.clone());
        }
        Event::ReplyRecorded { judge_id, reply } => {
            it.replies.insert(*judge_id, *reply);
        }
        Event::JudgeReplaced { judge_id, reason: _, substitute_id } => {
            it.substitutes.retain(|judge| judge != substitute_id);
            for seat in it.seats.iter_mut().filter(|seat| *seat == judge_id) {
                *seat = *substitute_id;
            }
            it.attending.retain(|judge| judge != judge_id);
        }
        Event::PanelsAssigned { chair_id, groups } => {
            it.chair = Some(*chair_id);
            let named = |id: &crate::ids::DeclarationId| {
                groups.iter().any(|group| group.declaration_ids.contains(id))
            };
            for group in &mut it.groups {
                group.declaration_ids.retain(|id| !named(id));
            }
            it.groups.retain(|group| !group.declaration_ids.is_empty());
            it.groups.extend(groups.iter().cloned());
        }
        Event::JudgeRecused { declaration_id, judge_id } => {
            it.recusals.insert((*declaration_id, *judge_id));
        }
        Event::InterviewNoticesSent { .. } | Event::BallotsOpened { .. } | Event::BallotsClosed { .. } => {}
        Event::AttendanceRecorded { judge_ids } => judge_ids.clone_into(&mut it.attending),
        Event::CutApplied { .. } => it.cut = true,
        Event::CandidateReopened { .. } => it.cut = false,
        Event::ResultsDeclared { .. } => it.declared = true,
        Event::Annulled { reason } => it.annulled = Some(reason.clone()),
        Event::Closed => it.closed = true,
    }
}

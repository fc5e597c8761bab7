//! Secret ballots as the log tells them once a round is closed: as many ballots as voters, nobody twice, only judges who attended, and
//! attending only who had a seat and, where signing in was recorded, had signed in; the count follows from the ballots.

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use zhicheng_domain::AnyEvent;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::declaration::{Declaration, Event};
use zhicheng_domain::ids::{BallotRoundId, JudgeId, ReviewMeetingId};
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_domain::values::Choice;
use zhicheng_domain::vote;

/// A judge's attendance in the rounds of one meeting: the positions at which rounds with the judge were opened.
type Attended = BTreeMap<JudgeId, Vec<i64>>;

/// The rounds.
pub(super) struct Ballots {
    checked: Checked,
    /// Ballots of the round that is being counted.
    counted: (u32, u32),
    rounds: BTreeSet<BallotRoundId>,
    meetings: BTreeMap<ReviewMeetingId, Attended>,
    /// The stretches of the meeting that is being folded, in which a judge could attend: from a position on, until another.
    present: BTreeMap<JudgeId, Vec<(i64, Option<i64>)>>,
}

impl Ballots {
    pub(super) const fn new() -> Self {
        Self {
            checked: Checked::new(Check::Ballots),
            counted: (0, 0),
            rounds: BTreeSet::new(),
            meetings: BTreeMap::new(),
            present: BTreeMap::new(),
        }
    }

    fn opened(&mut self, round: BallotRoundId, attending: &[JudgeId], it: &Declaration, position: i64) {
        if !self.rounds.insert(round) {
            self.checked.fault(format!("轮次 {round} 在位置 {position} 又开了一次"));
        }
        let Some(meeting) = it.review.meeting else {
            return self.checked.fault(format!("轮次 {round} 在位置 {position} 没有会议"));
        };
        let attended = self.meetings.entry(meeting).or_default();
        for judge in attending {
            attended.entry(*judge).or_default().push(position);
        }
    }

    fn closed(&mut self, it: &Declaration, closing: &Closing<'_>, position: i64) {
        let (agree, disagree) = std::mem::take(&mut self.counted);
        let ballot = it.review.ballot.as_ref().filter(|ballot| ballot.round == closing.round);
        let electorate: BTreeSet<&JudgeId> = ballot.iter().flat_map(|ballot| &ballot.attending).collect();
        let voters: BTreeSet<&JudgeId> = closing.voters.iter().collect();
        let wrong = if ballot.is_none_or(|ballot| ballot.tally.is_some()) {
            Some("没有开过或已经结束")
        } else if (agree, disagree) != (closing.agree, closing.disagree) {
            Some("计票与选票不符")
        } else if voters.len() != closing.voters.len() {
            Some("有人投了两票")
        } else if closing.voters.len() as u64 != u64::from(agree) + u64::from(disagree) {
            Some("票数不等于投票人数")
        } else if !voters.is_subset(&electorate) {
            Some("投票人不都是到会评委")
        } else if closing.attending as usize != electorate.len() {
            Some("到会人数不符")
        } else if closing.passed != vote::passes(agree, closing.attending) {
            Some("是否通过与票数不符")
        } else {
            None
        };
        let round = closing.round;
        self.checked.expect(wrong.is_none(), || {
            format!("位置 {position} 的轮次 {round}：{}", wrong.unwrap_or_default())
        });
    }
}

/// What the end of a round says.
struct Closing<'a> {
    round: BallotRoundId,
    agree: u32,
    disagree: u32,
    attending: u32,
    passed: bool,
    voters: &'a [JudgeId],
}

impl Look for Ballots {
    fn before(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let (AnyEvent::Declaration(event), Some(it)) = (seen.fact, state.get::<Declaration>()) else {
            return;
        };
        let position = seen.event.position;
        if let Event::BallotOpened { attending, round_id, size: _ } = event {
            self.counted = (0, 0);
            self.opened(*round_id, attending, it, position);
        }
        if let Event::VoteCast { choice, round_id } = event {
            match choice {
                Choice::Agree => self.counted.0 += 1,
                Choice::Disagree => self.counted.1 += 1,
            }
            if it.review.ballot.as_ref().is_none_or(|ballot| ballot.round != *round_id) {
                self.checked.fault(format!("位置 {position} 的选票不属于正在投票的轮次"));
            }
        }
        if let Event::BallotClosed { agree, attending, disagree, passed, round_id, voters } = event {
            let (agree, disagree, attending) = (*agree, *disagree, *attending);
            let (round, passed) = (*round_id, *passed);
            self.closed(it, &Closing { round, agree, disagree, attending, passed, voters }, position);
        }
    }

    fn after(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let Some(it) = state.get::<ReviewMeeting>() else { return };
        let could = |judge: &JudgeId| it.attending.is_empty() || it.attending.contains(judge);
        let here: BTreeSet<JudgeId> = it.seats.iter().copied().filter(could).collect();
        let position = seen.event.position;
        for (judge, stretches) in &mut self.present {
            if let Some((_, until @ None)) = stretches.last_mut()
                && !here.contains(judge)
            {
                *until = Some(position);
            }
        }
        for judge in here {
            let stretches = self.present.entry(judge).or_default();
            if stretches.last().is_none_or(|(_, until)| until.is_some()) {
                stretches.push((position, None));
            }
        }
    }

    /// Meetings come after declarations in the order of types.
    fn stream_ended(&mut self, id: &str, state: &AnyState) {
        self.counted = (0, 0);
        let Some(it) = state.get::<ReviewMeeting>() else { return };
        let present = std::mem::take(&mut self.present);
        let attended = it.id.and_then(|id| self.meetings.remove(&id)).unwrap_or_default();
        for (judge, positions) in attended {
            let stretches = present.get(&judge).map_or(&[][..], Vec::as_slice);
            for position in positions {
                let seated = stretches
                    .iter()
                    .any(|(from, until)| *from < position && until.is_none_or(|until| until > position));
                self.checked.expect(seated, || {
                    format!("位置 {position} 的投票中，评委 {judge} 不在会议 {id} 的席位上或没有签到")
                });
            }
        }
    }

    fn finish<'a>(mut self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        for meeting in self.meetings.keys() {
            self.checked.fault(format!("投票所属的会议 {meeting} 不在日志中"));
        }
        ready(self.checked)
    }
}

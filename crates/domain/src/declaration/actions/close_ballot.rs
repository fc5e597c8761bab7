//! 投票结束 Close ballot: the chair closes the round; the box is opened, the ballots become events without a voter, and the
//! count follows (Order 40 Arts. 20, 22; T45; contract.md, Voting in secret).

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::OpenedBox;
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Choice;
use crate::values::Role;
use crate::vote;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// a ballot that is not handed in counts as attending; closing without it is said expressly.
    BallotsMissing = Rule "ballots-missing", "有选票未交回", "还有评委没有投票。未交回的选票按到会计入、不计同意；确认后才能结束投票。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBallot {
    /// 确认有未交回的选票.
    pub unreturned_confirmed: Option<bool>,
}

/// Whether a round may close without all its ballots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreturned {
    /// The chair said so.
    Confirmed,
    /// Nobody said so.
    Unconfirmed,
}

impl Unreturned {
    /// What an input says.
    pub const fn of(confirmed: Option<bool>) -> Self {
        match confirmed {
            Some(true) => Self::Confirmed,
            Some(false) | None => Self::Unconfirmed,
        }
    }
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "close-ballot",
    label: label("投票结束", "Close ballot"),
    by: &[by(Role::Judge, Place::Chair)],
    from: Start::Stages(&[Stage::Balloting.name()]),
    to: &[Stage::VotePassed.name(), Stage::VoteFailed.name()],
    forward: Forward::Yes,
    form: &[optional("unreturned_confirmed", "确认有未交回的选票", FieldType::Boolean)],
    ..ActionSpec::DEFAULT
};

/// Closes and counts.
pub fn decide(input: &CloseBallot, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let events = enter(it, Unreturned::of(input.unreturned_confirmed), context)?;
    Ok(Outcome { events, others: Vec::new(), claims: Vec::new() })
}

/// What closing the ballot on this candidate appends: one event a ballot, shuffled, then the count.
pub(crate) fn enter(
    it: &Declaration,
    unreturned: Unreturned,
    context: &Context<'_>,
) -> Result<Vec<Event>, Stop> {
    let Some(ballot) = &it.review.ballot else { return Err(common::NotFound.into()) };
    let round_id = ballot.round;
    let OpenedBox { voters, choices } = context.opened_box(round_id)?;
    if voters.len() < ballot.attending.len() && unreturned == Unreturned::Unconfirmed {
        return Err(BallotsMissing.into());
    }
    let count = |wanted: Choice| {
        u32::try_from(choices.iter().filter(|choice| **choice == wanted).count()).unwrap_or(u32::MAX)
    };
    let attending = u32::try_from(ballot.attending.len()).unwrap_or(u32::MAX);
    let (agree, disagree) = (count(Choice::Agree), count(Choice::Disagree));
    let mut events: Vec<Event> =
        choices.iter().map(|choice| Event::VoteCast { choice: *choice, round_id }).collect();
    events.push(Event::BallotClosed {
        agree,
        attending,
        disagree,
        passed: vote::passes(agree, attending),
        round_id,
        voters: voters.clone(),
    });
    Ok(events)
}

//! 投票结束 Close ballots: the chair closes and counts the ballots of several candidates (T45).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{check_candidates, naming};
use crate::action::{admit, optional};
use crate::declaration::Declaration;
use crate::declaration::actions::close_ballot::{self, Unreturned};
use crate::ids::DeclarationId;
use crate::input::Checks;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBallots {
    /// Whose ballots.
    pub declaration_ids: Vec<DeclarationId>,
    /// 确认有未交回的选票.
    pub unreturned_confirmed: Option<bool>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "close-ballots",
    label: label("投票结束", "Close ballots"),
    by: &[by(Role::Judge, Place::Chair)],
    from: Start::Stages(&["assigned"]),
    form: &[
        required("declaration_ids", "参评人员", FieldType::Structure),
        optional("unreturned_confirmed", "确认有未交回的选票", FieldType::Boolean),
    ],
    ..ActionSpec::DEFAULT
};

/// The most ballots that are counted in one append, which each of them is an event of.
const VOTES_MAX: usize = 9_000;

/// Closes them, all or none.
pub fn decide(input: &CloseBallots, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let candidates = it.candidates(context)?;
    let all: Vec<DeclarationId> = candidates.iter().map(|(id, _)| *id).collect();
    check_candidates(&input.declaration_ids, &all)?;
    let declarations = context.load_all::<Declaration>(input.declaration_ids.iter().map(|id| id.0))?;
    let votes = |it: &Declaration| it.review.ballot.as_ref().map_or(0, |ballot| ballot.attending.len());
    let mut checks = Checks::new();
    checks.ensure(
        declarations.iter().map(|it| votes(it)).sum::<usize>() <= VOTES_MAX,
        "/declaration_ids",
        "too-many",
        format!("一次最多办理{VOTES_MAX}张选票，请分批结束投票。"),
    );
    checks.done()?;
    let mut needs = Vec::new();
    let mut outcome = Outcome::of(Event::BallotsClosed { declaration_ids: input.declaration_ids.clone() });
    for (index, (id, declaration)) in input.declaration_ids.iter().zip(declarations).enumerate() {
        let closed = admit(declaration, &close_ballot::SPEC, context).and_then(|()| {
            close_ballot::enter(declaration, Unreturned::of(input.unreturned_confirmed), context)
        });
        match closed {
            Ok(events) => {
                outcome = events
                    .into_iter()
                    .fold(outcome, |outcome, event| outcome.also::<Declaration>(*id, event));
            }
            Err(Stop::Need(more)) => needs.extend(more),
            Err(stop) => return Err(naming(stop, &format!("/declaration_ids/{index}"))),
        }
    }
    if needs.is_empty() { Ok(outcome) } else { Err(Stop::Need(needs)) }
}

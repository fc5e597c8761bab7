//! 投票 Cast votes: a judge's ballots for several candidates. Nothing is appended: each waits in the vault until its
//! round closes (contract.md, Voting in secret; T44).

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
use crate::action::{Proof, admit};
use crate::declaration::Declaration;
use crate::declaration::actions::cast_vote::{self, Ballot};
use crate::ids::DeclarationId;
use crate::values::Choice;

/// One ballot.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteInput {
    /// On whom.
    pub declaration_id: DeclarationId,
    /// 同意 or 反对.
    pub choice: Choice,
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastVotes {
    /// The ballots.
    pub votes: Vec<VoteInput>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "cast-votes",
    label: label("投票", "Cast votes"),
    by: &[by(Role::Judge, Place::Panel)],
    from: Start::Stages(&["assigned"]),
    proof: Proof::Reauthenticated,
    form: &[required("votes", "选票", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Checks that the judge may vote on all of them; appends nothing.
pub fn decide(input: &CastVotes, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    ballots(input, it, context).map(|_| Outcome::nothing())
}

/// The ballots that the vault takes in, in the order of the input.
pub fn ballots(
    input: &CastVotes,
    it: &ReviewMeeting,
    context: &Context<'_>,
) -> Result<Vec<(DeclarationId, Ballot, Choice)>, Stop> {
    let candidates = it.candidates(context)?;
    let all: Vec<DeclarationId> = candidates.iter().map(|(id, _)| *id).collect();
    let ids: Vec<DeclarationId> = input.votes.iter().map(|vote| vote.declaration_id).collect();
    check_candidates(&ids, &all)?;
    let declarations = context.load_all::<Declaration>(ids.iter().map(|id| id.0))?;
    input
        .votes
        .iter()
        .zip(declarations)
        .enumerate()
        .map(|(index, (vote, declaration))| {
            admit(declaration, &cast_vote::SPEC, context)
                .map_err(|stop| cast_vote::closed_instead(stop, declaration))
                .and_then(|()| cast_vote::ballot(declaration, context))
                .map(|ballot| (vote.declaration_id, ballot, vote.choice))
                .map_err(|stop| naming(stop, &format!("/votes/{index}/declaration_id")))
        })
        .collect()
}

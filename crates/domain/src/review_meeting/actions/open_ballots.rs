//! 开始投票 Open ballots: the chair opens the ballots of several candidates to the same electorate (T43).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{check_candidates, naming};
use crate::action::admit;
use crate::declaration::Declaration;
use crate::declaration::actions::open_ballot;
use crate::ids::{BallotRoundId, DeclarationId, JudgeId};

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBallots {
    /// Whose ballots.
    pub declaration_ids: Vec<DeclarationId>,
    /// Who may vote.
    pub attending: Vec<JudgeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "open-ballots",
    label: label("开始投票", "Open ballots"),
    by: &[by(Role::Judge, Place::Chair)],
    from: Start::Stages(&["assigned"]),
    form: &[
        required("declaration_ids", "参评人员", FieldType::Structure),
        required("attending", "到会评委", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Opens them, all or none.
pub fn decide(input: &OpenBallots, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let candidates = it.candidates(context)?;
    let all: Vec<DeclarationId> = candidates.iter().map(|(id, _)| *id).collect();
    check_candidates(&input.declaration_ids, &all)?;
    let declaration_ids = input.declaration_ids.clone();
    let mut outcome = Outcome::of(Event::BallotsOpened { declaration_ids });
    for (index, (number, id)) in (0u32..).zip(&input.declaration_ids).enumerate() {
        let declaration: &Declaration = context.load(*id)?;
        let round_id = BallotRoundId(context.fresh_id(number));
        let opened = admit(declaration, &open_ballot::SPEC, context)
            .and_then(|()| open_ballot::enter(declaration, &input.attending, it, round_id))
            .map_err(|stop| naming(stop, &format!("/declaration_ids/{index}")))?;
        outcome = outcome.also::<Declaration>(*id, opened);
    }
    Ok(outcome)
}

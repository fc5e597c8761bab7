//! 公布随机种子 Reveal seed: once both witnesses have committed, each shows the seed it committed to.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::draw::refuse;
use crate::draw::{DrawError, Seed};
use crate::refusal::{common, refusals};

refusals! {
    /// A seed shown earlier could be answered by the other witness's choice.
    CommitmentMissing = Rule "commitment-missing", "两位监督人尚未都承诺", "两位监督人都承诺随机种子后才能公布，请等待另一位监督人承诺。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealSeed {
    /// 32 bytes as 64 lower-case hex digits.
    pub seed: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "reveal-seed",
    label: label("公布随机种子", "Reveal seed"),
    by: &[by(Role::DisciplineWitness, Place::ApprovingAuthority)],
    from: Start::Stages(&["planned"]),
    form: &[required("seed", "随机种子", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Records it; the same seed again changes nothing.
pub fn decide(input: &RevealSeed, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let account = context.acting()?.account;
    let found = it.witnesses.iter().position(|witness| witness.account == account);
    let Some((index, witness)) = found.and_then(|index| it.witnesses.get(index).map(|it| (index, it))) else {
        return Err(if it.witnesses.len() < 2 {
            CommitmentMissing.into()
        } else {
            common::NotAllowed { action: SPEC.label.zh }.into()
        });
    };
    if it.witnesses.len() < 2 {
        return Err(CommitmentMissing.into());
    }
    let seed = Seed::parse(&input.seed).map_err(|error| refuse(&error).at("/seed"))?;
    if seed.commitment() != witness.commitment {
        let broken = DrawError::CommitmentBroken { witness: index + 1 };
        return Err(refuse(&broken).at("/seed").into());
    }
    if witness.seed.is_some() {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::SeedRevealed { account_id: account, seed: input.seed.clone() }))
}

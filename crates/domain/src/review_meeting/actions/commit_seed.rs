//! 承诺随机种子 Commit seed: each of two witnesses publishes the digest of a seed before either is known
//! (seed 003 五(二); contract.md, The draw).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::{Medium, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::draw::refuse;
use crate::draw;
use crate::refusal::refusals;

refusals! {
    /// Two accounts of two persons (contract.md, review-meetings).
    WitnessRepeated = Rule "same-person", "须由另一位监督人承诺", "抽取须由两位不同的纪检监督人员各承诺一个随机种子，请由另一人办理。";
    /// Two are enough.
    CommitmentsComplete = Rule "commitments-complete", "两位监督人均已承诺", "两位监督人均已承诺随机种子，请公布种子后抽取。";
    /// contract.md: an offline meeting has no draw here.
    OfflineWithoutDraw = Rule "offline-without-draw", "线下评审不在系统内抽取", "该方案为线下评审，抽取在系统外进行，请上传抽取记录。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitSeed {
    /// Hex SHA-256 of the seed's 32 bytes.
    pub commitment: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "commit-seed",
    label: label("承诺随机种子", "Commit seed"),
    by: &[by(Role::DisciplineWitness, Place::ApprovingAuthority)],
    from: Start::Stages(&["planned"]),
    form: &[required("commitment", "种子摘要（SHA-256）", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Records it.
pub fn decide(input: &CommitSeed, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let acting = context.acting()?;
    if it.medium == Some(Medium::Offline) {
        return Err(OfflineWithoutDraw.into());
    }
    let repeated = it.witnesses.iter().any(|witness| {
        witness.account == acting.account || (acting.person.is_some() && witness.person == acting.person)
    });
    if repeated {
        return Err(WitnessRepeated.into());
    }
    if it.witnesses.len() >= 2 {
        return Err(CommitmentsComplete.into());
    }
    let earlier = it.witnesses.first().map(|witness| witness.commitment.as_str());
    draw::check_commitment(&input.commitment, earlier).map_err(|error| refuse(&error).at("/commitment"))?;
    Ok(Outcome::of(Event::SeedCommitted {
        account_id: acting.account,
        commitment: input.commitment.clone(),
        person_id: acting.person,
    }))
}

//! 抽取评委 Draw: from the pool of valid judges that have nothing to do with a participant, by both witnesses' seeds, at
//! the earliest the day before the opening (seed 003 五(二); N08, N33; T34).

use super::commit_seed::OfflineWithoutDraw;
use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::{self, Declaration, Stage};
use crate::draw::{self, DrawError, Seed};
use crate::ids::{DeclarationId, EmployerId, PersonId, ReviewMeetingId};
use crate::label::label;
use crate::refusal::{Code, Kind, Refusal, common, refusals};
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::{Medium, Role};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

refusals! {
    /// N08 (seed 003 五(二)).
    DrawTooEarly { opens_on: NaiveDate, from: NaiveDate } = Rule "draw-too-early", "未到抽取时间", "{opens_on}开评，评委最早于{from}抽取，请届时再抽取。";
    /// Both witnesses' seeds enter the draw.
    SeedsMissing = Rule "seeds-missing", "随机种子未公布", "两位纪检监督人员都公布随机种子后才能抽取。";
    /// Everybody left the scheme.
    NoCandidates = Rule "no-candidates", "没有参评人员", "方案中已没有参评人员，不能抽取评委。";
}

/// What the draw itself may refuse.
pub const DRAW_CODES: &[Code] = &[
    draw_code("draw-seed-format"),
    draw_code("draw-commitment-format"),
    draw_code("draw-commitment-repeated"),
    draw_code("draw-commitment-broken"),
    draw_code("draw-size-zero"),
    draw_code("draw-pool-too-small"),
    draw_code("draw-pool-too-large"),
    draw_code("draw-pool-repeats"),
    draw_code("draw-algorithm-unknown"),
    draw_code("draw-record-differs"),
];

const TITLE: &str = "不能抽取评委";

const fn draw_code(code: &'static str) -> Code {
    Code { kind: Kind::Rule, code, title: TITLE }
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draw {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "draw",
    label: label("抽取评委", "Draw judges"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["planned"]),
    to: &["drawn"],
    ..ActionSpec::DEFAULT
};

/// Draws.
pub fn decide(_: &Draw, it: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if it.medium == Some(Medium::Offline) {
        return Err(OfflineWithoutDraw.into());
    }
    let scheme = it.load_scheme(context)?;
    let committee = scheme.valid_committee(context)?;
    let Some(opens_on) = it.opens_on else { return Err(common::NotFound.into()) };
    if let Some(from) = opens_on.pred_opt().filter(|from| context.today() < *from) {
        return Err(DrawTooEarly { opens_on, from }.into());
    }
    let [(first, first_seed), (second, second_seed)] = seeds(it)?;
    let candidates: Vec<(DeclarationId, &Declaration)> = it
        .candidates(context)?
        .into_iter()
        .filter(|(_, candidate)| candidate.stage == Stage::SchemeApproved)
        .collect();
    if candidates.is_empty() {
        return Err(NoCandidates.into());
    }
    let pool = pool(it, &candidates, opens_on, context);
    let record = draw::draw(&[first, second], [first_seed, second_seed], pool, committee.size)
        .map_err(|error| refuse(&error))?;
    let meeting_id = ReviewMeetingId(id);
    Ok(candidates.iter().fold(Outcome::of(Event::JudgesDrawn { record }), |outcome, (candidate, _)| {
        outcome.also::<Declaration>(*candidate, declaration::Event::JudgesDrawn { meeting_id })
    }))
}

/// Whether the day has come and the seeds are there.
pub(super) fn ready(it: &ReviewMeeting, context: &Context<'_>) -> bool {
    let from = it.opens_on.and_then(|opens_on| opens_on.pred_opt());
    from.is_none_or(|from| context.today() >= from) && seeds(it).is_ok()
}

/// Both witnesses' commitments and seeds, in the order of commitment.
fn seeds(it: &ReviewMeeting) -> Result<[(String, Seed); 2], Stop> {
    let [first, second] = it.witnesses.as_slice() else { return Err(SeedsMissing.into()) };
    let (Some(first_seed), Some(second_seed)) = (&first.seed, &second.seed) else {
        return Err(SeedsMissing.into());
    };
    let read = |text: &str| Seed::parse(text).map_err(|error| refuse(&error));
    Ok([(first.commitment.clone(), read(first_seed)?), (second.commitment.clone(), read(second_seed)?)])
}

/// Valid term today and on the opening day, not disqualified, not of a participant's employer, no participant.
fn pool(
    it: &ReviewMeeting,
    candidates: &[(DeclarationId, &Declaration)],
    opens_on: NaiveDate,
    context: &Context<'_>,
) -> Vec<Uuid> {
    let subjects = || candidates.iter().filter_map(|(_, candidate)| candidate.subject.as_ref());
    let employers: BTreeSet<EmployerId> = subjects().map(|subject| subject.employer.id).collect();
    let persons: BTreeSet<PersonId> = subjects().map(|subject| subject.person).collect();
    let Some(committee) = it.committee else { return Vec::new() };
    context
        .registers
        .judges_of(committee)
        .filter(|(_, judge)| {
            judge.serves_on(context.today())
                && judge.serves_on(opens_on)
                && judge.employer.is_some_and(|employer| !employers.contains(&employer))
                && judge.person.is_some_and(|person| !persons.contains(&person))
        })
        .map(|(id, _)| id.0)
        .collect()
}

/// A draw's error as a refusal.
pub(super) fn refuse(error: &DrawError) -> Refusal {
    Refusal {
        kind: Kind::Rule,
        code: error.code(),
        title: TITLE,
        detail: format!("{error}。"),
        problems: Vec::new(),
        choices: Vec::new(),
    }
}

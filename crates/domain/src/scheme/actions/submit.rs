//! 评审方案呈报 Submit: in time before the opening; every participant enters the scheme in the same append
//! (seed 003 五(一); N06, N07; T30).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::committee::Category;
use crate::context::Context;
use crate::declaration::{self, Declaration};
use crate::ids::SchemeId;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::scheme::terms::check_participants;
use crate::scheme::{Event, Scheme};
use crate::values::Role;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// Working days before the opening for universities and hospitals (N06).
pub const LEAD_DAYS_UNIVERSITY_HOSPITAL: u32 = 5;
/// Working days before the opening for all others (N07).
pub const LEAD_DAYS_OTHER: u32 = 10;

refusals! {
    /// N06, N07 (seed 003 五(一)).
    SchemeTooLate { days: u32, opens_on: NaiveDate, until: NaiveDate } = Rule "scheme-too-late", "距开评时间不足", "评审方案须在开评前{days}个工作日报送，{opens_on}开评的最迟于{until}报送。请调整计划开评时间后再呈报。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "submit",
    label: label("评审方案呈报", "Submit scheme"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["draft", "rejected"]),
    to: &["submitted"],
    ..ActionSpec::DEFAULT
};

/// Submits it.
pub fn decide(_: &Submit, it: &Scheme, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let committee = it.valid_committee(context)?;
    let (Some(terms), Some(committee_id)) = (&it.terms, it.committee) else {
        return Err(common::NotFound.into());
    };
    let days = match committee.category {
        Some(Category::UniversityHospital) => LEAD_DAYS_UNIVERSITY_HOSPITAL,
        Some(Category::Other) | None => LEAD_DAYS_OTHER,
    };
    let until =
        context.calendar().minus_working_days(terms.opens_on, days).map_or(terms.opens_on, |it| it.on);
    if context.today() > until {
        return Err(SchemeTooLate { days, opens_on: terms.opens_on, until }.into());
    }
    let batch = context.registers.batches.get(terms.batch_id);
    let participants = check_participants(terms, batch, committee_id.into(), context)?;
    if let Some(holds) = participants.iter().find_map(|participant| participant.holds()) {
        return Err(common::DeclarationHeld { holds }.into());
    }
    let scheme_id = SchemeId(id);
    Ok(terms.participants.iter().fold(Outcome::of(Event::Submitted), |outcome, participant| {
        outcome.also::<Declaration>(*participant, declaration::Event::SchemeSubmitted { scheme_id })
    }))
}

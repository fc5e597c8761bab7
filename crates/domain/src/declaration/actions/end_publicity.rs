//! 公示期满 End publicity: the timer's step once the last day is over; nobody has to wait for it (TM5, T14).

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::publicity_round;
use crate::refusal::common;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndPublicity {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "end-publicity",
    label: label("公示期满", "End publicity"),
    from: Start::Stages(&[Stage::EmployerPublicity.name()]),
    to: &[Stage::EmployerPublicityEnded.name()],
    ..ActionSpec::DEFAULT
};

/// Ends it.
pub fn decide(_: &EndPublicity, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(publicity) = &it.publicity else { return Err(common::NotFound.into()) };
    publicity_round::over(publicity.ends_on, context)?;
    Ok(Outcome::of(Event::EmployerPublicityEnded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn comes_on_the_day_after_the_last() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        hunan.world.clock("2023-05-09T18:00:00+08:00");
        let early = hunan.world.act(Who::System, "declaration", case, SPEC.name, json!({}));
        assert_eq!(early.unwrap_err().code, "publicity-not-ended");
        hunan.world.clock("2023-05-10T00:00:00+08:00");
        hunan.world.act(Who::System, "declaration", case, SPEC.name, json!({})).unwrap();
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::EmployerPublicityEnded);
    }
}

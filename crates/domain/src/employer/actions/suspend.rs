//! 停用单位 Suspend: nothing new may name the employer and nobody acts for it until it is resumed (domain.md 2.7, unit
//! account); what runs waits.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::employer::{Employer, Event};
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "suspend",
    label: label("停用单位", "Suspend employer"),
    by: &[
        by(Role::ProvincialAdministrator, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::ReviewingOrganisation),
    ],
    from: Start::Stages(&["approved"]),
    to: &["suspended"],
    form: &[required("reason", "停用原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Suspends it.
pub fn decide(input: &Suspend, _: &Employer, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(Outcome::of(Event::Suspended { reason }))
}

#[cfg(test)]
mod tests {
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn nobody_acts_for_it_until_it_is_resumed() {
        let mut hunan = Hunan::new();
        let (reviewer, drainage) = (hunan.changsha_reviewer, hunan.drainage);
        let own = hunan.world.act(
            Who::Account(hunan.operator),
            "employer",
            drainage,
            "suspend",
            json!({"reason": "停办"}),
        );
        assert_eq!(own.unwrap_err().code, "not-allowed");
        hunan.act(reviewer, "employer", drainage, "suspend", json!({"reason": "机构撤并"}));
        assert!(hunan.world.registers.roles_of(hunan.operator).is_empty());
        let draft = hunan.world.create(Who::Account(hunan.applicant), "declaration", json!({
            "year": 2023, "mode": "review", "level": "associate_senior", "series": "01", "specialty": "0101",
            "title": "副教授", "employer_id": drainage,
        }));
        assert!(draft.is_err(), "nothing new names it");
        hunan.act(reviewer, "employer", drainage, "resume", json!({}));
        assert_eq!(hunan.world.registers.roles_of(hunan.operator).len(), 1);
        hunan.draft(hunan.applicant);
    }
}

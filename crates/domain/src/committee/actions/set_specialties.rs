//! 评审专业 Set specialties: which specialties of its series the committee reviews; none means the whole series
//! (seed 002 人 1.10, 4.1; Order 40 Arts. 6, 9).

use super::create::{check_size, check_specialties};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSpecialties {
    /// 评审专业 codes; empty means by series.
    pub specialties: Vec<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "set-specialties",
    label: label("设置评审专业", "Set specialties"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    form: &[required("specialties", "评审专业", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Replaces the list; declarations under way finish on their snapshot.
pub fn decide(input: &SetSpecialties, it: &Committee, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let specialties =
        check_specialties(&mut checks, &it.series, &input.specialties, &it.specialties, context);
    check_size(&mut checks, it.size, input.specialties.is_empty(), it.size_consent.is_some());
    checks.done()?;
    if input.specialties == it.specialties {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::SpecialtiesSet { specialties }))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn reviews_only_the_specialties_it_was_given() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        assert!(hunan.world.get::<Committee>(committee).can_review("01", "0102"));
        let input = json!({"specialties": ["0101", "0104"]});
        hunan.act(province, "committee", committee, "set-specialties", input);
        let it = hunan.world.get::<Committee>(committee);
        assert!(it.can_review("01", "0104") && !it.can_review("01", "0102"));
    }

    #[test]
    fn refuses_specialties_of_another_series_and_repetitions() {
        let mut hunan = Hunan::new();
        for (input, pointer) in [
            (json!({"specialties": ["0501"]}), "/specialties/0"),
            (json!({"specialties": ["0101", "0101"]}), "/specialties/1"),
        ] {
            let refused =
                hunan.refused(hunan.province, "committee", hunan.committee, "set-specialties", input);
            assert_eq!(refused.problems[0].pointer, pointer);
        }
    }
}

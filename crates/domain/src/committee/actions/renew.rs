//! 重新核准备案 Renew: a further period of at most three years; what an expired committee reviews is not recognised
//! (N33; Order 40 Art. 8). The period before stays on record, and counts until its own last day.

use super::create::check_validity;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// First day of the new period.
    pub valid_from: NaiveDate,
    /// Last day of the new period.
    pub valid_to: NaiveDate,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "renew",
    label: label("重新核准备案", "Renew committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    form: &[
        required("valid_from", "有效期起", FieldType::Date),
        required("valid_to", "有效期至", FieldType::Date),
    ],
    ..ActionSpec::DEFAULT
};

/// Renews it.
pub fn decide(input: &Renew, it: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    check_validity(&mut checks, input.valid_from, input.valid_to);
    checks.ensure(
        it.valid_to.is_none_or(|to| input.valid_to > to),
        "/valid_to",
        "not-later",
        "新的有效期须晚于原有效期结束。",
    );
    checks.done()?;
    Ok(Outcome::of(Event::Renewed { valid_from: input.valid_from, valid_to: input.valid_to }))
}

#[cfg(test)]
mod tests {
    use crate::committee::Committee;
    use crate::world::hunan::Hunan;
    use chrono::NaiveDate;
    use serde_json::json;

    #[test]
    fn a_renewal_ahead_leaves_the_present_period_in_force() {
        let mut hunan = Hunan::new();
        let (province, committee) = (hunan.province, hunan.committee);
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let input = json!({"valid_from": "2025-02-01", "valid_to": "2028-01-31"});
        hunan.act(province, "committee", committee, "renew", input);
        let it = hunan.world.get::<Committee>(committee);
        assert!(it.valid_on(day(2024, 12, 31)) && it.valid_on(day(2025, 2, 1)));
        assert!(!it.valid_on(day(2025, 1, 31)) && !it.valid_on(day(2028, 2, 1)));
    }

    #[test]
    fn refuses_more_than_three_years_and_what_ends_no_later() {
        let mut hunan = Hunan::new();
        for (to, code) in [("2024-12-31", "not-later"), ("2028-01-02", "validity-too-long")] {
            let input = json!({"valid_from": "2024-12-31", "valid_to": to});
            let refused = hunan.refused(hunan.province, "committee", hunan.committee, "renew", input);
            assert_eq!(refused.problems[0].code, code);
        }
        let input = json!({"valid_from": "2024-12-31", "valid_to": "2027-12-31"});
        hunan.act(hunan.province, "committee", hunan.committee, "renew", input);
    }
}

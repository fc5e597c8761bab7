//! 续聘 Renew: a further term of at most three years (Order 40 Art. 10); the present one counts until its last day.

use super::create::check_term;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::judge::{Event, Judge};
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
    /// First day of the new term.
    pub term_from: NaiveDate,
    /// Last day of the new term.
    pub term_to: NaiveDate,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "renew",
    label: label("续聘", "Renew judge"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["active"]),
    form: &[required("term_from", "聘期起", FieldType::Date), required("term_to", "聘期至", FieldType::Date)],
    ..ActionSpec::DEFAULT
};

/// Renews it.
pub fn decide(input: &Renew, it: &Judge, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    check_term(&mut checks, input.term_from, input.term_to);
    checks.ensure(
        it.term_to.is_none_or(|to| input.term_to > to),
        "/term_to",
        "not-later",
        "新的聘期须晚于原聘期结束。",
    );
    checks.done()?;
    Ok(Outcome::of(Event::Renewed { term_from: input.term_from, term_to: input.term_to }))
}

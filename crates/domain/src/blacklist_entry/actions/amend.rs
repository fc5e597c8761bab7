//! 修改黑名单 Amend: corrects the reason or the document it rests on; the three years stay (seed 002 人 1.21).

use super::create::basis;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::blacklist_entry::{BlacklistEntry, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 加入原因.
    pub reason: String,
    /// 依据文号.
    pub basis: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改黑名单", "Amend blacklist entry"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[
        required("reason", "加入原因", FieldType::LongText),
        optional("basis", "依据文号", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Corrects it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &BlacklistEntry, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = Private::from(checks.reason("/reason", &input.reason));
    let basis = Private::from(basis(&mut checks, input.basis.as_deref()));
    checks.done()?;
    if reason == it.reason && basis == it.basis {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended { basis, reason }))
}

//! 评审结果申请备案 Request filing: for those of a scheme whose result publicity has passed, all or nothing (seed 002 单 1.2.7;
//! T54).

use super::filed_at_once;
use crate::action::{ActionSpec, FieldType, Place, Start, admit, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::actions::request_filing;
use crate::declaration::{Declaration, Stage};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::scheme::{Event, Scheme};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFiling {
    /// Whose; left out: all whose result publicity has passed.
    pub declaration_ids: Option<Vec<DeclarationId>>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "request-filing",
    label: label("评审结果申请备案", "Request filing"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["approved"]),
    form: &[optional("declaration_ids", "申报", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Requests it for each, by the rules of the single action.
pub fn decide(input: &RequestFiling, it: &Scheme, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let named = input.declaration_ids.as_deref();
    let found = filed_at_once(it, named, Stage::ResultPublicityPassed, SPEC.label.zh, context)?;
    let declaration_ids = found.iter().map(|(id, _)| *id).collect();
    let mut outcome = Outcome::of(Event::FilingRequested { declaration_ids });
    for (id, declaration) in found {
        admit(declaration, &request_filing::SPEC, context)?;
        outcome = outcome.also::<Declaration>(id, request_filing::enter(declaration, context)?);
    }
    Ok(outcome)
}

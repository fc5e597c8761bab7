//! 上传 Store: the file was written to the store; its digest enters the log (domain.md 5.9).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::PersonId;
use crate::input::Checks;
use crate::label::label;
use crate::material::{Event, StoredMaterial};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input, made by the upload and not by the client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// SHA-256 of the file in clear, hex.
    pub digest: String,
    /// By its content.
    pub media_type: String,
    /// As it was sent.
    pub name: String,
    /// Whose key seals it: the uploader, or the person whom it is about.
    pub person_id: PersonId,
    /// Bytes.
    pub size: u64,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "store",
    label: label("上传材料", "Store material"),
    by: &[
        by(Role::Applicant, Place::Anywhere),
        by(Role::EmployerOperator, Place::Anywhere),
        by(Role::SuperiorReviewer, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::Anywhere),
        by(Role::CommitteeOperator, Place::Anywhere),
        by(Role::ProvincialAdministrator, Place::Anywhere),
    ],
    from: Start::Nothing,
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &Store, _: &StoredMaterial, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.text("/name", &input.name, 255);
    checks.done()?;
    Ok(Outcome::of(Event::Stored {
        digest: input.digest.clone(),
        media_type: input.media_type.clone(),
        name: name.into(),
        person_id: input.person_id,
        size: input.size,
    }))
}

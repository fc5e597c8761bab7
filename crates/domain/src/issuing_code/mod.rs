//! 发证单位编码 The four digits of an issuing unit in certificate numbers (seed 002 人 1.9; domain.md 4.7).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::OrganisationId;

events! {
    /// What happens to an issuing code.
    pub enum Event of "issuing_code" {
        /// It was given to an organisation.
        Created { code: String, organisation_id: OrganisationId } = "created",
    }
}

/// An issuing code.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IssuingCode {
    /// Whose it is; none before creation.
    pub organisation: Option<OrganisationId>,
    /// Four digits.
    pub code: String,
}

impl Aggregate for IssuingCode {
    const TYPE: &'static str = "issuing_code";
    const COLLECTION: &'static str = "issuing-codes";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.organisation.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.exists().then_some("active")
    }

    fn stands(&self, _: Place, _: &Acting, _: &Context<'_>) -> bool {
        false
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"organisation_id": self.organisation, "code": self.code})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { code, organisation_id } => {
                self.organisation = Some(*organisation_id);
                code.clone_into(&mut self.code);
            }
        }
    }
}

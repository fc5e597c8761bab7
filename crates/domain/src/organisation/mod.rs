//! 机构 Authorities of human resources and the agencies that accept declarations.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::values::OrganisationKind;

events! {
    /// What happens to an organisation.
    pub enum Event of "organisation" {
        /// It was entered.
        Created { kind: OrganisationKind, name: String, region: String } = "created",
        /// Its name or region changed.
        Amended { name: String, region: String } = "amended",
        /// 注销: nothing new may name it; what runs finishes on its snapshot.
        Deregistered { reason: String } = "deregistered",
    }
}

/// An authority or agency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organisation {
    /// Authority or agency; none before creation.
    pub kind: Option<OrganisationKind>,
    /// Its name.
    pub name: String,
    /// GB/T 2260 code of its region.
    pub region: String,
    /// Whether it was deregistered.
    pub deregistered: bool,
}

impl Aggregate for Organisation {
    const TYPE: &'static str = "organisation";
    const COLLECTION: &'static str = "organisations";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.kind.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.kind.map(|_| if self.deregistered { "deregistered" } else { "active" })
    }

    fn stage_label(&self) -> &'static str {
        if self.deregistered { "已注销" } else { "有效" }
    }

    fn stands(&self, _: Place, _: &Acting, _: &Context<'_>) -> bool {
        false
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"kind": self.kind, "name": self.name, "region": self.region})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { kind, name, region } => {
                self.kind = Some(*kind);
                name.clone_into(&mut self.name);
                region.clone_into(&mut self.region);
            }
            Event::Amended { name, region } => {
                name.clone_into(&mut self.name);
                region.clone_into(&mut self.region);
            }
            Event::Deregistered { .. } => self.deregistered = true,
        }
    }
}

//! 职称初定/认定受理机构 The registration of an organisation as one that grants or recognises titles (seed 002 人 1.3).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::OrganisationId;
use crate::values::{Level, Mode};

events! {
    /// What happens to an accepting agency.
    pub enum Event of "acceptance_agency" {
        /// An organisation was registered for a mode and levels.
        Created { issuing_organisation_id: OrganisationId, levels: Vec<Level>, mode: Mode, notice: Option<String>, organisation_id: OrganisationId, printed_name: String } = "created",
        /// Its levels, printed name, issuer or notice changed.
        Amended { issuing_organisation_id: OrganisationId, levels: Vec<Level>, notice: Option<String>, printed_name: String } = "amended",
        /// 注销: no new declaration; those under way finish.
        Deregistered { reason: String } = "deregistered",
    }
}

/// An accepting agency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AcceptanceAgency {
    /// Whose registration it is; none before creation.
    pub organisation: Option<OrganisationId>,
    /// 初定 or 认定.
    pub mode: Option<Mode>,
    /// Levels it takes.
    pub levels: Vec<Level>,
    /// 打在职称证书上的机构名称.
    pub printed_name: String,
    /// 发证单位.
    pub issuing_organisation: Option<OrganisationId>,
    /// 申报须知.
    pub notice: Option<String>,
    /// Whether it was deregistered.
    pub deregistered: bool,
}

/// The claim that keeps an organisation from being registered twice for a mode.
pub fn agency_claim(organisation: OrganisationId, mode: Mode) -> String {
    format!("acceptance-agency:{organisation}:{mode}")
}

impl AcceptanceAgency {
    /// Whether it takes declarations of this mode and level.
    pub fn accepts(&self, mode: Mode, level: Level) -> bool {
        !self.deregistered && self.mode == Some(mode) && self.levels.contains(&level)
    }
}

impl Aggregate for AcceptanceAgency {
    const TYPE: &'static str = "acceptance_agency";
    const COLLECTION: &'static str = "acceptance-agencies";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.organisation.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.exists().then_some(if self.deregistered { "deregistered" } else { "active" })
    }

    fn stage_label(&self) -> &'static str {
        if self.deregistered { "已注销" } else { "有效" }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::FinalOrganisation && self.organisation.is_some_and(|id| acting.at(id))
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({
            "organisation_id": self.organisation, "mode": self.mode, "levels": self.levels,
            "printed_name": self.printed_name, "issuing_organisation_id": self.issuing_organisation, "notice": self.notice,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created {
                issuing_organisation_id,
                levels,
                mode,
                notice,
                organisation_id,
                printed_name,
            } => {
                self.organisation = Some(*organisation_id);
                self.mode = Some(*mode);
                levels.clone_into(&mut self.levels);
                printed_name.clone_into(&mut self.printed_name);
                self.issuing_organisation = Some(*issuing_organisation_id);
                notice.clone_into(&mut self.notice);
            }
            Event::Amended { issuing_organisation_id, levels, notice, printed_name } => {
                levels.clone_into(&mut self.levels);
                printed_name.clone_into(&mut self.printed_name);
                self.issuing_organisation = Some(*issuing_organisation_id);
                notice.clone_into(&mut self.notice);
            }
            Event::Deregistered { .. } => self.deregistered = true,
        }
    }
}

//! 用人单位 An employer: also the superior and competent units of a path, which are employers themselves.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::{AccountId, EmployerId, OrganisationId};
use crate::values::Nature;
use serde_json::json;

events! {
    /// What happens to an employer.
    pub enum Event of "employer" {
        /// It was entered by the province, approved at once.
        Created { employer_id: EmployerId, name: String, nature: Nature, region: String, reviewing_organisation_id: OrganisationId, uscc: String } = "created",
        /// An account acts for it.
        OperatorAdded { account_id: AccountId } = "operator_added",
        /// 交接: another account acts for it from now on in place of one.
        OperatorHandedOver { from_account_id: AccountId, to_account_id: AccountId } = "operator_handed_over",
        /// What it is registered as changed.
        RegistrationAmended { name: String, nature: Nature, region: String, reviewing_organisation_id: OrganisationId, uscc: String } = "registration_amended",
        /// 停用: nothing new may name it and nobody acts for it.
        Suspended { reason: String } = "suspended",
        /// 恢复.
        Resumed = "resumed",
    }
}

/// The state of an employer's registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its operators may act.
    Approved,
    /// Nobody acts for it until it is resumed.
    Suspended,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Suspended => "suspended",
        }
    }
}

/// An employer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Employer {
    /// Its id; none before creation.
    pub id: Option<EmployerId>,
    /// Where its registration stands; none before creation.
    pub stage: Option<Stage>,
    /// Its name.
    pub name: String,
    /// Unified social credit code.
    pub uscc: String,
    /// GB/T 2260 code of its region 统筹区.
    pub region: String,
    /// 单位性质.
    pub nature: Option<Nature>,
    /// 审核单位.
    pub reviewing_organisation: Option<OrganisationId>,
    /// Accounts that act for it.
    pub operators: Vec<AccountId>,
}

impl Employer {
    /// Whether declarations may name it.
    pub fn approved(&self) -> bool {
        self.stage == Some(Stage::Approved)
    }
}

/// The claim that makes a credit code unique.
pub fn uscc_claim(uscc: &str) -> String {
    format!("employer:uscc:{uscc}")
}

impl Aggregate for Employer {
    const TYPE: &'static str = "employer";
    const COLLECTION: &'static str = "employers";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.stage.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.stage.map(Stage::name)
    }

    fn stage_label(&self) -> &'static str {
        match self.stage {
            None => "",
            Some(Stage::Approved) => "已通过",
            Some(Stage::Suspended) => "已停用",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Employer && self.id.is_some_and(|id| acting.at(id))
            || place == Place::ReviewingOrganisation
                && self.reviewing_organisation.is_some_and(|id| acting.at(id))
    }

    fn view(&self) -> serde_json::Value {
        json!({
            "name": self.name, "uscc": self.uscc, "region": self.region, "nature": self.nature,
            "reviewing_organisation_id": self.reviewing_organisation, "operators": self.operators,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { employer_id, name, nature, region, reviewing_organisation_id, uscc } => {
                self.id = Some(*employer_id);
                self.stage = Some(Stage::Approved);
                name.clone_into(&mut self.name);
                self.nature = Some(*nature);
                region.clone_into(&mut self.region);
                self.reviewing_organisation = Some(*reviewing_organisation_id);
                uscc.clone_into(&mut self.uscc);
            }
            Event::OperatorAdded { account_id } => {
                if !self.operators.contains(account_id) {
                    self.operators.push(*account_id);
                }
            }
            Event::OperatorHandedOver { from_account_id, to_account_id } => {
                self.operators.retain(|account| account != from_account_id && account != to_account_id);
                self.operators.push(*to_account_id);
            }
            Event::RegistrationAmended { name, nature, region, reviewing_organisation_id, uscc } => {
                name.clone_into(&mut self.name);
                self.nature = Some(*nature);
                region.clone_into(&mut self.region);
                self.reviewing_organisation = Some(*reviewing_organisation_id);
                uscc.clone_into(&mut self.uscc);
            }
            Event::Suspended { .. } => self.stage = Some(Stage::Suspended),
            Event::Resumed => self.stage = Some(Stage::Approved),
        }
    }
}

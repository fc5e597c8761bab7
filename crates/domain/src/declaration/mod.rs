//! 职称申报 The declaration: one person's case for one title in one year, from draft to certificate and revocation.

pub mod actions;
pub mod checks;
mod events;
mod evolve;
mod notices;
mod operations;
mod outside;
#[cfg(test)]
mod review_tests;
#[cfg(test)]
mod rollback_walk;
pub mod score;
pub mod sections;
mod stage;
mod state;
pub mod values;

pub use events::Event;
pub use outside::{Audience, Telling};
pub use stage::Stage;
pub use state::*;

use crate::acceptance_agency::AcceptanceAgency;
use crate::action::{ActionSpec, Place};
use crate::aggregate::{Aggregate, Command as _, Decision, Stamp};
use crate::context::{Acting, Context};
use crate::ids::{NodeId, PersonId};
use crate::label::Named;
use crate::registers::paths::Node;
use crate::values::{Level, Role};
use uuid::Uuid;

/// The claim that keeps a person to one open declaration a year and level.
pub fn open_claim(person: PersonId, year: i32, level: Level) -> String {
    format!("declaration:open:{person}:{year}:{level}")
}

/// The claim that makes a 申报编号 unique.
pub fn number_claim(number: &str) -> String {
    format!("declaration:number:{number}")
}

impl Aggregate for Declaration {
    const TYPE: &'static str = "declaration";
    const COLLECTION: &'static str = "declarations";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        self.stage.label().zh
    }

    /// Only the committee's people are told the course of a meeting; of several levels the one at which it lies is named.
    fn stage_told(&self, acting: &Acting) -> String {
        let stage = if acting.role.is_of_committee() { self.stage } else { self.stage_outside() };
        let label = stage.label().zh;
        match self.holder().filter(|holder| acting.organisation != Some(holder.id)) {
            Some(holder) if matches!(stage, Stage::SuperiorReview | Stage::ReturnedToSubordinate) => {
                format!("{label}：{}", holder.name)
            }
            Some(_) | None => label.to_owned(),
        }
    }

    /// The employer's, every superior's on the way that was resolved, the deciding organisation's, and all that had it; judges come by the panel.
    fn passes(&self, acting: &Acting) -> bool {
        let Some(organisation) = acting.organisation.filter(|_| acting.role != Role::Judge) else {
            return false;
        };
        let employer = self.subject.as_ref().map(|subject| subject.employer.node().id);
        let decides = self.final_organisation.as_ref().map(|chosen| chosen.node.id);
        let handled = self.steps.iter().filter_map(|step| step.organisation.as_deref());
        let way = self.path.hops.iter().map(|hop| &hop.superior);
        self.submissions > 0
            && employer
                .into_iter()
                .chain(decides)
                .chain(self.route.iter().chain(handled).chain(way).map(|node| node.id))
                .any(|node| node == organisation)
    }

    fn stands(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool {
        let Some(subject) = &self.subject else { return false };
        let at = |node: Option<crate::ids::NodeId>| node.is_some() && acting.organisation == node;
        match place {
            Place::Anywhere => true,
            Place::Owner => acting.person == Some(subject.person),
            Place::Employer => acting.at(subject.employer.id),
            Place::Holder => at(self.holder().map(|holder| holder.id)),
            Place::Committee => at(self.committee()),
            Place::FinalOrganisation => at(self.final_organisation.as_ref().map(|it| it.node.id)),
            Place::ApprovingAuthority => at(self.approving_authority(context).map(|authority| authority.id)),
            Place::IssuingUnit => at(self.issuing_unit(context)),
            Place::Panel
            | Place::Reviewer
            | Place::GroupLeader
            | Place::Chair
            | Place::ChairOrGroupLeader => self.stands_in_panel(place, acting, context),
            Place::ReviewingOrganisation
            | Place::Superior
            | Place::Subordinate
            | Place::BatchHolder
            | Place::Approver => false,
        }
    }

    fn subject(&self) -> Option<PersonId> {
        self.subject.as_ref().map(|subject| subject.person)
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn holds(&self) -> Option<String> {
        (!self.holds.is_empty())
            .then(|| self.holds.iter().map(|hold| hold.label().zh).collect::<Vec<_>>().join("、"))
    }

    fn open_to(&self, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
        actions::open_to(self, spec, acting, context)
    }

    fn choice_open(&self, spec: &ActionSpec, choice: &str, context: &Context<'_>) -> bool {
        actions::choice_open(self, spec, choice, context)
    }

    fn view(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// As everywhere; but where a rule stands behind the stage that refuses, that rule is told.
    fn decide(&self, id: Uuid, command: &actions::Command, context: &Context<'_>) -> Decision<Event> {
        let spec = command.spec();
        crate::action::admit(self, spec, context).map_err(|stop| {
            if spec.name == actions::cast_vote::SPEC.name {
                actions::cast_vote::closed_instead(stop, self)
            } else {
                actions::behind_the_stage(stop, spec, self, context)
            }
        })?;
        command.decide(self, id, context)
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        evolve::evolve(self, event, stamp);
    }
}

impl Declaration {
    /// The organisation that issues the certificate: the one that the committee or the accepting agency names.
    /// Once there is a certificate: the one that issued it.
    pub fn issuing_unit(&self, context: &Context<'_>) -> Option<crate::ids::NodeId> {
        if let Some(certificate) = &self.certificate {
            return Some(certificate.issuing.id);
        }
        let issuing = match self.committee() {
            Some(committee) => context.registers.committees.get(committee)?.issuing_organisation,
            None => self.accepting_agency(context)?.issuing_organisation,
        };
        issuing.map(Into::into)
    }

    /// The authority that approved the committee.
    pub(crate) fn approving_authority(&self, context: &Context<'_>) -> Option<Node> {
        let committee = context.registers.committees.get(self.committee()?)?;
        let id = NodeId::from(committee.approved_by?);
        Some(Node { id, name: context.registers.node_name(id).unwrap_or_default().to_owned() })
    }

    /// The registration under which the final organisation grants or recognises; one that was ended since finishes what
    /// is under way.
    pub(crate) fn accepting_agency<'a>(&self, context: &Context<'a>) -> Option<&'a AcceptanceAgency> {
        let organisation = self.final_organisation.as_ref()?.node.id;
        let mode = self.subject.as_ref()?.mode;
        let registers = context.registers;
        registers.agency(organisation, mode).or_else(|| {
            let ended = registers.acceptance_agencies.iter().filter(|(_, it)| {
                it.mode == Some(mode) && it.organisation.map(NodeId::from) == Some(organisation)
            });
            ended.max_by_key(|(id, _)| *id).map(|(_, it)| it)
        })
    }

    fn stands_in_panel(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool {
        if acting.role != Role::Judge {
            return false;
        }
        let Some(panel) = &self.review.panel else { return false };
        let Some(judge) = context.registers.judge_of(acting) else { return false };
        match place {
            Place::Panel => panel.judges.contains(&judge),
            Place::Reviewer => panel.reviewer == judge,
            Place::GroupLeader => panel.leader == judge,
            Place::Chair => panel.chair == judge,
            Place::ChairOrGroupLeader => panel.chair == judge || panel.leader == judge,
            Place::Anywhere
            | Place::Owner
            | Place::Employer
            | Place::Holder
            | Place::Committee
            | Place::FinalOrganisation
            | Place::ApprovingAuthority
            | Place::IssuingUnit
            | Place::ReviewingOrganisation
            | Place::Superior
            | Place::Subordinate
            | Place::BatchHolder
            | Place::Approver => false,
        }
    }
}

//! 异议 An objection: what was lodged against a declaration during a publicity, and what became of it
//! (seed 003 四(二)2, 六(二); T13, T50 to T52). It is about the applicant: its texts are private.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::{DeclarationId, NodeId, ObjectionId, PersonId};
use crate::label::{Named, named};
use crate::private::Private;
use crate::registers::paths::Node;
use crate::values::PublicityKind;

events! {
    /// What happens to an objection.
    pub enum Event of "objection" {
        /// 异议登记: by whom it is looked into stands with it.
        Raised {
            content: Private<String>, declaration_id: DeclarationId, #[serde(default, skip_serializing_if = "Option::is_none")] declaration_no: Option<String>,
            evidence: Private<Option<String>>, handled_at: Node, kind: PublicityKind, objection_id: ObjectionId, person_id: PersonId, source: Private<String>,
        } = "raised",
        /// 受理.
        Accepted = "accepted",
        /// 不予受理.
        Refused { reason: Private<String> } = "refused",
        /// 异议不成立.
        Dismissed { finding: Private<String> } = "dismissed",
        /// 异议成立.
        Upheld { finding: Private<String> } = "upheld",
        /// 终止: what it was against is void, or the declaration has ended otherwise.
        Closed = "closed",
        /// The key of the person whom it is against was destroyed.
        PersonErased = "person_erased",
    }
}

named! {
    /// Where an objection stands.
    Stage {
        Raised = "raised", "已登记", "Raised";
        Accepted = "accepted", "核查中", "Accepted";
        Refused = "refused", "不予受理", "Refused";
        Dismissed = "dismissed", "异议不成立", "Dismissed";
        Upheld = "upheld", "异议成立", "Upheld";
        Closed = "closed", "已终止", "Closed";
    }
}

/// The declaration an objection is against.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// The declaration.
    pub declaration: DeclarationId,
    /// 申报编号; not told by objections of before it was kept.
    pub declaration_no: Option<String>,
    /// The applicant.
    pub person: PersonId,
    /// Who looks into it: the employer in its publicity, the committee or the final organisation in theirs.
    pub handled_at: Node,
    /// In which publicity.
    pub kind: PublicityKind,
}

/// An objection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objection {
    /// Its id; none before it was raised.
    pub id: Option<ObjectionId>,
    /// What it is against; none before it was raised.
    pub against: Option<Against>,
    /// Where it came from.
    pub source: Private<String>,
    /// What it says.
    pub content: Private<String>,
    /// What was handed in with it.
    pub evidence: Private<Option<String>>,
    /// Where it stands; none before it was raised.
    pub stage: Option<Stage>,
    /// What was found, or why it was refused.
    pub finding: Private<String>,
    /// When it was entered, and by whom; none before.
    pub raised: Option<Stamp>,
    /// When it was settled, and by whom, once it was.
    pub settled: Option<Stamp>,
}

impl Aggregate for Objection {
    const TYPE: &'static str = "objection";
    const COLLECTION: &'static str = "objections";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.stage.map(Stage::name)
    }

    fn stage_label(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.label().zh)
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let handled_at: Option<NodeId> = self.against.as_ref().map(|against| against.handled_at.id);
        place == Place::Holder && handled_at.is_some() && acting.organisation == handled_at
    }

    fn subject(&self) -> Option<PersonId> {
        self.against.as_ref().map(|against| against.person)
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> serde_json::Value {
        let against = self.against.as_ref();
        serde_json::json!({
            "declaration_id": against.map(|it| it.declaration), "kind": against.map(|it| it.kind),
            "organisation": against.map(|it| &it.handled_at), "source": self.source.known(),
            "content": self.content.known(), "evidence": self.evidence.known(), "finding": self.finding.known(),
        })
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Raised { .. } => self.raised = Some(stamp.clone()),
            Event::Refused { .. } | Event::Dismissed { .. } | Event::Upheld { .. } | Event::Closed => {
                self.settled = Some(stamp.clone());
            }
            Event::Accepted | Event::PersonErased => {}
        }
        match event {
            Event::Raised {
                content,
                declaration_id,
                declaration_no,
                evidence,
                handled_at,
                kind,
                objection_id,
                person_id,
                source,
            } => {
                self.id = Some(*objection_id);
                self.against = Some(Against {
                    declaration: *declaration_id,
                    declaration_no: declaration_no.clone(),
                    person: *person_id,
                    handled_at: handled_at.clone(),
                    kind: *kind,
                });
                content.clone_into(&mut self.content);
                evidence.clone_into(&mut self.evidence);
                source.clone_into(&mut self.source);
                self.stage = Some(Stage::Raised);
            }
            Event::Accepted => self.stage = Some(Stage::Accepted),
            Event::Refused { reason } => {
                self.stage = Some(Stage::Refused);
                reason.clone_into(&mut self.finding);
            }
            Event::Dismissed { finding } => {
                self.stage = Some(Stage::Dismissed);
                finding.clone_into(&mut self.finding);
            }
            Event::Upheld { finding } => {
                self.stage = Some(Stage::Upheld);
                finding.clone_into(&mut self.finding);
            }
            Event::Closed => self.stage = Some(Stage::Closed),
            Event::PersonErased => {
                self.source = Private::Erased;
                self.content = Private::Erased;
                self.evidence = Private::Erased;
                self.finding = Private::Erased;
            }
        }
    }
}

//! 审核路径 A review-path edge: the superior names the subordinate, the subordinate confirms (seed 002 单 1.6, 人 1.4 to 1.8).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Outcome, Stamp, StreamId, events};
use crate::context::{Acting, Context};
use crate::ids::NodeId;
use crate::values::{Level, PathKind};
use uuid::Uuid;

events! {
    /// What happens to a path edge.
    pub enum Event of "path_edge" {
        /// The superior, or the province, named the subordinate.
        Created { kind: PathKind, levels: Vec<Level>, subordinate_id: NodeId, superior_id: NodeId } = "created",
        /// The levels it serves changed.
        Amended { levels: Vec<Level> } = "amended",
        /// 确认 by the subordinate: from now on it counts.
        Confirmed = "confirmed",
        /// 拒绝 by the subordinate.
        Declined { reason: String } = "declined",
        /// 注销: new declarations no longer walk it; those under way finish on their snapshot.
        Deregistered { reason: String } = "deregistered",
    }
}

/// Where an edge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// 待确认.
    #[default]
    Proposed,
    /// 已确认.
    Confirmed,
    /// 已拒绝.
    Declined,
    /// 已注销.
    Deregistered,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Deregistered => "deregistered",
        }
    }
}

/// An edge of the review paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathEdge {
    /// Which of the five kinds of path; none before creation.
    pub kind: Option<PathKind>,
    /// Levels it serves; empty means all of its kind.
    pub levels: Vec<Level>,
    /// Who sends upwards.
    pub subordinate: NodeId,
    /// Who receives.
    pub superior: NodeId,
    /// Where it stands.
    pub stage: Stage,
}

impl PathEdge {
    /// Whether declarations of this kind and level may walk it once it is confirmed.
    pub fn serves(&self, kind: PathKind, level: Level) -> bool {
        self.kind == Some(kind) && (self.levels.is_empty() || self.levels.contains(&level))
    }

    /// The outcome that also gives the edge's claim back, so that it may be entered anew.
    fn given_back(&self, outcome: Outcome<Event>, id: Uuid) -> Outcome<Event> {
        match self.kind {
            Some(kind) => {
                let claim = edge_claim(kind, self.subordinate, self.superior);
                outcome.release(claim, StreamId::of::<Self>(id))
            }
            None => outcome,
        }
    }
}

/// The claim that keeps an edge from being entered twice.
pub fn edge_claim(kind: PathKind, subordinate: NodeId, superior: NodeId) -> String {
    format!("path-edge:{kind}:{subordinate}:{superior}")
}

impl Aggregate for PathEdge {
    const TYPE: &'static str = "path_edge";
    const COLLECTION: &'static str = "path-edges";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.kind.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.kind.map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        match self.stage {
            Stage::Proposed => "待确认",
            Stage::Confirmed => "已确认",
            Stage::Declined => "已拒绝",
            Stage::Deregistered => "已注销",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Superior && acting.at(self.superior)
            || place == Place::Subordinate && acting.at(self.subordinate)
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({
            "kind": self.kind, "subordinate_id": self.subordinate, "superior_id": self.superior, "levels": self.levels,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { kind, levels, subordinate_id, superior_id } => {
                self.kind = Some(*kind);
                levels.clone_into(&mut self.levels);
                self.subordinate = *subordinate_id;
                self.superior = *superior_id;
            }
            Event::Amended { levels } => levels.clone_into(&mut self.levels),
            Event::Confirmed => self.stage = Stage::Confirmed,
            Event::Declined { .. } => self.stage = Stage::Declined,
            Event::Deregistered { .. } => self.stage = Stage::Deregistered,
        }
    }
}

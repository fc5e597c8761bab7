//! 审核路径解析 Which ways lead from an employer to an organisation that decides finally (seed 002 人 1.28; domain.md 2.8).

use super::Registers;
use crate::committee::Committee;
use crate::ids::{EmployerId, NodeId};
use crate::path_edge::Stage;
use crate::values::{Level, Mode, NodeType, PathKind};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest path, in hops (domain.md 2.8).
pub const HOPS_MAX: usize = 8;
/// The most routes that are told of one employer.
pub const ROUTES_MAX: usize = 64;

/// A node as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// What it is called.
    pub name: String,
}

/// One hop of a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hop {
    /// 材料申报机构.
    pub subordinate: Node,
    /// 受理机构.
    pub superior: Node,
    /// 受理节点类型.
    pub node_type: NodeType,
    /// 是否为终审机构.
    pub is_final: bool,
    /// 是否能评审该专业.
    pub can_review_specialty: bool,
    /// Whether the subordinate confirmed the edge.
    pub confirmed: bool,
}

/// Where a path ends without having reached a final organisation, and why (domain.md 2.8's codes).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Break {
    /// Stable code.
    pub code: String,
    /// The node concerned.
    pub at: NodeId,
    /// What to do, in Chinese.
    pub detail: String,
}

/// The answer to "which ways are there".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Resolution {
    /// Complete ways, each ending at a final organisation.
    pub routes: Vec<Vec<Hop>>,
    /// Where ways end without one.
    pub breaks: Vec<Break>,
}

/// What is to be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// From where.
    pub employer: EmployerId,
    /// How the title is acquired.
    pub mode: Mode,
    /// The declaration's level.
    pub level: Level,
    /// Series code.
    pub series: &'a str,
    /// Specialty code.
    pub specialty: &'a str,
    /// Committees must be valid on this day.
    pub today: NaiveDate,
}

/// All ways from the employer to a final organisation, and all breaks on the way.
pub fn resolve(registers: &Registers, question: &Question<'_>) -> Resolution {
    resolve_from(registers, question, question.employer.into())
}

/// The same from another node on the way: where a declaration is when its committee changes.
pub fn resolve_from(registers: &Registers, question: &Question<'_>, start: NodeId) -> Resolution {
    let mut resolution = Resolution::default();
    let Some(kind) = PathKind::of(question.mode, question.level) else { return resolution };
    let mut walk =
        Walk { registers, question, kind, route: Vec::new(), seen: vec![start], resolution: &mut resolution };
    walk.from(start);
    resolution.breaks.sort();
    resolution.breaks.dedup();
    resolution
}

struct Walk<'a, 'r> {
    registers: &'a Registers,
    question: &'a Question<'a>,
    kind: PathKind,
    route: Vec<Hop>,
    seen: Vec<NodeId>,
    resolution: &'r mut Resolution,
}

impl Walk<'_, '_> {
    fn from(&mut self, node: NodeId) {
        if self.resolution.routes.len() >= ROUTES_MAX {
            return;
        }
        let mut edges: Vec<_> = self
            .registers
            .edges_from(node)
            .filter(|(_, edge)| edge.kind == Some(self.kind))
            .filter(|(_, edge)| matches!(edge.stage, Stage::Proposed | Stage::Confirmed))
            .collect();
        edges.sort_by_key(|(id, _)| *id);
        if edges.is_empty() {
            let name = self.name(node);
            self.breaks(
                "no-superior",
                node,
                format!("“{name}”没有配置上级单位，须请其上级单位将“{name}”设为下级并由其确认。"),
            );
            return;
        }
        let mut served = false;
        for (_, edge) in edges {
            if !edge.serves(self.kind, self.question.level) {
                continue;
            }
            served = true;
            self.over(node, edge.superior, edge.stage == Stage::Confirmed);
        }
        if !served {
            let name = self.name(node);
            self.breaks("level-mismatch", node, format!("“{name}”的上级单位都不受理该职称等级。"));
        }
    }

    fn over(&mut self, from: NodeId, to: NodeId, confirmed: bool) {
        let (from_name, to_name) = (self.name(from), self.name(to));
        if !confirmed {
            self.breaks(
                "not-confirmed",
                from,
                format!("“{from_name}”尚未确认上级单位“{to_name}”，须由“{from_name}”在审核层级配置中确认。"),
            );
            return;
        }
        if self.seen.contains(&to) {
            self.breaks("cycle", to, format!("审核路径在“{to_name}”处成环，请联系省本级专技处。"));
            return;
        }
        if self.route.len() >= HOPS_MAX {
            self.breaks("too-long", to, format!("审核路径超过{HOPS_MAX}级，请联系省本级专技处。"));
            return;
        }
        let Some(node_type) = self.registers.node_type(to) else { return };
        let question = self.question;
        let (is_final, can_review) = match node_type {
            NodeType::Committee => match self.committee_break(to) {
                Some((code, detail)) => {
                    self.breaks(code, to, detail);
                    return;
                }
                None => (true, true),
            },
            NodeType::Agency => (self.registers.accepts(to, question.mode, question.level), true),
            NodeType::Employer => (false, true),
        };
        self.route.push(Hop {
            subordinate: Node { id: from, name: from_name },
            superior: Node { id: to, name: to_name },
            node_type,
            is_final,
            can_review_specialty: can_review,
            confirmed,
        });
        self.seen.push(to);
        if is_final {
            self.resolution.routes.push(self.route.clone());
        } else {
            self.from(to);
        }
        self.seen.pop();
        self.route.pop();
    }

    fn committee_break(&self, node: NodeId) -> Option<(&'static str, String)> {
        let it = self.registers.committees.get(node)?;
        let question = self.question;
        let name = &it.name;
        if it.rank != Some(question.level.rank()) {
            Some(("level-mismatch", format!("“{name}”不评审该职称等级。")))
        } else if !it.can_review(question.series, question.specialty) {
            Some(("committee-lacks-specialty", format!("“{name}”不能评审该专业。")))
        } else if !it.valid_on(question.today) {
            Some(("committee-expired", format!("“{name}”的核准备案已到期或已停用，须重新核准后才能受理。")))
        } else {
            None
        }
    }

    fn name(&self, node: NodeId) -> String {
        self.registers.node_name(node).unwrap_or_default().to_owned()
    }

    fn breaks(&mut self, code: &str, at: NodeId, detail: String) {
        self.resolution.breaks.push(Break { code: code.to_owned(), at, detail });
    }
}

/// The ways as they were at submission: all hops on valid ways from the employer to the chosen final organisation.
/// Hops use it alone; what is deregistered later does not stop a declaration under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
pub struct PathSnapshot {
    /// The hops, without repetition, in the order of the ways.
    pub hops: Vec<Hop>,
}

impl PathSnapshot {
    /// The part of the ways that leads to this final organisation; none where no way does.
    pub fn to(resolution: &Resolution, final_organisation: NodeId) -> Option<Self> {
        let mut hops: Vec<Hop> = Vec::new();
        for route in &resolution.routes {
            if route.last().is_some_and(|hop| hop.superior.id == final_organisation) {
                for hop in route {
                    if !hops.contains(hop) {
                        hops.push(hop.clone());
                    }
                }
            }
        }
        (!hops.is_empty()).then_some(Self { hops })
    }

    /// Where a declaration may go next from a node.
    pub fn next(&self, node: NodeId) -> Vec<&Hop> {
        self.hops.iter().filter(|hop| hop.subordinate.id == node).collect()
    }
}

/// The names along a chain of edges of one kind that leads from a node up to another, where there is one.
pub fn chain_between(registers: &Registers, kind: PathKind, from: NodeId, to: NodeId) -> Option<Vec<String>> {
    fn search(registers: &Registers, kind: PathKind, at: NodeId, to: NodeId, seen: &mut Vec<NodeId>) -> bool {
        seen.push(at);
        if at == to {
            return true;
        }
        let next: Vec<NodeId> = registers
            .edges_from(at)
            .filter(|(_, edge)| {
                edge.kind == Some(kind) && matches!(edge.stage, Stage::Proposed | Stage::Confirmed)
            })
            .map(|(_, edge)| edge.superior)
            .collect();
        for node in next {
            if !seen.contains(&node) && search(registers, kind, node, to, seen) {
                return true;
            }
        }
        seen.pop();
        false
    }
    let mut seen = Vec::new();
    search(registers, kind, from, to, &mut seen)
        .then(|| seen.iter().map(|node| registers.node_name(*node).unwrap_or_default().to_owned()).collect())
}

/// The committee of a node, where it is one.
pub fn committee_of(registers: &Registers, node: NodeId) -> Option<&Committee> {
    registers.committees.get(Uuid::from(node))
}

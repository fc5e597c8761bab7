//! 提交职数申报 Submit: to the employer's next superior on the path, else to its reviewing organisation (contract.md,
//! quota-applications). A special kind must still be able to reach the province in time (N14).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::NodeId;
use crate::label::label;
use crate::path_edge;
use crate::quota_application::{Event, QuotaApplication, Request, Stage};
use crate::refusal::{common, refusals};
use crate::registers::paths::Node;
use crate::values::{Mode, NodeType, PathKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// Nobody could review it.
    NoReviewer { name: String } = Rule "no-reviewer", "没有审核单位", "“{name}”没有上级单位，也没有登记审核单位，职数申报无人审核。请先配置审核路径。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "submit",
    label: label("提交职数申报", "Submit"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[Stage::Draft.name()]),
    to: &[Stage::Submitted.name()],
    ..ActionSpec::DEFAULT
};

/// Submits it to whoever reviews it.
pub fn decide(_: &Submit, it: &QuotaApplication, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(request) = &it.request else { return Err(common::NotFound.into()) };
    super::special_in_time(request, context)?;
    let reviewers = reviewers(request, context);
    if reviewers.is_empty() {
        return Err(NoReviewer { name: request.employer.name.clone() }.into());
    }
    Ok(Outcome::of(Event::Submitted { reviewers }))
}

/// The next superiors on the path of reviews at that level, committees left out; else the reviewing organisation.
fn reviewers(request: &Request, context: &Context<'_>) -> Vec<Node> {
    let registers = context.registers;
    let kind = PathKind::of(Mode::Review, request.level);
    let mut superiors: Vec<NodeId> = registers
        .edges_from(request.employer.id)
        .filter(|(_, edge)| edge.stage == path_edge::Stage::Confirmed)
        .filter(|(_, edge)| kind.is_some_and(|kind| edge.serves(kind, request.level)))
        .map(|(_, edge)| edge.superior)
        .filter(|node| registers.node_type(*node) != Some(NodeType::Committee))
        .collect();
    superiors.sort_unstable();
    superiors.dedup();
    if superiors.is_empty() {
        let employer = registers.employers.get(request.employer.id);
        superiors.extend(employer.and_then(|it| it.reviewing_organisation).map(NodeId::from));
    }
    superiors
        .into_iter()
        .filter_map(|id| Some(Node { id, name: registers.node_name(id)?.to_owned() }))
        .collect()
}

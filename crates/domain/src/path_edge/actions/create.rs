//! 新增下级机构 Create: the superior, or the province, names a subordinate (seed 002 单 1.6.1, 人 1.4 to 1.8).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::label;
use crate::path_edge::{Event, PathEdge, edge_claim};
use crate::refusal::{common, refusals};
use crate::registers::paths;
use crate::values::{Level, Mode, NodeType, PathKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// domain.md 2.8: the graph must be kept acyclic.
    PathCycle { chain: String } = Rule "path-cycle", "审核路径成环", "增加后审核路径会成环：{chain}。请检查上下级关系。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Which of the five kinds of path.
    pub kind: PathKind,
    /// Who sends upwards.
    pub subordinate_id: NodeId,
    /// Who receives.
    pub superior_id: NodeId,
    /// Levels it serves; left out means all of its kind.
    #[serde(default)]
    pub levels: Vec<Level>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增下级机构", "Create path edge"),
    by: &[
        by(Role::ProvincialAdministrator, Place::Anywhere),
        by(Role::SuperiorReviewer, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::Anywhere),
        by(Role::CommitteeOperator, Place::Anywhere),
    ],
    from: Start::Nothing,
    to: &["proposed"],
    alone_with: &["path_edge.created"],
    form: &[
        required(
            "kind",
            "路径类型",
            FieldType::Choice(&["initial_grant", "recognition", "junior", "intermediate", "senior"]),
        ),
        required("subordinate_id", "下级机构", FieldType::Reference("employers")),
        required("superior_id", "上级机构", FieldType::Reference("organisations")),
        optional("levels", "职称等级", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Names it; it counts once the subordinate confirms.
pub fn decide(input: &Create, _: &PathEdge, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let acting = context.acting()?;
    if acting.role != Role::ProvincialAdministrator && !acting.at(input.superior_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let registers = context.registers;
    let mut checks = Checks::new();
    let subordinate = registers.node_type(input.subordinate_id);
    checks.ensure(
        matches!(subordinate, Some(NodeType::Employer | NodeType::Agency)),
        "/subordinate_id",
        "reference-refused",
        "没有这个单位或机构。",
    );
    let superior = registers.node_type(input.superior_id);
    checks.ensure(superior.is_some(), "/superior_id", "reference-refused", "没有这个单位、机构或评委会。");
    checks.ensure(
        input.subordinate_id != input.superior_id,
        "/superior_id",
        "same-node",
        "上级不能是本单位。",
    );
    checks.ensure(
        levels_fit(input.kind, &input.levels),
        "/levels",
        "level-mismatch",
        "职称等级与路径类型不符。",
    );
    checks.done()?;
    if let Some(chain) = paths::chain_between(registers, input.kind, input.superior_id, input.subordinate_id)
    {
        return Err(PathCycle { chain: chain.join(" → ") }.into());
    }
    let claim = edge_claim(input.kind, input.subordinate_id, input.superior_id);
    Ok(Outcome::of(Event::Created {
        kind: input.kind,
        levels: input.levels.clone(),
        subordinate_id: input.subordinate_id,
        superior_id: input.superior_id,
    })
    .take(claim, StreamId::of::<PathEdge>(id)))
}

/// Whether declarations of these levels walk paths of this kind.
pub(super) fn levels_fit(kind: PathKind, levels: &[Level]) -> bool {
    levels.iter().all(|level| match kind {
        PathKind::InitialGrant | PathKind::Recognition => true,
        PathKind::Junior | PathKind::Intermediate | PathKind::Senior => {
            PathKind::of(Mode::Review, *level) == Some(kind)
        }
    })
}

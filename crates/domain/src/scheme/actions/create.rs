//! 评审方案新增 Create: the committee's office writes a scheme (seed 002 单 1.2.2; T30).

use crate::action::{ActionSpec, Field, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::{CommitteeId, SchemeId};
use crate::label::label;
use crate::refusal::common;
use crate::scheme::terms::{batch_year, check};
use crate::scheme::{Event, Scheme, Terms};
use crate::values::{NodeType, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: what the scheme says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Create(pub Terms);

/// The form of a scheme.
pub(super) const FORM: &[Field] = &[
    required("batch_id", "年度批次", FieldType::Reference("batches")),
    required("kind", "方案类型", FieldType::Choice(&["normal", "special"])),
    required("medium", "评审方式", FieldType::Choice(&["online", "offline"])),
    required("opens_on", "计划开评时间", FieldType::Date),
    required("participants", "参评人员", FieldType::Structure),
    required("experts", "专家需求", FieldType::Structure),
    required("scoring", "打分细则", FieldType::Structure),
    required("ratio_percent", "通过比例（%）", FieldType::Text),
    optional("ratio_exception", "突破比例事由", FieldType::LongText),
    required("interview", "是否面试答辩", FieldType::Boolean),
];

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增评审方案", "Create scheme"),
    by: &[by(Role::CommitteeOperator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["draft"],
    form: FORM,
    ..ActionSpec::DEFAULT
};

/// Enters it as a draft.
pub fn decide(input: &Create, _: &Scheme, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Create(terms) = input;
    let place = context.acting()?.organisation;
    let Some(node) = place.filter(|node| context.registers.node_type(*node) == Some(NodeType::Committee))
    else {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    };
    let terms = check(terms, node, context)?;
    let (committee_id, scheme_id) = (CommitteeId(node.0), SchemeId(id));
    let year = batch_year(&terms, context);
    let committee_name = context.registers.node_name(node).map(str::to_owned);
    Ok(Outcome::of(Event::Created { committee_id, committee_name, scheme_id, terms, year }))
}

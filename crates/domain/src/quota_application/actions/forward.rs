//! 上报省级 Forward: a special kind goes to the province, which alone decides it, by the day of the year's batches
//! (seed 003 三(二)2; N14).

use super::{acting_node, is_special};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::quota_application::{Event, QuotaApplication, Stage};
use crate::refusal::{common, refusals};
use crate::registers::paths::Node;
use crate::values::{OrganisationKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// GB/T 2260 code of Hunan itself.
const PROVINCE: &str = "430000";

refusals! {
    /// Normal quotas are decided where they arrive.
    NothingToForward = Rule "nothing-to-forward", "无须上报", "正常职数由本级审核，无须上报省级。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    /// 意见.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "forward",
    label: label("上报省级", "Forward"),
    by: &[
        by(Role::SuperiorReviewer, Place::ReviewingOrganisation),
        by(Role::AuthorityReviewer, Place::ReviewingOrganisation),
    ],
    from: Start::Stages(&[Stage::Submitted.name()]),
    to: &[Stage::Forwarded.name()],
    form: &[optional("opinion", "意见", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Sends it on.
pub fn decide(input: &Forward, it: &QuotaApplication, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let opinion = checks.opinion("/opinion", input.opinion.as_deref());
    checks.done()?;
    let Some(request) = &it.request else { return Err(common::NotFound.into()) };
    if !is_special(request.kind) {
        return Err(NothingToForward.into());
    }
    super::special_in_time(request, context)?;
    let reviewers = province(context);
    if reviewers.is_empty() {
        return Err(super::submit::NoReviewer { name: request.employer.name.clone() }.into());
    }
    Ok(Outcome::of(Event::Forwarded { by: acting_node(context), opinion, reviewers }))
}

/// The authorities of the province.
fn province(context: &Context<'_>) -> Vec<Node> {
    let mut authorities: Vec<Node> = context
        .registers
        .organisations
        .iter()
        .filter(|(_, it)| it.kind == Some(OrganisationKind::Authority) && it.region == PROVINCE)
        .filter(|(_, it)| !it.deregistered)
        .map(|(id, it)| Node { id: id.into(), name: it.name.clone() })
        .collect();
    authorities.sort_unstable_by_key(|node| node.id);
    authorities
}

//! 复核过期 Expire: the system notes that nobody answered in time; it can no longer be approved, noted or not.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::approval::{Approval, Event};
use crate::context::Context;
use crate::label::label;
use crate::refusal::refusals;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// It can still be approved.
    ApprovalNotOver = Rule "approval-not-over", "复核期限未到", "该操作的复核期限尚未结束。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expire {}

/// The action as data; the system alone takes it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "expire",
    label: label("复核过期", "Expire approval"),
    by: &[],
    from: Start::Stages(&["open"]),
    to: &["expired"],
    ..ActionSpec::DEFAULT
};

/// Ends it.
pub fn decide(_: &Expire, it: &Approval, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    if it.request.as_ref().is_some_and(|request| context.now < request.expires_at) {
        return Err(ApprovalNotOver.into());
    }
    Ok(Outcome::of(Event::Expired))
}

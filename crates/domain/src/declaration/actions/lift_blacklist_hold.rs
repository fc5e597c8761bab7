//! 解除黑名单暂停 Lift blacklist hold: the entry was lifted or is over, so the declaration goes on (T65). A declaration that
//! ended in the meantime loses the mark too.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Hold;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// The applicant is still on the blacklist, or the declaration is not held for it.
    BlacklistHoldNotOver = Rule "blacklist-hold-not-over", "不能解除暂停", "申报人仍在有效的黑名单中，或该申报未因黑名单暂停。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBlacklistHold {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "lift-blacklist-hold",
    label: label("解除黑名单暂停", "Lift blacklist hold"),
    from: Start::Any,
    ..ActionSpec::DEFAULT
};

/// Takes the hold away.
pub fn decide(_: &LiftBlacklistHold, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    let barred = context.registers.blacklisted(subject.person, context.today());
    if barred || !it.holds.contains(&Hold::Blacklist) {
        return Err(BlacklistHoldNotOver.into());
    }
    Ok(Outcome::of(Event::HoldLifted { hold: Hold::Blacklist }))
}

//! 到期 Expire: the system notes that the three years are over (TM13, X-28). The entry bars nobody from that day on, noted
//! or not.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::blacklist_entry::{BlacklistEntry, Event};
use crate::context::Context;
use crate::label::label;
use crate::refusal::refusals;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// N24: three years, not less.
    BlacklistNotOver = Rule "blacklist-not-over", "黑名单未到期", "该黑名单记录未满三年，尚未到期。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expire {}

/// The action as data; the system alone takes it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "expire",
    label: label("黑名单到期", "Expire blacklist entry"),
    by: &[],
    from: Start::Stages(&["active"]),
    to: &["expired"],
    ..ActionSpec::DEFAULT
};

/// Ends it; the person may be entered again.
pub fn decide(_: &Expire, it: &BlacklistEntry, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !it.is_over_on(context.today()) {
        return Err(BlacklistNotOver.into());
    }
    Ok(it.given_back(Outcome::of(Event::Expired), id))
}

//! 启用 Begin: the log's first event says whether this is a rehearsal and when it starts (contract.md, First start and
//! time). The context's time is real time here.

use super::move_clock::check_year;
use crate::action::{ActionSpec, Proof, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::installation::{Event, Installation};
use crate::label::label;
use crate::refusal::refusals;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// A rehearsal is chosen when the log is empty, and never left again.
    LogNotEmpty = Rule "log-not-empty", "系统已启用", "系统已有记录，不能再选择是否演练。演练须使用新的空数据目录。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// When a rehearsal starts by its own clock; left out where it is none.
    pub rehearsal: Option<DateTime<Utc>>,
}

/// The action as data; the system alone takes it.
pub const SPEC: ActionSpec = ActionSpec {
    name: "begin",
    label: label("启用系统", "Begin"),
    by: &[],
    from: Start::Nothing,
    to: &["rehearsal", "in_service"],
    proof: Proof::Session,
    ..ActionSpec::DEFAULT
};

/// Begins.
pub fn decide(input: &Begin, _: &Installation, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    if context.registers.position != 0 {
        return Err(LogNotEmpty.into());
    }
    let mut checks = Checks::new();
    if let Some(start) = input.rehearsal {
        check_year(&mut checks, "/rehearsal", start);
    }
    checks.done()?;
    Ok(Outcome::of(Event::Begun { rehearsal: input.rehearsal }))
}

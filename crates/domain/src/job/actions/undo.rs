//! 撤销 Undo: takes a transfer back as one; each case that still lies where the job brought it returns to the committee it came from
//! (seed 002 人 1.27), in the name of whoever undoes it. A transfer by condition is undone by two persons, as it was started. What was
//! refused then may be undone again, by the same or by another administrator.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::input::Checks;
use crate::job::{Event, Job, Order};
use crate::label::label;
use crate::private::PerhapsPrivate;
use crate::refusal::refusals;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The action that can be taken back as one.
pub const TRANSFER: &str = "transfer-committee";

refusals! {
    /// Certificates are revoked, not taken back.
    NotUndoable = Rule "not-undoable", "该任务不能撤销", "只有转换评委会的批量任务可以整体撤销。";
    /// No item was carried out, or what was has been taken back.
    NothingToUndo = Rule "nothing-to-undo", "没有可撤销的记录", "该任务没有办理成功而尚未撤销的记录，无需撤销。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "undo",
    label: label("撤销任务", "Undo job"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["finished", "cancelled", "undone"]),
    to: &["undoing"],
    form: &[required("reason", "撤销原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Begins to take it back.
pub fn decide(input: &Undo, it: &Job, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let order = undoable(it)?;
    let by = context.asker()?;
    if order.screen.is_some() {
        context.second_person()?;
    }
    Ok(Outcome::of(Event::UndoStarted {
        organisation_id: by.organisation,
        reason: PerhapsPrivate::about(order.by_person, reason),
        role: Some(by.role),
        undone_by: Some(by.account),
        undone_by_person: by.person,
    }))
}

/// What was ordered, where something came of it that can be taken back.
pub(crate) fn undoable(it: &Job) -> Result<&Order, Stop> {
    let Some(order) = it.order.as_ref().filter(|order| order.action == TRANSFER) else {
        return Err(NotUndoable.into());
    };
    match it.to_undo().next() {
        Some(_) => Ok(order),
        None => Err(NothingToUndo.into()),
    }
}

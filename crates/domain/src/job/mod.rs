//! 批量任务 A job: one action on many declarations, by selection or by condition (contract.md, a bulk action; seed 002 人 1.18,
//! 1.27, 1.29). Its items are frozen when it starts; each is then an ordinary command of whoever started it, decided by the
//! rules of that moment, so an item that the rules refuse stands with its reason and holds nobody up.
//!
//! What an item came to is told to the job in batches. Should the process end in between, the items not yet told are sent
//! again under the same keys, and those that were carried out answer that they were: none is lost and none done twice. Of a
//! cancelled job nothing is sent again; the log is asked once what of the rest was carried out, and the job is told.

pub mod actions;
#[cfg(test)]
mod tests;

use crate::action::{ActionSpec, Place};
use crate::aggregate::{Aggregate, AnyState, Stamp, events};
use crate::context::{Acting, Context};
use crate::declaration::Declaration;
use crate::ids::{AccountId, NodeId, PersonId};
use crate::label::{Named, named};
use crate::private::{PerhapsPrivate, Private};
use crate::values::Role;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many items a job may have: a province's filings of a year in one go, and an event that stays readable.
pub const ITEMS_MAX: usize = 20_000;

/// The actions that jobs take (issue of certificates and what follows, transfer of committees).
pub const BULK: &[&str] = &[
    actions::undo::TRANSFER,
    "issue-certificate",
    "generate-e-certificate",
    "report-certificate",
    "revoke-certificate",
];

/// The code of an item that is not taken back, for the case is no longer where the job brought it.
pub const MOVED_ON: &str = "moved-on";

/// The action of a job as declarations know it.
pub fn bulk(action: &str) -> Option<&'static ActionSpec> {
    let known = BULK.contains(&action);
    AnyState::specs(Declaration::TYPE).iter().find(|spec| known && spec.name == action).copied()
}

events! {
    /// What happens to a job.
    pub enum Event of "job" {
        /// Its items were frozen. `screen` and `filters` are the condition that they met, where there was one.
        Started {
            action: String, filters: Option<PerhapsPrivate<Value>>, input: PerhapsPrivate<Value>, items: Vec<Uuid>,
            organisation_id: Option<NodeId>, role: Role, screen: Option<String>, started_by: AccountId,
            started_by_person: Option<PersonId>,
        } = "started",
        /// What some of its items came to.
        Advanced { outcomes: Vec<ItemOutcome> } = "advanced",
        /// 暂停: the items not yet worked off wait.
        Suspended = "suspended",
        /// 继续.
        Resumed = "resumed",
        /// 取消: the items not yet worked off stay as they are.
        Cancelled = "cancelled",
        /// Every item came to something.
        Finished = "finished",
        /// After it was cancelled the log was asked what of the rest had been carried out: there is no more.
        Settled = "settled",
        /// 撤销: what it did is being taken back, the last item first, by `undone_by` in this role; where nobody is named, by whoever
        /// started it.
        UndoStarted {
            #[serde(default, skip_serializing_if = "Option::is_none")] organisation_id: Option<NodeId>, reason: PerhapsPrivate<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] role: Option<Role>,
            #[serde(default, skip_serializing_if = "Option::is_none")] undone_by: Option<AccountId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] undone_by_person: Option<PersonId>,
        } = "undo_started",
        /// What taking back came to for some of its items.
        Reverted { outcomes: Vec<ItemOutcome> } = "reverted",
        /// What could be taken back has been.
        Undone = "undone",
        /// The key of the person who started it was destroyed.
        PersonErased = "person_erased",
    }
}

named! {
    /// Whether an item was carried out.
    ItemResult {
        Done = "done", "已办理", "Done";
        Refused = "refused", "未办理", "Refused";
    }
}

/// What one item came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemOutcome {
    /// The refusal's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The refusal in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The item.
    pub id: Uuid,
    /// Whether it was carried out.
    pub result: ItemResult,
}

impl ItemOutcome {
    /// An item that was carried out.
    pub const fn done(id: Uuid) -> Self {
        Self { code: None, detail: None, id, result: ItemResult::Done }
    }

    /// An item that was not, and why.
    pub const fn refused(id: Uuid, code: String, detail: String) -> Self {
        Self { code: Some(code), detail: Some(detail), id, result: ItemResult::Refused }
    }

    /// Whether taking it back was refused and may be tried again: not where the case has moved on since.
    fn may_be_tried_again(&self) -> bool {
        self.result == ItemResult::Refused && self.code.as_deref() != Some(MOVED_ON)
    }
}

named! {
    /// Where a job stands.
    Stage {
        Running = "running", "办理中", "Running";
        Suspended = "suspended", "已暂停", "Suspended";
        Cancelled = "cancelled", "已取消", "Cancelled";
        Finished = "finished", "已完成", "Finished";
        Undoing = "undoing", "撤销中", "Undoing";
        Undone = "undone", "已撤销", "Undone";
    }
}

/// What a job was started with.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The action.
    pub action: String,
    /// Its input, the same for every item.
    pub input: PerhapsPrivate<Value>,
    /// The declarations or certificates, in the order in which they are worked off.
    pub items: Vec<Uuid>,
    /// The screen of the condition.
    pub screen: Option<String>,
    /// The condition's filters.
    pub filters: Option<PerhapsPrivate<Value>>,
    /// Who started it.
    pub by: AccountId,
    /// Whose account that is.
    pub by_person: Option<PersonId>,
    /// The role in which every item is done.
    pub role: Role,
    /// Where that role is held.
    pub organisation: Option<NodeId>,
    /// When.
    pub started_at: DateTime<Utc>,
}

impl Order {
    /// Who does every item, in which role.
    pub const fn acting(&self) -> Acting {
        Acting { account: self.by, person: self.by_person, role: self.role, organisation: self.organisation }
    }
}

/// Taking a job back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    /// Who takes every item back, in which role; none where it is whoever started the job.
    pub by: Option<Acting>,
    /// Why.
    pub reason: PerhapsPrivate<String>,
}

/// A job.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Job {
    /// What it was started with; none before that.
    pub order: Option<Order>,
    /// Where it stands.
    pub stage: Option<Stage>,
    /// What its items came to, so far.
    pub outcomes: BTreeMap<Uuid, ItemOutcome>,
    /// Whether it was cancelled and nobody has asked the log yet what of the rest was carried out.
    pub unsettled: bool,
    /// How it is being taken back, or was last.
    pub undo: Option<Undo>,
    /// What taking back came to, so far.
    pub reverted: BTreeMap<Uuid, ItemOutcome>,
    /// When the last event came.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Job {
    /// The items that came to nothing yet, in order.
    pub fn waiting(&self) -> impl Iterator<Item = Uuid> {
        let items = self.order.iter().flat_map(|order| order.items.iter().copied());
        items.filter(|id| !self.outcomes.contains_key(id))
    }

    /// The items that were carried out and not yet taken back, the last first.
    pub fn to_revert(&self) -> impl Iterator<Item = Uuid> {
        let items = self.order.iter().flat_map(|order| order.items.iter().rev().copied());
        items.filter(|id| {
            let done = self.outcomes.get(id).is_some_and(|outcome| outcome.result == ItemResult::Done);
            done && !self.reverted.contains_key(id)
        })
    }

    /// The items that were carried out and that an undo could still take back.
    pub fn to_undo(&self) -> impl Iterator<Item = Uuid> {
        let done = self.outcomes.values().filter(|outcome| outcome.result == ItemResult::Done);
        done.map(|outcome| outcome.id)
            .filter(|id| self.reverted.get(id).is_none_or(ItemOutcome::may_be_tried_again))
    }

    /// How many items came to this.
    pub fn count(&self, result: ItemResult) -> usize {
        self.outcomes.values().filter(|outcome| outcome.result == result).count()
    }
}

impl Aggregate for Job {
    const TYPE: &'static str = "job";
    const COLLECTION: &'static str = "jobs";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.order.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.stage.map(Stage::name)
    }

    fn stage_label(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.label().zh)
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Owner && self.order.as_ref().is_some_and(|order| order.by == acting.account)
    }

    fn open_to(&self, spec: &ActionSpec, _: &Acting, _: &Context<'_>) -> bool {
        spec.name != actions::undo::SPEC.name || actions::undo::undoable(self).is_ok()
    }

    /// Its input and its condition are sealed for the one who started it.
    fn subject(&self) -> Option<PersonId> {
        self.order.as_ref().and_then(|order| order.by_person)
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> Value {
        let Some(order) = &self.order else { return Value::Null };
        let selection = match &order.screen {
            Some(screen) => json!({"screen": screen, "filters": order.filters}),
            None => json!({"ids": order.items}),
        };
        let item = |id: &Uuid| {
            let outcome = self.outcomes.get(id);
            let reverted = self.reverted.get(id);
            json!({
                "id": id,
                "result": outcome.map(|outcome| outcome.result),
                "code": outcome.and_then(|outcome| outcome.code.as_ref()),
                "detail": outcome.and_then(|outcome| outcome.detail.as_ref()),
                "reverted": reverted,
            })
        };
        json!({
            "action": order.action, "input": order.input, "selection": selection,
            "expected_count": order.items.len(), "started_by": order.by, "role": order.role,
            "organisation_id": order.organisation, "started_at": order.started_at, "changed_at": self.changed_at,
            "count": order.items.len(), "done": self.count(ItemResult::Done), "refused": self.count(ItemResult::Refused),
            "waiting": self.waiting().count(), "reverted": self.reverted.len(),
            "undone_by": self.undo.as_ref().map(|undo| undo.by.as_ref().map_or(order.by, |by| by.account)),
            "items": order.items.iter().map(item).collect::<Vec<_>>(),
        })
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        self.changed_at = Some(stamp.time);
        match event {
            Event::Started {
                action,
                filters,
                input,
                items,
                organisation_id,
                role,
                screen,
                started_by,
                started_by_person,
            } => {
                self.order = Some(Order {
                    action: action.clone(),
                    input: input.clone(),
                    items: items.clone(),
                    screen: screen.clone(),
                    filters: filters.clone(),
                    by: *started_by,
                    by_person: *started_by_person,
                    role: *role,
                    organisation: *organisation_id,
                    started_at: stamp.time,
                });
                self.stage = Some(Stage::Running);
            }
            Event::Advanced { outcomes } => {
                self.outcomes.extend(outcomes.iter().map(|outcome| (outcome.id, outcome.clone())));
            }
            Event::Suspended => self.stage = Some(Stage::Suspended),
            Event::Resumed => self.stage = Some(Stage::Running),
            Event::Cancelled => {
                self.stage = Some(Stage::Cancelled);
                self.unsettled = true;
            }
            Event::Settled => self.unsettled = false,
            Event::Finished => self.stage = Some(Stage::Finished),
            Event::UndoStarted { organisation_id, reason, role, undone_by, undone_by_person } => {
                let by = undone_by.zip(*role).map(|(account, role)| Acting {
                    account,
                    person: *undone_by_person,
                    role,
                    organisation: *organisation_id,
                });
                self.undo = Some(Undo { by, reason: reason.clone() });
                self.reverted.retain(|_, outcome| !outcome.may_be_tried_again());
                self.stage = Some(Stage::Undoing);
            }
            Event::Reverted { outcomes } => {
                self.reverted.extend(outcomes.iter().map(|outcome| (outcome.id, outcome.clone())));
            }
            Event::Undone => self.stage = Some(Stage::Undone),
            Event::PersonErased => {
                if let Some(order) = &mut self.order {
                    order.input = PerhapsPrivate::Private(Private::Erased);
                    order.filters = order.filters.take().map(|_| PerhapsPrivate::Private(Private::Erased));
                }
                if let Some(undo) = &mut self.undo {
                    undo.reason = PerhapsPrivate::Private(Private::Erased);
                }
            }
        }
    }
}

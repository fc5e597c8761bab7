//! 待复核操作 An approval: an operation that waits for a second person (contract.md, second person). The application enters
//! it with [`requested`] where a decision stopped for want of one; approving decides the operation anew and appends its
//! events in the same append, so it is performed under the rules of that moment or not at all.

pub mod actions;

use crate::account::RoleGrant;
use crate::action::Place;
use crate::aggregate::{Aggregate, AnyState, Stamp, StreamId, events};
use crate::context::{Acting, Context, Stop};
use crate::ids::{AccountId, NodeId, PersonId};
use crate::job::Job;
use crate::job::actions::create;
use crate::label::{Named as _, named};
use crate::private::{PerhapsPrivate, Private};
use crate::values::Role;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long a request waits, in days. Then it is asked anew.
pub const WAIT_DAYS: i64 = 7;

events! {
    /// What happens to an approval.
    pub enum Event of "approval" {
        /// Somebody asked for an operation that a second person must approve. `person_id` is the person whom the operation is about.
        /// `approvers` are the roles in which somebody could take it then.
        Requested {
            action: String, aggregate: String, #[serde(default, skip_serializing_if = "Vec::is_empty")] approvers: Vec<RoleGrant>, expires_at: DateTime<Utc>, input: PerhapsPrivate<Value>, person_id: Option<PersonId>,
            requested_by: AccountId, requested_by_person: Option<PersonId>, subject_id: Uuid,
        } = "requested",
        /// 复核通过: the operation was performed in the same append.
        Approved = "approved",
        /// 复核不通过.
        Declined { reason: PerhapsPrivate<Option<String>> } = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// The key of the person whom it is about was destroyed.
        PersonErased = "person_erased",
    }
}

named! {
    /// Where an approval stands.
    #[derive(Default)]
    Stage {
        /// It waits.
        #[default]
        Open = "open", "待复核", "Open";
        /// Performed.
        Approved = "approved", "复核通过", "Approved";
        /// Turned down.
        Declined = "declined", "复核不通过", "Declined";
        /// Nobody answered in time.
        Expired = "expired", "已过期", "Expired";
    }
}

/// The operation that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The action's name.
    pub action: String,
    /// The type of what it acts on.
    pub aggregate: String,
    /// The id of what it acts on.
    pub subject_id: Uuid,
    /// The action's input.
    pub input: PerhapsPrivate<Value>,
    /// Who asked.
    pub by: AccountId,
    /// Whose account that is.
    pub by_person: Option<PersonId>,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// The roles in which somebody could take it when it was asked for.
    pub approvers: Vec<RoleGrant>,
    /// When it was asked for, and in which role.
    pub asked: Stamp,
    /// From this time on it can no longer be approved.
    pub expires_at: DateTime<Utc>,
}

impl Request {
    /// The role in which it was asked for, and where that is held.
    pub(crate) fn asked_as(&self) -> Option<(Role, Option<NodeId>)> {
        let actor = self.asked.actor.as_ref()?;
        Some((actor.role?, actor.organisation_id))
    }

    /// Whether who acts is the one who asked, by account or by person.
    fn is_by(&self, acting: &Acting) -> bool {
        acting.account == self.by || (acting.person.is_some() && acting.person == self.by_person)
    }
}

/// An approval.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Approval {
    /// What waits; none before it was requested.
    pub request: Option<Request>,
    /// Where it stands.
    pub stage: Stage,
    /// When it was settled, and by whom, once it was.
    pub settled: Option<Stamp>,
}

impl Approval {
    fn settle(&mut self, stage: Stage, stamp: &Stamp) {
        self.stage = stage;
        self.settled = Some(stamp.clone());
    }
}

/// The event that enters the request: `subject` is what the operation acts on, in this state. Called where a decision answered
/// [`Stop::SecondPerson`]; it goes into a stream of its own with a fresh id.
pub fn requested(
    subject: StreamId,
    state: &AnyState,
    action: &str,
    input: Value,
    context: &Context<'_>,
) -> Result<Event, Stop> {
    let (acting, person) = (context.acting()?, state.subject());
    let expires_at =
        context.now.checked_add_signed(TimeDelta::days(WAIT_DAYS)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    Ok(Event::Requested {
        action: action.to_owned(),
        aggregate: subject.aggregate.to_owned(),
        approvers: approvers(state, action, &input, acting, context),
        expires_at,
        input: PerhapsPrivate::about(person.or(acting.person), input),
        person_id: person,
        requested_by: acting.account,
        requested_by_person: acting.person,
        subject_id: subject.id,
    })
}

/// Every role that some account holds somewhere and in which the action may be taken on this. What may be done anywhere is told
/// where it was asked for, and to the province.
fn approvers(
    state: &AnyState,
    action: &str,
    input: &Value,
    asked_by: &Acting,
    context: &Context<'_>,
) -> Vec<RoleGrant> {
    let asked_as = (asked_by.role, asked_by.organisation);
    let specs = AnyState::specs(state.aggregate());
    let Some(spec) = specs.iter().find(|spec| spec.name == action) else { return Vec::new() };
    let grants = context.registers.accounts.iter().flat_map(|(_, account)| &account.roles);
    let held: BTreeSet<(Role, Option<NodeId>)> = grants
        .filter(|grant| spec.by.iter().any(|by| by.role == grant.role))
        .map(|grant| (grant.role, grant.organisation_id))
        .collect();
    held.into_iter()
        .filter(|(role, organisation)| {
            let anywhere = spec.by.iter().any(|by| by.role == *role && by.place == Place::Anywhere);
            let told =
                !anywhere || *role == Role::ProvincialAdministrator || *organisation == asked_by.organisation;
            let nobody = AccountId::default();
            let acting = Acting { account: nobody, person: None, role: *role, organisation: *organisation };
            told && state.fits(spec, &acting, context)
                && may_take(state.aggregate(), action, input, asked_as, &acting)
        })
        .map(|(role, organisation_id)| RoleGrant { role, organisation_id })
        .collect()
}

/// Whether what was asked for in that role is also this one's to approve: of a job its action says.
fn may_take(
    aggregate: &str,
    action: &str,
    input: &Value,
    asked_as: (Role, Option<NodeId>),
    acting: &Acting,
) -> bool {
    let starts_a_job = aggregate == Job::TYPE && action == create::SPEC.name;
    !starts_a_job || create::may_approve(input, asked_as, acting)
}

impl Aggregate for Approval {
    const TYPE: &'static str = "approval";
    const COLLECTION: &'static str = "approvals";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.request.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.request.as_ref().map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        self.stage.label().zh
    }

    /// An approver holds a role that may take the action; where it must be held is asked when the action is decided.
    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let Some(request) = &self.request else { return false };
        if let (Some(input), Some(asked_as)) = (request.input.known(), request.asked_as())
            && !may_take(&request.aggregate, &request.action, input, asked_as, acting)
        {
            return false;
        }
        place == Place::Approver
            && AnyState::specs(&request.aggregate)
                .iter()
                .filter(|spec| spec.name == request.action)
                .any(|spec| spec.by.iter().any(|by| by.role == acting.role))
    }

    /// The person whom the operation is about; where it is about nobody, the one who asked.
    fn subject(&self) -> Option<PersonId> {
        self.request.as_ref().and_then(|request| request.person.or(request.by_person))
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> Value {
        match &self.request {
            Some(request) => json!({
                "action": request.action, "subject": {"aggregate": request.aggregate, "id": request.subject_id},
                "input": request.input, "by": request.by, "expires_at": request.expires_at,
            }),
            None => Value::Null,
        }
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Requested {
                action,
                aggregate,
                approvers,
                expires_at,
                input,
                person_id,
                requested_by,
                requested_by_person,
                subject_id,
            } => {
                self.request = Some(Request {
                    action: action.clone(),
                    aggregate: aggregate.clone(),
                    subject_id: *subject_id,
                    input: input.clone(),
                    by: *requested_by,
                    by_person: *requested_by_person,
                    person: *person_id,
                    approvers: approvers.clone(),
                    asked: stamp.clone(),
                    expires_at: *expires_at,
                });
            }
            Event::Approved => self.settle(Stage::Approved, stamp),
            Event::Declined { .. } => self.settle(Stage::Declined, stamp),
            Event::Expired => self.settle(Stage::Expired, stamp),
            Event::PersonErased => {
                if let Some(request) = &mut self.request {
                    request.input = PerhapsPrivate::Private(Private::Erased);
                }
            }
        }
    }
}

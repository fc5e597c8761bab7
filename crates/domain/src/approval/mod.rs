//! 待复核操作 An approval: an operation that waits for a second person (contract.md, second person). The application enters
//! it with [`requested`] where a decision stopped for want of one; approving decides the operation anew and appends its
//! events in the same append, so it is performed under the rules of that moment or not at all.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, AnyState, Stamp, StreamId, events};
use crate::context::{Acting, Context, Stop};
use crate::ids::{AccountId, PersonId};
use crate::private::{PerhapsPrivate, Private};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// How long a request waits, in days. Then it is asked anew.
pub const WAIT_DAYS: i64 = 7;

events! {
    /// What happens to an approval.
    pub enum Event of "approval" {
        /// Somebody asked for an operation that a second person must approve. `person_id` is the person whom the operation is about.
        Requested {
            action: String, aggregate: String, expires_at: DateTime<Utc>, input: PerhapsPrivate<Value>, person_id: Option<PersonId>,
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

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// It waits.
    #[default]
    Open,
    /// Performed.
    Approved,
    /// Turned down.
    Declined,
    /// Nobody answered in time.
    Expired,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
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
    /// From this time on it can no longer be approved.
    pub expires_at: DateTime<Utc>,
}

impl Request {
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
}

/// The event that enters the request: `subject` is what the operation acts on, `person` whom that is about. Called where
/// a decision answered [`Stop::SecondPerson`]; it goes into a stream of its own with a fresh id.
pub fn requested(
    subject: StreamId,
    person: Option<PersonId>,
    action: &str,
    input: Value,
    context: &Context<'_>,
) -> Result<Event, Stop> {
    let acting = context.acting()?;
    let expires_at =
        context.now.checked_add_signed(TimeDelta::days(WAIT_DAYS)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    Ok(Event::Requested {
        action: action.to_owned(),
        aggregate: subject.aggregate.to_owned(),
        expires_at,
        input: PerhapsPrivate::about(person.or(acting.person), input),
        person_id: person,
        requested_by: acting.account,
        requested_by_person: acting.person,
        subject_id: subject.id,
    })
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
        match self.stage {
            Stage::Open => "待复核",
            Stage::Approved => "复核通过",
            Stage::Declined => "复核不通过",
            Stage::Expired => "已过期",
        }
    }

    /// An approver holds a role that may take the action; where it must be held is asked when the action is decided.
    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let Some(request) = &self.request else { return false };
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

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Requested {
                action,
                aggregate,
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
                    expires_at: *expires_at,
                });
            }
            Event::Approved => self.stage = Stage::Approved,
            Event::Declined { .. } => self.stage = Stage::Declined,
            Event::Expired => self.stage = Stage::Expired,
            Event::PersonErased => {
                if let Some(request) = &mut self.request {
                    request.input = PerhapsPrivate::Private(Private::Erased);
                }
            }
        }
    }
}

//! Decide and evolve: what every aggregate is, and the one list of them all.

use crate::action::{ActionSpec, Place, Proof, Start};
use crate::context::{Acting, Actor, Context, Stop};
use crate::ids::{AccountId, NodeId, PersonId};
use crate::refusal::common;
use crate::values::Role;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Names one stream of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// The aggregate's type, as in the log.
    pub aggregate: &'static str,
    /// The aggregate's id.
    pub id: Uuid,
}

impl StreamId {
    /// The stream of an aggregate of type `A`.
    pub fn of<A: Aggregate>(id: impl Into<Uuid>) -> Self {
        Self { aggregate: A::TYPE, id: id.into() }
    }
}

/// Who did something, as it stands with the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActorStamp {
    /// `account` or `system`.
    pub kind: ActorKind,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The role it acted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Where that role is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<NodeId>,
    /// What that organisation was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

/// Whether a person's account acted or a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A signed-in account, or somebody who registers.
    Account,
    /// A policy that keeps a deadline.
    System,
}

impl ActorStamp {
    /// The stamp of whoever acts in this context.
    pub fn of(context: &Context<'_>) -> Self {
        match &context.actor {
            Actor::System => Self {
                kind: ActorKind::System,
                account_id: None,
                role: None,
                organisation_id: None,
                organisation_name: None,
            },
            Actor::Anonymous => Self {
                kind: ActorKind::Account,
                account_id: None,
                role: None,
                organisation_id: None,
                organisation_name: None,
            },
            Actor::Account(acting) => Self {
                kind: ActorKind::Account,
                account_id: Some(acting.account),
                role: Some(acting.role),
                organisation_id: acting.organisation,
                organisation_name: acting
                    .organisation
                    .and_then(|node| context.registers.node_name(node))
                    .map(str::to_owned),
            },
        }
    }
}

/// When something happened and who did it. A ballot has no actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Who; none for a secret ballot.
    pub actor: Option<ActorStamp>,
    /// The time of the command.
    pub time: DateTime<Utc>,
}

/// An event as it lies in the log: what happened, when, and who did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact<E> {
    /// Who; none for a secret ballot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorStamp>,
    /// What happened.
    pub event: E,
    /// The time of the command.
    pub time: DateTime<Utc>,
}

/// An aggregate's events: each has a name in the log and a version of its shape.
pub trait Event:
    Serialize + for<'de> Deserialize<'de> + JsonSchema + Clone + PartialEq + std::fmt::Debug + Send + Sync
{
    /// `<aggregate>.<what happened>` of every event, in order.
    const NAMES: &'static [&'static str];
    /// `<aggregate>.<what happened>` (contract.md, Event types).
    fn name(&self) -> &'static str;
    /// The versions of their shapes, in the same order; a released version only gains optional fields.
    const VERSIONS: &'static [&'static str];
    /// The version of its shape.
    fn version(&self) -> &'static str;
}

/// Declares an aggregate's events: `pub enum Event of "declaration" { Drafted { … } = "drafted", }`; a shape that is not the first of
/// its event has its version behind the name: `= "drafted" version "2",` (see [`crate::upcast`]).
macro_rules! events {
    (@version) => { "1" };
    (@version $version:literal) => { $version };
    ($(#[$doc:meta])* pub enum $type:ident of $aggregate:literal { $($(#[$vdoc:meta])* $variant:ident $({ $($body:tt)* })? = $name:literal $(version $version:literal)?,)+ }) => {
        $(#[$doc])*
        #[allow(missing_docs, reason = "the fields bear the contract's names; the variant says what happened")]
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $type {
            $($(#[$vdoc])* #[serde(rename = $name)] $variant $({ $($body)* })?,)+
        }
        impl $crate::aggregate::Event for $type {
            const NAMES: &'static [&'static str] = &[$(concat!($aggregate, ".", $name),)+];
            fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => concat!($aggregate, ".", $name),)+ }
            }
            const VERSIONS: &'static [&'static str] = &[$($crate::aggregate::events!(@version $($version)?),)+];
            fn version(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $crate::aggregate::events!(@version $($version)?),)+ }
            }
        }
    };
}
pub(crate) use events;

/// A name that must be unique while it is held, taken or given back in the same append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimChange {
    /// Refused, with the kind of its holder, if somebody holds it.
    Take {
        /// The name.
        name: String,
        /// The stream that holds it from now on.
        holder: StreamId,
    },
    /// Given back by its holder.
    Release {
        /// The name.
        name: String,
        /// The stream that held it.
        holder: StreamId,
    },
}

/// What a decision appends: all of it, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<E> {
    /// Events of the aggregate that was addressed, in order.
    pub events: Vec<E>,
    /// Events of other aggregates in the same append.
    pub others: Vec<(StreamId, AnyEvent)>,
    /// Claims taken and released in the same append.
    pub claims: Vec<ClaimChange>,
}

impl<E> Outcome<E> {
    /// Appends nothing: the command changes nothing.
    pub const fn nothing() -> Self {
        Self { events: Vec::new(), others: Vec::new(), claims: Vec::new() }
    }

    /// One event.
    pub fn of(event: E) -> Self {
        Self { events: vec![event], others: Vec::new(), claims: Vec::new() }
    }

    /// And one more of the same aggregate.
    #[must_use]
    pub fn and(mut self, event: E) -> Self {
        self.events.push(event);
        self
    }

    /// And one of another aggregate.
    #[must_use]
    pub fn also<A: Aggregate>(mut self, id: impl Into<Uuid>, event: A::Event) -> Self
    where
        AnyEvent: From<A::Event>,
    {
        self.others.push((StreamId::of::<A>(id), event.into()));
        self
    }

    /// And all that another aggregate decided: its events, and what they brought along.
    #[must_use]
    pub fn including<A: Aggregate>(mut self, id: impl Into<Uuid>, other: Outcome<A::Event>) -> Self
    where
        AnyEvent: From<A::Event>,
    {
        let stream = StreamId::of::<A>(id);
        self.others.extend(other.events.into_iter().map(|event| (stream, event.into())));
        self.others.extend(other.others);
        self.claims.extend(other.claims);
        self
    }

    /// And take a name.
    #[must_use]
    pub fn take(mut self, name: String, holder: StreamId) -> Self {
        self.claims.push(ClaimChange::Take { name, holder });
        self
    }

    /// And give a name back.
    #[must_use]
    pub fn release(mut self, name: String, holder: StreamId) -> Self {
        self.claims.push(ClaimChange::Release { name, holder });
        self
    }
}

/// Events, a refusal, or what must be looked up first.
pub type Decision<E> = Result<Outcome<E>, Stop>;

/// The commands of an aggregate; `actions!` makes it from the list of actions.
pub trait Command<A: Aggregate>: Sized + Clone + std::fmt::Debug + Send + Sync {
    /// Every action, in menu order.
    const SPECS: &'static [&'static ActionSpec];
    /// The command of an action's name and input.
    fn parse(action: &str, input: &serde_json::Value) -> Result<Self, Stop>;
    /// Which action it is.
    fn spec(&self) -> &'static ActionSpec;
    /// The action's own rules; the shared checks have passed.
    fn decide(&self, it: &A, id: Uuid, context: &Context<'_>) -> Decision<A::Event>;
    /// The input's JSON Schema by action name.
    fn schema(action: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema>;
}

/// A thing whose rules must hold at every instant, folded from its events.
pub trait Aggregate: Default + Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// Its type in the log and the first part of its events' names.
    const TYPE: &'static str;
    /// Its collection's name in URLs.
    const COLLECTION: &'static str;
    /// Its commands.
    type Command: Command<Self>;
    /// Its events.
    type Event: Event;

    /// Whether it was created.
    fn exists(&self) -> bool;

    /// Its stage, where it has one, as on the wire.
    fn stage(&self) -> Option<&'static str>;

    /// The stage in the words people read.
    fn stage_label(&self) -> &'static str {
        self.stage().unwrap_or("")
    }

    /// Whether the one who acts stands in this relation to it.
    fn stands(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool;

    /// The stage in the words that the one who acts may read.
    fn stage_told(&self, acting: &Acting) -> String {
        let _ = acting;
        self.stage_label().to_owned()
    }

    /// Whether it passes through the hands of the one who acts at another time than now: they are told the stage, not that
    /// they may not.
    fn passes(&self, acting: &Acting) -> bool {
        let _ = acting;
        false
    }

    /// The person whom its private values are about.
    fn subject(&self) -> Option<PersonId> {
        None
    }

    /// What its stream is told when its subject's key is destroyed; none where it is never about a person.
    fn person_erased() -> Option<Self::Event> {
        None
    }

    /// Holds that refuse every step forward, in words.
    fn holds(&self) -> Option<String> {
        None
    }

    /// Whether an action that the shared checks let pass is open to the one who acts; not, where its own rules refuse them
    /// whatever they fill in. It decides what is offered; a command is told the rule itself.
    fn open_to(&self, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
        let _ = (spec, acting, context);
        true
    }

    /// Whether a choice of an action's form is open as things are; its rules may refuse one and not the others.
    fn choice_open(&self, spec: &ActionSpec, choice: &str, context: &Context<'_>) -> bool {
        let _ = (spec, choice, context);
        true
    }

    /// What its object answers beside id, version, stage and actions: its creation input and what contract.md adds.
    fn view(&self) -> serde_json::Value;

    /// Applies what happened. Total: an event of the log is a fact.
    fn evolve(&mut self, event: &Self::Event, stamp: &Stamp);

    /// The shared checks, then the action's own rules.
    fn decide(&self, id: Uuid, command: &Self::Command, context: &Context<'_>) -> Decision<Self::Event> {
        crate::action::admit(self, command.spec(), context)?;
        command.decide(self, id, context)
    }
}

/// What a state takes beside itself and half of its payloads, in bytes: texts and lists lie in pieces of memory of their own. Measured
/// on declarations at the end of their way.
pub const SCATTERED_BYTES: usize = 1024;

/// Makes the sums over all aggregates from the one list of them.
macro_rules! aggregates {
    ($($variant:ident = $type:ty,)+) => {
        /// An event of any aggregate.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyEvent { $(#[doc = concat!("Of `", stringify!($type), "`.")] $variant(<$type as Aggregate>::Event),)+ }

        $(impl From<<$type as Aggregate>::Event> for AnyEvent {
            fn from(event: <$type as Aggregate>::Event) -> Self { Self::$variant(event) }
        })+

        impl AnyEvent {
            /// Every aggregate type with the names of its events, in the order of the lists.
            pub const NAMES: &'static [(&'static str, &'static [&'static str])] =
                &[$((<$type as Aggregate>::TYPE, <<$type as Aggregate>::Event as Event>::NAMES),)+];
            /// The name of the event in the log.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.name(),)+ }
            }
            /// The version of its shape.
            pub fn version(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.version(),)+ }
            }
            /// The present version of an event's shape, by its name in the log; `None` where this program does not know it.
            pub fn version_of(aggregate: &str, name: &str) -> Option<&'static str> {
                let of = |names: &[&str], versions: &[&'static str]| {
                    let at = names.iter().position(|known| *known == name)?;
                    versions.get(at).copied()
                };
                match aggregate {
                    $(<$type as Aggregate>::TYPE => {
                        type Own = <$type as Aggregate>::Event;
                        of(Own::NAMES, Own::VERSIONS)
                    })+
                    _ => None,
                }
            }
            /// The aggregate's type.
            pub const fn aggregate(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$type as Aggregate>::TYPE,)+ }
            }
            /// What a stream of this type is told when its subject's key is destroyed.
            pub fn person_erased(aggregate: &str) -> Option<Self> {
                match aggregate {
                    $(<$type as Aggregate>::TYPE => <$type as Aggregate>::person_erased().map(Self::$variant),)+
                    _ => None,
                }
            }
            /// The JSON text of the fact, keys sorted: the bytes that the log stores and hashes.
            pub fn to_payload(&self, stamp: &Stamp) -> Result<String, serde_json::Error> {
                match self { $(Self::$variant(event) => {
                    let fact = Fact { actor: stamp.actor.clone(), event: event.clone(), time: stamp.time };
                    serde_json::to_string(&serde_json::to_value(&fact)?)
                })+ }
            }
            /// The JSON Schema of an aggregate's facts, as they lie in the log.
            pub fn schema(aggregate: &str) -> Option<schemars::Schema> {
                match aggregate {
                    $(<$type as Aggregate>::TYPE => Some(schemars::schema_for!(Fact<<$type as Aggregate>::Event>)),)+
                    _ => None,
                }
            }
            /// Reads a fact of the log; `None` for an aggregate this program does not know.
            pub fn from_payload(aggregate: &str, payload: &str) -> Option<Result<(Self, Stamp), serde_json::Error>> {
                match aggregate {
                    $(<$type as Aggregate>::TYPE => Some(
                        serde_json::from_str::<Fact<<$type as Aggregate>::Event>>(payload)
                            .map(|fact| (Self::$variant(fact.event), Stamp { actor: fact.actor, time: fact.time })),
                    ),)+
                    _ => None,
                }
            }
        }

        /// The state of any aggregate. Cheap to clone.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyState { $(#[doc = concat!("A `", stringify!($type), "`.")] $variant(Arc<$type>),)+ }

        impl AnyState {
            /// About how many bytes of memory a state takes that was folded from this many bytes of payloads: half as many, for who
            /// acted and where is said with each event and kept once, and what it takes when nothing is in it.
            pub const fn weight_bytes(&self, payload_bytes: usize) -> usize {
                let empty = match self { $(Self::$variant(_) => size_of::<$type>(),)+ };
                payload_bytes / 2 + empty + $crate::aggregate::SCATTERED_BYTES
            }
            /// The state before the first event; `None` for a type this program does not know.
            pub fn new(aggregate: &str) -> Option<Self> {
                match aggregate { $(<$type as Aggregate>::TYPE => Some(Self::$variant(Arc::default())),)+ _ => None }
            }
            /// The type's name as a constant; `None` where this program does not know it.
            pub fn type_of(aggregate: &str) -> Option<&'static str> {
                match aggregate { $(<$type as Aggregate>::TYPE => Some(<$type as Aggregate>::TYPE),)+ _ => None }
            }
            /// Every aggregate type with its collection, in the order of the list.
            pub const TYPES: &'static [(&'static str, &'static str)] = &[$((<$type as Aggregate>::TYPE, <$type as Aggregate>::COLLECTION),)+];
            /// The state as one of its type.
            pub fn get<A: Aggregate>(&self) -> Option<&A> {
                match self { $(Self::$variant(state) => (&**state as &dyn std::any::Any).downcast_ref(),)+ }
            }
            /// Applies an event; one of another aggregate is ignored.
            pub fn evolve(&mut self, event: &AnyEvent, stamp: &Stamp) {
                match (self, event) {
                    $((Self::$variant(state), AnyEvent::$variant(event)) => Arc::make_mut(state).evolve(event, stamp),)+
                    _ => {}
                }
            }
            /// The aggregate's type.
            pub const fn aggregate(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$type as Aggregate>::TYPE,)+ }
            }
            /// Whether it was created.
            pub fn exists(&self) -> bool {
                match self { $(Self::$variant(state) => state.exists(),)+ }
            }
            /// Its stage as on the wire.
            pub fn stage(&self) -> Option<&'static str> {
                match self { $(Self::$variant(state) => state.stage(),)+ }
            }
            /// The person whom its private values are about.
            pub fn subject(&self) -> Option<PersonId> {
                match self { $(Self::$variant(state) => state.subject(),)+ }
            }
            /// Holds that refuse every step forward, in words.
            pub fn holds(&self) -> Option<String> {
                match self { $(Self::$variant(state) => <$type as Aggregate>::holds(state),)+ }
            }
            /// What its object answers.
            pub fn view(&self) -> serde_json::Value {
                match self { $(Self::$variant(state) => state.view(),)+ }
            }
            /// Whether the one who acts stands in this relation to it.
            pub fn stands(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool {
                match self { $(Self::$variant(state) => state.stands(place, acting, context),)+ }
            }
            /// Whether the one who acts may take the action, by role and relation alone.
            pub fn fits(&self, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
                match self { $(Self::$variant(state) => crate::action::fits(&**state, spec, acting, context),)+ }
            }
            /// Whether the one who acts may take it at another time than now.
            pub fn fits_elsewhere(&self, spec: &ActionSpec, acting: &Acting) -> bool {
                match self { $(Self::$variant(state) => crate::action::fits_elsewhere(&**state, spec, acting),)+ }
            }
            /// The actions of an aggregate type, in menu order.
            pub fn specs(aggregate: &str) -> &'static [&'static ActionSpec] {
                match aggregate { $(<$type as Aggregate>::TYPE => <<$type as Aggregate>::Command as Command<$type>>::SPECS,)+ _ => &[] }
            }
            /// Parses and decides one action.
            pub fn decide(&self, id: Uuid, command: &AnyCommand, context: &Context<'_>) -> Decision<AnyEvent> {
                match (self, command) {
                    $((Self::$variant(state), AnyCommand::$variant(command)) => state.decide(id, command, context).map(Outcome::widen),)+
                    _ => Err(common::NotFound.into()),
                }
            }
            /// Whether the shared checks would let the one who acts do this now.
            pub fn admits(&self, spec: &ActionSpec, context: &Context<'_>) -> Result<(), Stop> {
                match self { $(Self::$variant(state) => crate::action::admit(&**state, spec, context),)+ }
            }
            /// Whether its object offers the action to the one who acts: it is there already, they are signed in, the
            /// shared checks pass, and it is open to them.
            pub fn offers(&self, spec: &ActionSpec, context: &Context<'_>) -> bool {
                let Some(acting) = context.actor.acting() else { return false };
                spec.from != Start::Nothing
                    && spec.proof != Proof::Nothing
                    && self.admits(spec, context).is_ok()
                    && match self { $(Self::$variant(state) => state.open_to(spec, acting, context),)+ }
            }
            /// Whether a choice of the action's form is open as things are.
            pub fn choice_open(&self, spec: &ActionSpec, choice: &str, context: &Context<'_>) -> bool {
                match self { $(Self::$variant(state) => state.choice_open(spec, choice, context),)+ }
            }
        }

        /// A command of any aggregate.
        #[derive(Debug, Clone)]
        pub enum AnyCommand { $(#[doc = concat!("Of `", stringify!($type), "`.")] $variant(<$type as Aggregate>::Command),)+ }

        impl AnyCommand {
            /// The command of a collection's action.
            pub fn parse(aggregate: &str, action: &str, input: &serde_json::Value) -> Result<Self, Stop> {
                match aggregate {
                    $(<$type as Aggregate>::TYPE => <$type as Aggregate>::Command::parse(action, input).map(Self::$variant),)+
                    _ => Err(common::NotFound.into()),
                }
            }
            /// Which action it is.
            pub fn spec(&self) -> &'static ActionSpec {
                match self { $(Self::$variant(command) => command.spec(),)+ }
            }
            /// The input's JSON Schema.
            pub fn schema(aggregate: &str, action: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
                match aggregate {
                    $(<$type as Aggregate>::TYPE => <$type as Aggregate>::Command::schema(action, generator),)+
                    _ => None,
                }
            }
        }
    };
}

impl<E> Outcome<E> {
    fn widen(self) -> Outcome<AnyEvent>
    where
        AnyEvent: From<E>,
    {
        Outcome {
            events: self.events.into_iter().map(AnyEvent::from).collect(),
            others: self.others,
            claims: self.claims,
        }
    }
}

aggregates! {
    Declaration = crate::declaration::Declaration,
    Account = crate::account::Account,
    Person = crate::person::Person,
    Employer = crate::employer::Employer,
    Organisation = crate::organisation::Organisation,
    PathEdge = crate::path_edge::PathEdge,
    Committee = crate::committee::Committee,
    Batch = crate::batch::Batch,
    AcceptanceAgency = crate::acceptance_agency::AcceptanceAgency,
    Specialty = crate::specialty::Specialty,
    Title = crate::title::Title,
    StoredMaterial = crate::material::StoredMaterial,
    IssuingCode = crate::issuing_code::IssuingCode,
    Certificate = crate::certificate::Certificate,
    NumberRange = crate::certificate_number_range::NumberRange,
    NumberPool = crate::certificate_number_pool::NumberPool,
    PublicityRound = crate::publicity_round::PublicityRound,
    Objection = crate::objection::Objection,
    QuotaApplication = crate::quota_application::QuotaApplication,
    QuotaLedger = crate::quota_ledger::QuotaLedger,
    Judge = crate::judge::Judge,
    Scheme = crate::scheme::Scheme,
    ReviewMeeting = crate::review_meeting::ReviewMeeting,
    BlacklistEntry = crate::blacklist_entry::BlacklistEntry,
    WorkingCalendar = crate::working_calendar::PublishedCalendar,
    Approval = crate::approval::Approval,
    Job = crate::job::Job,
    Installation = crate::installation::Installation,
}

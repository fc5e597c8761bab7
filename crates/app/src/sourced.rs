//! Any aggregate of the domain as cqrs-es knows one: how tools made for cqrs-es read our log.
//!
//! ```no_run
//! # async fn example(store: zhicheng_eventstore::EventStore, id: &str) {
//! use zhicheng_app::Sourced;
//! use zhicheng_domain::declaration::Declaration;
//!
//! let loaded = <_ as cqrs_es::EventStore<Sourced<Declaration>>>::load_aggregate(&store, id).await;
//! # }
//! ```
//!
//! It reads and never writes: there is no command, so a `CqrsFramework` over it can be asked and not told. What changes
//! state goes through [`App::execute`](crate::App::execute), which seals what is about persons; an event written past it
//! would lie in the log in clear. Through our own store private values come opened, through the stock
//! `PostgresEventRepository`, which has no keys, they stay sealed and the rest of the state is the same.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::convert::Infallible;
use zhicheng_domain::aggregate::{Aggregate, Event, Fact, Stamp};

/// An aggregate of the domain, folded from its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sourced<A>(A);

impl<A> Sourced<A> {
    /// The state.
    pub const fn state(&self) -> &A {
        &self.0
    }
}

/// An event of the log with when it happened and who did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct SourcedEvent<A: Aggregate>(Fact<A::Event>);

impl<A: Aggregate> SourcedEvent<A> {
    /// What happened, when, and who did it.
    pub const fn fact(&self) -> &Fact<A::Event> {
        &self.0
    }
}

impl<A: Aggregate> cqrs_es::DomainEvent for SourcedEvent<A> {
    fn event_type(&self) -> String {
        self.0.event.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.event.version().to_owned()
    }
}

impl<A: Aggregate> cqrs_es::Aggregate for Sourced<A> {
    const TYPE: &'static str = A::TYPE;
    type Command = Infallible;
    type Event = SourcedEvent<A>;
    type Error = Infallible;
    type Services = ();

    async fn handle(
        &mut self,
        command: Infallible,
        (): &(),
        _: &cqrs_es::event_sink::EventSink<Self>,
    ) -> Result<(), Infallible> {
        match command {}
    }

    fn apply(&mut self, event: SourcedEvent<A>) {
        let Fact { actor, event, time } = event.0;
        self.0.evolve(&event, &Stamp { actor, time });
    }
}

/// cqrs-es asks for it because of snapshots; there are none: a state is folded from its events and stored nowhere.
impl<A> Serialize for Sourced<A> {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a state is folded from its events and stored nowhere"))
    }
}

/// As for [`Serialize`].
impl<'de, A> Deserialize<'de> for Sourced<A> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("a state is folded from its events and stored nowhere"))
    }
}

//! Proving the promises on a live or restored system (`zhicheng check`): what was checked, how many, and what is wrong.
//!
//! The log is read twice. First in its order and as stored: what the bytes say. Then opened and one stream after the other, so
//! that one state at a time is in memory: what the rules say. Every check is a [`Look`] that sees both and then finishes by
//! asking whatever else it needs. Memory grows with persons, declarations, certificates and files (some tens of bytes each),
//! not with events.
//!
//! Nothing is changed or mended, and nobody waits: the application is opened to look ([`App::open_to_look`]), and a server may be at work on
//! the same data. What comes after the head at which
//! the check began is left out.

mod acknowledged;
mod ballots;
mod boxes;
mod certificates;
mod commands;
mod following;
mod history;
mod id_numbers;
mod keys;
mod materials;
mod one_open;
mod proofs;
mod published;
mod quotas;
mod report;
mod streams;
mod tables;
mod walk;

pub use report::{Check, Checked, FAULTS_TOLD_MAX};

use crate::app::App;
use crate::error::Error;
use crate::roots::KeptRoot;
use futures::future::BoxFuture;
use std::path::PathBuf;
use walk::Walk;
use zhicheng_domain::aggregate::Stamp;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_eventstore::RecordedEvent;

/// The checks, each once; what reading itself finds is [`Check::Understood`].
fn looks() -> Vec<(Check, Box<dyn Look>)> {
    vec![
        (Check::Positions, Box::new(streams::Positions::new())),
        (Check::Streams, Box::new(streams::Streams::new())),
        (Check::Commands, Box::new(commands::Commands)),
        (Check::Receipts, Box::new(commands::Receipts)),
        (Check::History, Box::new(history::History::new())),
        (Check::Root, Box::new(proofs::Root)),
        (Check::Claims, Box::new(proofs::Claims)),
        (Check::Numbers, Box::new(certificates::Numbers::new())),
        (Check::Certificates, Box::new(certificates::Certificates::new())),
        (Check::Quotas, Box::new(quotas::Quotas::new())),
        (Check::Ballots, Box::new(ballots::Ballots::new())),
        (Check::OneOpen, Box::new(one_open::OneOpen::new())),
        (Check::Keys, Box::new(keys::Keys::new())),
        (Check::Boxes, Box::new(boxes::Boxes::new())),
        (Check::Materials, Box::new(materials::Materials::new())),
        (Check::IdNumbers, Box::new(id_numbers::IdNumbers::new())),
        (Check::Published, Box::new(published::Published)),
        (Check::Following, Box::new(following::Following)),
        (Check::Tables, Box::new(tables::Tables)),
        (Check::Acknowledged, Box::new(acknowledged::Acknowledged)),
    ]
}

/// What a check needs besides log and vault; whatever is not given is not checked, and the report says so.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The data folder, in which logs of the server may lie.
    pub folder: Option<PathBuf>,
    /// The broker on which events are published.
    pub broker: Option<String>,
    /// A client's own journal: JSON lines `{"command_id", "position", "sent", "answered"}`.
    pub acknowledged: Option<PathBuf>,
    /// Roots of the log that somebody kept elsewhere.
    pub roots: Vec<KeptRoot>,
    /// Checks to leave out, because they take long; they are told as not made.
    pub skip: Vec<Check>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being looked at.
    pub at: &'static str,
    /// How many.
    pub done: i64,
    /// Of how many.
    pub of: i64,
}

/// What the checks are made on.
struct System<'a> {
    app: &'a App,
    scope: &'a Scope,
    /// Up to where.
    head: i64,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
}

impl System<'_> {
    fn tell(&self, at: &'static str, done: i64, of: i64) {
        (self.progress)(Progress { at, done, of });
    }
}

/// An event in its stream.
struct Seen<'a> {
    event: &'a RecordedEvent,
    fact: &'a AnyEvent,
    stamp: &'a Stamp,
}

/// A check. It looks at the events that go by, at those that concern it, and then says what it found.
trait Look: Send {
    /// The next event of the log, as stored.
    fn stored(&mut self, event: &RecordedEvent) {
        let _ = event;
    }

    /// The next event of a stream, whatever it says: also one that is not understood.
    fn next(&mut self, event: &RecordedEvent) {
        let _ = event;
    }

    /// The next event of a stream, before it is folded.
    fn before(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let _ = (seen, state);
    }

    /// The same event, after it was folded.
    fn after(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let _ = (seen, state);
    }

    /// A stream has ended, and all of it was understood.
    fn stream_ended(&mut self, id: &str, state: &AnyState) {
        let _ = (id, state);
    }

    /// Says what it found.
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>>;
}

/// The answer of a check that has nothing more to ask.
fn ready<'a>(checked: Checked) -> BoxFuture<'a, Vec<Checked>> {
    Box::pin(std::future::ready(vec![checked]))
}

impl App {
    /// Makes every check, in the order of [`Check::ALL`].
    ///
    /// # Errors
    /// Where the log cannot be read at all. What is wrong with a system is no error, and neither is a check that breaks off.
    pub async fn check(
        &self,
        scope: &Scope,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Vec<Checked>, Error> {
        let head = self.store().head().await?;
        let system = System { app: self, scope, head, progress };
        let (skipped, made): (Vec<_>, Vec<_>) =
            looks().into_iter().partition(|(check, _)| scope.skip.contains(check));
        let mut walk = Walk::new(made.into_iter().map(|(_, look)| look).collect());
        walk.in_order(&system).await?;
        walk.by_stream(&system).await?;
        let (looks, understood) = walk.done();
        let mut checked = vec![understood];
        for look in looks {
            checked.extend(look.finish(&system).await);
        }
        checked.extend(
            skipped.into_iter().map(|(check, _)| Checked {
                unchecked: Some("按要求未查".to_owned()),
                ..Checked::new(check)
            }),
        );
        checked.sort_by_key(|checked| checked.check);
        Ok(checked)
    }
}

//! What a decision appends, sealed as it is stored, and what is answered once it stands in the log.

use super::{Done, Identified, Receipt};
use crate::app::App;
use crate::caller::Caller;
use crate::error::Error;
use crate::load::{self, Facts, Held};
use crate::sealing::{self, SUBJECT_MEMBER, Sealed};
use crate::{approvals, erasure};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::action::ActionSpec;
use zhicheng_domain::aggregate::{Aggregate, ClaimChange};
use zhicheng_domain::approval::Approval;
use zhicheng_domain::batch::Batch;
use zhicheng_domain::blacklist_entry::BlacklistEntry;
use zhicheng_domain::job::Job;
use zhicheng_domain::person::Person;
use zhicheng_domain::private::{self, PRIVATE};
use zhicheng_domain::working_calendar::PublishedCalendar;
use zhicheng_domain::{AnyCommand, AnyEvent, Outcome, Stamp, StreamId};
use zhicheng_eventstore::{Alone, Append, Appended, Claim, CommandStamp, EventStore, NewEvent, StreamAppend};

/// The member of an event's metadata that names the job it was done by.
const JOB_MEMBER: &str = "job";

/// A decision with the states it was made on.
pub(super) struct Decided {
    pub(super) stream: StreamId,
    pub(super) outcome: Outcome<AnyEvent>,
    pub(super) stamp: Stamp,
    pub(super) held: BTreeMap<StreamId, Held>,
    /// How far the registers were that it was made on.
    pub(super) since: i64,
}

impl Decided {
    /// The streams that get events.
    pub(super) fn appended_to(&self) -> BTreeSet<StreamId> {
        let own = (!self.outcome.events.is_empty()).then_some(self.stream);
        own.into_iter().chain(self.outcome.others.iter().map(|(stream, _)| *stream)).collect()
    }

    /// The persons whom the states are about.
    pub(super) fn persons(&self) -> Vec<Uuid> {
        self.held.values().filter_map(|held| held.state.subject()).map(|person| person.0).collect()
    }

    pub(super) fn unchanged(&self, app: &App, caller: &Caller) -> Receipt {
        let held = self.held.get(&self.stream);
        let (version, stage) = held.map_or((0, None), |held| app.heard(caller, held));
        let position = held.map_or(0, |held| held.position);
        Receipt { id: self.stream.id, version, position, stage, replayed: false }
    }
}

/// An append in the form in which it is written, with the states that follow from it.
pub(super) struct Written {
    pub(super) stream: StreamId,
    pub(super) stamp: Stamp,
    pub(super) streams: Vec<(StreamId, i64, Vec<NewEvent>)>,
    pub(super) claims: Vec<ClaimChange>,
    pub(super) held: BTreeMap<StreamId, Held>,
    /// The commands under way that it was decided on.
    pub(super) after: Vec<Uuid>,
    /// How far the registers were that it was decided on.
    pub(super) since: i64,
}

impl App {
    /// Folds the outcome into the states and seals it: what is stored and hashed.
    pub(super) async fn prepare(
        &self,
        command: Uuid,
        decided: Decided,
        facts: Facts<'_>,
        caller: &Caller,
    ) -> Result<Written, Error> {
        let Decided { stream, outcome, stamp, mut held, since } = decided;
        let mut streams: Vec<(StreamId, i64, Vec<NewEvent>)> = Vec::new();
        let all = outcome.events.into_iter().map(|event| (stream, event)).chain(outcome.others);
        for (target, event) in all {
            let held = match held.entry(target) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(facts.load_unseen(self.store(), target).await?),
            };
            let secret = matches!(event.name(), "declaration.vote_cast");
            let own = if secret { Stamp { actor: None, time: stamp.time } } else { stamp.clone() };
            let expected = held.version;
            let payload =
                event.to_payload(&own).map_err(|error| Error::internal("an event is not JSON", error))?;
            let before = payload.contains(PRIVATE).then(|| held.state.clone());
            held.state.evolve(&event, &own);
            held.version += 1;
            let subject = held.state.subject();
            let payload = match sealing::seal(self.vault(), target, held.version, subject, payload).await? {
                Sealed::Payload(payload) => payload,
                Sealed::KeyGone(payload) => {
                    let (wordless, payload) = without_words(target, &payload)?;
                    held.state = before.unwrap_or_else(|| held.state.clone());
                    held.state.evolve(&wordless, &own);
                    payload
                }
            };
            held.payload_bytes += payload.len();
            let mut metadata =
                BTreeMap::from([("time", own.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))]);
            if let Some(person) = subject {
                metadata.insert(SUBJECT_MEMBER, person.to_string());
            }
            if let Caller::Job(on_behalf) = caller {
                metadata.insert(JOB_MEMBER, on_behalf.job.to_string());
            }
            let metadata = serde_json::to_string(&metadata)
                .map_err(|error| Error::internal("metadata is not JSON", error))?;
            let event = NewEvent {
                event_type: event.name().into(),
                event_version: event.version().into(),
                payload,
                metadata,
            };
            match streams.iter_mut().find(|(known, ..)| *known == target) {
                Some((.., events)) => events.push(event),
                None => streams.push((target, expected, vec![event])),
            }
        }
        // The addressed stream carries the command; where it has no event of its own the first other one does.
        streams.sort_by_key(|(target, ..)| *target != stream);
        let after: BTreeSet<Uuid> = held.values().filter_map(|held| held.after).collect();
        for (target, ..) in &streams {
            if let Some(held) = held.get_mut(target) {
                held.after = Some(command);
            }
        }
        let after = after.into_iter().collect();
        Ok(Written { stream, stamp, streams, claims: outcome.claims, held, after, since })
    }
}

/// What is told of somebody whose key was destroyed: the event without what is private, which no key could seal.
fn without_words(stream: StreamId, payload: &str) -> Result<(AnyEvent, String), Error> {
    let unreadable = |error| Error::internal("an event is not JSON", error);
    let mut payload: serde_json::Value = serde_json::from_str(payload).map_err(unreadable)?;
    private::erase(&mut payload);
    let payload = payload.to_string();
    let (event, _) = AnyEvent::from_payload(stream.aggregate, &payload)
        .ok_or(Error::fault("an aggregate type that nobody knows"))?
        .map_err(|error| Error::internal("an event that is not understood", error))?;
    Ok((event, payload))
}

impl Written {
    pub(super) fn append(&self, command: CommandStamp, spec: &ActionSpec) -> Append {
        let claim = |name: &String, holder: &StreamId| Claim {
            holder_id: holder.id.to_string(),
            holder_type: holder.aggregate.to_owned(),
            name: name.clone(),
        };
        Append {
            after: self.after.clone(),
            alone: (!spec.alone_with.is_empty())
                .then(|| Alone { event_types: spec.alone_with.to_vec(), at: self.since }),
            command,
            streams: self
                .streams
                .iter()
                .map(|(stream, expected, events)| StreamAppend {
                    aggregate_type: stream.aggregate.into(),
                    aggregate_id: stream.id.to_string(),
                    expected_version: *expected,
                    events: events.clone(),
                })
                .collect(),
            claims: self
                .claims
                .iter()
                .map(|change| match change {
                    ClaimChange::Take { name, holder } => {
                        zhicheng_eventstore::ClaimChange::Take(claim(name, holder))
                    }
                    ClaimChange::Release { name, holder } => {
                        zhicheng_eventstore::ClaimChange::Release(claim(name, holder))
                    }
                })
                .collect(),
        }
    }

    /// The persons whom this append erases.
    pub(super) fn erased(&self) -> Vec<Uuid> {
        let erased = self.streams.iter().filter(|(stream, _, events)| {
            stream.aggregate == Person::TYPE && events.iter().any(|event| event.event_type == erasure::ERASED)
        });
        erased.map(|(stream, ..)| stream.id).collect()
    }

    /// Whether steps of the system may be due at once: only what many declarations hang on makes them so, or who is held.
    pub(super) fn makes_due(&self) -> bool {
        self.streams.iter().any(|(stream, ..)| {
            [Batch::TYPE, BlacklistEntry::TYPE, PublishedCalendar::TYPE].contains(&stream.aggregate)
        })
    }

    /// Whether a job may have something to do now.
    pub(super) fn moves_a_job(&self) -> bool {
        self.streams.iter().any(|(stream, ..)| stream.aggregate == Job::TYPE)
    }

    /// What is answered once it is appended; the states that follow from it go into the cache.
    pub(super) fn done(self, app: &App, caller: &Caller, appended: &Appended) -> Done {
        let position = appended.last_position;
        let held = self.held.get(&self.stream).cloned();
        let waiting =
            self.stream.aggregate == Approval::TYPE && approvals::was_requested(&held, appended.version);
        let (id, held) = match approvals::subject_of(&held) {
            Some(subject) if !waiting => (subject.id, self.held.get(&subject).cloned()),
            Some(_) | None => (self.stream.id, held),
        };
        self.keep(app.store(), appended.first_position);
        if waiting {
            return Done::AwaitsApproval { approval_id: id, position, replayed: false };
        }
        let (version, stage) = held.map_or((appended.version, None), |held| app.heard(caller, &held));
        Done::Receipt(Receipt { id, version, position, stage, replayed: false })
    }

    fn keep(mut self, store: &EventStore, first_position: i64) {
        let mut position = first_position;
        for (stream, _, events) in &self.streams {
            position += i64::try_from(events.len()).unwrap_or_default();
            if let Some(held) = self.held.get_mut(stream) {
                (held.position, held.after) = (position - 1, None);
                load::keep(store, *stream, held);
            }
        }
    }
}

/// The log records a command at its own time. A rehearsal begins by its own clock, although the event that begins it is
/// stamped with real time: recorded times never go backwards.
pub(super) fn logged_at(it: &Identified, written: &Written) -> chrono::DateTime<chrono::Utc> {
    match &it.command {
        AnyCommand::Installation(zhicheng_domain::installation::actions::Command::Begin(begin)) => {
            begin.rehearsal.unwrap_or(written.stamp.time)
        }
        _ => written.stamp.time,
    }
}

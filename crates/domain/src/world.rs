//! A whole system in memory, without database or clock: for rule tests, random walks and stories.
//!
//! It does what the application does around a decision (looks up what is needed, chooses the role, applies the outcome
//! to streams, registers and claims) and holds the laws after every command: the state equals a fresh fold of its
//! events, events read back from their stored form, the stage reached is one that the action announces, each step from stage to
//! stage is one that `transitions` knows, what was done to each stream is what `history` knows that an action brings, and whatever is
//! private is about somebody who can be erased. Who is erased leaves its log as the application does.

use crate::action::{self, Proof};
use crate::aggregate::{
    ActorKind, ActorStamp, Aggregate as _, AnyCommand, AnyEvent, AnyState, ClaimChange, Stamp, StreamId,
};
use crate::approval;
use crate::context::{Acting, Actor, Approval, Context, Known, Need, OpenedBox, Stop};
use crate::declaration::Declaration;
use crate::history::{Deed, Standing, is_legal};
use crate::ids::{AccountId, BallotRoundId, JudgeId, NodeId};
use crate::person::Person;
use crate::private::PRIVATE;
use crate::refusal::Refusal;
use crate::registers::Registers;
use crate::review_meeting::actions::cast_votes::CastVotes;
use crate::transitions::{Arrow, NOTHING, is_drawn};
use crate::values::{Choice, Role};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

pub mod due;
mod erasure;
pub mod given;
pub mod hunan;
#[cfg(test)]
mod inputs;
mod jobs;
pub mod listener;
#[cfg(test)]
mod moments;
#[cfg(test)]
mod permissions;
pub mod player;
pub mod sitting;
#[cfg(test)]
mod walk;
pub mod way;

/// Who sends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody signed in.
    Anonymous,
    /// A policy.
    System,
    /// An account, in the one role that fits.
    Account(AccountId),
    /// An account that names its role.
    As(AccountId, Role, Option<NodeId>),
}

/// One event of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// Its stream.
    pub stream: StreamId,
    /// Its number in the stream, from 1.
    pub sequence: u64,
    /// What happened.
    pub event: AnyEvent,
    /// Who and when.
    pub stamp: Stamp,
}

/// What came of a command that was carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// These events were appended.
    Appended(Vec<AnyEvent>),
    /// A second person must approve it; nothing was appended.
    SecondPersonNeeded,
}

/// The system.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// What is looked up by id.
    pub registers: Registers,
    /// Every stream's state.
    pub states: BTreeMap<StreamId, AnyState>,
    /// Names held.
    pub claims: BTreeMap<String, StreamId>,
    /// Ballots that wait for their round's closing, by voter.
    pub boxes: BTreeMap<BallotRoundId, BTreeMap<JudgeId, Choice>>,
    /// What every condition of a job selects: there are no screens here.
    pub selected: Vec<Uuid>,
    /// The log, in order.
    pub log: Vec<Logged>,
    /// The injected clock.
    pub now: DateTime<Utc>,
    /// Commands so far; also the seed of fresh ids.
    pub commands: u64,
}

impl World {
    /// An empty system at this time (RFC 3339).
    pub fn at(time: &str) -> Self {
        let mut world = Self::default();
        world.clock(time);
        world
    }

    /// Moves the clock.
    pub fn clock(&mut self, time: &str) {
        self.now = DateTime::parse_from_rfc3339(time).expect("a test's time is RFC 3339").to_utc();
    }

    /// Creates something; answers its id.
    pub fn create(&mut self, who: Who, aggregate: &str, input: Value) -> Result<Uuid, Refusal> {
        let id = self.fresh();
        self.act(who, aggregate, id, "create", input).map(|_| id)
    }

    /// Sends a command; a missing second person counts as approved.
    pub fn act(
        &mut self,
        who: Who,
        aggregate: &str,
        id: Uuid,
        action: &str,
        input: Value,
    ) -> Result<Vec<AnyEvent>, Refusal> {
        let asked_by = match who {
            Who::Account(account) | Who::As(account, ..) => account,
            Who::Anonymous | Who::System => AccountId::default(),
        };
        match self.send(who, aggregate, id, action, input, Approval::Given { asked_by, asked_as: None })? {
            Done::Appended(events) => Ok(events),
            Done::SecondPersonNeeded => Ok(Vec::new()),
        }
    }

    /// Sends a command.
    pub fn send(
        &mut self,
        who: Who,
        aggregate: &str,
        id: Uuid,
        action: &str,
        input: Value,
        approval: Approval,
    ) -> Result<Done, Refusal> {
        let aggregate = AnyState::type_of(aggregate).expect("a test names a known aggregate");
        let command = match AnyCommand::parse(aggregate, action, &input) {
            Ok(command) => command,
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(stop) => panic!("parsing needs nothing: {stop:?}"),
        };
        self.commands += 1;
        let stream = StreamId { aggregate, id };
        let state = self.state(stream);
        let mut known = Known::default();
        let actor = self.actor(who, &command, &state)?;
        let outcome = loop {
            let context = Context {
                actor: actor.clone(),
                now: self.now,
                seed: self.seed(),
                registers: &self.registers,
                known: &known,
                approval,
            };
            match state.decide(id, &command, &context) {
                Ok(outcome) => break (outcome, ActorStamp::of(&context)),
                Err(Stop::Refused(refusal)) => return Err(refusal),
                Err(Stop::SecondPerson) => return Ok(Done::SecondPersonNeeded),
                Err(Stop::Need(needs)) => {
                    let before = known.len();
                    for need in needs {
                        self.look_up(need, &mut known);
                    }
                    assert!(known.len() > before, "{action} asks again for what it was given");
                }
            }
        };
        let (outcome, actor) = outcome;
        crate::clear_text::refuse_id_numbers(&input, &outcome)?;
        for claim in &outcome.claims {
            if let ClaimChange::Take { name, .. } = claim
                && self.claims.contains_key(name)
            {
                return Err(Refusal {
                    kind: crate::refusal::Kind::Conflict,
                    code: "claim-held",
                    title: "已被占用",
                    detail: name.clone(),
                    problems: Vec::new(),
                    choices: Vec::new(),
                });
            }
        }
        for claim in outcome.claims {
            match claim {
                ClaimChange::Take { name, holder } => {
                    self.claims.insert(name, holder);
                }
                ClaimChange::Release { name, holder } => {
                    if self.claims.get(&name) == Some(&holder) {
                        self.claims.remove(&name);
                    }
                }
            }
        }
        let stamp = Stamp { actor: Some(actor), time: self.now };
        let stage_before = state.stage();
        let events: Vec<AnyEvent> = outcome.events.clone();
        let before = self.log.len();
        let mut deeds: BTreeMap<StreamId, (Standing, Vec<&'static str>)> = BTreeMap::new();
        let all = outcome.events.into_iter().map(|event| (stream, event)).chain(outcome.others);
        for (stream, event) in all {
            let state = self.state(stream);
            let deed = deeds.entry(stream).or_insert_with(|| (Standing::of(&state), Vec::new()));
            deed.1.push(event.name());
            self.append(stream, event, &stamp);
        }
        self.check_laws(stream, stage_before, &command);
        self.check_transitions(&deeds, stream.aggregate, command.spec());
        self.check_history(deeds, &stamp, command.spec());
        self.forget_erased(before);
        Ok(Done::Appended(events))
    }

    /// Hands in a judge's ballot: the rules let it pass, then it waits in the box, as in the vault.
    pub fn vote(&mut self, who: Who, declaration: Uuid, choice: Choice) -> Result<(), Refusal> {
        self.act(who, "declaration", declaration, "cast-vote", serde_json::json!({"choice": choice}))?;
        self.put_in(who, declaration, choice);
        Ok(())
    }

    /// Hands in a judge's ballots on several candidates of a meeting.
    pub fn vote_on_many(&mut self, who: Who, meeting: Uuid, input: Value) -> Result<(), Refusal> {
        self.act(who, "review_meeting", meeting, "cast-votes", input.clone())?;
        let input: CastVotes = serde_json::from_value(input).expect("it has just been read");
        for vote in input.votes {
            self.put_in(who, vote.declaration_id.0, vote.choice);
        }
        Ok(())
    }

    /// The first vote stands.
    fn put_in(&mut self, who: Who, declaration: Uuid, choice: Choice) {
        let it: Declaration = self.get(declaration);
        let (Who::Account(account) | Who::As(account, ..)) = who else { return };
        let judge =
            self.registers.roles_of(account).iter().find_map(|acting| self.registers.judge_of(acting));
        if let (Some(ballot), Some(judge)) = (&it.review.ballot, judge) {
            self.boxes.entry(ballot.round).or_default().entry(judge).or_insert(choice);
        }
    }

    /// Puts an event into the log without deciding it: for tests that begin in the middle of a life.
    pub fn given(&mut self, stream: StreamId, event: impl Into<AnyEvent>, actor: Option<ActorStamp>) {
        let stamp = Stamp { actor, time: self.now };
        self.append(stream, event.into(), &stamp);
    }

    /// Sends a command that a second person must approve; answers the id of the approval that waits.
    pub fn request(
        &mut self,
        who: Who,
        aggregate: &str,
        id: Uuid,
        action: &str,
        input: Value,
    ) -> Result<Uuid, Refusal> {
        let done = self.send(who, aggregate, id, action, input.clone(), Approval::NotGiven)?;
        assert_eq!(done, Done::SecondPersonNeeded, "{action} needs a second person");
        let aggregate = AnyState::type_of(aggregate).expect("it was just sent");
        let command = AnyCommand::parse(aggregate, action, &input).expect("it was just sent");
        let subject = StreamId { aggregate, id };
        let state = self.state(subject);
        let known = Known::default();
        let context = Context {
            actor: self.actor(who, &command, &state)?,
            now: self.now,
            seed: self.seed(),
            registers: &self.registers,
            known: &known,
            approval: Approval::NotGiven,
        };
        let requested = approval::requested(subject, &state, action, input, &context)
            .expect("who acts was just admitted");
        let stamp = Stamp { actor: Some(ActorStamp::of(&context)), time: self.now };
        let id = self.fresh();
        self.append(StreamId::of::<approval::Approval>(id), requested.into(), &stamp);
        Ok(id)
    }

    /// What stands for the keyed hash of a text here.
    pub fn keyed_hash(text: &str) -> String {
        hex::encode(Sha256::digest(format!("keyed {text}")))
    }

    /// The state of a stream.
    pub fn state(&self, stream: StreamId) -> AnyState {
        self.states
            .get(&stream)
            .cloned()
            .unwrap_or_else(|| AnyState::new(stream.aggregate).expect("a stream's aggregate is known"))
    }

    /// What the object offers to an account now: the actions, each with the choices of its form that are open.
    pub fn offered(&self, account: AccountId, stream: StreamId) -> Vec<(&'static str, Vec<&'static str>)> {
        let state = self.state(stream);
        let known = Known::default();
        let contexts: Vec<Context<'_>> = self
            .registers
            .roles_of(account)
            .into_iter()
            .map(|acting| Context {
                actor: Actor::Account(acting),
                now: self.now,
                seed: [0; 16],
                registers: &self.registers,
                known: &known,
                approval: Approval::NotGiven,
            })
            .collect();
        let offered = |spec: &&'static action::ActionSpec| {
            let context = contexts.iter().find(|context| state.offers(spec, context))?;
            let choices = spec.form.iter().flat_map(|field| match field.of {
                action::FieldType::Choice(choices) => choices,
                action::FieldType::Text
                | action::FieldType::LongText
                | action::FieldType::Integer
                | action::FieldType::Date
                | action::FieldType::Boolean
                | action::FieldType::Reference(_)
                | action::FieldType::Structure => &[],
            });
            Some((spec.name, choices.copied().filter(|it| state.choice_open(spec, it, context)).collect()))
        };
        AnyState::specs(stream.aggregate).iter().filter_map(offered).collect()
    }

    /// The state of an aggregate of type `A`.
    pub fn get<A: crate::Aggregate>(&self, id: impl Into<Uuid>) -> A {
        self.state(StreamId::of::<A>(id)).get::<A>().cloned().unwrap_or_default()
    }

    /// A fresh id.
    pub fn fresh(&mut self) -> Uuid {
        self.commands += 1;
        let digest = Sha256::digest(self.commands.to_be_bytes());
        let mut random = [0u8; 10];
        random.copy_from_slice(&digest[..10]);
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn seed(&self) -> [u8; 16] {
        let digest = Sha256::digest(self.commands.to_be_bytes());
        let mut seed = [0u8; 16];
        seed.copy_from_slice(&digest[..16]);
        seed
    }

    fn actor(&self, who: Who, command: &AnyCommand, state: &AnyState) -> Result<Actor, Refusal> {
        let account = match who {
            Who::Anonymous => return Ok(Actor::Anonymous),
            Who::System => return Ok(Actor::System),
            Who::Account(account) | Who::As(account, ..) => account,
        };
        let candidates: Vec<Acting> = self
            .registers
            .roles_of(account)
            .into_iter()
            .filter(|acting| match who {
                Who::As(_, role, organisation) => (acting.role, acting.organisation) == (role, organisation),
                Who::Anonymous | Who::System | Who::Account(_) => true,
            })
            .collect();
        if candidates.is_empty() && command.spec().proof == Proof::Nothing {
            return Ok(Actor::Anonymous);
        }
        let known = Known::default();
        let context = Context {
            actor: Actor::Anonymous,
            now: self.now,
            seed: [0; 16],
            registers: &self.registers,
            known: &known,
            approval: Approval::NotGiven,
        };
        let spec = command.spec();
        action::choose_role(candidates, spec, state, &context).map(Actor::Account)
    }

    fn look_up(&self, need: Need, known: &mut Known) {
        match need {
            Need::Stream(stream) => {
                known.streams.insert(stream, self.state(stream));
            }
            Need::KeyedHash(text) => {
                let hash = Self::keyed_hash(&text);
                known.hashes.insert(text, hash);
            }
            Need::Claim(name) => {
                let holder = self.claims.get(&name).copied();
                known.claims.insert(name, holder);
            }
            Need::BallotBox(round) => {
                let ballots = self.boxes.get(&round);
                let mut choices: Vec<Choice> = ballots.iter().flat_map(|it| it.values().copied()).collect();
                choices.sort_unstable();
                let voters = ballots.iter().flat_map(|it| it.keys().copied()).collect();
                known.boxes.insert(round, OpenedBox { voters, choices });
            }
            Need::Selected(asked) => {
                let ids = self.selected.clone();
                known.selected.insert(asked, ids);
            }
            Need::StreamsOf(person) => {
                let about = |state: &AnyState| state.subject() == Some(person);
                let streams =
                    self.states.iter().filter(|(_, state)| about(state)).map(|(stream, _)| *stream).collect();
                known.streams_of.insert(person, streams);
            }
        }
    }

    fn append(&mut self, stream: StreamId, event: AnyEvent, stamp: &Stamp) {
        let mut stamp = stamp.clone();
        if event.name() == "declaration.vote_cast" {
            stamp.actor = None;
        }
        let payload = event.to_payload(&stamp).expect("an event is JSON");
        let read =
            AnyEvent::from_payload(stream.aggregate, &payload).expect("known").expect("an event reads back");
        assert_eq!(read, (event.clone(), stamp.clone()), "{} reads back as it was written", event.name());
        let sequence = 1 + self.log.iter().filter(|logged| logged.stream == stream).count() as u64;
        let state = self
            .states
            .entry(stream)
            .or_insert_with(|| AnyState::new(stream.aggregate).expect("a stream's aggregate is known"));
        state.evolve(&event, &stamp);
        if state.subject().is_some() {
            let told = AnyEvent::person_erased(stream.aggregate).is_some();
            assert!(
                told || stream.aggregate == Person::TYPE,
                "{} can be told of an erasure",
                stream.aggregate
            );
        } else {
            assert!(!payload.contains(PRIVATE), "{} seals a value that is about nobody", event.name());
        }
        let position = i64::try_from(self.log.len() + 1).unwrap_or(i64::MAX);
        self.registers.apply(position, stream.id, &event, &stamp);
        self.log.push(Logged { stream, sequence, event, stamp });
    }

    /// What was done to each stream is what some action brings. The system may do here what it never does: set a stage for a test.
    fn check_history(
        &self,
        deeds: BTreeMap<StreamId, (Standing, Vec<&'static str>)>,
        stamp: &Stamp,
        spec: &action::ActionSpec,
    ) {
        let by_system = stamp.actor.as_ref().is_some_and(|actor| actor.kind == ActorKind::System);
        if by_system && !spec.by.is_empty() {
            return;
        }
        for (stream, (before, events)) in deeds {
            let deed = Deed {
                aggregate: stream.aggregate,
                events: &events,
                actor: stamp.actor.as_ref(),
                before,
                after: self.state(stream).stage(),
            };
            if let Err(illegal) = is_legal(&deed) {
                panic!("{} brings what crate::history does not know of it: {illegal}: {deed:?}", spec.name);
            }
        }
    }

    /// Each step from stage to stage is one that the state diagram draws.
    fn check_transitions(
        &self,
        deeds: &BTreeMap<StreamId, (Standing, Vec<&'static str>)>,
        addressed: &'static str,
        spec: &action::ActionSpec,
    ) {
        for (stream, (before, events)) in deeds {
            let (before, after) = (before.stage, self.state(*stream).stage());
            if before == after {
                continue;
            }
            let arrow = Arrow {
                of: stream.aggregate,
                from: before.unwrap_or(NOTHING),
                to: after.unwrap_or(NOTHING),
                by: (addressed, spec.name),
            };
            assert!(is_drawn(arrow), "crate::transitions does not know of it: {arrow:?}, {events:?}");
        }
    }

    /// A fresh fold of a stream.
    fn fold(&self, stream: StreamId) -> AnyState {
        let mut fresh = AnyState::new(stream.aggregate).expect("known");
        for logged in self.log.iter().filter(|logged| logged.stream == stream) {
            fresh.evolve(&logged.event, &logged.stamp);
        }
        fresh
    }

    fn check_laws(&self, stream: StreamId, stage_before: Option<&str>, command: &AnyCommand) {
        let state = self.state(stream);
        assert!(state == self.fold(stream), "the state of {stream:?} equals a fresh fold");
        let spec = command.spec();
        if state.stage() != stage_before && !spec.to.is_empty() {
            let stage = state.stage().unwrap_or_default();
            assert!(
                spec.to.contains(&stage),
                "{} leads to {stage}, which its SPEC does not announce",
                spec.name
            );
        }
    }
}

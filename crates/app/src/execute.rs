//! One command, from the request to its receipt: load, choose the role, decide, append; again where somebody was faster.
//! Nothing else in the system changes state.

use crate::app::App;
use crate::caller::{ActingAs, Caller};
use crate::error::Error;
use crate::load::{self, Held};
use crate::sealing::{self, SUBJECT_MEMBER};
use crate::{approvals, ballots, erasure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::action::{self, Place, Proof};
use zhicheng_domain::aggregate::{ActorStamp, Aggregate, ClaimChange};
use zhicheng_domain::approval::Approval;
use zhicheng_domain::context::{self, OpenedBox};
use zhicheng_domain::ids::BallotRoundId;
use zhicheng_domain::person::Person;
use zhicheng_domain::refusal::{Kind, common};
use zhicheng_domain::{
    Acting, Actor, AnyCommand, AnyEvent, AnyState, Context, Known, Need, Outcome, Stamp, Stop, StreamId,
};
use zhicheng_eventstore::{
    Append, AppendError, Appended, Claim, CommandStamp, NewEvent, StoredCommand, StreamAppend,
};

/// How often a command is decided again because somebody was faster.
pub const ATTEMPTS_MAX: u32 = 12;
/// How often a decision may ask for more facts.
const QUESTIONS_MAX: u32 = 32;

/// A command as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who sends it.
    pub caller: Caller,
    /// The role it names, where it names one.
    pub acting_as: Option<ActingAs>,
    /// The aggregate's type.
    pub aggregate: &'static str,
    /// Which one; none to create one.
    pub id: Option<Uuid>,
    /// The action's name.
    pub action: String,
    /// The input.
    pub input: Value,
    /// The idempotency key, scoped to the account.
    pub key: String,
    /// The version that the client saw.
    pub if_match: Option<i64>,
}

/// What is answered to a command that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The aggregate.
    pub id: Uuid,
    /// Its version now.
    pub version: i64,
    /// The position of the command's last event.
    pub position: i64,
    /// Its stage now.
    pub stage: Option<&'static str>,
    /// Whether the command had been carried out before.
    pub replayed: bool,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It was carried out.
    Receipt(Receipt),
    /// A second person must approve it.
    AwaitsApproval {
        /// Where the other account approves or declines it.
        approval_id: Uuid,
        /// The position of the request in the log.
        position: i64,
        /// Whether the request had been made before.
        replayed: bool,
    },
}

impl Done {
    /// The receipt, where it was carried out.
    pub fn receipt(self) -> Result<Receipt, Error> {
        match self {
            Self::Receipt(receipt) => Ok(receipt),
            Self::AwaitsApproval { .. } => {
                Err(Error::fault("a second person is asked for where none can be"))
            }
        }
    }
}

/// Why an attempt ended without a receipt.
#[derive(Debug)]
pub(crate) enum Halt {
    /// For good.
    Error(Error),
    /// Nobody knows whether it was appended.
    Unknown(Error),
    /// The boxes of these ballot rounds must be opened first, under their locks in the vault.
    Boxes(BTreeSet<Uuid>),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Halt> for Error {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Error(error) | Halt::Unknown(error) => error,
            Halt::Boxes(_) => Self::fault("ballot boxes are asked for again and again"),
        }
    }
}

/// A command with what identifies it.
#[derive(Clone)]
pub(crate) struct Identified {
    pub(crate) request: Request,
    pub(crate) command: AnyCommand,
    pub(crate) id: Uuid,
    pub(crate) digest: [u8; 32],
}

/// Opened boxes by ballot round.
pub(crate) type Boxes = BTreeMap<BallotRoundId, OpenedBox>;

impl App {
    /// Carries out a command.
    pub async fn execute(&self, request: Request) -> Result<Done, Error> {
        let spec = AnyState::specs(request.aggregate).iter().find(|spec| spec.name == request.action);
        if matches!(request.caller, Caller::Anonymous)
            && spec.is_some_and(|spec| spec.proof != Proof::Nothing)
        {
            return Err(Error::Unauthenticated);
        }
        self.registry().catch_up(self.store()).await?;
        let command =
            AnyCommand::parse(request.aggregate, &request.action, &request.input).map_err(refused)?;
        if command.spec().proof >= Proof::Reauthenticated {
            request.caller.reauthenticated(self.wall_clock())?;
        }
        if matches!(request.action.as_str(), "cast-vote" | "cast-votes") {
            return self.vote(&request, &command).await.map(Done::Receipt);
        }
        let (id, digest) = (command_id(&request), self.digest(&request));
        let it = Identified { request, command, id, digest };
        let done = match self.attempt(&it, None).await {
            Err(Halt::Boxes(rounds)) => self.close_ballots(&it, rounds).await,
            other => other.map_err(Error::from),
        };
        match done {
            // The state may have moved on because this very command was carried out before.
            Err(error @ (Error::Refused(_) | Error::ClaimHeld { .. } | Error::VersionMismatch { .. })) => {
                match self.store().command(id).await? {
                    Some(stored) => self.again(stored, digest).await,
                    None => Err(error),
                }
            }
            other => other,
        }
    }

    /// Decides and appends, again where somebody was faster; with the boxes that were opened for it.
    pub(crate) async fn attempt(&self, it: &Identified, boxes: Option<&Boxes>) -> Result<Done, Halt> {
        let secrets = crate::secrets::take(&it.request.input);
        for attempt in 0..ATTEMPTS_MAX {
            let decided = match self.decide(it, attempt, boxes).await? {
                Verdict::Decided(decided) => decided,
                Verdict::Boxes(rounds) => return Err(Halt::Boxes(rounds)),
            };
            if decided.outcome.events.is_empty() && decided.outcome.others.is_empty() {
                return Ok(Done::Receipt(decided.unchanged()));
            }
            self.current_password(it).await?;
            crate::secrets::store(
                self.vault(),
                &secrets,
                &decided.outcome,
                decided.stream,
                self.wall_clock(),
            )
            .await?;
            let opening = ballots::rounds_opened(&decided.outcome);
            let written = self.prepare(decided).await?;
            let append =
                written.append(CommandStamp { id: it.id, digest: it.digest, time: logged_at(it, &written) });
            let appended = match opening.is_empty() {
                true => self.store().append(append).await,
                false => self.open_rounds(opening, append).await?,
            };
            match appended {
                Ok(appended) => {
                    let erased = written.erased();
                    let done = written.done(self.store(), &appended);
                    for person in erased {
                        self.forget(person).await;
                    }
                    return Ok(done);
                }
                Err(AppendError::Conflict { .. }) => {
                    self.registry().catch_up(self.store()).await?;
                    backoff(attempt).await;
                }
                Err(AppendError::ClaimHeld { name, .. }) if name.starts_with("declaration:number:") => {}
                Err(AppendError::ClaimHeld { holder_type, .. }) => {
                    return Err(Error::ClaimHeld { holder: holder_type }.into());
                }
                Err(AppendError::Replayed(stored)) => return Ok(self.again(stored, it.digest).await?),
                Err(AppendError::CommandReused { .. }) => return Err(Error::KeyReused.into()),
                Err(error @ AppendError::Unavailable(_)) => {
                    return Err(Error::Unavailable { what: "log", source: Some(Box::new(error)) }.into());
                }
                Err(error @ AppendError::Unknown { .. }) => {
                    return Err(Halt::Unknown(Error::Unavailable {
                        what: "log",
                        source: Some(Box::new(error)),
                    }));
                }
                Err(error) => return Err(Error::internal("append", error).into()),
            }
        }
        Err(Error::Busy.into())
    }

    /// Decides, looking up what the decision asks for.
    async fn decide(&self, it: &Identified, attempt: u32, boxes: Option<&Boxes>) -> Result<Verdict, Error> {
        let Identified { request, command, .. } = it;
        let now = self.now();
        let seed = seed_of(request, attempt);
        let nothing = Known::default();
        let id = request.id.unwrap_or_else(|| {
            self.registry()
                .read(|registers| context(Actor::Anonymous, now, seed, registers, &nothing).fresh_id(0))
        });
        let stream = StreamId { aggregate: request.aggregate, id };
        let mut held: BTreeMap<StreamId, Held> = BTreeMap::new();
        held.insert(stream, load::load(self.store(), stream).await?);
        let addressed = held.get(&stream).ok_or(Error::fault("the addressed aggregate"))?.clone();
        self.expect_version(request, stream, &addressed).await?;
        let mut known = Known { boxes: boxes.cloned().unwrap_or_default(), ..Known::default() };
        let mut unopened = BTreeSet::new();
        for _ in 0..QUESTIONS_MAX {
            let decision = self.registry().read(|registers| -> Result<_, Error> {
                let actor = choose_actor(request, command, &addressed.state, registers, now)?;
                let context = context(actor, now, seed, registers, &known);
                let decision = match addressed.state.decide(id, command, &context) {
                    Err(Stop::SecondPerson) => {
                        approvals::requested(request, stream, &addressed.state, &context)
                    }
                    other => other.map(|outcome| (stream, outcome)),
                };
                Ok(decision.map(|(target, outcome)| (target, outcome, ActorStamp::of(&context))))
            })?;
            match decision {
                // What was decided on boxes that nobody has opened counts for nothing.
                Ok(_) | Err(Stop::Refused(_)) if !unopened.is_empty() => return Ok(Verdict::Boxes(unopened)),
                Ok((target, outcome, actor)) => {
                    let stamp = Stamp { actor: Some(actor), time: now };
                    return Ok(Verdict::Decided(Decided { stream: target, outcome, stamp, held }));
                }
                Err(Stop::Refused(refusal)) => return Err(Error::Refused(refusal)),
                Err(Stop::SecondPerson) => return Err(Error::fault("a second person is asked for twice")),
                Err(Stop::Need(needs)) => {
                    for need in &needs {
                        if let Need::BallotBox(round) = need {
                            unopened.insert(round.0);
                        }
                    }
                    self.look_up(needs, &mut known, &mut held).await?;
                }
            }
        }
        Err(Error::fault("a decision that never has enough"))
    }

    /// A stale `If-Match` is refused; a reader's version is that of the last event visible to it.
    async fn expect_version(&self, request: &Request, stream: StreamId, held: &Held) -> Result<(), Error> {
        let Some(expected) = request.if_match else { return Ok(()) };
        let present = match (&request.caller, &held.state) {
            (Caller::Session(signed), AnyState::Declaration(declaration)) => {
                let readers = self.registry().read(|registers| {
                    crate::visibility::readers(declaration, &registers.roles_of(signed.account), registers)
                });
                self.visible_end(stream, held, &readers).await?.0
            }
            _ => held.version,
        };
        if expected == present { Ok(()) } else { Err(Error::VersionMismatch { present }) }
    }

    async fn look_up(
        &self,
        needs: Vec<Need>,
        known: &mut Known,
        held: &mut BTreeMap<StreamId, Held>,
    ) -> Result<(), Error> {
        let mut streams = Vec::new();
        for need in needs {
            match need {
                Need::Stream(stream) => match held.get(&stream) {
                    Some(held) => {
                        known.streams.insert(stream, held.state.clone());
                    }
                    None => streams.push(stream),
                },
                Need::KeyedHash(text) => {
                    let hash = self.keyed_hash(&text);
                    known.hashes.insert(text, hash);
                }
                Need::Claim(name) => {
                    let holder = self.store().claim_holder(&name).await?.and_then(|(aggregate, id)| {
                        Some(StreamId { aggregate: AnyState::type_of(&aggregate)?, id: id.parse().ok()? })
                    });
                    known.claims.insert(name, holder);
                }
                // Stands in for a box until the real one is opened under its lock.
                Need::BallotBox(round) => {
                    known.boxes.insert(round, OpenedBox::default());
                }
                Need::StreamsOf(person) => {
                    let streams = self.streams_of(person).await?;
                    known.streams_of.insert(person, streams);
                }
            }
        }
        let loaded = match streams.as_slice() {
            [] => Vec::new(),
            [stream] => vec![load::load(self.store(), *stream).await?],
            many => load::load_many(self.store(), many).await?,
        };
        for (stream, loaded) in streams.into_iter().zip(loaded) {
            known.streams.insert(stream, loaded.state.clone());
            held.insert(stream, loaded);
        }
        Ok(())
    }

    /// Folds the outcome into the states and seals it: what is stored and hashed.
    async fn prepare(&self, decided: Decided) -> Result<Written, Error> {
        let Decided { stream, outcome, stamp, mut held } = decided;
        let mut streams: Vec<(StreamId, i64, Vec<NewEvent>)> = Vec::new();
        let all = outcome.events.into_iter().map(|event| (stream, event)).chain(outcome.others);
        for (target, event) in all {
            let held = match held.entry(target) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(load::load(self.store(), target).await?),
            };
            let secret = matches!(event.name(), "declaration.vote_cast");
            let own = if secret { Stamp { actor: None, time: stamp.time } } else { stamp.clone() };
            let expected = held.version;
            held.state.evolve(&event, &own);
            held.version += 1;
            let subject = held.state.subject();
            let payload =
                event.to_payload(&own).map_err(|error| Error::internal("an event is not JSON", error))?;
            let payload = sealing::seal(self.vault(), target, held.version, subject, payload).await?;
            held.weight_bytes += payload.len() * 2;
            let mut metadata =
                BTreeMap::from([("time", own.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))]);
            if let Some(person) = subject {
                metadata.insert(SUBJECT_MEMBER, person.to_string());
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
        Ok(Written { stream, stamp, streams, claims: outcome.claims, held })
    }

    pub(crate) async fn again(&self, stored: StoredCommand, digest: [u8; 32]) -> Result<Done, Error> {
        if stored.digest != digest {
            return Err(Error::KeyReused);
        }
        let aggregate = AnyState::type_of(&stored.aggregate_type)
            .ok_or(Error::fault("an aggregate type that nobody knows"))?;
        let id = stored.aggregate_id.parse().map_err(|error| Error::internal("a stream's id", error))?;
        let stream = StreamId { aggregate, id };
        let then = load::load_as_of(self.store(), stream, stored.last_position).await?;
        if approvals::was_requested(&then, stored.version) {
            let position = stored.last_position;
            return Ok(Done::AwaitsApproval { approval_id: id, position, replayed: true });
        }
        let (stream, then) = match approvals::subject_of(&then) {
            Some(subject) => (subject, load::load_as_of(self.store(), subject, stored.last_position).await?),
            None => (stream, then),
        };
        Ok(Done::Receipt(Receipt {
            id: stream.id,
            version: then.as_ref().map_or(stored.version, |held| held.version),
            position: stored.last_position,
            stage: then.and_then(|held| held.state.stage()),
            replayed: true,
        }))
    }

    /// The streams that are about a person, by the metadata of their events.
    pub(crate) async fn streams_of(
        &self,
        person: zhicheng_domain::ids::PersonId,
    ) -> Result<Vec<StreamId>, Error> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select distinct aggregate_type, aggregate_id
             from events
             where metadata ->> 'subject' = $1
             order by aggregate_type, aggregate_id",
        )
        .bind(person.to_string())
        .fetch_all(self.store().pool())
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(aggregate, id)| {
                Some(StreamId { aggregate: AnyState::type_of(&aggregate)?, id: id.parse().ok()? })
            })
            .collect())
    }

    /// The digest of a request: keyed, so that nobody can guess a body from it.
    fn digest(&self, request: &Request) -> [u8; 32] {
        let text = format!("{}\n{:?}\n{}\n{}", request.aggregate, request.id, request.action, request.input);
        let hash = self.vault().keyed_hash("command", &text);
        let mut digest = [0u8; 32];
        if hex::decode_to_slice(&hash, &mut digest).is_err() {
            digest = Sha256::digest(hash.as_bytes()).into();
        }
        digest
    }
}

/// What a decision came to.
enum Verdict {
    /// Events to append, perhaps none.
    Decided(Decided),
    /// The boxes of these rounds must be opened first.
    Boxes(BTreeSet<Uuid>),
}

/// A decision with the states it was made on.
struct Decided {
    stream: StreamId,
    outcome: Outcome<AnyEvent>,
    stamp: Stamp,
    held: BTreeMap<StreamId, Held>,
}

impl Decided {
    fn unchanged(&self) -> Receipt {
        let held = self.held.get(&self.stream);
        Receipt {
            id: self.stream.id,
            version: held.map_or(0, |held| held.version),
            position: held.map_or(0, |held| held.position),
            stage: held.and_then(|held| held.state.stage()),
            replayed: false,
        }
    }
}

/// An append in the form in which it is written, with the states that follow from it.
struct Written {
    stream: StreamId,
    stamp: Stamp,
    streams: Vec<(StreamId, i64, Vec<NewEvent>)>,
    claims: Vec<ClaimChange>,
    held: BTreeMap<StreamId, Held>,
}

impl Written {
    fn append(&self, command: CommandStamp) -> Append {
        let claim = |name: &String, holder: &StreamId| Claim {
            holder_id: holder.id.to_string(),
            holder_type: holder.aggregate.to_owned(),
            name: name.clone(),
        };
        Append {
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
    fn erased(&self) -> Vec<Uuid> {
        let erased = self.streams.iter().filter(|(stream, _, events)| {
            stream.aggregate == Person::TYPE && events.iter().any(|event| event.event_type == erasure::ERASED)
        });
        erased.map(|(stream, ..)| stream.id).collect()
    }

    /// What is answered once it is appended; the states that follow from it go into the cache.
    fn done(self, store: &zhicheng_eventstore::EventStore, appended: &Appended) -> Done {
        let position = appended.last_position;
        let held = self.held.get(&self.stream).cloned();
        let waiting =
            self.stream.aggregate == Approval::TYPE && approvals::was_requested(&held, appended.version);
        let (id, held) = match approvals::subject_of(&held) {
            Some(subject) if !waiting => (subject.id, self.held.get(&subject).cloned()),
            Some(_) | None => (self.stream.id, held),
        };
        self.keep(store, appended.first_position);
        if waiting {
            return Done::AwaitsApproval { approval_id: id, position, replayed: false };
        }
        Done::Receipt(Receipt {
            id,
            version: held.as_ref().map_or(appended.version, |held| held.version),
            position,
            stage: held.and_then(|held| held.state.stage()),
            replayed: false,
        })
    }

    fn keep(mut self, store: &zhicheng_eventstore::EventStore, first_position: i64) {
        let mut position = first_position;
        for (stream, _, events) in &self.streams {
            position += i64::try_from(events.len()).unwrap_or_default();
            if let Some(held) = self.held.get_mut(stream) {
                held.position = position - 1;
                load::keep(store, *stream, held);
            }
        }
    }
}

pub(crate) fn context<'a>(
    actor: Actor,
    now: chrono::DateTime<chrono::Utc>,
    seed: [u8; 16],
    registers: &'a zhicheng_domain::Registers,
    known: &'a Known,
) -> Context<'a> {
    Context { actor, now, seed, registers, known, approval: context::Approval::NotGiven }
}

/// Who acts: the system, nobody, or an account in the role it names or in the only one that fits.
pub(crate) fn choose_actor(
    request: &Request,
    command: &AnyCommand,
    addressed: &AnyState,
    registers: &zhicheng_domain::Registers,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Actor, Error> {
    let spec = command.spec();
    let account = match &request.caller {
        Caller::System => return Ok(Actor::System),
        Caller::Anonymous if spec.proof == Proof::Nothing => return Ok(Actor::Anonymous),
        Caller::Anonymous => return Err(Error::Unauthenticated),
        Caller::Session(session) => session.account,
    };
    let candidates: Vec<Acting> = registers
        .roles_of(account)
        .into_iter()
        .filter(|acting| request.acting_as.is_none_or(|named| named.fits(acting)))
        .collect();
    let known = Known::default();
    let context = context(Actor::Anonymous, now, [0; 16], registers, &known);
    let fits = |acting: &Acting| {
        spec.by.iter().any(|by| {
            by.role == acting.role
                && (by.place == Place::Anywhere || addressed.stands(by.place, acting, &context))
        })
    };
    if !addressed.exists() && request.id.is_some() {
        return Err(Error::not_found());
    }
    let hidden = request.id.is_some()
        && !crate::visibility::may_read(addressed, &registers.roles_of(account), registers);
    match action::choose_role(candidates, spec, fits) {
        Ok(acting) => Ok(Actor::Account(acting)),
        // Who may not know of it does not learn from a refusal that it is there.
        Err(refusal) if refusal.kind == Kind::Forbidden && hidden => Err(Error::not_found()),
        Err(refusal) => Err(refusal.into()),
    }
}

fn refused(stop: Stop) -> Error {
    match stop {
        Stop::Refused(refusal) => Error::Refused(refusal),
        Stop::Need(_) | Stop::SecondPerson => Error::Refused(common::MalformedInput.refusal()),
    }
}

/// The command's id: the same key of the same account is the same command. For the anonymous the body belongs to it.
pub(crate) fn command_id(request: &Request) -> Uuid {
    let mut hasher = Sha256::new();
    match &request.caller {
        Caller::System => hasher.update(b"system\n"),
        Caller::Anonymous => {
            hasher.update(b"anonymous\n");
            hasher.update(request.input.to_string());
        }
        Caller::Session(session) => {
            hasher.update(b"account\n");
            hasher.update(session.account.0.as_bytes());
        }
    }
    hasher.update(b"\n");
    hasher.update(request.key.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Fresh ids of a command follow from its key, and change from one attempt to the next.
fn seed_of(request: &Request, attempt: u32) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(command_id(request).as_bytes());
    hasher.update(attempt.to_be_bytes());
    let mut random = [0u8; 16];
    if getrandom::fill(&mut random).is_ok() {
        hasher.update(random);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut seed = [0u8; 16];
    seed.copy_from_slice(&digest[..16]);
    seed
}

/// The log records a command at its own time. A rehearsal begins by its own clock, although the event that begins it is
/// stamped with real time: recorded times never go backwards.
fn logged_at(it: &Identified, written: &Written) -> chrono::DateTime<chrono::Utc> {
    match &it.command {
        AnyCommand::Installation(zhicheng_domain::installation::actions::Command::Begin(begin)) => {
            begin.rehearsal.unwrap_or(written.stamp.time)
        }
        _ => written.stamp.time,
    }
}

async fn backoff(attempt: u32) {
    if attempt > 1 {
        let millis = 1u64 << attempt.min(6);
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
}

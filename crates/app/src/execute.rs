//! One command, from the request to its receipt: load, choose the role, decide, append; again where somebody was faster.
//! Nothing else in the system changes state.

mod decide;
mod identity;
pub(crate) mod turns;
mod written;

pub(crate) use decide::{choose_actor, context};
pub(crate) use identity::command_of_job;

use self::decide::Verdict;
use self::turns::Turn;
use self::written::{Written, logged_at};
use crate::app::App;
use crate::caller::{ActingAs, Caller};
use crate::error::Error;
use crate::load::{self, Facts};
use crate::{approvals, ballots};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::task::Poll;
use uuid::Uuid;
use zhicheng_domain::account::Account;
use zhicheng_domain::action::Proof;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::context::OpenedBox;
use zhicheng_domain::ids::BallotRoundId;
use zhicheng_domain::refusal::common;
use zhicheng_domain::{AnyCommand, AnyState, Stop, StreamId};
use zhicheng_eventstore::{Append, AppendError, Appended, CommandStamp, StoredCommand};

/// How often a command is decided again because somebody was faster.
pub const ATTEMPTS_MAX: u32 = 12;
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

impl Request {
    /// A command of the system itself, under a key that follows from what it is about.
    pub(crate) fn of_system(
        aggregate: &'static str,
        id: Option<Uuid>,
        action: &str,
        input: Value,
        key: String,
    ) -> Self {
        let action = action.to_owned();
        Self { caller: Caller::System, acting_as: None, aggregate, id, action, input, key, if_match: None }
    }
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
        let _room = self.room().await?;
        self.registry().catch_up(self.store()).await?;
        let command =
            AnyCommand::parse(request.aggregate, &request.action, &request.input).map_err(refused)?;
        if command.spec().proof >= Proof::Reauthenticated {
            request.caller.reauthenticated(self.wall_clock())?;
        }
        if matches!(request.action.as_str(), "cast-vote" | "cast-votes") {
            return self.vote(&request, &command).await.map(Done::Receipt);
        }
        let (id, digest) = (self.command_id(&request), self.digest(&request));
        let it = Identified { request, command, id, digest };
        let done = match self.attempt(&it, None).await {
            Err(Halt::Boxes(rounds)) => self.close_ballots(&it, rounds).await,
            other => other.map_err(Error::from),
        };
        match done {
            // The state may have moved on because this very command was carried out before.
            Err(
                error @ (Error::Refused(_)
                | Error::ClaimHeld { .. }
                | Error::VersionMismatch { .. }
                | Error::ReauthenticationRequired),
            ) => match self.store().command(id).await? {
                Some(stored) => self.again(stored, digest, &it.request.caller).await,
                None => Err(error),
            },
            other => other,
        }
    }

    /// Whether a command would be carried out as things are; nothing is appended.
    pub(crate) async fn would(&self, request: Request) -> Result<(), Error> {
        let command =
            AnyCommand::parse(request.aggregate, &request.action, &request.input).map_err(refused)?;
        let (id, digest) = (self.command_id(&request), self.digest(&request));
        match self
            .decide(&Identified { request, command, id, digest }, 0, None, Facts::Log { waited: true })
            .await?
        {
            Verdict::Decided(_) => Ok(()),
            Verdict::Boxes(_) => Err(Error::fault("an action on ballots is no job's")),
            Verdict::Contended(_) => Err(Error::Busy),
        }
    }

    /// Decides and appends, again where somebody was faster; with the boxes that were opened for it.
    pub(crate) async fn attempt(&self, it: &Identified, boxes: Option<&Boxes>) -> Result<Done, Halt> {
        let secrets = crate::secrets::take(&it.request.input);
        let mut turn: Option<Turn> = None;
        // who has a turn decides on what is at hand, until that turns out not to be how things are
        let (mut waited, mut at_hand, mut claims) = (false, true, false);
        let mut proved = false;
        for attempt in 0..ATTEMPTS_MAX {
            let from_log = turn.is_none() || !at_hand;
            let facts = Facts::of(turn.as_ref().filter(|_| !from_log), claims, waited);
            let decided = match self.decide(it, attempt, boxes, facts).await {
                Ok(Verdict::Decided(decided)) => decided,
                // only what the log says is an answer
                Ok(Verdict::Boxes(_)) | Err(_) if !from_log => {
                    at_hand = false;
                    continue;
                }
                Ok(Verdict::Contended(stream)) => {
                    (turn, waited) = (Some(self.turns().of(stream).await), true);
                    continue;
                }
                Ok(Verdict::Boxes(rounds)) => return Err(Halt::Boxes(rounds)),
                Err(error) => return Err(error.into()),
            };
            if decided.outcome.events.is_empty() && decided.outcome.others.is_empty() {
                if !from_log {
                    at_hand = false;
                    continue;
                }
                // Nothing changes any more, perhaps because this very command changed it.
                return match self.store().command(it.id).await.map_err(Error::from)? {
                    Some(stored) => Ok(self.again(stored, it.digest, &it.request.caller).await?),
                    None => Ok(Done::Receipt(decided.unchanged(self, &it.request.caller))),
                };
            }
            let mut streams = decided.appended_to();
            // those that look through the same register go one after the other too
            if !it.command.spec().alone_with.is_empty() {
                streams.insert(StreamId { aggregate: it.request.aggregate, id: Uuid::nil() });
            }
            match &mut turn {
                Some(turn) => turn.take_free(&streams),
                None => match self.turns().of_all(&streams) {
                    Ok(taken) => turn = Some(taken),
                    Err(contended) => {
                        // while waiting, so that the turn is short
                        self.vault().person_keys().keys(&decided.persons()).await.map_err(Error::from)?;
                        (turn, waited) = (Some(self.turns().of(contended).await), true);
                        continue;
                    }
                },
            }
            if !std::mem::replace(&mut proved, true) {
                self.current_password(it).await?;
            }
            crate::secrets::store(
                self.vault(),
                &secrets,
                &decided.outcome,
                decided.stream,
                self.wall_clock(),
            )
            .await?;
            self.end_other_sessions(it).await?;
            let opening = ballots::rounds_opened(decided.stream, &decided.outcome);
            let facts = Facts::of(turn.as_ref().filter(|_| !from_log), claims, waited);
            let written = self.prepare(it.id, decided, facts, &it.request.caller).await?;
            let append = written.append(
                CommandStamp { id: it.id, digest: it.digest, time: logged_at(it, &written) },
                it.command.spec(),
            );
            let appended = match opening.is_empty() {
                true => self.append_in_turn(append, &written, &mut turn).await,
                false => self.open_rounds(opening, append).await?,
            };
            if appended.is_err()
                && let Some(turn) = turn.take()
            {
                turn.failed();
            }
            match appended {
                Ok(appended) => {
                    let erased = written.erased();
                    let (makes_due, moves_a_job) = (written.makes_due(), written.moves_a_job());
                    let done = written.done(self, &it.request.caller, &appended);
                    if it.request.aggregate == Account::TYPE {
                        // Suspended from the next request on, wherever in this process it comes in.
                        self.registry().catch_up(self.store()).await?;
                    }
                    if makes_due {
                        self.look_for_due_steps();
                    }
                    if moves_a_job {
                        self.look_for_jobs();
                    }
                    for person in erased {
                        self.forget(person).await;
                    }
                    return Ok(done);
                }
                Err(AppendError::Conflict { aggregate_type, aggregate_id }) => {
                    backoff(attempt).await;
                    self.registry().catch_up(self.store()).await?;
                    let outrun = |stream: &StreamId| {
                        stream.aggregate == aggregate_type && stream.id.to_string() == aggregate_id
                    };
                    if let Some(stream) = streams.into_iter().find(outrun) {
                        (turn, waited) = (Some(self.turns().of(stream).await), true);
                    }
                    // where what was at hand was not enough somebody elsewhere is faster
                    at_hand = from_log;
                }
                Err(AppendError::ClaimHeld { name, .. }) if name.starts_with("declaration:number:") => {}
                // it was taken to be free
                Err(AppendError::ClaimHeld { .. }) if !from_log && !claims => claims = true,
                Err(AppendError::ClaimHeld { holder_type, .. }) => {
                    return Err(Error::ClaimHeld { holder: holder_type }.into());
                }
                Err(AppendError::Replayed(stored)) => {
                    return Ok(self.again(stored, it.digest, &it.request.caller).await?);
                }
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

    /// Appends; whoever has a turn passes it on as soon as the append is in line.
    async fn append_in_turn(
        &self,
        append: Append,
        written: &Written,
        turn: &mut Option<Turn>,
    ) -> Result<Appended, AppendError> {
        let mut appending = std::pin::pin!(self.store().append(append));
        if let Poll::Ready(appended) = futures::poll!(appending.as_mut()) {
            return appended;
        }
        if let Some(turn) = turn {
            turn.pass_on(|stream| written.held.get(stream));
        }
        appending.await
    }

    /// The first answer of a command that was carried out before.
    pub(crate) async fn again(
        &self,
        stored: StoredCommand,
        digest: [u8; 32],
        caller: &Caller,
    ) -> Result<Done, Error> {
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
        let (version, stage) = then.map_or((stored.version, None), |held| self.heard(caller, &held));
        Ok(Done::Receipt(Receipt {
            id: stream.id,
            version,
            position: stored.last_position,
            stage,
            replayed: true,
        }))
    }
}

pub(crate) fn refused(stop: Stop) -> Error {
    match stop {
        Stop::Refused(refusal) => Error::Refused(refusal),
        Stop::Need(_) | Stop::SecondPerson => Error::Refused(common::MalformedInput.refusal()),
    }
}

async fn backoff(attempt: u32) {
    if attempt > 1 {
        let millis = 1u64 << attempt.min(6);
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
}

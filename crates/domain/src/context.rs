//! All that a decision may not fetch: who acts, when, and what was looked up beforehand.

use crate::aggregate::{Aggregate, AnyState, StreamId};
use crate::calendar::WorkingCalendar;
use crate::ids::{AccountId, BallotRoundId, JudgeId, NodeId, PersonId};
use crate::refusal::Refusal;
use crate::registers::Registers;
use crate::values::{Choice, Role};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody signed in: registration and public inquiries.
    Anonymous,
    /// A policy that keeps a deadline.
    System,
    /// A signed-in account in one of its roles.
    Account(Acting),
}

impl Actor {
    /// The account in its role, where there is one.
    pub const fn acting(&self) -> Option<&Acting> {
        match self {
            Self::Account(acting) => Some(acting),
            Self::Anonymous | Self::System => None,
        }
    }
}

/// An account in one of its roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acting {
    /// The account.
    pub account: AccountId,
    /// The person whose account it is; accounts of jobs have none.
    pub person: Option<PersonId>,
    /// The role it acts in.
    pub role: Role,
    /// Where that role is held.
    pub organisation: Option<NodeId>,
}

impl Acting {
    /// Whether the role is held at this node.
    pub fn at(&self, node: impl Into<NodeId>) -> bool {
        self.organisation == Some(node.into())
    }
}

/// What a decision found missing: it is looked up and the decision is made again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The state of another aggregate.
    Stream(StreamId),
    /// The keyed hash of an ID number (or another text that must not be compared in clear).
    KeyedHash(String),
    /// Who holds a claim.
    Claim(String),
    /// The streams that are about a person, in the order of their ids: those whose subject it is.
    StreamsOf(PersonId),
    /// The opened box of a ballot round. Whoever gives it holds the round's lock in the vault until the outcome of the
    /// append is known (architecture.md, Secret ballots).
    BallotBox(BallotRoundId),
    /// The declarations or certificates in the rows of a screen that meet a condition.
    Selected(Selection),
}

/// Rows of a listing screen, as somebody sees them: the condition of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection {
    /// The screen.
    pub screen: String,
    /// Its filters by name.
    pub filters: BTreeMap<String, String>,
    /// As whom.
    pub acting: Acting,
}

/// What lay in the box of a ballot round: who handed in a ballot, and what the ballots say, in no common order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenedBox {
    /// Who handed one in, ascending.
    pub voters: Vec<JudgeId>,
    /// The ballots, shuffled.
    pub choices: Vec<Choice>,
}

/// Why a decision ended without events.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The rules say no.
    Refused(Refusal),
    /// Facts are missing; with them the same command is decided again.
    Need(Vec<Need>),
    /// Everything else holds, but a second person must approve it (contract.md, second person).
    SecondPerson,
}

/// Whether a second person has approved the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has.
    NotGiven,
    /// Another account of the role has, and performs now what this one asked for.
    Given {
        /// Who asked.
        asked_by: AccountId,
        /// In which role, and where it is held; none where nobody says: in the one of whoever acts.
        asked_as: Option<(Role, Option<NodeId>)>,
    },
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Facts that were looked up for one command.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Aggregates, each as of its last event (default where the stream is empty).
    pub streams: BTreeMap<StreamId, AnyState>,
    /// Keyed hashes by text.
    pub hashes: BTreeMap<String, String>,
    /// Claims by name; `None` where nobody holds it.
    pub claims: BTreeMap<String, Option<StreamId>>,
    /// Opened boxes by ballot round.
    pub boxes: BTreeMap<BallotRoundId, OpenedBox>,
    /// The streams that are about a person, as of the log's head. One that joins between this look and the append is told
    /// by the sweep that follows an erasure.
    pub streams_of: BTreeMap<PersonId, Vec<StreamId>>,
    /// What conditions select, each once for the whole command.
    pub selected: BTreeMap<Selection, Vec<Uuid>>,
}

impl Known {
    /// How many facts were looked up.
    pub fn len(&self) -> usize {
        self.streams.len()
            + self.hashes.len()
            + self.claims.len()
            + self.boxes.len()
            + self.streams_of.len()
            + self.selected.len()
    }

    /// Whether nothing was looked up yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a decision is made with. The same command on the same history in the same context always answers the same.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Who acts.
    pub actor: Actor,
    /// When the request was received.
    pub now: DateTime<Utc>,
    /// Seed of the fresh ids of this command.
    pub seed: [u8; 16],
    /// Organisations, paths, committees, batches, roles and the like, as of the head when the request began.
    pub registers: &'a Registers,
    /// What was looked up.
    pub known: &'a Known,
    /// Whether a second person approved it.
    pub approval: Approval,
}

/// The offset of Asia/Shanghai; there is no summer time since 1991.
pub const SHANGHAI_OFFSET_SECONDS: i32 = 8 * 3600;

/// An instant as people in Hunan read the clock.
pub fn in_shanghai(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(SHANGHAI_OFFSET_SECONDS) {
        Some(offset) => instant.with_timezone(&offset),
        None => instant.fixed_offset(),
    }
}

/// The instant at which a day is over in Asia/Shanghai: days are whole days there, inclusive.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    let next = day.succ_opt().and_then(|next| {
        next.and_time(NaiveTime::MIN)
            .and_utc()
            .checked_sub_signed(TimeDelta::seconds(SHANGHAI_OFFSET_SECONDS.into()))
    });
    next.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl<'a> Context<'a> {
    /// Today in Asia/Shanghai: all dates are whole days there, inclusive.
    pub fn today(&self) -> NaiveDate {
        in_shanghai(self.now).date_naive()
    }

    /// The working-day calendar in force.
    pub fn calendar(&self) -> &'a WorkingCalendar {
        &self.registers.calendar
    }

    /// The `n`th fresh id of this command: a UUIDv7 of this moment, the same whenever this command is decided again.
    pub fn fresh_id(&self, n: u32) -> Uuid {
        let mut hasher = Sha256::new();
        hasher.update(self.seed);
        hasher.update(n.to_be_bytes());
        let mut random = [0u8; 10];
        for (to, from) in random.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// The account that acts; refused to the anonymous and to policies.
    pub fn acting(&self) -> Result<&Acting, Stop> {
        self.actor.acting().ok_or_else(|| crate::refusal::common::NotAllowed { action: "本操作" }.into())
    }

    /// Who takes the action: whoever acts, or, where that is the second person, the one who asked, in the role in which it was
    /// asked for, while it is still held.
    pub fn asker(&self) -> Result<Acting, Stop> {
        let acting = self.acting()?;
        let Approval::Given { asked_by, asked_as } = self.approval else { return Ok(acting.clone()) };
        let role = asked_as.unwrap_or((acting.role, acting.organisation));
        let mut held = self.registers.roles_of(asked_by).into_iter();
        held.find(|asker| (asker.role, asker.organisation) == role)
            .ok_or_else(|| crate::refusal::common::NotAllowed { action: "本操作" }.into())
    }

    /// Stops here unless a second person approved. Call it after all other checks.
    pub const fn second_person(&self) -> Result<(), Stop> {
        match self.approval {
            Approval::Given { .. } => Ok(()),
            Approval::NotGiven => Err(Stop::SecondPerson),
        }
    }

    /// Another aggregate's state. An empty stream is the default state.
    pub fn load<A: Aggregate>(&self, id: impl Into<Uuid>) -> Result<&'a A, Stop> {
        let stream = StreamId::of::<A>(id);
        match self.known.streams.get(&stream).and_then(|state| state.get::<A>()) {
            Some(state) => Ok(state),
            None => Err(Stop::Need(vec![Need::Stream(stream)])),
        }
    }

    /// Asks for many aggregates at once, so that the decision is made again once and not once for each.
    pub fn load_all<A: Aggregate>(&self, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<&'a A>, Stop> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in ids {
            match self.load::<A>(id) {
                Ok(state) => found.push(state),
                Err(Stop::Need(needs)) => missing.extend(needs),
                Err(stop) => return Err(stop),
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(Stop::Need(missing)) }
    }

    /// The keyed hash of a text, for claims and searches that must not hold it in clear.
    pub fn keyed_hash(&self, text: &str) -> Result<&'a str, Stop> {
        match self.known.hashes.get(text) {
            Some(hash) => Ok(hash),
            None => Err(Stop::Need(vec![Need::KeyedHash(text.to_owned())])),
        }
    }

    /// The opened box of a ballot round.
    pub fn opened_box(&self, round: BallotRoundId) -> Result<&'a OpenedBox, Stop> {
        self.known.boxes.get(&round).ok_or_else(|| Stop::Need(vec![Need::BallotBox(round)]))
    }

    /// Another aggregate's state, where its type is known only now. An empty stream is the default state.
    pub fn load_any(&self, stream: StreamId) -> Result<&'a AnyState, Stop> {
        self.known.streams.get(&stream).ok_or_else(|| Stop::Need(vec![Need::Stream(stream)]))
    }

    /// The streams that are about a person.
    pub fn streams_of(&self, person: PersonId) -> Result<&'a [StreamId], Stop> {
        match self.known.streams_of.get(&person) {
            Some(streams) => Ok(streams),
            None => Err(Stop::Need(vec![Need::StreamsOf(person)])),
        }
    }

    /// What a condition selects, in the order of the screen.
    pub fn selected(&self, asked: &Selection) -> Result<&'a [Uuid], Stop> {
        match self.known.selected.get(asked) {
            Some(ids) => Ok(ids),
            None => Err(Stop::Need(vec![Need::Selected(asked.clone())])),
        }
    }

    /// Who holds a claim. For guidance only: the append decides.
    pub fn claim_holder(&self, name: &str) -> Result<Option<&'a StreamId>, Stop> {
        match self.known.claims.get(name) {
            Some(holder) => Ok(holder.as_ref()),
            None => Err(Stop::Need(vec![Need::Claim(name.to_owned())])),
        }
    }
}

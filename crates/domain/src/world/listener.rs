//! Hears in a log what was told there: the same lines and names that whoever plays the stories knows, from events alone.
//!
//! Nothing is decided. The log is taken command by command: a move of the clock with the steps that were due, then what the
//! line did, then what a job did that it started. A line that was refused left nothing, and a vote lies in its box.

use crate::account::Account;
use crate::aggregate::{ActorKind, ActorStamp, Aggregate, AnyEvent, AnyState, StreamId};
use crate::approval::Approval;
use crate::ids::AccountId;
use crate::installation;
use crate::organisation::Organisation;
use crate::registers::Registers;
use crate::story::{Cast, Fault, Happened, Line, References, Story, StoryError};
use std::collections::{BTreeMap, VecDeque};

/// Whoever listens, and how far.
#[derive(Debug, Default)]
pub struct Listener {
    /// Names and what they stand for.
    pub cast: Cast,
    /// How many events were heard.
    pub position: i64,
    registers: Registers,
    states: BTreeMap<StreamId, AnyState>,
    commands: VecDeque<Vec<Happened>>,
}

impl Listener {
    /// Listens to a log, given as the events of each of its commands, up to where its first start has ended.
    pub fn new(commands: impl IntoIterator<Item = Vec<Happened>>) -> Self {
        let mut it = Self { commands: commands.into_iter().collect(), ..Self::default() };
        while it.is_next(by_system) {
            for happened in it.next() {
                // one organisation and one account are there from the first start
                let name = match happened.stream.aggregate {
                    Organisation::TYPE => "department",
                    Account::TYPE => "admin",
                    _ => continue,
                };
                it.cast.bind(name, happened.stream);
            }
        }
        it
    }

    /// Whether there is nothing more to hear.
    pub fn heard_all(&self) -> bool {
        self.commands.is_empty()
    }

    /// Hears a story; answers its events as `events.jsonl` holds them.
    ///
    /// # Errors
    /// Where the log tells something else.
    pub fn hear(&mut self, story: &Story) -> Result<Vec<String>, StoryError> {
        let mut events = Vec::new();
        for (number, line) in &story.lines {
            self.line(line, &mut events).map_err(|fault| fault.at(*number))?;
        }
        Ok(events)
    }

    fn line(&mut self, line: &Line, events: &mut Vec<String>) -> Result<(), Fault> {
        if line.at.is_some() && self.is_next(moves_the_clock) {
            let mut happened = self.next();
            while self.is_next(by_system) {
                happened.extend(self.next());
            }
            self.transcribe(None, &happened, events)?;
        }
        if line.refused.is_some() || matches!(line.action.as_str(), "cast-vote" | "cast-votes") {
            return Ok(());
        }
        let looked_into = self.cast.looked_into(line)?.into_iter();
        let states: References = looked_into.map(|stream| (stream, self.state(stream))).collect();
        let account = self.cast.account(line, &states, &self.registers)?;
        let addressed = self.cast.addressed(line, &states)?;
        if !self.is_next(|command| by(command, account)) {
            return Err(Fault::Player("the log tells of something else here".into()));
        }
        let mut happened = self.next();
        let of = |aggregate: &str| {
            let found = happened.iter().find(|it| it.stream.aggregate == aggregate);
            found
                .map(|it| it.stream)
                .ok_or_else(|| Fault::Player(format!("the log has no {aggregate} here").into()))
        };
        let waits = line.awaits.as_ref().map(|name| Ok((name, of(Approval::TYPE)?))).transpose()?;
        let stream = match (addressed, waits) {
            (Some(id), _) => StreamId { aggregate: line.aggregate()?, id },
            (None, Some((_, approval))) => approval,
            (None, None) => of(line.aggregate()?)?,
        };
        if let Some((name, approval)) = waits {
            self.cast.bind(name, approval);
        }
        if let Some(name) = &line.save {
            self.cast.bind(name, stream);
        }
        if let (AnyState::ReviewMeeting(meeting), "draw", Some(name)) =
            (self.state(stream), line.action.as_str(), &line.id)
        {
            self.cast.seat(name, &meeting, &self.registers);
        }
        while !self.registers.jobs_under_way.is_empty() && !self.heard_all() {
            happened.extend(self.next());
        }
        self.transcribe(Some(stream), &happened, events)
    }

    fn is_next(&self, is_so: impl FnOnce(&[Happened]) -> bool) -> bool {
        self.commands.front().is_some_and(|command| is_so(command))
    }

    /// The events of the next command.
    fn next(&mut self) -> Vec<Happened> {
        let command = self.commands.pop_front().unwrap_or_default();
        for it in &command {
            self.position += 1;
            self.registers.apply(self.position, it.stream.id, &it.event, &it.stamp);
            let mut state = self.state(it.stream);
            state.evolve(&it.event, &it.stamp);
            self.states.insert(it.stream, state);
        }
        command
    }

    fn state(&self, stream: StreamId) -> AnyState {
        let known = self.states.get(&stream).cloned();
        known.unwrap_or_else(|| AnyState::new(stream.aggregate).expect("a stream's aggregate is known"))
    }

    fn transcribe(
        &mut self,
        addressed: Option<StreamId>,
        happened: &[Happened],
        events: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let written = self.cast.transcribe(addressed, happened);
        events.extend(written.map_err(|error| Fault::Player(Box::new(error)))?);
        Ok(())
    }
}

fn moves_the_clock(command: &[Happened]) -> bool {
    command
        .iter()
        .any(|it| matches!(it.event, AnyEvent::Installation(installation::Event::ClockMoved { .. })))
}

fn actors(command: &[Happened]) -> impl Iterator<Item = &ActorStamp> {
    // a secret ballot has none
    command.iter().filter_map(|it| it.stamp.actor.as_ref())
}

fn by_system(command: &[Happened]) -> bool {
    actors(command).any(|actor| actor.kind == ActorKind::System)
}

fn by(command: &[Happened], account: Option<AccountId>) -> bool {
    actors(command).any(|actor| actor.kind == ActorKind::Account && actor.account_id == account)
}

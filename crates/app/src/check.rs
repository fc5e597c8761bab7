//! Proving the promises on a live or restored system (`zhicheng check`): what was checked, how many, and what is wrong.

use crate::app::App;
use crate::error::Error;
use crate::load::Held;
use std::collections::{BTreeMap, BTreeSet};
use zhicheng_domain::codes::id_number::IdNumber;
use zhicheng_domain::declaration::{Declaration, Event, Stage};
use zhicheng_domain::values::Choice;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_eventstore::RecordedEvent;
use zhicheng_projections::TABLES;

/// How many events are read in one go.
const PAGE_EVENTS: u32 = 2_000;
/// How many faults of one check are told.
const FAULTS_TOLD_MAX: usize = 20;

/// One check, with what it counted and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was checked, in words.
    pub name: &'static str,
    /// How many things.
    pub count: u64,
    /// What is wrong; empty where all is well.
    pub faults: Vec<String>,
}

impl Checked {
    const fn new(name: &'static str) -> Self {
        Self { name, count: 0, faults: Vec::new() }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_TOLD_MAX {
            self.faults.push(fault);
        }
    }

    fn expect(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        self.count += 1;
        if !holds {
            self.fault(fault());
        }
    }
}

impl App {
    /// Runs every check; `report` is told how many events were read of how many.
    pub async fn check(&self, mut report: impl FnMut(i64, i64) + Send) -> Result<Vec<Checked>, Error> {
        let head = self.store().head().await?;
        let mut log = LogChecks::new();
        let mut position = 0;
        while position < head {
            let events = self.store().read_after(position, PAGE_EVENTS, None).await?;
            let Some(last) = events.last() else { break };
            for event in events.iter().take_while(|event| event.position <= head) {
                log.take(event);
            }
            position = last.position.min(head);
            report(position, head);
        }
        let mut checked = log.done(head);
        checked.push(self.clear_id_numbers(head).await?);
        checked.push(self.root(head).await);
        checked.push(self.claims().await?);
        for table in TABLES {
            checked.push(self.table_is_a_fold(table).await);
        }
        Ok(checked)
    }

    /// No ID number stands in clear in what the log stores.
    async fn clear_id_numbers(&self, head: i64) -> Result<Checked, Error> {
        let mut check = Checked::new("no ID number in clear in the log");
        let mut position = 0;
        while position < head {
            let events = self.store().read_stored_after(position, PAGE_EVENTS).await?;
            let Some(last) = events.last() else { break };
            position = last.position;
            for event in &events {
                let clear = [&event.payload, &event.metadata].iter().any(|text| holds_id_number(text));
                check.expect(!clear, || format!("{} at position {}", event.event_type, event.position));
            }
        }
        Ok(check)
    }

    /// Leaf hashes and Merkle root recompute from the stored bytes.
    async fn root(&self, head: i64) -> Checked {
        let mut check = Checked::new("leaf hashes and Merkle root recompute from the stored bytes");
        check.count = u64::try_from(head).unwrap_or_default();
        if let Err(error) = self.store().verify_root_at(head).await {
            check.fault(error.to_string());
        }
        check
    }

    async fn claims(&self) -> Result<Checked, Error> {
        let mut check = Checked::new("claims held follow from the log");
        let held: i64 =
            sqlx::query_scalar("select count(*) from claims").fetch_one(self.store().pool()).await?;
        check.count = u64::try_from(held).unwrap_or_default();
        for difference in self.store().check_claims().await? {
            check.fault(format!("{difference:?}"));
        }
        Ok(check)
    }

    async fn table_is_a_fold(&self, table: &'static zhicheng_projections::Table) -> Checked {
        let mut check = Checked::new(table.name);
        match zhicheng_projections::verify(self.store(), self.store().pool(), table, |_| {}).await {
            Ok(verified) => {
                check.count = u64::try_from(verified.rows).unwrap_or_default();
                for difference in verified.differences {
                    check.fault(format!("{difference:?}"));
                }
                if let Some(stop) = verified.stopped {
                    check.fault(format!("{stop:?}"));
                }
            }
            Err(error) => check.fault(error.to_string()),
        }
        check
    }
}

/// What is checked while the log goes by, in order.
struct LogChecks {
    dense: Checked,
    streams: Checked,
    commands: Checked,
    understood: Checked,
    numbers: Checked,
    ballots: Checked,
    filed_first: Checked,
    one_open: Checked,
    next: i64,
    sequences: BTreeMap<(String, String), i64>,
    command_ids: BTreeSet<uuid::Uuid>,
    certificate_numbers: BTreeSet<String>,
    states: BTreeMap<String, Held>,
    open: BTreeMap<(uuid::Uuid, i32, &'static str), String>,
    votes: BTreeMap<String, (u32, u32)>,
}

impl LogChecks {
    fn new() -> Self {
        Self {
            dense: Checked::new("positions are 1, 2, 3 … without a gap"),
            streams: Checked::new("every stream is 1, 2, 3 … without a gap"),
            commands: Checked::new("command ids stand in the log once"),
            understood: Checked::new("every event is understood"),
            numbers: Checked::new("certificate numbers are unique"),
            ballots: Checked::new("as many ballots as voters, and the tally follows"),
            filed_first: Checked::new("no certificate before filing or final approval"),
            one_open: Checked::new("one open declaration a person, year and level"),
            next: 1,
            sequences: BTreeMap::new(),
            command_ids: BTreeSet::new(),
            certificate_numbers: BTreeSet::new(),
            states: BTreeMap::new(),
            open: BTreeMap::new(),
            votes: BTreeMap::new(),
        }
    }

    fn take(&mut self, event: &RecordedEvent) {
        let position = event.position;
        self.dense.expect(position == self.next, || format!("{position} where {} is due", self.next));
        self.next = position + 1;
        let key = (event.aggregate_type.clone(), event.aggregate_id.clone());
        let before = self.sequences.insert(key, event.sequence).unwrap_or(0);
        self.streams.expect(event.sequence == before + 1, || {
            format!("{} {} has {} after {before}", event.aggregate_type, event.aggregate_id, event.sequence)
        });
        if let Some(command) = event.command_id {
            let fresh = self.command_ids.insert(command);
            self.commands.expect(fresh, || format!("{command} again at position {position}"));
        }
        let known = AnyState::type_of(&event.aggregate_type).is_some();
        let fact = AnyEvent::from_payload(&event.aggregate_type, &event.payload);
        let understood = known && matches!(fact, Some(Ok(_)));
        self.understood.expect(understood, || format!("{} at position {position}", event.event_type));
        if let Some(Ok((AnyEvent::Declaration(fact), _))) = fact {
            self.declaration(event, &fact);
        }
    }

    fn declaration(&mut self, event: &RecordedEvent, fact: &Event) {
        let id = event.aggregate_id.clone();
        let held = match self.states.remove(&id) {
            Some(held) => Some(held),
            None => Held::new("declaration").ok(),
        };
        let Some(mut held) = held else { return };
        if let Event::CertificateIssued { certificate_number, .. } = fact {
            let fresh = self.certificate_numbers.insert(certificate_number.clone());
            self.numbers
                .expect(fresh, || format!("{certificate_number} again at position {}", event.position));
            let it = held.state.get::<Declaration>();
            let ready = it.is_some_and(|it| it.filing.is_some() || it.stage == Stage::FinalApproved);
            self.filed_first.expect(ready, || format!("{certificate_number} at position {}", event.position));
        }
        if let Event::VoteCast { choice, round_id } = fact {
            let (agree, disagree) = self.votes.entry(round_id.to_string()).or_default();
            match choice {
                Choice::Agree => *agree += 1,
                Choice::Disagree => *disagree += 1,
            }
        }
        if let Event::BallotClosed { agree, disagree, round_id, voters, .. } = fact {
            let counted = self.votes.remove(&round_id.to_string()).unwrap_or_default();
            let fits = counted == (*agree, *disagree) && voters.len() == (agree + disagree) as usize;
            self.ballots.expect(fits, || format!("round {round_id} at position {}", event.position));
        }
        if held.fold(event).is_err() {
            return;
        }
        if let Some(it) = held.state.get::<Declaration>() {
            if let Some(subject) = &it.subject {
                let key = (subject.person.0, subject.year, subject.level.name());
                if it.stage.ended() {
                    self.open.retain(|_, holder| *holder != id);
                } else {
                    let holder = self.open.entry(key).or_insert_with(|| id.clone());
                    if event.sequence == 1 {
                        let alone = *holder == id;
                        self.one_open.expect(alone, || format!("{id} at position {}", event.position));
                    }
                }
            }
            if !it.stage.ended() {
                self.states.insert(id, held);
            }
        }
    }

    fn done(mut self, head: i64) -> Vec<Checked> {
        self.dense.expect(self.next == head + 1, || {
            format!("the head is {head}, the last event {}", self.next - 1)
        });
        vec![
            self.dense,
            self.streams,
            self.commands,
            self.understood,
            self.numbers,
            self.ballots,
            self.filed_first,
            self.one_open,
        ]
    }
}

/// Whether a text holds an 18-character ID number with a valid check digit that stands by itself.
fn holds_id_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        if !bytes[start].is_ascii_alphanumeric() {
            start += 1;
            continue;
        }
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == 18 {
            let run = text.get(start..start + 18).unwrap_or_default();
            let digits = run.bytes().take(17).all(|byte| byte.is_ascii_digit());
            if digits && IdNumber::parse(run).is_ok() {
                return true;
            }
        }
        start += length;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::holds_id_number;

    #[test]
    fn finds_an_id_number_that_stands_by_itself() {
        assert!(holds_id_number(r#"{"name":"430602199001010013"}"#));
        assert!(holds_id_number("x 11010519491231002X,"));
        assert!(!holds_id_number("a430602199001010013"));
        assert!(!holds_id_number("430602199001010014"));
    }
}

//! What happened, written so that it is the same in every run: names in place of ids, and an order that no id decides.

use super::cast::Cast;
use crate::aggregate::{AnyEvent, Stamp, StreamId};
use crate::context::in_shanghai;
use crate::installation::Installation;
use chrono::SecondsFormat;
use serde_json::{Value, json};
use std::collections::HashSet;
use uuid::Uuid;

/// Members that are different in every run and stand for nothing that a name could stand for.
const VARYING: &[&str] =
    &["declaration_no", "id_number_hash", "name_hash", "operation", "position", "recorded_at"];
/// Lists that are ordered by id.
const ORDERED_BY_ID: &[&str] = &["attending", "organisation_ids", "pool", "voters"];
/// What stands for a value that varies.
const VARIES: &str = "*";
/// What a row is told of that no event of the story named.
const UNNAMED: &str = "unnamed";
/// Characters of an id as text.
const ID_CHARS: usize = 36;

/// One event that was appended.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// Its stream.
    pub stream: StreamId,
    /// What happened.
    pub event: AnyEvent,
    /// Who and when.
    pub stamp: Stamp,
}

impl Cast {
    /// The lines of `events.jsonl` for one append, or for the steps that the system took at one moment: the stream that was
    /// addressed, then the others by name, each in its own order; ballots are written as shuffled, here sorted.
    /// What the append brought into being gets a name that follows from what was addressed. Moves of the clock are no part
    /// of a story's events.
    ///
    /// # Errors
    /// Where an event is not JSON, which a test of each event rules out.
    pub fn transcribe(
        &mut self,
        addressed: Option<StreamId>,
        happened: &[Happened],
    ) -> Result<Vec<String>, serde_json::Error> {
        let mut streams: Vec<StreamId> = Vec::new();
        for it in happened {
            if !streams.contains(&it.stream) && it.stream != StreamId::of::<Installation>(it.stream.id) {
                streams.push(it.stream);
            }
        }
        streams.sort_by_key(|stream| {
            let name = self.names.get(&stream.id).cloned();
            (Some(*stream) != addressed, name.is_none(), name, stream.aggregate)
        });
        let subject = addressed.or(streams.first().copied());
        let subject =
            subject.map_or_else(|| "system".to_owned(), |stream| self.name(stream.id, stream.aggregate));
        for stream in &streams {
            self.name_after(stream.id, &subject, stream.aggregate);
        }
        let mut lines = Vec::with_capacity(happened.len());
        for stream in streams {
            let mut of_stream = Vec::new();
            for it in happened.iter().filter(|it| it.stream == stream) {
                of_stream.push((it.event.name() == "declaration.vote_cast", self.line(it, &subject)?));
            }
            let mut ballots: Vec<String> =
                of_stream.iter().filter(|(ballot, _)| *ballot).map(|(_, line)| line.clone()).collect();
            ballots.sort_unstable();
            let mut ballots = ballots.into_iter();
            lines.extend(of_stream.into_iter().map(|(ballot, line)| match ballot {
                true => ballots.next().unwrap_or(line),
                false => line,
            }));
        }
        Ok(lines)
    }

    /// A row of a read table as `rows/` holds it: names in place of ids, `*` for what differs from one run to the next. The
    /// judges of a meeting that the row is about are called as they were there.
    pub fn retell(&mut self, row: &mut Value) {
        let meeting = row.get("review_meeting_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let seats = meeting.and_then(|meeting: Uuid| self.seats.get(&meeting)).cloned().unwrap_or_default();
        let later: Vec<(Uuid, String)> = seats
            .into_iter()
            .filter_map(|(judge, seat)| Some((judge, self.names.insert(judge, seat)?)))
            .collect();
        self.rename(row, UNNAMED, "id");
        self.names.extend(later);
    }

    fn line(&mut self, it: &Happened, subject: &str) -> Result<String, serde_json::Error> {
        let fact: Value = serde_json::from_str(&it.event.to_payload(&it.stamp)?)?;
        let mut line = json!({
            "event": it.event.name(), "version": it.event.version(), "stream": it.stream.id,
            "time": in_shanghai(it.stamp.time).to_rfc3339_opts(SecondsFormat::AutoSi, false),
        });
        if let Some(actor) = fact.get("actor") {
            line["actor"] = actor.clone();
        }
        if let Some(Value::Object(event)) = fact.get("event") {
            line["data"] = event.values().next().cloned().unwrap_or_default();
        }
        self.rename(&mut line, subject, "id");
        serde_json::to_string(&line)
    }

    /// Names in place of ids; `kind` is what the member that holds the value calls it.
    fn rename(&mut self, value: &mut Value, subject: &str, kind: &str) {
        match value {
            Value::String(text) => *text = self.without_ids(text, subject, kind),
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item, subject, kind)),
            Value::Object(members) => {
                for (key, member) in members {
                    // an event has no other id than its position
                    if VARYING.contains(&key.as_str()) || (key == "id" && member.is_number()) {
                        *member = json!(VARIES);
                        continue;
                    }
                    let kind = key.strip_suffix("_ids").or_else(|| key.strip_suffix("_id")).unwrap_or(kind);
                    self.rename(member, subject, kind);
                    if let (true, Value::Array(items)) = (ORDERED_BY_ID.contains(&key.as_str()), member) {
                        items.sort_by_key(|item| item.as_str().map(natural));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn without_ids(&mut self, text: &str, subject: &str, kind: &str) -> String {
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let id = rest.get(..ID_CHARS).filter(|id| id.as_bytes().get(8) == Some(&b'-'));
            match id.and_then(|id| id.parse::<Uuid>().ok()) {
                Some(id) => {
                    self.name_after(id, subject, kind);
                    written.push('$');
                    written.push_str(&self.name(id, kind));
                    rest = rest.get(ID_CHARS..).unwrap_or_default();
                }
                None => {
                    written.push(character);
                    rest = rest.get(character.len_utf8()..).unwrap_or_default();
                }
            }
        }
        written
    }

    fn name(&self, id: Uuid, otherwise: &str) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| otherwise.to_owned())
    }

    /// Names what has no name yet: `subject.kind`, with a number from the second on.
    fn name_after(&mut self, id: Uuid, subject: &str, kind: &str) {
        if self.names.contains_key(&id) {
            return;
        }
        let taken: HashSet<&str> = self.names.values().map(String::as_str).collect();
        let first = format!("{subject}.{kind}");
        let mut numbered = (2..).map(|number| format!("{first}-{number}"));
        let name = match taken.contains(first.as_str()) {
            false => first.clone(),
            true => numbered.find(|name| !taken.contains(name.as_str())).unwrap_or_else(|| first.clone()),
        };
        self.names.insert(id, name);
    }
}

/// Sorts `drawn.2` before `drawn.10`.
fn natural(name: &str) -> Vec<(String, u64)> {
    name.split('.')
        .map(|part| (part.trim_end_matches(|it: char| it.is_ascii_digit()).to_owned(), digits(part)))
        .collect()
}

fn digits(part: &str) -> u64 {
    let from = part.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    part.get(from..).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

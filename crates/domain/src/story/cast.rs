//! The names of a story and what they stand for.

use super::{Fault, Line};
use crate::aggregate::{AnyState, StreamId};
use crate::declaration::Declaration;
use crate::ids::{AccountId, NodeId};
use crate::label::Named;
use crate::registers::Registers;
use crate::review_meeting::ReviewMeeting;
use crate::values::Role;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Who and what plays in a story: names, and the ids that they stand for in this run.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    streams: BTreeMap<String, StreamId>,
    pub(super) names: HashMap<Uuid, String>,
    /// What the judges of each meeting are called there: who sits in two meetings has two names.
    pub(super) seats: BTreeMap<Uuid, BTreeMap<Uuid, String>>,
}

/// The states that a line's references look into.
pub type References = BTreeMap<StreamId, AnyState>;

impl Cast {
    /// Gives a name to what was created.
    pub fn bind(&mut self, name: &str, stream: StreamId) {
        self.streams.insert(name.to_owned(), stream);
        self.names.insert(stream.id, name.to_owned());
    }

    /// What a name stands for.
    ///
    /// # Errors
    /// [`Fault::ReferenceUnknown`].
    pub fn stream(&self, name: &str) -> Result<StreamId, Fault> {
        self.streams.get(name).copied().ok_or_else(|| Fault::ReferenceUnknown(name.to_owned()))
    }

    /// What must be looked at before a line can be resolved.
    ///
    /// # Errors
    /// [`Fault::ReferenceUnknown`].
    pub fn looked_into(&self, line: &Line) -> Result<BTreeSet<StreamId>, Fault> {
        let mut texts = Vec::new();
        references(&line.input, &mut texts);
        texts.extend(line.id.as_deref());
        texts.extend(line.by.as_deref());
        texts
            .into_iter()
            .filter_map(|text| text.split_once('.').map(|(name, _)| name))
            .map(|name| self.stream(name))
            .collect()
    }

    /// What is acted on; none where it is created.
    ///
    /// # Errors
    /// [`Fault::ReferenceUnknown`].
    pub fn addressed(&self, line: &Line, states: &References) -> Result<Option<Uuid>, Fault> {
        line.id.as_deref().map(|id| self.id(id, states)).transpose()
    }

    /// The account that acts: the one named, or that of the judge named; none where nobody is signed in.
    ///
    /// # Errors
    /// [`Fault::ReferenceUnknown`], [`Fault::NobodyThere`].
    pub fn account(
        &self,
        line: &Line,
        states: &References,
        registers: &Registers,
    ) -> Result<Option<AccountId>, Fault> {
        let Some(by) = line.by.as_deref() else { return Ok(None) };
        let id = self.id(by, states)?;
        if registers.accounts.get(id).is_some() {
            return Ok(Some(AccountId(id)));
        }
        let judge = registers.judges.get(id).and_then(|judge| judge.account);
        judge.map(Some).ok_or_else(|| Fault::NobodyThere(by.to_owned()))
    }

    /// The role that a line names.
    ///
    /// # Errors
    /// [`Fault::RoleUnknown`], [`Fault::ReferenceUnknown`].
    pub fn acting_as(&self, line: &Line) -> Result<Option<(Role, Option<NodeId>)>, Fault> {
        let Some(text) = line.acting_as.as_deref() else { return Ok(None) };
        let (role, organisation) = match text.split_once('@') {
            Some((role, organisation)) => (role, Some(NodeId(self.stream(organisation)?.id))),
            None => (text, None),
        };
        let role = Role::from_name(role).ok_or_else(|| Fault::RoleUnknown(text.to_owned()))?;
        Ok(Some((role, organisation)))
    }

    /// The line's input with ids in place of references.
    ///
    /// # Errors
    /// [`Fault::ReferenceUnknown`].
    pub fn resolve(&self, input: &Value, states: &References) -> Result<Value, Fault> {
        Ok(match input {
            Value::String(text) => match text.strip_prefix('$') {
                Some(reference) => self.value(reference, states)?,
                None => input.clone(),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.resolve(item, states)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.resolve(value, states)?)))
                    .collect::<Result<_, Fault>>()?,
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => input.clone(),
        })
    }

    /// Names the judges of a meeting by their places in its draw, which they keep until the next: who is drawn depends on
    /// ids.
    pub fn seat(&mut self, name: &str, meeting: &ReviewMeeting, registers: &Registers) {
        let (Some(id), Some(record)) = (meeting.id, &meeting.draw) else { return };
        for (list, judges) in [("drawn", &record.drawn), ("substitutes", &record.substitutes)] {
            for (place, judge) in judges.iter().enumerate() {
                let seat = format!("{name}.{list}.{place}");
                let account = registers.judges.get(*judge).and_then(|it| it.account);
                let account = account.map(|account| (account.0, format!("{seat}.account")));
                for (id_of, called) in account.into_iter().chain([(*judge, seat)]) {
                    self.seats.entry(id.into()).or_default().insert(id_of, called.clone());
                    self.names.insert(id_of, called);
                }
            }
        }
    }

    fn id(&self, reference: &str, states: &References) -> Result<Uuid, Fault> {
        let value = self.value(reference, states)?;
        let id = value.as_str().and_then(|text| text.parse().ok());
        id.ok_or_else(|| Fault::ReferenceUnknown(reference.to_owned()))
    }

    fn value(&self, reference: &str, states: &References) -> Result<Value, Fault> {
        let (name, path) = match reference.split_once('.') {
            Some((name, path)) => (name, Some(path)),
            None => (reference, None),
        };
        let stream = self.stream(name)?;
        let Some(path) = path else { return Ok(json!(stream.id)) };
        let shown = states.get(&stream).map(shown).unwrap_or_default();
        let part = shown.pointer(&format!("/{}", path.replace('.', "/")));
        part.filter(|part| !part.is_null())
            .cloned()
            .ok_or_else(|| Fault::ReferenceUnknown(reference.to_owned()))
    }
}

/// What references may look at.
fn shown(state: &AnyState) -> Value {
    match state.get::<Declaration>() {
        Some(it) => json!({
            "certificate_id": it.certificate.as_ref().map(|certificate| certificate.id),
            "objections": it.objections,
            "operation": it.latest_operation().map(|operation| &operation.id),
            "stage": it.stage.name(),
        }),
        None => state.view(),
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.extend(text.strip_prefix('$')),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => members.values().for_each(|member| references(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

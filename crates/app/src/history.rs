//! The course of a case: its tracking view, what changed between two moments, the checks before submission, and the log.

use crate::app::App;
use crate::caller::Signed;
use crate::error::Error;
use crate::list::bad_parameter;
use crate::load;
use crate::visibility;
use crate::visibility::declaration::Called;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;
use zhicheng_domain::account::Account;
use zhicheng_domain::context::Approval;
use zhicheng_domain::declaration::checks::{self, Check};
use zhicheng_domain::declaration::{Declaration, Stage};
use zhicheng_domain::ids::AccountId;
use zhicheng_domain::person::Person;
use zhicheng_domain::private::Private;
use zhicheng_domain::refusal::common;
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Actor, AnyState, Context, Known, StreamId};
use zhicheng_eventstore::RecordedEvent;

/// The most events of one page of the log.
pub const LOG_PAGE_EVENTS_MAX: u32 = 1_000;

impl App {
    /// The tracking view 过程跟踪 of a declaration.
    pub async fn tracking(&self, signed: &Signed, id: Uuid) -> Result<Vec<Value>, Error> {
        let (declaration, readers) = self.declaration(signed, id).await?;
        let meeting = visibility::Meeting::of(&declaration, self.now());
        let actors = declaration.steps.iter().filter_map(|step| step.actor.as_ref()?.account_id);
        let names = self.names(actors.collect()).await?;
        Ok(self.registry().read(|registers| {
            let working_days = |from, to| registers.calendar.working_days_between(from, to);
            visibility::declaration::tracking(&declaration, &readers, meeting, &names, working_days)
        }))
    }

    /// What those are called whose accounts these are, or the account itself where it is nobody's; whoever was erased is not called.
    async fn names(&self, accounts: BTreeSet<AccountId>) -> Result<HashMap<AccountId, Called>, Error> {
        let mut names = HashMap::new();
        let mut persons = Vec::new();
        self.registry().read(|registers| {
            for id in accounts {
                let Some(Account { person, username, declares, .. }) = registers.accounts.get(id) else {
                    continue;
                };
                let called = Called { name: Private::Known(username.clone()), declares: *declares };
                names.insert(id, called);
                persons.extend(person.map(|person| (id, StreamId::of::<Person>(person))));
            }
        });
        let streams: Vec<StreamId> = persons.iter().map(|(_, stream)| *stream).collect();
        for ((id, _), held) in persons.into_iter().zip(load::load_many(self.store(), &streams).await?) {
            if let (Some(person), Some(called)) = (held.state.get::<Person>(), names.get_mut(&id)) {
                called.name = person.name.clone();
            }
        }
        Ok(names)
    }

    /// What a reader sees differently at two positions: JSON pointers into what the object answers, sorted.
    pub async fn diff(&self, signed: &Signed, id: Uuid, from: i64, to: i64) -> Result<Vec<Value>, Error> {
        let stream = StreamId::of::<Declaration>(id);
        let mut sides = [Value::Null, Value::Null];
        for (position, side) in [from, to].into_iter().zip(&mut sides) {
            *side = self.read(signed, stream.aggregate, id, Some(&position.to_string())).await?.body;
            // What moves with every event is left out.
            if let Value::Object(members) = side {
                for name in ["version", "position", "actions", "rollback"] {
                    members.remove(name);
                }
            }
        }
        let mut differences = BTreeMap::new();
        compare(&sides[0], &sides[1], String::new(), &mut differences);
        Ok(differences
            .into_iter()
            .map(|(path, (from, to))| json!({"path": path, "from": from, "to": to}))
            .collect())
    }

    /// The checks before submission, for the applicant.
    pub async fn checks(&self, signed: &Signed, id: Uuid) -> Result<Vec<Check>, Error> {
        let (declaration, readers) = self.declaration(signed, id).await?;
        if !readers.contains(&visibility::Reader::Owner) {
            return Err(common::NotAllowed { action: "提交前检查" }.refusal().into());
        }
        if !matches!(declaration.stage, Stage::Draft | Stage::ReturnedToApplicant) {
            return Ok(Vec::new());
        }
        let (now, known) = (self.now(), Known::default());
        self.registry().read(|registers| {
            let context = Context {
                actor: Actor::Anonymous,
                now,
                seed: [0; 16],
                registers,
                known: &known,
                approval: Approval::NotGiven,
            };
            checks::checks(&declaration, &context).map_err(|_| Error::fault("a check that needs more facts"))
        })
    }

    /// A page of the log, for those cleared for it: an auditor sees personal fields masked, no ballot and no judge.
    pub async fn log(&self, signed: &Signed, after: i64, limit: u32) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        let reader = self.registry().read(|registers| {
            [
                (Role::SystemAdministrator, visibility::Reader::SystemAdministrator),
                (Role::ReportJob, visibility::Reader::ReportJob),
                (Role::Auditor, visibility::Reader::Auditor),
            ]
            .into_iter()
            .find(|(role, _)| registers.has_role(signed.account, *role))
            .map(|(_, reader)| reader)
        });
        let Some(reader) = reader else {
            return Err(common::NotAllowed { action: "查看日志" }.refusal().into());
        };
        if !(1..=LOG_PAGE_EVENTS_MAX).contains(&limit) {
            let message = format!("应为1至{LOG_PAGE_EVENTS_MAX}的整数。");
            return Err(bad_parameter("limit", "filter-value-invalid", &message));
        }
        let events = self.store().read_after(after, limit, None).await?;
        let declared = self.declared_meetings(&events).await?;
        events
            .iter()
            .map(|event| {
                let payload: Value = serde_json::from_str(&event.payload)
                    .map_err(|error| Error::internal("an event that is not JSON", error))?;
                let results = if declared.contains(&event.aggregate_id) {
                    visibility::log::Results::Declared
                } else {
                    visibility::log::Results::NotDeclared
                };
                Ok(visibility::log::entry(event, &payload, reader, results))
            })
            .collect()
    }

    /// Of the events from which a draw follows: the meetings whose results are declared.
    async fn declared_meetings(&self, events: &[RecordedEvent]) -> Result<BTreeSet<String>, Error> {
        let asked = events.iter().filter(|event| visibility::log::waits_for_results(event));
        let ids: BTreeSet<&str> = asked.map(|event| event.aggregate_id.as_str()).collect();
        let mut declared = BTreeSet::new();
        for id in ids {
            let Ok(meeting) = Uuid::parse_str(id) else { continue };
            let held = load::load(self.store(), StreamId::of::<ReviewMeeting>(meeting)).await?;
            if held.state.get::<ReviewMeeting>().is_some_and(|meeting| meeting.declared) {
                declared.insert(id.to_owned());
            }
        }
        Ok(declared)
    }

    /// A declaration and how the caller stands to it; not found where the caller may not know of it.
    pub(crate) async fn declaration(
        &self,
        signed: &Signed,
        id: Uuid,
    ) -> Result<(Declaration, visibility::Readers), Error> {
        self.registry().catch_up(self.store()).await?;
        let held = load::load(self.store(), StreamId::of::<Declaration>(id)).await?;
        let AnyState::Declaration(declaration) = &held.state else { return Err(Error::not_found()) };
        let readers = self.registry().read(|registers| {
            visibility::readers(declaration, &registers.roles_of(signed.account), registers)
        });
        if readers.is_empty() {
            return Err(Error::not_found());
        }
        Ok((Declaration::clone(declaration), readers))
    }
}

/// What differs, by JSON pointer: members and items one by one, also those of what is on one side only. Nothing, null and an
/// empty list are alike.
fn compare(from: &Value, to: &Value, path: String, into: &mut BTreeMap<String, (Value, Value)>) {
    let at = |value: &Value, index: usize| value.get(index).cloned().unwrap_or_default();
    match (from, to) {
        (Value::Object(_) | Value::Null, Value::Object(_) | Value::Null) => {
            let members = [from, to].into_iter().filter_map(Value::as_object);
            let names: BTreeSet<&String> = members.flat_map(|members| members.keys()).collect();
            for name in names {
                let member = |value: &Value| value.get(name).cloned().unwrap_or_default();
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                compare(&member(from), &member(to), path, into);
            }
        }
        (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) => {
            let items = [from, to].into_iter().filter_map(Value::as_array);
            for index in 0..items.map(Vec::len).max().unwrap_or_default() {
                compare(&at(from, index), &at(to, index), format!("{path}/{index}"), into);
            }
        }
        (from, to) if from == to => {}
        (from, to) => {
            into.insert(path, (from.clone(), to.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::compare;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(from: Value, to: Value, expected: &[(&str, Value, Value)]) {
        let mut differences = BTreeMap::new();
        compare(&from, &to, String::new(), &mut differences);
        let expected =
            expected.iter().map(|(path, from, to)| ((*path).to_owned(), (from.clone(), to.clone())));
        assert_eq!(differences, expected.collect());
    }

    #[test]
    fn differences_are_told_leaf_by_leaf() {
        check(json!({"a": {"b": 1}}), json!({"a": {"b": 2}}), &[("/a/b", json!(1), json!(2))]);
        check(json!({"a": [1, 2]}), json!({"a": [1]}), &[("/a/1", json!(2), Value::Null)]);
        check(json!({"a/b~": 1}), json!({}), &[("/a~1b~0", json!(1), Value::Null)]);
    }

    #[test]
    fn what_appears_is_told_with_what_is_in_it() {
        let papers = json!({"papers": [{"title": "论文", "year": null}]});
        check(json!({"papers": []}), papers.clone(), &[("/papers/0/title", Value::Null, json!("论文"))]);
        check(json!({}), papers.clone(), &[("/papers/0/title", Value::Null, json!("论文"))]);
        check(papers, json!({"papers": null}), &[("/papers/0/title", json!("论文"), Value::Null)]);
        check(json!({"a": "x"}), json!({"a": {"b": 1}}), &[("/a", json!("x"), json!({"b": 1}))]);
    }

    #[test]
    fn nothing_null_and_empty_are_alike() {
        check(json!({"a": null, "b": [], "c": {}}), json!({"b": null}), &[]);
    }
}

//! The course of a case: its tracking view, what changed between two moments, the checks before submission, and the log.

use crate::app::App;
use crate::caller::Signed;
use crate::error::Error;
use crate::list::bad_parameter;
use crate::load;
use crate::visibility;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zhicheng_domain::context::Approval;
use zhicheng_domain::declaration::checks::{self, Check};
use zhicheng_domain::declaration::{Declaration, Stage};
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
        Ok(self.registry().read(|registers| {
            visibility::declaration::tracking(&declaration, &readers, |from, to| {
                registers.calendar.working_days_between(from, to)
            })
        }))
    }

    /// What a reader sees differently at two positions: JSON pointers into what the object answers, sorted.
    pub async fn diff(&self, signed: &Signed, id: Uuid, from: i64, to: i64) -> Result<Vec<Value>, Error> {
        let stream = StreamId::of::<Declaration>(id);
        let mut sides = [BTreeMap::new(), BTreeMap::new()];
        for (position, side) in [from, to].into_iter().zip(&mut sides) {
            let object = self.read(signed, stream.aggregate, id, Some(&position.to_string())).await?;
            leaves(&object.body, String::new(), side);
        }
        let [before, after] = &sides;
        let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
        paths.sort();
        paths.dedup();
        Ok(paths
            .into_iter()
            .filter(|path| before.get(*path) != after.get(*path))
            .map(|path| json!({"path": path, "from": before.get(path), "to": after.get(path)}))
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
    ) -> Result<(Declaration, Vec<visibility::Reader>), Error> {
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

/// Every leaf of a value by its JSON pointer; what moves with every event is left out.
fn leaves(value: &Value, path: String, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                if path.is_empty() && matches!(name.as_str(), "version" | "position" | "actions" | "rollback")
                {
                    continue;
                }
                leaves(member, format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{path}/{index}"), into);
            }
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => {
            into.insert(path, value.clone());
        }
    }
}

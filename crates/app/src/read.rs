//! Reading one thing: as it is, as it was, and its events, each redacted for the caller.

use crate::app::App;
use crate::caller::{Caller, Signed};
use crate::error::Error;
use crate::load;
use crate::visibility;
use crate::visibility::Meeting;
use crate::visibility::log::Results;
use crate::visibility::things::Judges;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhicheng_domain::context::{Approval, in_shanghai};
use zhicheng_domain::declaration::actions::submit::PLEDGE_VERSION;
use zhicheng_domain::declaration::{Declaration, Stage};
use zhicheng_domain::ids::DeclarationId;
use zhicheng_domain::person::Person;
use zhicheng_domain::publicity_round::PublicityRound;
use zhicheng_domain::refusal::{Kind, common};
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_domain::{Acting, Actor, Aggregate, AnyEvent, AnyState, Context, Known, StreamId};

/// An object as it is answered.
pub struct Object {
    /// The body.
    pub body: Value,
    /// The version for `ETag`; none of the past.
    pub etag: Option<i64>,
}

impl App {
    /// One object. What the caller may not know of is not there.
    pub async fn read(
        &self,
        signed: &Signed,
        aggregate: &'static str,
        id: Uuid,
        as_of: Option<&str>,
    ) -> Result<Object, Error> {
        self.registry().catch_up(self.store()).await?;
        let stream = StreamId { aggregate, id };
        let held = match as_of {
            None => load::load(self.store(), stream).await?,
            Some(moment) => {
                let position = self.position_of(moment).await?;
                load::load_as_of(self.store(), stream, position).await?.ok_or_else(Error::not_found)?
            }
        };
        if !held.state.exists() {
            return Err(Error::not_found());
        }
        let past = as_of.is_some();
        let declaration = held.state.get::<Declaration>();
        let now = self.now();
        let (roles, seats, readers, actions) = self.registry().read(|registers| {
            let roles = registers.roles_of(signed.account);
            let readers =
                declaration.map(|it| visibility::readers(it, &roles, registers)).unwrap_or_default();
            let actions = if past { Vec::new() } else { offered(now, &held.state, &roles, registers) };
            let seats: Vec<_> = roles.iter().filter_map(|acting| registers.judge_of(acting)).collect();
            (roles, seats, readers, actions)
        });
        let own = match self.may_know(signed, &held.state, &roles).await? {
            true => None,
            false => Some(self.own_in(signed, &held.state).await?.ok_or_else(Error::not_found)?),
        };
        let mut version = held.version;
        let mut body = match &held.state {
            AnyState::Declaration(it) => {
                let meeting = Meeting::of(it, now);
                let mut view = visibility::declaration::view(it, &readers, &seats, meeting);
                if past {
                    view.insert("rollback".into(), Value::Null);
                }
                if !past
                    && let Some(all_voted) = self.all_voted(it, &readers, meeting).await?
                    && let Some(Value::Object(data)) = view.get_mut("data")
                {
                    data.insert("all_voted".into(), json!(all_voted));
                }
                let (visible, position) = self.visible_end(stream, &held, &readers).await?;
                version = visible;
                view.insert("position".into(), json!(position));
                view
            }
            other => {
                let mut view = match other.view() {
                    Value::Object(members) => members,
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                        Map::new()
                    }
                };
                view.insert("stage".into(), json!(other.stage()));
                view.insert("position".into(), json!(held.position));
                self.name_person(other, &mut view).await?;
                visibility::person_fields(other, signed.person, &roles, &mut view);
                self.name_judges(other, &roles, &mut view).await?;
                if let Some(own) = &own {
                    visibility::things::own_part(&mut view, own);
                }
                view
            }
        };
        body.insert("id".into(), json!(id));
        body.insert("version".into(), json!(version));
        body.insert("actions".into(), Value::Array(actions));
        Ok(Object { body: visibility::open(Value::Object(body)), etag: (!past).then_some(version) })
    }

    /// Whether everybody has voted whose ballot is open: all that anybody is told of it until the close (contract.md, Voting in
    /// secret), and none of those who are not told that there is one.
    async fn all_voted(
        &self,
        it: &Declaration,
        readers: &visibility::Readers,
        meeting: Meeting,
    ) -> Result<Option<bool>, Error> {
        let open = it.review.ballot.as_ref().filter(|_| it.stage == Stage::Balloting);
        match open {
            Some(ballot) if visibility::events::committee_view(readers, meeting) => {
                Ok(Some(self.vault().ballots().all_voted(ballot.round.0).await?))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Whether the caller may know of the thing: in a role of theirs, or as a reader of the case it belongs to.
    async fn may_know(&self, signed: &Signed, state: &AnyState, roles: &[Acting]) -> Result<bool, Error> {
        let own = match state {
            AnyState::Account(it) => it.id == Some(signed.account),
            AnyState::Person(it) => it.id.is_some() && it.id == signed.person,
            _ => false,
        };
        if own || self.registry().read(|registers| visibility::may_read(state, roles, registers)) {
            return Ok(true);
        }
        let Some((case, class)) = visibility::things::case_of(state) else { return Ok(false) };
        match self.declaration(signed, case.0).await {
            Ok((it, readers)) => {
                let meeting = Meeting::of(&it, self.now());
                Ok(visibility::shown(Value::Null, class, &readers, meeting).is_some())
            }
            Err(error) if error.is_refusal(Kind::Unknown) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The caller's own declarations in a publicity round; `None` where it is another thing, or none of them is in it.
    async fn own_in(&self, signed: &Signed, state: &AnyState) -> Result<Option<Vec<DeclarationId>>, Error> {
        let (Some(round), Some(person)) = (state.get::<PublicityRound>(), signed.person) else {
            return Ok(None);
        };
        let streams = self.streams_of(person).await?;
        let about = streams.iter().filter(|stream| stream.aggregate == Declaration::TYPE);
        let own: Vec<DeclarationId> =
            about.map(|stream| DeclarationId(stream.id)).filter(|id| round.standing(*id).is_some()).collect();
        Ok((!own.is_empty()).then_some(own))
    }

    /// Version and position of the last event that these readers know of.
    pub(crate) async fn visible_end(
        &self,
        stream: StreamId,
        held: &load::Held,
        readers: &[visibility::Reader],
    ) -> Result<(i64, i64), Error> {
        let AnyState::Declaration(it) = &held.state else { return Ok((held.version, held.position)) };
        let audience = visibility::events::audience(readers, Meeting::of(it, self.now()));
        let version = i64::try_from(it.version_for(&audience)).unwrap_or(held.version);
        if version == held.version {
            return Ok((held.version, held.position));
        }
        let after = version.saturating_sub(1);
        let events = self.store().read_stream(stream.aggregate, &stream.id.to_string(), after).await?;
        let position = events.first().map_or(held.position, |event| event.position);
        Ok((version, position))
    }

    /// Version and stage of what a command made, as whoever sent it reads them afterwards.
    pub(crate) fn heard(&self, caller: &Caller, held: &load::Held) -> (i64, Option<&'static str>) {
        let (Caller::Session(signed), AnyState::Declaration(it)) = (caller, &held.state) else {
            return (held.version, held.state.stage());
        };
        let readers = self
            .registry()
            .read(|registers| visibility::readers(it, &registers.roles_of(signed.account), registers));
        let meeting = Meeting::of(it, self.now());
        let version = it.version_for(&visibility::events::audience(&readers, meeting));
        let stage = visibility::declaration::stage_shown(it, &readers, meeting);
        (i64::try_from(version).unwrap_or(held.version), Some(stage.name()))
    }

    /// What the creation of an account or a blacklist entry said of the person: it stands with the person's own record.
    async fn name_person(&self, state: &AnyState, view: &mut Map<String, Value>) -> Result<(), Error> {
        let told: &[&str] = match state {
            AnyState::Account(_) => &["name", "id_number", "phone"],
            AnyState::BlacklistEntry(_) => &["id_number"],
            _ => return Ok(()),
        };
        let Some(person) = state.subject() else { return Ok(()) };
        let held = load::load(self.store(), StreamId::of::<Person>(person.0)).await?;
        if let Value::Object(members) = held.state.view() {
            view.extend(members.into_iter().filter(|(name, _)| told.contains(&name.as_str())));
        }
        Ok(())
    }

    /// Leaves of a meeting's judges those whom these roles read, and adds their names.
    async fn name_judges(
        &self,
        state: &AnyState,
        roles: &[Acting],
        view: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        let AnyState::ReviewMeeting(_) = state else { return Ok(()) };
        let today = in_shanghai(self.now()).date_naive();
        let seen = self.registry().read(|registers| visibility::judges_seen(state, roles, registers, today));
        visibility::things::without_judges(view, &seen);
        let judges = visibility::things::judges_named(view);
        let names = self.names_of(&judges).await?;
        let named = |judge: &Uuid| json!({"judge_id": judge, "name": names.get(judge)});
        view.insert("names".into(), judges.iter().map(named).collect());
        Ok(())
    }

    /// The events of one object, in order.
    pub async fn events(
        &self,
        signed: &Signed,
        aggregate: &'static str,
        id: Uuid,
    ) -> Result<Vec<Value>, Error> {
        self.registry().catch_up(self.store()).await?;
        let stream = StreamId { aggregate, id };
        let held = load::load(self.store(), stream).await?;
        if !held.state.exists() {
            return Err(Error::not_found());
        }
        let declaration = held.state.get::<Declaration>();
        let today = in_shanghai(self.now()).date_naive();
        let (roles, readers, judges) = self.registry().read(|registers| {
            let roles = registers.roles_of(signed.account);
            let readers =
                declaration.map(|it| visibility::readers(it, &roles, registers)).unwrap_or_default();
            let judges = visibility::judges_seen(&held.state, &roles, registers, today);
            (roles, readers, judges)
        });
        if !self.may_know(signed, &held.state, &roles).await? {
            return Err(Error::not_found());
        }
        let names_judges = judges == Judges::All;
        let declared = held.state.get::<ReviewMeeting>().is_some_and(|meeting| meeting.declared);
        let results = if declared { Results::Declared } else { Results::NotDeclared };
        let events = self.store().read_stream(aggregate, &id.to_string(), 0).await?;
        let answers = events
            .iter()
            .map(|event| {
                let (_, stamp) = AnyEvent::from_payload(aggregate, &event.payload)
                    .ok_or(Error::fault("an aggregate type that nobody knows"))?
                    .map_err(|error| Error::internal("an event that is not understood", error))?;
                let payload: Value = serde_json::from_str(&event.payload)
                    .map_err(|error| Error::internal("an event that is not JSON", error))?;
                let data = match payload.get("event") {
                    Some(Value::Object(tagged)) => {
                        tagged.values().next().cloned().unwrap_or_else(|| json!({}))
                    }
                    _ => json!({}),
                };
                if let Some(it) = declaration {
                    let meeting = Meeting::of(it, self.now());
                    return Ok(visibility::events::event(event, &stamp, data, it, &readers, meeting));
                }
                let data = visibility::without_private(data);
                let (actor, time, data) = if names_judges {
                    (json!(stamp.actor), json!(stamp.time), data)
                } else {
                    let actor = visibility::events::actor(&stamp, &[], Meeting::Ahead);
                    let time = visibility::events::time(&stamp, &[], Meeting::Ahead);
                    (actor, time, visibility::log::of_meeting(&event.event_type, data, results))
                };
                Ok(Some(json!({
                    "position": event.position, "version": event.sequence, "type": event.event_type,
                    "actor": actor, "time": time, "data": data,
                })))
            })
            .collect::<Result<Vec<Option<Value>>, Error>>()?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// The position that `as_of` names: itself, or the last one recorded by that time.
    async fn position_of(&self, moment: &str) -> Result<i64, Error> {
        if let Ok(position) = moment.parse::<i64>() {
            return Ok(position);
        }
        let time = DateTime::parse_from_rfc3339(moment)
            .map_err(|_| Error::Refused(common::MalformedInput.refusal().at("/as_of")))?;
        let position: Option<i64> =
            sqlx::query_scalar("select max(position) from events where recorded_at <= $1")
                .bind(time.to_utc())
                .fetch_one(self.store().pool())
                .await?;
        Ok(position.unwrap_or(0))
    }
}

/// The actions that one of these roles may take now, with their forms.
fn offered(
    now: DateTime<Utc>,
    state: &AnyState,
    roles: &[Acting],
    registers: &zhicheng_domain::Registers,
) -> Vec<Value> {
    let known = Known::default();
    let mut offered = Vec::new();
    for spec in AnyState::specs(state.aggregate()) {
        let contexts = roles.iter().map(|acting| Context {
            actor: Actor::Account(acting.clone()),
            now,
            seed: [0; 16],
            registers,
            known: &known,
            approval: Approval::NotGiven,
        });
        let allowed = contexts.into_iter().find(|context| state.offers(spec, context));
        if let Some(context) = allowed {
            let fields: Vec<Value> = spec
                .form
                .iter()
                .map(|field| {
                    let mut object = json!({
                        "name": field.name, "label": field.label, "type": visibility::field_type(field.of),
                        "required": field.required,
                    });
                    if let zhicheng_domain::action::FieldType::Choice(options) = field.of {
                        let open = options.iter().filter(|choice| state.choice_open(spec, choice, &context));
                        object["options"] = json!(open.collect::<Vec<_>>());
                    }
                    if let Some(value) = prefilled(state, spec.name, field.name) {
                        object["value"] = value;
                    }
                    object
                })
                .collect();
            offered.push(json!({"action": spec.name, "label": spec.label.zh, "form": {"fields": fields}}));
        }
    }
    offered
}

/// What a form already knows: the pledge that is to be signed, the operation that is to be undone.
fn prefilled(state: &AnyState, action: &str, field: &str) -> Option<Value> {
    match (action, field, state) {
        ("submit", "pledge_version", _) => Some(json!(PLEDGE_VERSION)),
        ("rollback", "operation", AnyState::Declaration(it)) => it.latest_operation().map(|it| json!(it.id)),
        _ => None,
    }
}

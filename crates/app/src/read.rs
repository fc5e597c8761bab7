//! Reading one thing: as it is, as it was, and its events, each redacted for the caller.

use crate::app::App;
use crate::caller::Signed;
use crate::error::Error;
use crate::load;
use crate::visibility;
use chrono::DateTime;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhicheng_domain::context::Approval;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::declaration::actions::submit::PLEDGE_VERSION;
use zhicheng_domain::ids::DeclarationId;
use zhicheng_domain::publicity_round::PublicityRound;
use zhicheng_domain::refusal::{Kind, common};
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
        let (roles, readers, actions) = self.registry().read(|registers| {
            let roles = registers.roles_of(signed.account);
            let readers = match &held.state {
                AnyState::Declaration(it) => visibility::readers(it, &roles, registers),
                _ => Vec::new(),
            };
            let actions = if past { Vec::new() } else { offered(self, &held.state, &roles, registers) };
            (roles, readers, actions)
        });
        let own = match self.may_know(signed, &held.state, &roles).await? {
            true => None,
            false => Some(self.own_in(signed, &held.state).await?.ok_or_else(Error::not_found)?),
        };
        let mut version = held.version;
        let mut body = match &held.state {
            AnyState::Declaration(it) => {
                let mut view = visibility::declaration::view(it, &readers);
                if past {
                    view.insert("rollback".into(), Value::Null);
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
                visibility::person_fields(other, &roles, &mut view);
                if !self.registry().read(|registers| visibility::names_judges(other, &roles, registers)) {
                    visibility::things::without_judges(&mut view);
                }
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

    /// Whether the caller may know of the thing: in a role of theirs, or as a reader of the case it belongs to.
    async fn may_know(&self, signed: &Signed, state: &AnyState, roles: &[Acting]) -> Result<bool, Error> {
        if self.registry().read(|registers| visibility::may_read(state, roles, registers)) {
            return Ok(true);
        }
        let Some((case, class)) = visibility::things::case_of(state) else { return Ok(false) };
        match self.declaration(signed, case.0).await {
            Ok((it, readers)) => {
                let declared = it.review.declared.is_some();
                Ok(visibility::shown(Value::Null, class, &readers, declared).is_some())
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
        if visibility::events::committee_view(readers) {
            return Ok((held.version, held.position));
        }
        let AnyState::Declaration(it) = &held.state else { return Ok((held.version, held.position)) };
        if it.review.meeting.is_none() && it.review.offline.is_none() && it.annulled_ballots.is_empty() {
            return Ok((held.version, held.position));
        }
        let events = self.store().read_stream(stream.aggregate, &stream.id.to_string(), 0).await?;
        let last = events.iter().rfind(|event| {
            event.sequence <= held.version && visibility::events::is_visible(&event.event_type, readers)
        });
        Ok(last.map_or((held.version, held.position), |event| (event.sequence, event.position)))
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
        let (roles, readers, names_judges) = self.registry().read(|registers| {
            let roles = registers.roles_of(signed.account);
            let readers = match &held.state {
                AnyState::Declaration(it) => visibility::readers(it, &roles, registers),
                _ => Vec::new(),
            };
            let names_judges = visibility::names_judges(&held.state, &roles, registers);
            (roles, readers, names_judges)
        });
        if !self.may_know(signed, &held.state, &roles).await? {
            return Err(Error::not_found());
        }
        let declaration = match &held.state {
            AnyState::Declaration(it) => Some(it),
            _ => None,
        };
        let declared = declaration.is_some_and(|it| it.review.declared.is_some());
        let events = self.store().read_stream(aggregate, &id.to_string(), 0).await?;
        events
            .iter()
            .filter(|event| {
                declaration.is_none() || visibility::events::is_visible(&event.event_type, &readers)
            })
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
                if declaration.is_some() {
                    return Ok(visibility::events::event(event, &stamp, data, &readers, declared));
                }
                let (actor, time, data) = if names_judges {
                    (json!(stamp.actor), json!(stamp.time), visibility::without_private(data))
                } else {
                    let actor = visibility::events::actor(&stamp, &[], false);
                    (actor, visibility::events::time(&stamp, &[], false), json!({}))
                };
                Ok(json!({
                    "position": event.position, "version": event.sequence, "type": event.event_type,
                    "actor": actor, "time": time, "data": data,
                }))
            })
            .collect()
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
    app: &App,
    state: &AnyState,
    roles: &[Acting],
    registers: &zhicheng_domain::Registers,
) -> Vec<Value> {
    let known = Known::default();
    let mut offered = Vec::new();
    for spec in AnyState::specs(state.aggregate()) {
        let contexts = roles.iter().map(|acting| Context {
            actor: Actor::Account(acting.clone()),
            now: app.now(),
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

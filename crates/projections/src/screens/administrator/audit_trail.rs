//! 审计轨迹 Every event of every aggregate: that it happened, when, and in which role; nothing of what it says.

use crate::column::{Column, id, instant, integer, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::table::{Feed, Table};
use chrono::NaiveTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use uuid::Uuid;
use zhicheng_domain::account::Account;
use zhicheng_domain::aggregate::{ActorKind, ActorStamp, Aggregate as _};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::values::Role;
use zhicheng_journal::RecordedEvent;

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "audit-trail", "审计轨迹", "Audit trail")
    .granted(&[grant(Role::Auditor, Scope::Everything)])
    .newest_first("position");

/// The table.
pub const TABLE: Table = Table {
    name: "audit_trail",
    up: include_str!("../../../../../projections/audit_trail/up.sql"),
    sources: &[&[include_str!("audit_trail.rs")]],
    columns: &[COLUMNS],
    feed: Feed::Events { row },
};

const COLUMNS: &[Column] = &[
    integer("id", "标识").always(),
    integer("position", "位置").always(),
    instant("recorded_at", "入册时间").always(),
    text("aggregate", "聚合类型").always(),
    id("aggregate_id", "聚合标识"),
    id("declaration_id", "申报标识"),
    text("event_type", "事件类型").always(),
    integer("version", "版本"),
    name_of("actor_name", "操作者", "actor"),
    text("actor", "操作者标识"),
    text("role", "角色").one_of::<Role>(),
    text("organisation_name", "机构").searchable(),
];

/// A fact of the log, as far as the trail reads it; an event that nothing else can read still leaves its trace.
#[derive(Deserialize)]
struct Fact<B> {
    #[serde(default)]
    actor: Option<ActorStamp>,
    #[serde(default, bound = "B: Default + Deserialize<'de>")]
    event: B,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Body {
    Fields(BTreeMap<String, Named>),
    #[default]
    Nothing,
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    declaration_id: Option<Uuid>,
}

fn read<'a, T: Deserialize<'a>>(event: &'a RecordedEvent) -> Result<T, RowError> {
    serde_json::from_str(&event.payload).map_err(|error| RowError::Unreadable(error.to_string()))
}

/// The row of an event. Of a judge, and of a ballot, neither the account is told nor the time of the day (contract.md, Who sees what).
pub fn row(event: &RecordedEvent) -> Result<Row, RowError> {
    let aggregate_id = Uuid::parse_str(&event.aggregate_id).ok();
    let (actor, declaration_id) = if event.aggregate_type == Declaration::TYPE {
        let fact: Fact<IgnoredAny> = read(event)?;
        (fact.actor, aggregate_id)
    } else {
        let fact: Fact<Body> = read(event)?;
        let named = match fact.event {
            Body::Fields(fields) => fields.into_values().find_map(|field| field.declaration_id),
            Body::Nothing | Body::Other(_) => None,
        };
        (fact.actor, named)
    };
    let actor = actor.as_ref();
    let role = actor.and_then(|actor| actor.role);
    // a ballot has no actor at all
    let ballot = actor.is_none() && event.aggregate_type == Declaration::TYPE;
    let judge = role == Some(Role::Judge) || ballot;
    let recorded_at = if judge {
        let midnight = in_shanghai(event.recorded_at).with_time(NaiveTime::MIN).single();
        midnight.map_or(event.recorded_at, |midnight| midnight.to_utc())
    } else {
        event.recorded_at
    };
    // what a judge does to the own account would name it
    let aggregate_id = aggregate_id.filter(|_| !(judge && event.aggregate_type == Account::TYPE));
    let name = actor.map(|actor| match (actor.kind, actor.account_id) {
        _ if judge => "评委".to_owned(),
        (ActorKind::System, _) => "系统".to_owned(),
        (ActorKind::Account, Some(account)) => account.to_string(),
        (ActorKind::Account, None) => "未登录".to_owned(),
    });
    // a judge's events make no version step
    let version = (!judge).then_some(event.sequence);
    Ok(Row::new(format!("{:020}", event.position)).with([
        // an event has no other name than its place in the log
        ("id", event.position.into()),
        ("position", event.position.into()),
        ("recorded_at", recorded_at.into()),
        ("aggregate", (&event.aggregate_type).into()),
        ("aggregate_id", aggregate_id.into()),
        ("declaration_id", declaration_id.into()),
        ("event_type", (&event.event_type).into()),
        ("version", version.into()),
        ("actor", name.into()),
        ("role", role.map(Role::name).into()),
        ("organisation_name", actor.and_then(|actor| actor.organisation_name.as_ref()).into()),
    ]))
}

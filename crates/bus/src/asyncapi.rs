//! The AsyncAPI 3.0 document: the channel, the message, its schema, and examples made by the code that makes the messages.

use crate::message::{CONTENT_TYPE, Message, SUBJECT_PREFIX, WITHHELD};
use crate::stream::{STREAM, SUBJECTS};
use crate::told::{Told, by_name};
use chrono::DateTime;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use zhicheng_domain::AnyEvent;
use zhicheng_journal::RecordedEvent;

/// The whole document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut message = Value::from(generator.root_schema_for::<Message>());
    let mut schemas = message.get_mut("components").and_then(|it| it.get_mut("schemas")).map(Value::take);
    if let Some(members) = message.as_object_mut() {
        members.remove("components");
        members.insert("title".into(), json!("CloudEvents 1.0"));
    }
    if let Some(kind) = message.pointer_mut("/properties/type") {
        kind["enum"] = types().into();
    }
    if let Some(source) = message.pointer_mut("/properties/source") {
        source["const"] = json!(crate::message::SOURCE);
    }
    let mut schemas = schemas.as_mut().and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    schemas.insert("Message".into(), message);
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "职称申报评审系统事件",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "日志中每个事件一条消息，按日志位置先后发布，不重不漏：消息在流中的序号、Nats-Msg-Id 与 id 均为日志位置。\
                消息不含个人信息；会议评审过程、投票及草稿内容不对外，其位置由类型为 withheld 的消息占据。\
                消费者按 id 去重，中断后从最后处理的 id 加一处继续读取。",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "nats": {
                "host": "{host}",
                "protocol": "nats",
                "description": "NATS JetStream；未设置 NATS_URL 时由系统在数据目录内自行启动，地址见其中的 nats.url。",
                "variables": {"host": {"default": "127.0.0.1:4222"}},
            },
        },
        "channels": {
            "events": {
                "address": format!("{SUBJECT_PREFIX}{{type}}"),
                "description": format!("流 {STREAM}，主题 {SUBJECTS}。"),
                "parameters": {"type": {"description": "事件类型，例如 declaration.recommended；不对外的为 withheld。"}},
                "messages": {"event": {"$ref": "#/components/messages/event"}},
            },
        },
        "operations": {
            "publishEvents": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "系统按日志位置依次发布事件",
                "messages": [{"$ref": "#/channels/events/messages/event"}],
            },
        },
        "components": {
            "messages": {
                "event": {
                    "name": "event",
                    "title": "事件",
                    "contentType": CONTENT_TYPE,
                    "headers": {
                        "type": "object",
                        "required": ["Nats-Msg-Id"],
                        "properties": {
                            "Nats-Msg-Id": {"type": "string", "description": "日志位置"},
                            "Content-Type": {"type": "string", "const": CONTENT_TYPE},
                        },
                    },
                    "payload": {"$ref": "#/components/schemas/Message"},
                    "examples": examples(),
                },
            },
            "schemas": schemas,
        },
    })
}

/// The types that messages have.
fn types() -> Vec<Value> {
    let names = AnyEvent::NAMES.iter().flat_map(|(_, names)| names.iter().copied());
    let told = names.filter(|name| by_name(name) != Told::Nothing);
    told.chain([WITHHELD]).map(Value::from).collect()
}

fn examples() -> Vec<Value> {
    let office = json!({
        "kind": "account", "account_id": "0188b6f2-6c00-7000-8000-000000000009", "role": "employer-operator",
        "organisation_id": "0188b6f2-6c00-7000-8000-000000000002", "organisation_name": "长沙市城区排水事务中心",
    });
    let judge =
        json!({"kind": "account", "account_id": "0188b6f2-6c00-7000-8000-000000000008", "role": "judge"});
    let told = [
        ("公示期满", "declaration.employer_publicity_ended", Value::Null, json!({})),
        (
            "单位公示",
            "declaration.employer_publicity_started",
            office,
            json!({
                "ends_on": "2023-05-10", "provisional": false, "round_id": "0188b6f2-6c00-7000-8000-000000000003",
                "starts_on": "2023-05-04", "working_days": 5,
            }),
        ),
        ("不对外", "declaration.ballot_opened", judge, json!({})),
    ];
    (41..)
        .zip(told)
        .map(|(position, (name, event_type, actor, said))| {
            let (aggregate, happened) = event_type.split_once('.').unwrap_or_default();
            let payload = json!({"actor": actor, "event": {happened: said}, "time": "2023-05-04T01:00:00Z"});
            let message = Message::of(&RecordedEvent {
                position,
                aggregate_type: aggregate.to_owned(),
                aggregate_id: "0188b6f2-6c00-7000-8000-000000000001".to_owned(),
                sequence: 1,
                event_type: event_type.to_owned(),
                event_version: "1".to_owned(),
                payload: payload.to_string(),
                metadata: "{}".to_owned(),
                recorded_at: DateTime::UNIX_EPOCH,
                command_id: None,
                leaf_hash: [0; 32],
            });
            json!({
                "name": name,
                "headers": {"Nats-Msg-Id": message.id, "Content-Type": CONTENT_TYPE},
                "payload": message,
            })
        })
        .collect()
}

//! The AsyncAPI 3.0 document: the channel, the envelope of all messages, and for each event that is told a message with the schema of what it
//! says and an example made by the code that makes the messages.

use crate::message::{CONTENT_TYPE, Message, SUBJECT_PREFIX, WITHHELD};
use crate::stream::{STREAM, SUBJECTS};
use crate::told_schemas::{ToldEvent, told_events};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The envelope of all messages.
const ENVELOPE: &str = "#/components/schemas/Message";
/// The headers of all messages.
const HEADERS: &str = "#/components/schemas/Headers";

/// The whole document.
pub fn document() -> Value {
    let (told, of_events) = told_events();
    let mut messages: Map<String, Value> =
        told.iter().map(|event| (event.name.clone(), message(event))).collect();
    messages.insert(WITHHELD.to_owned(), withheld());
    let refer = |to: &str| -> Vec<(String, Value)> {
        messages.keys().map(|name| (name.clone(), json!({"$ref": format!("{to}{name}")}))).collect()
    };
    let in_channel: Map<String, Value> = refer("#/components/messages/").into_iter().collect();
    let sent: Vec<Value> =
        refer("#/channels/events/messages/").into_iter().map(|(_, reference)| reference).collect();
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut envelope = Value::from(generator.root_schema_for::<Message>());
    let mut schemas = envelope.get_mut("components").and_then(|it| it.get_mut("schemas")).map(Value::take);
    if let Some(members) = envelope.as_object_mut() {
        members.remove("components");
        members.insert("title".into(), json!("CloudEvents 1.0"));
    }
    if let Some(kind) = envelope.pointer_mut("/properties/type") {
        kind["enum"] = messages.keys().cloned().collect();
    }
    if let Some(source) = envelope.pointer_mut("/properties/source") {
        source["const"] = json!(crate::message::SOURCE);
    }
    let mut schemas = schemas.as_mut().and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    schemas.insert("Message".into(), envelope);
    schemas.insert(
        "Headers".into(),
        json!({
            "type": "object",
            "required": ["Nats-Msg-Id"],
            "properties": {
                "Nats-Msg-Id": {"type": "string", "description": "日志位置"},
                "Content-Type": {"type": "string", "const": CONTENT_TYPE},
            },
        }),
    );
    schemas.extend(of_events);
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
                "messages": in_channel,
            },
        },
        "operations": {
            "publishEvents": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "系统按日志位置依次发布事件",
                "messages": sent,
            },
        },
        "components": {
            "messages": messages,
            "schemas": schemas,
        },
    })
}

/// The message of a position of which nothing is told.
fn withheld() -> Value {
    json!({
        "name": WITHHELD,
        "title": "不对外",
        "summary": "日志在该位置有一个不对外的事件",
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": HEADERS},
        "payload": of_type(WITHHELD, None),
        "examples": [example(&Message::withheld(42))],
    })
}

fn message(event: &ToldEvent) -> Value {
    json!({
        "name": event.name,
        "title": event.name,
        "summary": event.summary,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": HEADERS},
        "payload": of_type(&event.name, event.schema.as_deref()),
        "examples": [example(&event.example)],
    })
}

/// The envelope, with this type; with data, what they say.
fn of_type(name: &str, said: Option<&str>) -> Value {
    let mut members = json!({"type": {"const": name}});
    if let Some(said) = said {
        let said = json!({"$ref": format!("#/components/schemas/{said}")});
        members["data"] = json!({"type": "object", "properties": {"event": said}});
    }
    json!({"allOf": [{"$ref": ENVELOPE}, {"type": "object", "properties": members}]})
}

fn example(message: &Message) -> Value {
    json!({
        "name": message.kind,
        "headers": {"Nats-Msg-Id": message.id, "Content-Type": CONTENT_TYPE},
        "payload": message,
    })
}

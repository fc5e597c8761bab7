//! The OpenAPI 3.1 document: the annotated routes, and one entry for each action of each collection, made from the list of
//! actions and the JSON Schema of its input.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use zhicheng_domain::action::{ActionSpec, Start};
use zhicheng_domain::job::Job;
use zhicheng_domain::label::Named;
use zhicheng_domain::{Aggregate as _, AnyCommand, AnyState};

/// What the annotated routes are added to.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "职称申报评审",
        description = "湖南省职称申报评审接口。写请求须带 Idempotency-Key；错误一律为 application/problem+json。",
    ),
    components(schemas(crate::problem::Problem, crate::problem::FieldError, crate::problem::Choice))
)]
pub struct Document;

/// The whole document.
pub fn document(routes: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(routes).unwrap_or_default();
    let mut generator = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths = Map::new();
    for (aggregate, collection) in AnyState::TYPES {
        for spec in AnyState::specs(aggregate).iter().filter(|spec| !spec.by.is_empty()) {
            let input =
                AnyCommand::schema(aggregate, spec.name, &mut generator).map(Value::from).unwrap_or_default();
            let path = match spec.from {
                Start::Nothing if spec.name == "create" => format!("/v1/{collection}"),
                Start::Nothing => continue,
                Start::Any | Start::Stages(_) => format!("/v1/{collection}/{{id}}/actions/{}", spec.name),
            };
            paths.insert(path, json!({"post": operation(collection, spec, input)}));
        }
        paths.insert(format!("/v1/{collection}/{{id}}"), json!({"get": reading(collection, "读取一项")}));
        paths.insert(
            format!("/v1/{collection}/{{id}}/events"),
            json!({"get": reading(collection, "读取其全部事件")}),
        );
    }
    let schemas = generator.take_definitions(true);
    if let Some(known) = document.pointer_mut("/paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            known.entry(path).or_insert(item);
        }
    }
    if let Some(known) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        known.extend(schemas);
    }
    document["components"]["securitySchemes"] = json!({"session": {"type": "http", "scheme": "bearer"}});
    document["security"] = json!([{"session": []}]);
    document
}

fn operation(collection: &str, spec: &ActionSpec, input: Value) -> Value {
    let mut roles: Vec<&str> = spec.by.iter().map(|by| by.role.label().zh).collect();
    roles.dedup();
    let mut parameters = vec![
        json!({"name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string", "minLength": 1, "maxLength": 128}}),
        json!({"name": "Acting-As", "in": "header", "required": false, "schema": {"type": "string"}}),
        json!({"name": "If-Match", "in": "header", "required": false, "schema": {"type": "string"}}),
    ];
    let creates = matches!(spec.from, Start::Nothing);
    if !creates {
        parameters.push(json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    let status = match creates {
        true if collection == Job::COLLECTION => "202",
        true => "201",
        false => "200",
    };
    json!({
        "tags": [collection],
        "operationId": format!("{collection}.{}", spec.name),
        "summary": spec.label.zh,
        "description": format!("{}。办理人：{}。", spec.label.en, roles.join("、")),
        "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": input}}},
        "responses": {
            (status): {"description": "回执", "content": {"application/json": {"schema": receipt()}}},
            "default": problem(),
        },
    })
}

fn reading(collection: &str, summary: &str) -> Value {
    json!({
        "tags": [collection],
        "summary": summary,
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "好", "content": {"application/json": {"schema": {"type": "object"}}}}, "default": problem()},
    })
}

fn receipt() -> Value {
    json!({
        "type": "object",
        "required": ["id", "version", "position", "stage"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer"},
            "position": {"type": "integer"},
            "stage": {"type": ["string", "null"]},
        },
    })
}

fn problem() -> Value {
    json!({
        "description": "没有办成",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}

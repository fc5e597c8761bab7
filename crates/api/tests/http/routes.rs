//! The OpenAPI document names every route, and every route refuses the anonymous unless it is listed.

use crate::support::System;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_api::ANONYMOUS;

/// Every route of the document, by method and path.
fn routes(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = ["get", "post", "put", "patch", "delete"];
    let of = |(path, item): (&String, &Value)| {
        let item = item.as_object().unwrap();
        let known = item.keys().filter(|method| methods.contains(&method.as_str()));
        known.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// The path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let with_query = match path {
        "/v1/paths/resolve" => {
            format!(
                "{path}?employer_id={}&mode=review&level=assistant&series=01&specialty=0101",
                Uuid::new_v4()
            )
        }
        "/v1/paths/superiors" | "/v1/paths/subordinates" => format!("{path}?of={}", Uuid::new_v4()),
        "/v1/declarations/{id}/diff" => format!("{path}?from=1&to=2"),
        other => other.to_owned(),
    };
    with_query
        .replace("{id}", &Uuid::new_v4().to_string())
        .replace("{what}", "titles")
        .replace("{year}", "2023")
        .replace("{screen}", "my-declarations")
        .replace("{figure}", "progress")
        .replace("{kind}", "employers")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_the_anonymous_unless_it_is_listed() {
    let system = System::hunan().await;
    let routes = routes(&system.document);
    assert!(routes.len() > 150, "the document names the routes: {}", routes.len());
    let mut failures = Vec::new();
    for (method, path) in &routes {
        let listed = ANONYMOUS.contains(&(method.as_str(), path.as_str())) || path.starts_with("/v1/public/");
        let head = system.head().await;
        for body in [json!({}), json!({"unknown": 1})] {
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let call = system.call(None, verb, filled(path)).key(&Uuid::new_v4().to_string());
            let call = if method == "get" { call } else { call.raw(body.to_string()) };
            let answer = call.send().await;
            let refused = answer.status == 401 && answer.json()["code"] == "unauthenticated";
            if refused == listed || answer.status >= 500 {
                failures.push(format!("{method} {path}: {} {}", answer.status, answer.text));
            }
        }
        assert_eq!(system.head().await, head, "{method} {path} appended something");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_with_a_query_or_a_role_instead_of_a_session() {
    let system = System::hunan().await;
    for path in ["/v1/lookups/titles?order=1", "/v1/events?limit=x", "/v1/paths/superiors", "/v1/me"] {
        let call = system.get(None, path).header("acting-as", "system-administrator");
        call.refused(401, "unauthenticated").await;
    }
    let call = system.post(None, "/v1/declarations", &json!({})).without("idempotency-key");
    let answer = call.send().await;
    assert!(matches!(answer.status, 400 | 401), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_answers_without_a_session() {
    let system = System::hunan().await;
    for path in ["/healthz", "/readyz", "/metrics", "/v1/openapi.json", "/v1/asyncapi.json"] {
        let answer = system.get(None, path).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let docs = system.get(None, "/docs/").send().await;
    assert_eq!(docs.status, 200, "{}", docs.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole() {
    let system = System::hunan().await;
    let document = system.get(None, "/v1/openapi.json").send().await.expect(200);
    assert_eq!(document, system.document);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = document.to_string();
    let mut missing = BTreeSet::new();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        if document.pointer(pointer).is_none() {
            missing.insert(pointer.to_owned());
        }
    }
    assert!(missing.is_empty(), "nothing is there: {missing:?}");
    for (method, path) in
        ANONYMOUS.iter().filter(|(_, path)| path.starts_with("/v1/") && !path.ends_with("api.json"))
    {
        assert!(document["paths"][path][method].is_object(), "{method} {path}");
    }
}

//! `schemas/openapi.json` is what the code generates.
#![expect(clippy::disallowed_methods, reason = "blessing is asked for by the environment")]

use std::path::Path;

#[test]
fn the_checked_in_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/openapi.json");
    let generated =
        serde_json::to_string_pretty(&zhicheng_api::document()).expect("a document is JSON") + "\n";
    if std::env::var_os("ZHICHENG_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the document can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == generated,
        "schemas/openapi.json is not what the code says; run ZHICHENG_BLESS=1 cargo test -p zhicheng-api --test openapi"
    );
}

#[test]
fn it_is_openapi_3_1_and_names_every_action() {
    let document = zhicheng_api::document();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    for path in [
        "/v1/declarations",
        "/v1/declarations/{id}/actions/recommend",
        "/v1/declarations/{id}/actions/rollback",
        "/v1/review-meetings/{id}/actions/draw",
        "/v1/certificates/{id}/actions/record-acknowledgement",
        "/v1/screens/{screen}",
        "/v1/sessions",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}

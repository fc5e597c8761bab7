//! The API document is whole; `cargo xtask schemas` writes it and a test of `xtask` holds it.

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

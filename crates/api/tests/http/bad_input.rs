//! No input whatsoever gives a 5xx: each is refused with its code in Chinese, and nothing is appended.

use crate::support::{System, complete_sections, id_number, names, new_account, publicity, submission};
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// A body that is refused with this status and code, naming this field.
async fn check(system: &System, who: &str, path: &str, body: &Value, refused: (u16, &str, &str)) {
    let (status, code, pointer) = refused;
    let problem = system.post(who, path, body).refused(status, code).await;
    assert!(names(&problem, pointer), "{path} {body}: {pointer} is not named in {problem}");
}

/// The value with one member set, or taken away where it is null.
fn with(mut value: Value, pointer: &str, member: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match member {
        Value::Null => parent.remove(name),
        member => parent.insert(name.to_owned(), member),
    };
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_malformed() {
    let system = System::hunan().await;
    for body in [
        "{",
        "",
        "[1",
        "{\"year\":}",
        "{'year':2023}",
        "nul",
        "{}{}",
        "\u{feff}{}",
        "{\"year\":NaN}",
        "{\"a\":\"\\ud800\"}",
    ] {
        let call = system.post("applicant", "/v1/declarations", &json!({})).raw(body);
        let problem = call.refused(400, "malformed-input").await;
        assert!(problem["detail"].as_str().is_some(), "{body}");
    }
    let call =
        system.post("applicant", "/v1/declarations", &json!({})).raw(b"{\"title\":\"\xff\xfe\"}".to_vec());
    call.refused(400, "malformed-input").await;
    let xml = system
        .post("applicant", "/v1/declarations", &json!({}))
        .header("content-type", "text/xml")
        .raw("<a/>");
    xml.refused(400, "malformed-input").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_wrong_form_is_malformed_and_named() {
    let system = System::hunan().await;
    let good = system.declaration();
    for (pointer, value, named) in [
        ("/year", json!("2023"), "/year"),
        ("/year", json!(2023.5), "/year"),
        ("/year", json!([2023]), "/year"),
        ("/level", json!(1), "/level"),
        ("/title", json!({"name": "副教授"}), "/title"),
        ("/title", json!(true), "/title"),
        ("/employer_id", json!(7), "/employer_id"),
        ("/year", Value::Null, "/year"),
        ("/employer_id", Value::Null, "/employer_id"),
        ("/stage", json!("qualified"), "/stage"),
        ("/a~b", json!(1), "/a~0b"),
    ] {
        let body = with(good.clone(), pointer, value);
        check(&system, "applicant", "/v1/declarations", &body, (400, "malformed-input", named)).await;
    }
    for body in [json!([]), json!("x"), json!(3), json!(null), json!(true)] {
        system.post("applicant", "/v1/declarations", &body).refused(400, "malformed-input").await;
    }
    let draft = system.draft("applicant").await;
    let path = format!("/v1/declarations/{draft}/actions/save-draft");
    for (pointer, value) in [
        ("/sections/salaries", json!({})),
        ("/sections/basic", json!("text")),
        ("/sections/education", json!({})),
        ("/sections/basic/salary", json!(1)),
        ("/sections/education/0/school", json!(3)),
    ] {
        let body = json!({"sections": complete_sections()});
        let body = match body.pointer(pointer.rsplit_once('/').unwrap().0) {
            Some(_) => with(body, pointer, value),
            None => unreachable!("{pointer}"),
        };
        check(&system, "applicant", &path, &body, (400, "malformed-input", pointer)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_the_place_of_an_object_is_malformed_and_named() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let path = format!("/v1/declarations/{id}/actions/review-by-employer");
    let body = json!({"decision": "return", "opinion": "请补充。", "items": [["papers", "缺少原件"]]});
    check(&system, "operator", &path, &body, (400, "malformed-input", "/items/0")).await;
    let path = format!("/v1/declarations/{id}/actions/submit");
    let body = json!({"answers": [{"item_id": "1", "answer": "已补充。"}, ["已补充。", "2"]]});
    check(&system, "applicant", &path, &body, (400, "malformed-input", "/answers/1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_cannot_be_are_invalid_and_named() {
    let system = System::hunan().await;
    let good = system.declaration();
    for (pointer, value) in [
        ("/level", json!("professor")),
        ("/mode", json!("lottery")),
        ("/series", json!("99")),
        ("/specialty", json!("' or 1=1 --")),
        ("/title", json!("皇帝")),
        ("/employer_id", json!("not-a-uuid")),
        ("/employer_id", json!(Uuid::new_v4())),
        ("/employer_id", json!(system.id("committee"))),
    ] {
        let body = with(good.clone(), pointer, value);
        check(&system, "applicant", "/v1/declarations", &body, (422, "invalid-input", pointer)).await;
    }
    let valid = id_number(4242);
    let wrong_check_digit = format!("{}{}", &valid[..17], if valid.ends_with('1') { '2' } else { '1' });
    for (pointer, value) in [
        ("/id_number", json!(wrong_check_digit)),
        ("/id_number", json!("430102198102301234")),
        ("/id_number", json!("")),
        ("/phone", json!("12345")),
        ("/name", json!("   ")),
        ("/name", json!("张".repeat(101))),
        ("/username", json!("a b")),
        ("/username", json!("x")),
        ("/username", json!(valid)),
        ("/username", json!(format!("zhang.{}", valid.to_lowercase()))),
        ("/username", json!("430602900101001")),
        ("/password", json!("123456")),
    ] {
        let body = with(new_account("somebody"), pointer, value);
        let problem = system.post(None, "/v1/accounts", &body).refused(422, "invalid-input").await;
        assert!(names(&problem, pointer), "{body}: {problem}");
    }
    let committee = format!("/v1/committees/{}/actions/suspend", system.id("committee"));
    let reason = json!({"reason": format!("冒用他人身份（{valid}）报名，限期整改")});
    check(&system, "province", &committee, &reason, (422, "invalid-input", "/reason")).await;
    let employer = json!({
        "name": "浏阳市第一中学", "uscc": "12430100MB1F00022A", "region": "430181", "nature": "public_institution",
        "reviewing_organisation_id": system.id("changsha"),
    });
    check(&system, "province", "/v1/employers", &employer, (422, "invalid-input", "/uscc")).await;
    let mars = with(employer, "/region", json!("999999"));
    check(&system, "province", "/v1/employers", &mars, (422, "invalid-input", "/region")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_do_not_exist_are_invalid() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let path = format!("/v1/declarations/{draft}/actions/save-draft");
    for day in ["2023-02-30", "2023-13-01", "2023-02-29", "0000-00-00", "明天", "20230203", "", "99999-01-01"]
    {
        for pointer in ["/sections/basic/work_started_on", "/sections/education/0/from"] {
            let body = json!({"sections": complete_sections()});
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut body = body;
            body.pointer_mut(parent).unwrap()[name] = json!(day);
            check(&system, "applicant", &path, &body, (422, "invalid-input", pointer)).await;
        }
    }
    let submitted = system.draft("neighbour").await;
    system.on("neighbour", submitted, "submit", &submission()).await;
    system.on("operator", submitted, "review-by-employer", &json!({"decision": "pass"})).await;
    let path = format!("/v1/declarations/{submitted}/actions/start-employer-publicity");
    check(&system, "operator", &path, &publicity("2023-06-31", 5), (422, "invalid-input", "/starts_on"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_empty_is_asked_for() {
    let system = System::hunan().await;
    let submitted = system.submitted("applicant").await;
    let path = format!("/v1/declarations/{submitted}/actions/review-by-employer");
    for decision in ["fail", "return"] {
        for opinion in [json!(null), json!(""), json!("  ")] {
            let body = json!({"decision": decision, "opinion": opinion});
            check(&system, "operator", &path, &body, (422, "reason-required", "/opinion")).await;
        }
    }
    check(&system, "operator", &path, &json!({}), (400, "malformed-input", "/decision")).await;
    let withdrawn = system.draft("neighbour").await;
    let path = format!("/v1/declarations/{withdrawn}/actions/submit");
    check(
        &system,
        "neighbour",
        &path,
        &json!({"pledged": true}),
        (400, "malformed-input", "/pledge_version"),
    )
    .await;
    let broken = with(submission(), "/pledged", json!(false));
    system.post("neighbour", &path, &broken).refused(422, "pledge-missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publicity_is_long_enough_and_over() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    system.on("operator", case, "review-by-employer", &json!({"decision": "pass"})).await;
    let act = |action: &str| format!("/v1/declarations/{case}/actions/{action}");
    for days in [4, 0] {
        let input = publicity("2023-05-04", days);
        system
            .post("operator", act("start-employer-publicity"), &input)
            .refused(422, "publicity-too-short")
            .await;
    }
    for days in [json!(-1), json!(4_294_967_296_u64), json!(1e300), json!("5")] {
        let input = with(publicity("2023-05-04", 5), "/working_days", days);
        let answer = system.post("operator", act("start-employer-publicity"), &input).send().await;
        assert!(matches!(answer.status, 400 | 422), "{input}: {}", answer.text);
    }
    system.on("operator", case, "start-employer-publicity", &publicity("2023-05-04", 5)).await;
    let passed = json!({"result": "passed"});
    let record = || system.post("operator", act("record-employer-publicity-result"), &passed);
    let early = record().refused(422, "publicity-not-ended").await;
    assert!(early["detail"].as_str().unwrap().contains("2023-05-09"), "{early}");
    // Saturday 2023-05-06 was a working day: 4, 5, 6, 8, 9 May.
    system.at("2023-05-09T23:59:59+08:00");
    record().refused(422, "publicity-not-ended").await;
    system.at("2023-05-10T00:00:00+08:00");
    record().send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let unknown = Uuid::new_v4();
    let pass = json!({"decision": "pass"});
    for path in [
        format!("/v1/declarations/{unknown}"),
        format!("/v1/declarations/{unknown}/events"),
        format!("/v1/declarations/{unknown}/tracking"),
        format!("/v1/declarations/{unknown}/checks"),
        format!("/v1/declarations/{unknown}/diff?from=1&to=2"),
        format!("/v1/declarations/{draft}?as_of=1"),
        "/v1/declarations/7".to_owned(),
        "/v1/declarations/not-a-uuid/events".to_owned(),
        "/v1/declarations/00000000-0000-0000-0000-00000000000g".to_owned(),
        "/v1/declarations/%00".to_owned(),
        "/v1/declarations/%27%20or%201=1--".to_owned(),
        format!("/v1/declaration/{draft}"),
        "/v1/declarations/%ff".to_owned(),
        "/v1/lookups/%ff".to_owned(),
        "/v1/%ff/%fe/events".to_owned(),
        format!("/v1/employers/{draft}"),
        format!("/v1/dragons/{draft}"),
        "/v1/lookups/dragons".to_owned(),
        "/v1/working-calendar/9999999999999".to_owned(),
        "/v1/working-calendar/twenty".to_owned(),
        format!("/v1/materials/{unknown}"),
        "/nowhere".to_owned(),
        "/".to_owned(),
    ] {
        system.get("applicant", path).refused(404, "not-found").await;
    }
    for path in [
        format!("/v1/declarations/{unknown}/actions/review-by-employer"),
        "/v1/declarations/7/actions/review-by-employer".to_owned(),
        format!("/v1/declarations/{draft}/actions/promote"),
        format!("/v1/declarations/{draft}/actions/create"),
        format!("/v1/declarations/{draft}/actions/lapse"),
        "/v1/installations".to_owned(),
        "/v1/dragons".to_owned(),
    ] {
        system.post("operator", path, &pass).refused(404, "not-found").await;
    }
    let put = system.call("applicant", Method::PUT, format!("/v1/declarations/{draft}")).raw("{}");
    put.refused(405, "method-not-allowed").await;
    for path in [format!("/v1/declarations%2F{draft}"), "/v1/dragons".to_owned()] {
        system.get("applicant", path).refused(404, "not-found").await;
    }
    for body in [r#"["applicant","Xiang-2023-jiang"]"#, "[]", "null", "7", r#""text""#] {
        let list = system.call(None, Method::POST, "/v1/sessions").raw(body);
        list.refused(400, "malformed-input").await;
    }
    for scheme in ["bearer", "BEARER"] {
        let token = system.token("applicant").await;
        let me =
            system.call(None, Method::GET, "/v1/me").header("authorization", format!("{scheme} {token}"));
        me.send().await.expect(200);
    }
    system.call("applicant", Method::DELETE, "/v1/declarations").refused(405, "method-not-allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_does_not_fit_is_refused() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let act = |action: &str| format!("/v1/declarations/{case}/actions/{action}");
    let early = system.post("operator", act("start-employer-publicity"), &publicity("2023-05-04", 5));
    let problem = early.refused(422, "stage-refused").await;
    assert!(problem["detail"].as_str().unwrap().contains("待单位初审"), "{problem}");
    system.post("applicant", act("submit"), &submission()).refused(422, "stage-refused").await;
    system.post("applicant", act("save-draft"), &json!({"sections": {}})).refused(422, "stage-refused").await;
    system.on("operator", case, "review-by-employer", &json!({"decision": "pass"})).await;
    system.post("operator", act("recommend"), &json!({})).refused(422, "publicity-missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_gone_is_a_precondition_failed() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let save = |text: &str| {
        let body = json!({"sections": {"self_report": {"text": text}}});
        system.post("applicant", format!("/v1/declarations/{draft}/actions/save-draft"), &body)
    };
    let seen = system.get("applicant", format!("/v1/declarations/{draft}")).send().await;
    let version = seen.expect(200)["version"].as_i64().unwrap();
    assert_eq!(seen.header("etag"), format!("\"{version}\""));
    let saved = save("一。").seen(version).send().await;
    assert_eq!(saved.expect(200)["version"], version + 1);
    assert_eq!(saved.header("etag"), format!("\"{}\"", version + 1));
    save("二。").seen(version).refused(412, "version-mismatch").await;
    save("二。").seen(version + 5).refused(412, "version-mismatch").await;
    for tag in ["seven", "\"\"", "\"1\", \"2\"", "\"99999999999999999999\""] {
        save("二。").header("if-match", tag).refused(400, "malformed-input").await;
    }
    save("二。").header("if-match", "*").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_is_refused_wherever_it_stands() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let path = format!("/v1/declarations/{draft}/actions/save-draft");
    for (body, pointer) in [
        (json!({"sections": {"self_report": {"text": "a\0b"}}}), "/sections/self_report/text"),
        (json!({"sections": {"a/b~": ["\0"]}}), "/sections/a~1b~0/0"),
        (json!({"\0": 1}), ""),
    ] {
        check(&system, "applicant", &path, &body, (400, "malformed-input", pointer)).await;
    }
    let raw = system.post("applicant", &path, &json!({})).raw(b"{\"sections\":\0}".to_vec());
    raw.refused(400, "malformed-input").await;
    let sign_in = json!({"username": "ad\0min", "password": "x"});
    system.post(None, "/v1/sessions", &sign_in).refused(400, "malformed-input").await;
    for path in [
        "/v1/lookups/employers?q=%00",
        "/v1/lookups/regions?q=a%00b",
        "/v1/lookups/titles?series=%00",
        "/v1/working-calendar/%00",
        "/v1/lookups/%00",
    ] {
        let answer = system.get("applicant", path).send().await;
        assert!(answer.status < 500, "{path}: {}", answer.text);
    }
    system
        .get("applicant", format!("/v1/declarations/{draft}?as_of=%00"))
        .refused(400, "malformed-input")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_without_end_and_nesting_without_end_are_refused() {
    let system = System::hunan().await;
    let huge = |year: &str| system.declaration().to_string().replace("2023", year);
    for year in [
        "9".repeat(400),
        "1e999".into(),
        "-9223372036854775809".into(),
        "18446744073709551616".into(),
        "2147483648".into(),
    ] {
        let call = system.post("applicant", "/v1/declarations", &json!({})).raw(huge(&year));
        let answer = call.send().await;
        assert!(matches!(answer.status, 400 | 422), "{year}: {}", answer.text);
    }
    for year in ["-2147483648", "0", "2147483647"] {
        let answer = system.post("applicant", "/v1/declarations", &json!({})).raw(huge(year)).send().await;
        assert!(matches!(answer.status, 400 | 422), "{year}: {}", answer.text);
    }
    for depth in [127, 129, 100_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let call = system.post("applicant", "/v1/declarations", &json!({})).raw(nested.clone());
        call.refused(400, "malformed-input").await;
        let call =
            system.post("applicant", "/v1/declarations", &json!({})).raw(format!("{{\"title\":{nested}}}"));
        call.refused(400, "malformed-input").await;
    }
    let draft = system.draft("applicant").await;
    for query in
        ["from=1&to=99999999999999999999", "from=-1&to=2", "from=a&to=b", "from=1", "from=1&to=2&x=3", ""]
    {
        let answer = system.get("applicant", format!("/v1/declarations/{draft}/diff?{query}")).send().await;
        assert!(matches!(answer.status, 400 | 404), "{query}: {}", answer.text);
    }
    for as_of in
        ["-5", "9223372036854775808", "yesterday", "2023-02-30T00:00:00Z", "%2B262143-01-01T00:00:00Z"]
    {
        let answer = system.get("applicant", format!("/v1/declarations/{draft}?as_of={as_of}")).send().await;
        assert!(matches!(answer.status, 400 | 404), "{as_of}: {}", answer.text);
    }
    for query in [
        "limit=-1",
        "limit=0",
        "limit=1001",
        "limit=4294967295",
        "limit=4294967296",
        "after=1e9",
        "limit=1&limit=2",
        "order=desc",
    ] {
        system.get("admin", format!("/v1/events?{query}")).refused(400, "malformed-input").await;
    }
    for query in ["limit=1", "limit=1000", "after=-9223372036854775808", "after=9223372036854775807"] {
        system.get("admin", format!("/v1/events?{query}")).send().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_in_a_query_finds_nothing_and_breaks_nothing() {
    let system = System::hunan().await;
    let injected = "%27%3B%20drop%20table%20events%3B%20--";
    for path in
        ["employers", "organisations", "committees", "series", "specialties", "titles", "batches", "regions"]
    {
        let found =
            system.get("applicant", format!("/v1/lookups/{path}?q={injected}")).send().await.expect(200);
        assert_eq!(found, json!([]), "{path}");
    }
    system
        .get("applicant", format!("/v1/lookups/titles?level={injected}"))
        .refused(400, "malformed-input")
        .await;
    for query in ["employers?series=01", "regions?level=full_senior"] {
        system.get("applicant", format!("/v1/lookups/{query}")).refused(400, "malformed-input").await;
    }
    system
        .get("applicant", format!("/v1/lookups/titles?sort={injected}"))
        .refused(400, "malformed-input")
        .await;
    system
        .get("applicant", format!("/v1/paths/superiors?of={injected}"))
        .refused(400, "malformed-input")
        .await;
    let resolve = format!(
        "/v1/paths/resolve?employer_id={}&mode=review&level=associate_senior&series={injected}&specialty={injected}",
        system.id("drainage")
    );
    let answer = system.get("applicant", resolve).send().await;
    assert!(answer.status < 500, "{}", answer.text);
    assert!(system.head().await > 0, "the log is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_make_no_sense_are_refused() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let save = || {
        let body = json!({"sections": {"self_report": {"text": "改。"}}});
        system.post("applicant", format!("/v1/declarations/{draft}/actions/save-draft"), &body)
    };
    for role in ["emperor", "applicant@nowhere", "applicant@", "@", "", "applicant@1"] {
        save().header("acting-as", role).refused(400, "malformed-input").await;
    }
    save().header("acting-as", b"\xe7\x94\xb3").refused(400, "malformed-input").await;
    save().header("acting-as", "province").refused(400, "malformed-input").await;
    save().header("acting-as", "auditor").refused(403, "not-allowed").await;
    for key in ["".as_bytes(), b"a b", "键".as_bytes(), "k".repeat(129).as_bytes()] {
        save().header("idempotency-key", key).refused(400, "idempotency-key-invalid").await;
    }
    save().header("idempotency-key", "k".repeat(128)).send().await.expect(200);
    for token in ["Bearer", "Bearer ", "Bearer x", "Basic YWRtaW46eA==", "Bearer \u{fffd}"] {
        let path = format!("/v1/declarations/{draft}");
        let answer = system.get(None, path).header("authorization", token).send().await;
        answer.problem(401, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_are_too_much() {
    let system = System::hunan().await;
    let body = format!("{{\"title\":\"{}\"}}", "a".repeat(50 * 1024 * 1024));
    system
        .post("applicant", "/v1/declarations", &json!({}))
        .raw(body.clone())
        .refused(413, "body-too-large")
        .await;
    system.post(None, "/v1/accounts", &json!({})).raw(body.clone()).refused(413, "body-too-large").await;
    system.post(None, "/v1/sessions", &json!({})).raw(body).refused(413, "body-too-large").await;
    let just_too_much = format!("{{\"title\":\"{}\"}}", "a".repeat(1024 * 1024));
    system
        .post("applicant", "/v1/declarations", &json!({}))
        .raw(just_too_much)
        .refused(413, "body-too-large")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_are_no_document_are_refused() {
    let system = System::hunan().await;
    let upload = |field: &str, file: &[u8]| {
        let head = format!(
            "--x\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"a.pdf\"\r\ncontent-type: application/pdf\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--x--\r\n"].concat();
        system
            .post("applicant", "/v1/materials", &json!({}))
            .raw(body)
            .header("content-type", "multipart/form-data; boundary=x")
    };
    for file in [&b""[..], b"#!/bin/sh\n", b"MZ\x90\0", b"<html></html>", b"PK\x03\x04"] {
        let problem = upload("file", file).refused(422, "invalid-input").await;
        assert!(names(&problem, "/file"), "{problem}");
    }
    upload("document", b"%PDF-1.7\n").refused(400, "malformed-input").await;
    let too_large = [b"%PDF-1.7\n".as_slice(), &vec![b'a'; 30 * 1024 * 1024]].concat();
    upload("file", &too_large).refused(413, "body-too-large").await;
    let cut_off =
        b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\n"
            .to_vec();
    let call = system.post("applicant", "/v1/materials", &json!({})).raw(cut_off);
    call.header("content-type", "multipart/form-data; boundary=x").refused(400, "malformed-input").await;
    system.post("applicant", "/v1/materials", &json!({})).refused(400, "malformed-input").await;
    let stored = upload("file", b"%PDF-1.7\n").send().await.expect(201);
    assert_eq!((&stored["media_type"], &stored["size"]), (&json!("application/pdf"), &json!(9)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_asked_for_in_its_own_words() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let path = "/v1/screens/my-declarations";
    let page =
        system.get("applicant", format!("{path}?after={}", system.head().await)).send().await.expect(200);
    assert_eq!(page["rows"][0]["id"], json!(case));
    for (query, parameter) in [
        ("salary=1", "?salary"),
        ("sort=salary", "?sort"),
        ("sort=stage%3Bdrop%20table%20events", "?sort"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=many", "?limit"),
        ("cursor=eyJ4IjoxfQ", "?cursor"),
        ("cursor=%27%20or%201%3D1", "?cursor"),
        ("year=twenty", "?year"),
        ("after=-x", "?after"),
        ("after=99999999", "?after"),
    ] {
        let problem =
            system.get("applicant", format!("{path}?{query}")).refused(400, "malformed-input").await;
        assert!(names(&problem, parameter), "{query}: {problem}");
    }
    for query in ["year=%00", "year=%zz", "year=%f", "%ff=1"] {
        system.get("applicant", format!("{path}?{query}")).refused(400, "malformed-input").await;
    }
    for (query, parameter) in [
        ("stage=banana", "?stage"),
        ("stage=%27%3B%20drop%20table%20events%3B%20--", "?stage"),
        ("arrived_at_from=2023-02-30", "?arrived_at_from"),
        ("year=99999999999999999999", "?year"),
    ] {
        let problem = system.get("applicant", format!("{path}?{query}")).refused(422, "invalid-input").await;
        assert!(names(&problem, parameter), "{query}: {problem}");
    }
    let answer = system.get("applicant", format!("{path}?returned_by=%25")).send().await;
    assert_eq!(answer.expect(200)["rows"], json!([]), "no wildcard");
    system.get("applicant", "/v1/screens/dragons").refused(404, "not-found").await;
    system.get("applicant", "/v1/screens/audit-trail").refused(403, "not-allowed").await;
    system.get("neighbour", "/v1/clock").refused(404, "not-found").await;
}

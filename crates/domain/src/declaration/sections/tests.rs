use super::*;
use crate::declaration::{Body, Declaration};
use crate::label::Named;
use crate::refusal::{Kind, Refusal};
use crate::world::Who;
use crate::world::hunan::{Hunan, complete_sections};
use serde_json::json;

/// Every field of every section, with characters beyond the basic plane and middle dots.
fn filled(key: SectionKey) -> Value {
    let rare = "𠮷野·阿依古丽·买买提𬭚";
    let (from, to) = ("2015-03-01", "2020-02-29");
    match key {
        SectionKey::Basic => json!({
            "work_started_on": "2005-07-01", "current_post": rare, "former_name": rare, "ethnic_group_code": "05",
            "political_status_code": "13", "native_place": rare, "household": rare, "phone": "13900000001",
            "email": "liu.ji@example.com", "employer_nature": "public_institution", "employer_region": "430100",
            "photo_id": "01890a5d-ac96-774b-bcce-b302099a8057", "administrative_post": rare, "current_specialty": rare,
            "specialty_years": 18, "health": "good", "on_post": true, "civil_servant": false, "note": format!("一、\n二、{rare}"),
        }),
        SectionKey::Declaration => json!({"interview_wish": true, "quota_kind": "special_3", "note": rare}),
        SectionKey::CurrentTitle => json!({
            "title": "讲师", "level": "intermediate", "series": "01", "acquired_on": from, "mode": "review",
            "certificate_number": "B01151000000000001", "issued_by": rare, "appointed_post": rare, "appointed_from": from, "appointed_to": to,
        }),
        SectionKey::Education => json!([{
            "school": rare, "major": rare, "education_code": "14", "degree_code": "408", "study_form": "party_school", "from": from,
            "to": to, "is_basis": true, "is_first": false, "is_highest": true, "chsi_code": "A1B2",
        }]),
        SectionKey::Employment => json!([{
            "employer": rare, "post": rare, "from": from, "to": to, "department": rare, "work": rare, "administrative_post": rare,
            "witness": rare, "at_grassroots": true, "in_township": false, "note": rare,
        }]),
        SectionKey::ContinuingEducation => {
            json!([{"year": 2022, "general_hours": 24, "specialty_hours": 48, "record_number": "湘继〔2022〕1号"}])
        }
        SectionKey::LanguageComputer => {
            json!([{"kind": "language", "name": rare, "score": "良", "certificate_number": "1", "acquired_on": from}])
        }
        SectionKey::Papers => json!([{
            "title": rare, "journal": rare, "serial_number": "ISSN 1000-0001", "pages": "1(2): 3–4", "published_on": to,
            "author_position": 1, "is_corresponding": true, "indexed_in": ["CSSCI", "北大核心"], "impact_factor": "3.517",
            "retrieval_proof": rare, "is_representative": true, "used_before": false, "note": rare,
        }]),
        SectionKey::Books => json!([{
            "title": rare, "kind": "textbook", "publisher": rare, "isbn": "978-7-0000-0000-0", "published_on": to,
            "own_words": 120_000, "author_position": 2,
        }]),
        SectionKey::Projects => json!([{
            "name": rare, "source": rare, "level": "省部级", "number": "1", "from": from, "to": to, "funds": "12.5", "role": "主持",
            "position": 1, "completion": rare, "proof": rare,
        }]),
        SectionKey::Patents => json!([{
            "kind": "utility_model", "name": rare, "number": "1", "applied_on": from, "granted_on": to, "position": 1, "transfer": rare,
        }]),
        SectionKey::Awards => {
            json!([{"name": rare, "level": "省级", "awarded_by": rare, "awarded_on": to, "position": 3}])
        }
        SectionKey::Outcomes => {
            json!([{"content": rare, "amount": "0.07", "achieved_on": to, "proof": rare}])
        }
        SectionKey::GrassrootsService => {
            json!([{"kind": "technology_envoy", "from": from, "to": to, "place": rare, "effect": rare}])
        }
        SectionKey::SpecialtyPractice => {
            json!([{"item": rare, "content": rare, "quantity": "320", "unit": "学时", "from": from, "to": to}])
        }
        SectionKey::RewardsDiscipline => json!([{
            "kind": "discipline", "on": from, "document_number": "湘纪发〔2022〕3号", "affects_until": to, "description": rare,
        }]),
        SectionKey::ExceptionGrounds => json!([{"clause": rare, "facts": rare}]),
        SectionKey::SelfReport => json!({"text": format!("一、{rare}\n二、{rare}")}),
        SectionKey::Assessments => json!([{"year": 2022, "grade": "basically_qualified", "employer": rare}]),
        SectionKey::Pledge => json!({}),
    }
}

fn sent() -> impl Iterator<Item = SectionKey> {
    SectionKey::ALL.iter().copied().filter(|key| *key != SectionKey::Pledge)
}

/// The stored form, or the refusal.
fn checked(key: SectionKey, body: &Value) -> Result<Value, Refusal> {
    let mut checks = Checks::new();
    let stored = check(key, body, &format!("/sections/{key}"), &mut checks);
    match checks.done() {
        Ok(()) => Ok(stored),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(stop) => panic!("{stop:?}"),
    }
}

fn refused(key: SectionKey, body: &Value) -> (Kind, String, String) {
    let refusal = checked(key, body).unwrap_err();
    let problem = &refusal.problems[0];
    (refusal.kind, problem.code.clone(), problem.pointer.clone())
}

/// The body's one object, or its first entry.
fn first(body: &mut Value) -> &mut serde_json::Map<String, Value> {
    let entry = if body.is_array() { &mut body[0] } else { body };
    entry.as_object_mut().unwrap()
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[test]
fn every_section_is_stored_as_it_was_filled_in() {
    for key in sent() {
        let body = filled(key);
        assert_eq!(checked(key, &body), Ok(body.clone()), "{key}");
        assert_eq!(body.is_array(), key.is_list(), "{key}");
        assert!(!has_float(&body), "{key}");
    }
}

#[test]
fn the_filled_sections_leave_no_field_out() {
    for key in sent() {
        let mut generator = SchemaGenerator::default();
        schema(key, &mut generator).unwrap();
        let definitions = serde_json::to_value(generator.definitions()).unwrap();
        let entry =
            definitions.as_object().unwrap().values().find(|it| it.get("properties").is_some()).unwrap();
        let mut declared: Vec<&String> = entry["properties"].as_object().unwrap().keys().collect();
        declared.sort();
        let mut body = filled(key);
        let mut named: Vec<String> = first(&mut body).keys().cloned().collect();
        named.sort();
        assert_eq!(named.iter().collect::<Vec<_>>(), declared, "{key}");
    }
}

#[test]
fn an_unknown_member_is_malformed_in_every_section() {
    for key in sent() {
        let mut body = filled(key);
        first(&mut body).insert("salary".into(), json!(1));
        let at = if key.is_list() { "/0/salary" } else { "/salary" };
        let expected = (Kind::Malformed, "unknown-member".to_owned(), format!("/sections/{key}{at}"));
        assert_eq!(refused(key, &body), expected);
    }
}

#[test]
fn a_wrong_form_is_malformed_in_every_section() {
    for key in sent() {
        let body = if key.is_list() { json!({}) } else { json!("文字") };
        assert_eq!(refused(key, &body).0, Kind::Malformed, "{key}");
    }
    let education = refused(SectionKey::Education, &json!([{"school": 1}]));
    assert_eq!(
        education,
        (Kind::Malformed, "wrong-type".to_owned(), "/sections/education/0/school".to_owned())
    );
}

#[test]
fn required_fields_are_those_of_the_submission() {
    let required: &[(SectionKey, &[&str])] = &[
        (SectionKey::Basic, &["work_started_on", "current_post"]),
        (
            SectionKey::Education,
            &["school", "major", "education_code", "study_form", "from", "to", "is_basis"],
        ),
        (SectionKey::Employment, &["employer", "post", "from"]),
        (SectionKey::SelfReport, &["text"]),
        (SectionKey::Assessments, &["year", "grade"]),
    ];
    for key in sent() {
        let needed = required.iter().find(|(it, _)| *it == key).map_or(&[][..], |(_, fields)| fields);
        let mut body = filled(key);
        let fields: Vec<String> = first(&mut body).keys().cloned().collect();
        for field in fields {
            let mut body = filled(key);
            first(&mut body).remove(&field);
            let empty = first(&mut body).is_empty();
            let is_refused = checked(key, &body).is_err();
            assert_eq!(is_refused && !empty, needed.contains(&field.as_str()) && !empty, "{key}/{field}");
        }
    }
}

#[test]
fn a_day_that_never_was_is_refused_where_it_stands() {
    let mut body = filled(SectionKey::Papers);
    body.as_array_mut().unwrap().push(json!({"published_on": "2023-02-29"}));
    let expected = "/sections/papers/1/published_on".to_owned();
    assert_eq!(refused(SectionKey::Papers, &body), (Kind::Rule, "invalid-value".to_owned(), expected));
    let (kind, code, _) = refused(SectionKey::Awards, &json!([{"awarded_on": "0203-05-01"}]));
    assert_eq!((kind, code.as_str()), (Kind::Rule, "date-out-of-range"));
}

#[test]
fn a_period_ends_after_it_begins() {
    let same_day = json!([{"name": "甲", "from": "2020-02-29", "to": "2020-02-29"}]);
    assert!(checked(SectionKey::Projects, &same_day).is_ok());
    let (_, code, pointer) =
        refused(SectionKey::Projects, &json!([{"from": "2020-02-29", "to": "2020-02-28"}]));
    assert_eq!((code.as_str(), pointer.as_str()), ("ends-before-start", "/sections/projects/0/to"));
}

#[test]
fn a_fraction_is_refused_where_a_whole_number_stands() {
    for (key, body, pointer) in [
        (SectionKey::Assessments, json!([{"year": 2022.5, "grade": "qualified"}]), "/0/year"),
        (SectionKey::Papers, json!([{"author_position": 1.5}]), "/0/author_position"),
        (SectionKey::Books, json!([{"own_words": -1.0}]), "/0/own_words"),
    ] {
        let expected = (Kind::Malformed, "wrong-type".to_owned(), format!("/sections/{key}{pointer}"));
        assert_eq!(refused(key, &body), expected);
    }
}

#[test]
fn an_amount_is_stored_exactly_and_never_as_a_float() {
    let stored = checked(SectionKey::Projects, &json!([{"funds": 12.50}, {"funds": "3"}])).unwrap();
    assert_eq!(stored, json!([{"funds": "12.5"}, {"funds": "3"}]));
    let (kind, code, _) = refused(SectionKey::Projects, &json!([{"funds": 0.125}]));
    assert_eq!((kind, code.as_str()), (Kind::Rule, "invalid-value"));
    assert_eq!(refused(SectionKey::Outcomes, &json!([{"amount": "-1"}])).1, "out-of-range");
}

#[test]
fn codes_are_looked_up_and_stored_in_one_spelling() {
    let mut body = filled(SectionKey::Education);
    first(&mut body).insert("education_code".into(), json!(" １４ "));
    let stored = checked(SectionKey::Education, &body).unwrap();
    assert_eq!(stored[0]["education_code"], "14");
    for (key, field, value, code) in [
        (SectionKey::Education, "education_code", "99", "education-code-unknown"),
        (SectionKey::Education, "degree_code", "011", "degree-code-unknown"),
        (SectionKey::Education, "study_form", "evening", "unknown-value"),
        (SectionKey::Basic, "ethnic_group_code", "60", "unknown-value"),
        (SectionKey::Basic, "political_status_code", "99", "unknown-value"),
        (SectionKey::CurrentTitle, "series", "28", "unknown-value"),
    ] {
        let mut body = filled(key);
        first(&mut body).insert(field.into(), json!(value));
        let (kind, found, pointer) = refused(key, &body);
        assert_eq!((kind, found.as_str()), (Kind::Rule, code), "{key}/{field}");
        assert!(pointer.ends_with(field), "{pointer}");
    }
}

#[test]
fn texts_are_bounded_by_characters_and_hold_no_nul() {
    let text = |text: String| json!({"text": text});
    assert!(checked(SectionKey::SelfReport, &text("𠮷".repeat(10_000))).is_ok());
    assert_eq!(refused(SectionKey::SelfReport, &text("𠮷".repeat(10_001))).1, "text-too-long");
    assert_eq!(refused(SectionKey::SelfReport, &text("甲\0乙".into())).1, "text-has-nul");
    assert_eq!(refused(SectionKey::SelfReport, &text(" \n".into())).1, "text-empty");
}

#[test]
fn an_optional_field_left_blank_is_left_out() {
    let body = json!([{"title": " 管网 ", "journal": "  ", "note": null, "indexed_in": []}]);
    assert_eq!(checked(SectionKey::Papers, &body), Ok(json!([{"title": "管网"}])));
    assert_eq!(refused(SectionKey::Papers, &json!([{"journal": ""}])).1, "entry-empty");
}

#[test]
fn a_list_is_bounded() {
    let list = |count: usize| Value::from(vec![json!({"title": "甲"}); count]);
    assert!(checked(SectionKey::Papers, &list(ENTRIES_MAX)).is_ok());
    assert_eq!(refused(SectionKey::Papers, &list(ENTRIES_MAX + 1)).1, "too-many");
    assert_eq!(checked(SectionKey::Papers, &list(0)), Ok(json!([])));
}

#[test]
fn every_problem_of_every_entry_is_told_at_once() {
    let body = json!([{"published_on": "2023-02-30"}, {"title": "甲"}, {"author_position": 200_000_000}]);
    let refusal = checked(SectionKey::Papers, &body).unwrap_err();
    let pointers: Vec<&str> = refusal.problems.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(pointers, ["/sections/papers/0/published_on", "/sections/papers/2/author_position"]);
}

#[test]
fn the_pledge_is_signed_by_submitting_only() {
    let (kind, code, pointer) = refused(SectionKey::Pledge, &json!({}));
    assert_eq!(
        (kind, code.as_str(), pointer.as_str()),
        (Kind::Rule, "section-by-submit", "/sections/pledge")
    );
    assert!(schema(SectionKey::Pledge, &mut SchemaGenerator::default()).is_none());
}

#[test]
fn achievements_are_dated_by_what_counts() {
    let mut content = Content::default();
    let education = json!([{"is_basis": false, "to": "2001-06-30"}, {"is_basis": true, "to": "2005-06-30"}]);
    for (key, body) in [
        (SectionKey::Papers, json!([{"title": "未发表"}, {"published_on": "2023-09-28"}])),
        (SectionKey::Projects, json!([{"from": "2020-01-01"}, {"from": "2020-01-01", "to": "2021-12-31"}])),
        (SectionKey::Patents, json!([{"applied_on": "2019-01-01", "granted_on": "2020-06-01"}])),
        (SectionKey::Outcomes, json!([{"achieved_on": "2022-01-01"}])),
        (SectionKey::Education, education),
    ] {
        content.sections.insert(key, std::sync::Arc::new(Body::of(&body).into()));
    }
    let found: Vec<String> =
        achievements(&content).into_iter().map(|it| format!("{} {}", it.anchor, it.on)).collect();
    assert_eq!(
        found,
        [
            "papers/1 2023-09-28",
            "projects/0 2020-01-01",
            "projects/1 2021-12-31",
            "patents/0 2020-06-01",
            "outcomes/0 2022-01-01",
            "education/1 2005-06-30",
        ]
    );
}

#[test]
fn what_is_later_than_the_cut_off_is_not_submitted() {
    for (published_on, submitted) in [("2023-09-28", true), ("2023-09-29", false)] {
        let mut hunan = Hunan::new();
        let declaration = hunan.draft(hunan.applicant);
        let papers = json!({"sections": {"papers": [{"title": "管网", "published_on": published_on}]}});
        hunan.act(hunan.applicant, "declaration", declaration, "save-draft", papers);
        let sent = hunan.world.act(
            Who::Account(hunan.applicant),
            "declaration",
            declaration,
            "submit",
            crate::world::hunan::submission(),
        );
        assert_eq!(sent.is_ok(), submitted, "{published_on}");
    }
}

#[test]
fn saving_the_same_again_appends_nothing() {
    let mut hunan = Hunan::new();
    let declaration = hunan.draft(hunan.applicant);
    let version = hunan.world.get::<Declaration>(declaration).version;
    let again = json!({"sections": complete_sections()});
    hunan.act(hunan.applicant, "declaration", declaration, "save-draft", again);
    assert_eq!(hunan.world.get::<Declaration>(declaration).version, version);
}

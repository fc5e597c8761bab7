//! What is typed rightly comes back as it was typed; what has one right spelling is brought into it.

use crate::support::{PASSWORD, System, complete_sections, id_number, new_account};
use serde_json::{Value, json};

async fn person(system: &System, username: &str) -> Value {
    let me = system.get(username, "/v1/me").send().await.expect(200);
    let person = me["person_id"].as_str().unwrap().to_owned();
    system.get(username, format!("/v1/persons/{person}")).send().await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_stay_as_they_are() {
    let mut system = System::hunan().await;
    for (username, name) in [
        ("rare", "𠮷田𪚥"),
        ("dotted", "阿依古丽·买买提"),
        ("other-dot", "买买提•艾力"),
        ("latin", "Jean-Luc O'Neill"),
        ("markup", "<b>王</b>&\"'"),
    ] {
        system.register(username, name).await;
        assert_eq!(person(&system, username).await["name"], name);
        let draft = system.draft(username).await;
        let read = system.get(username, format!("/v1/declarations/{draft}")).send().await.expect(200);
        assert_eq!(read["data"]["applicant_name"], name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_x_of_an_id_number_is_written_large() {
    let system = System::hunan().await;
    let number = (0..).map(id_number).find(|number| number.ends_with('X')).unwrap();
    let mut input = new_account("small-x");
    input["id_number"] = json!(number.to_lowercase());
    system.create("", "accounts", &input).await;
    assert_eq!(person(&system, "small-x").await["id_number"], json!(number));
    let mut again = new_account("large-x");
    again["id_number"] = json!(number);
    system.post(None, "/v1/accounts", &again).refused(409, "claim-held").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_width_digits_and_letters_are_made_half_width() {
    let system = System::hunan().await;
    let wide = |text: &str| -> String {
        let widen = |character: char| match character {
            '0'..='9' | 'A'..='Z' | 'a'..='z' => char::from_u32(character as u32 + 0xFEE0).unwrap(),
            other => other,
        };
        text.chars().map(widen).collect()
    };
    let mut input = new_account("wide2023");
    for member in ["username", "id_number", "phone"] {
        input[member] = json!(wide(input[member].as_str().unwrap()));
    }
    system.create("", "accounts", &input).await;
    let expected = new_account("wide2023");
    let person = person(&system, "wide2023").await;
    assert_eq!((&person["id_number"], &person["phone"]), (&expected["id_number"], &expected["phone"]));
    for username in [wide("wide2023"), "WIDE2023".into(), " wide2023 ".into()] {
        let input = json!({"username": username, "password": PASSWORD});
        system.post(None, "/v1/sessions", &input).send().await.expect(201);
    }
    let employer = system
        .create(
            "province",
            "employers",
            &json!({
                "name": "浏阳市第一中学", "uscc": wide("1243060044590001XM"), "region": "430181",
                "nature": "public_institution", "reviewing_organisation_id": system.id("changsha"),
            }),
        )
        .await;
    let read = system.get("province", format!("/v1/employers/{employer}")).send().await.expect(200);
    assert_eq!(read["uscc"], "1243060044590001XM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_gets_its_leading_zeros() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let basic =
        json!({"sections": {"basic": {"work_started_on": "2005-7-1", "current_post": "  副高岗位  "}}});
    system.on("applicant", draft, "save-draft", &basic).await;
    let read = system.get("applicant", format!("/v1/declarations/{draft}")).send().await.expect(200);
    let expected = json!({"work_started_on": "2005-07-01", "current_post": "副高岗位"});
    assert_eq!(read["data"]["sections"]["basic"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_come_back_as_they_were_saved() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let text = "第一行，“引号”。\n第二行\t制表 <script>alert(1)</script> 𠮷 🙂 '; drop table events; --";
    let mut sections = complete_sections();
    sections["self_report"]["text"] = json!(text);
    system.on("applicant", draft, "save-draft", &json!({"sections": sections})).await;
    let read = system.get("applicant", format!("/v1/declarations/{draft}")).send().await.expect(200);
    assert_eq!(read["data"]["sections"]["self_report"]["text"], text);
    for (key, body) in sections.as_object().unwrap() {
        assert_eq!(&read["data"]["sections"][key], body, "{key}");
    }
    let head = system.head().await;
    system.on("applicant", draft, "save-draft", &json!({"sections": sections})).await;
    assert_eq!(system.head().await, head, "a save that changes nothing appends nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_come_back_as_numbers() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let saved = json!({"sections": {"outcomes": [{"content": "节水", "amount": 92.5}]}});
    system.on("applicant", draft, "save-draft", &saved).await;
    let read = system.get("applicant", format!("/v1/declarations/{draft}")).send().await.expect(200);
    assert_eq!(read["data"]["sections"]["outcomes"][0]["amount"], json!(92.5));
    let path = format!("/v1/batches/{}", system.id("batch"));
    let batch = system.get("committee-office", path).send().await.expect(200);
    assert_eq!(batch["recommendation_factor"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_the_calendar_is_published_under_its_year() {
    let system = System::hunan().await;
    let path = "/v1/working-calendar/2027/actions/publish-year";
    let notice = json!({"notice": "国务院办公厅关于2027年部分节假日安排的通知", "days": [{"date": "2027-02-08", "working": false}]});
    let mut other = notice.clone();
    other["year"] = json!(2028);
    system.post("province", path, &other).refused(422, "invalid-input").await;
    system.post("province", path, &notice).send().await.expect(200);
    let year = system.get("applicant", "/v1/working-calendar/2027").send().await.expect(200);
    assert_eq!((&year["provisional"], &year["notice"]), (&json!(false), &notice["notice"]));
    let path = "/v1/working-calendar/1999/actions/publish-year";
    system.post("province", path, &notice).refused(404, "not-found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn specialties_are_looked_up_by_series_and_level() {
    let system = System::hunan().await;
    let path = "/v1/lookups/specialties?series=01&level=full_senior";
    let found = system.get("applicant", path).send().await.expect(200);
    let rows = found.as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["series"] == "01" && row["level"] == "full_senior"), "{found}");
}

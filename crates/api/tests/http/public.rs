//! What anybody may ask without signing in, along the story of a senior review.

use crate::support::{Answer, PASSWORD, System, new_account};
use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;
use zhicheng_app::StoryPlayer;
use zhicheng_domain::story::{Line, Story};

/// Longer than a read table takes to follow the log on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const DRAINAGE: &str = "长沙市城区排水事务中心";
const COMMITTEE: &str = "省成建制升格认定高校教师系列职称高评会";

/// A story, told as far as a test wants.
struct Telling {
    system: System,
    player: StoryPlayer,
    lines: std::vec::IntoIter<(usize, Line)>,
}

fn story(name: &str) -> Story {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(name);
    Story::parse(&std::fs::read_to_string(folder.join("commands.jsonl")).unwrap()).unwrap()
}

impl Telling {
    /// The first story.
    async fn begin() -> Self {
        Self::of("01-senior-review-online").await
    }

    async fn of(name: &str) -> Self {
        let system = System::rehearsal().await;
        let mut player = StoryPlayer::new(&system.app).await.unwrap().telling("prelude");
        player.play(&story("prelude")).await.unwrap();
        let lines = story(name).lines.into_iter();
        Self { player: player.telling(name), lines, system }
    }

    /// Tells until the line of which this is true has come about.
    async fn until(&mut self, last: impl Fn(&Line) -> bool) {
        for (number, line) in self.lines.by_ref() {
            let found = last(&line);
            self.player.play(&Story { lines: vec![(number, line)] }).await.unwrap();
            if found {
                return;
            }
        }
        panic!("the story has no such line");
    }

    /// Moves the clock of the rehearsal.
    async fn on(&self, time: &str) {
        let body = json!({"now": time}).to_string();
        let call = self.system.call("admin", Method::PUT, "/v1/clock").raw(body);
        call.key(time).send().await.expect(200);
    }

    async fn ask(&self, path: impl Into<String>) -> Answer {
        self.system.get(None, path).send().await
    }

    async fn publicity(&self, organisation: &str) -> Value {
        let path = format!("/v1/public/publicity?organisation_name={}", encoded(organisation));
        let answer = self.ask(path).await;
        assert_eq!(answer.header("cache-control"), "private, no-store");
        answer.expect(200)
    }

    /// Asks until the answer names so many persons: the read tables follow the log.
    async fn publicity_of(&self, organisation: &str, persons: usize) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.publicity(organisation).await;
            if names(&answer).len() == persons {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{persons} persons: {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn action<'a>(collection: &'a str, action: &'a str) -> impl Fn(&Line) -> bool + 'a {
    move |line| line.collection == collection && line.action == action && line.refused.is_none()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn certificate(number: &str, name: &str) -> String {
    format!("/v1/public/certificates?number={}&name={}", encoded(number), encoded(name))
}

/// Everybody in the rounds of an answer, by name.
fn names(answer: &Value) -> BTreeSet<String> {
    let rounds = answer["rounds"].as_array().unwrap().iter();
    let persons = rounds.flat_map(|round| round["persons"].as_array().unwrap());
    persons.map(|person| person["name"].as_str().unwrap().to_owned()).collect()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publicity_is_read_by_everybody_while_it_runs() {
    let mut telling = Telling::begin().await;
    assert_eq!(telling.publicity(DRAINAGE).await["rounds"], json!([]));
    telling.until(action("publicity-rounds", "create")).await;
    assert_eq!(telling.publicity(DRAINAGE).await["rounds"], json!([]), "announced, for the day after");
    telling.on("2023-06-21T00:00:00+08:00").await;
    let answer = telling.publicity_of(DRAINAGE, 3).await;
    assert_eq!(names(&answer), ["彭建·国", "欧阳𠮷", "黄晓岚"].map(str::to_owned).into());
    let round = &answer["rounds"][0];
    assert_eq!(
        members(round),
        [
            "id",
            "kind",
            "organisation_name",
            "starts_on",
            "ends_on",
            "working_days",
            "provisional",
            "complaint_department",
            "complaint_phone",
            "persons"
        ]
        .into()
    );
    assert_eq!((&round["kind"], &round["ends_on"]), (&json!("employer"), &json!("2023-06-28")));
    let shown = [
        "name",
        "employer_name",
        "level",
        "series",
        "series_name",
        "specialty",
        "specialty_name",
        "title",
        "kind",
    ];
    assert_eq!(members(&round["persons"][0]), shown.into());
    let organisation = answer["organisation_id"].as_str().unwrap().to_owned();
    let by_id = telling.ask(format!("/v1/public/publicity?organisation_id={organisation}")).await;
    assert_eq!(by_id.expect(200), answer);

    // One person a page: everybody once.
    let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
    for page in 0..3 {
        let path = format!("/v1/public/publicity?organisation_id={organisation}&limit=1{cursor}");
        let answer = telling.ask(path).await.expect(200);
        assert!(names(&answer).into_iter().all(|name| seen.insert(name)), "{answer}");
        assert_eq!(answer["next_cursor"].is_null(), page == 2, "{answer}");
        cursor = format!("&cursor={}", answer["next_cursor"].as_str().unwrap_or_default());
    }
    assert_eq!(seen, names(&answer));

    rounds_are_read_by_those_in_them(&telling.system, round["id"].as_str().unwrap()).await;

    // Until the end of the last day, whatever the employer does or leaves undone.
    telling.until(|line| line.refused.as_deref() == Some("publicity-not-ended")).await;
    assert_eq!(names(&telling.publicity(DRAINAGE).await).len(), 3);
    telling.until(|line| line.collection == "publicity-rounds" && line.action == "record-result").await;
    assert_eq!(telling.publicity(DRAINAGE).await["rounds"], json!([]));

    // The results: of those who passed.
    telling.until(action("publicity-rounds", "create")).await;
    telling.on("2023-10-17T00:00:00+08:00").await;
    let answer = telling.publicity_of(COMMITTEE, 2).await;
    assert_eq!(names(&answer), ["彭建·国", "黄晓岚"].map(str::to_owned).into());
    assert_eq!(answer["rounds"][0]["kind"], "result");
}

/// An applicant in a round reads when it runs and what came of it for them; others do not know of it.
async fn rounds_are_read_by_those_in_them(system: &System, round: &str) {
    let path = format!("/v1/publicity-rounds/{round}");
    let read = |who: &'static str| system.get(who, &*path).send();
    let whole = read("排水经办").await.expect(200);
    assert_eq!(whole["results"].as_array().unwrap().len(), 3);
    let own = read("黄晓岚").await.expect(200);
    assert_eq!(own["declaration_ids"].as_array().unwrap().len(), 1);
    assert_eq!(own["results"][0]["declaration_id"], own["declaration_ids"][0]);
    for member in ["starts_on", "ends_on", "complaint_department", "complaint_phone", "kind", "organisation"]
    {
        assert_eq!(own[member], whole[member], "{member}");
    }
    assert_eq!((&own["contact"], &own["phone"], &own["actions"]), (&Value::Null, &Value::Null, &json!([])));
    assert_ne!(own["declaration_ids"], read("彭建国").await.expect(200)["declaration_ids"]);
    system.get("黄晓岚", format!("{path}/events")).send().await.problem(404, "not-found");
    system.create("", "accounts", &new_account("neighbour")).await;
    read("neighbour").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_can_be_drawn_again_by_anybody_once_the_results_are_declared() {
    let mut telling = Telling::begin().await;
    telling.until(action("review-meetings", "create")).await;
    let meeting: String =
        sqlx::query_scalar("select aggregate_id from events where event_type = 'review_meeting.created'")
            .fetch_one(&telling.system.pool)
            .await
            .unwrap();
    let path = format!("/v1/public/draws/{meeting}");
    telling.ask(&*path).await.problem(404, "not-found");
    telling.until(action("review-meetings", "draw")).await;
    let before = telling.ask(&*path).await;
    for member in ["seeds", "pool", "drawn", "substitutes", "names"] {
        assert_eq!(before.expect(200)[member], Value::Null, "{member}");
    }
    let judges: Vec<String> =
        sqlx::query_scalar("select aggregate_id from events where event_type = 'judge.created'")
            .fetch_all(&telling.system.pool)
            .await
            .unwrap();
    assert!(judges.iter().all(|judge| !before.text.contains(judge)), "{}", before.text);

    telling.until(action("review-meetings", "declare-results")).await;
    let record = telling.ask(&*path).await.expect(200);
    assert_eq!(record["commitments"], before.json()["commitments"]);
    let ranking = drawn_again(&record);
    let size = usize::try_from(record["size"].as_u64().unwrap()).unwrap();
    assert_eq!(record["drawn"], json!(ranking[..size]));
    assert_eq!(record["substitutes"], json!(ranking[size..]));
    let named = record["names"].as_array().unwrap();
    let judges: Vec<&str> = named.iter().map(|it| it["judge_id"].as_str().unwrap()).collect();
    assert_eq!(judges, ranking[..size]);
    assert!(named.iter().all(|it| it["name"].is_string()), "{named:?}");
}

/// The ranking by nothing but the answer and what contract.md says of the draw: HMAC-SHA256 under SHA-256 of both seeds.
fn drawn_again(record: &Value) -> Vec<String> {
    assert_eq!(record["algorithm"], "sha256-commitments-hmac-sha256-rank");
    let seeds: Vec<Vec<u8>> = record["seeds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seed| hex::decode(seed.as_str().unwrap()).unwrap())
        .collect();
    for (seed, commitment) in seeds.iter().zip(record["commitments"].as_array().unwrap()) {
        assert_eq!(commitment, &json!(hex::encode(Sha256::digest(seed))));
    }
    let mut key = [0u8; 64];
    key[..32].copy_from_slice(&Sha256::digest(seeds.concat()));
    let pad = |byte: u8| key.map(|part| part ^ byte);
    let rank = |judge: &str| {
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(judge).finalize();
        Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize()
    };
    let mut pool: Vec<String> = serde_json::from_value(record["pool"].clone()).unwrap();
    pool.sort_by_key(|judge| rank(judge));
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_told_to_whoever_names_its_number_and_holder() {
    let mut telling = Telling::begin().await;
    telling.until(|line| line.awaits.as_deref() == Some("revocation")).await;
    let huang = telling.ask(certificate("A01231000000000001", "黄晓岚")).await;
    assert_eq!(
        huang.expect(200),
        json!({
            "name": "黄**", "title": "副教授", "level": "associate_senior", "series": "01",
            "series_name": "高等学校教师", "specialty": "0106", "specialty_name": huang.json()["specialty_name"],
            "acquired_on": "2023-10-23", "issuing_unit": "湖南省人力资源和社会保障厅", "status": "valid",
        })
    );
    assert_eq!(huang.header("cache-control"), "private, no-store");
    // As it was typed: blanks around it, full-width digits, a small letter.
    let typed = telling.ask(certificate(" ａ０123100000000000１ ", " 黄晓岚 ")).await;
    assert_eq!(typed.expect(200), huang.json());
    let peng = certificate("A01231000000000002", "彭建·国");
    assert_eq!(telling.ask(&*peng).await.expect(200)["status"], "valid");
    telling.until(action("approvals", "approve")).await;
    let revoked = telling.ask(&*peng).await.expect(200);
    assert_eq!((&revoked["status"], &revoked["name"]), (&json!("revoked"), &json!("彭***")));

    let missing = telling.ask(certificate("A01231000000000009", "黄晓岚")).await.problem(404, "not-found");
    for (number, name) in [
        ("A01231000000000001", "彭建·国"),
        ("A01231000000000001", "黄"),
        ("A01231000000000001", ""),
        ("A0123100000000000", "黄晓岚"),
        ("", "黄晓岚"),
        ("\u{0}", "\u{0}"),
    ] {
        let wrong = telling.ask(certificate(number, name)).await.problem(404, "not-found");
        assert_eq!(wrong, missing, "{number} {name}");
    }
    for query in ["", "?number=A01231000000000001", "?name=x", "?number=A&name=x&limit=1"] {
        let path = format!("/v1/public/certificates{query}");
        telling.ask(path).await.problem(400, "malformed-input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_seen_once_a_second_person_approved_it_and_not_before() {
    let mut telling = Telling::of("11-revocation-by-two").await;
    let zuo = certificate("C01233010100000001", "左一鸣");
    telling.until(action("declarations", "recommend")).await;
    let missing = telling.ask(&*zuo).await.problem(404, "not-found");
    telling.until(action("declarations", "generate-e-certificate")).await;
    let valid = telling.ask(&*zuo).await.expect(200);
    assert_eq!((&valid["status"], &valid["name"]), (&json!("valid"), &json!("左**")));
    let mut until_unchanged = async |last: &dyn Fn(&Line) -> bool| {
        telling.until(last).await;
        assert_eq!(telling.ask(&*zuo).await.expect(200), valid);
    };
    until_unchanged(&|line| line.awaits.as_deref() == Some("first-revocation")).await;
    until_unchanged(&|line| line.refused.as_deref() == Some("same-person")).await;
    until_unchanged(&action("approvals", "decline")).await;
    until_unchanged(&|line| line.awaits.as_deref() == Some("revocation")).await;
    telling.until(action("approvals", "approve")).await;
    let revoked = telling.ask(&*zuo).await;
    let mut expected = valid;
    expected["status"] = json!("revoked");
    assert_eq!(revoked.expect(200), expected, "and neither why nor by whom");
    let other = telling.ask(certificate("C01233010100000001", "左鸣")).await.problem(404, "not-found");
    assert_eq!(other, missing, "as if it had never been");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_not_found_by_trying() {
    let system = System::hunan().await;
    let ask = |n: u32| system.get(None, certificate(&format!("A0123100000000{n:04}"), "黄晓岚")).send();
    for n in 1..=51 {
        ask(n).await.problem(404, "not-found");
    }
    let waits = ask(52).await;
    waits.problem(429, "too-many-requests");
    assert_eq!(waits.header("retry-after"), "30");
    // The others are of the same address, and wait with it; signing in does not.
    let draw = format!("/v1/public/draws/{}", Uuid::new_v4());
    system.get(None, draw).send().await.problem(429, "too-many-requests");
    let session = json!({"username": "applicant", "password": PASSWORD});
    system.post(None, "/v1/sessions", &session).send().await.expect(201);
    system.at("2023-05-04T09:00:30+08:00");
    ask(53).await.problem(404, "not-found");

    // One number is not tried with name after name, from wherever.
    let system = System::hunan().await;
    for name in 1..=6 {
        let path = certificate("A01231000000000001", &format!("黄{name}"));
        system.get(None, path).send().await.problem(404, "not-found");
    }
    let seventh = system.get(None, certificate("A01231000000000001", "黄晓岚")).send().await;
    seventh.problem(429, "too-many-requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn publicity_is_asked_for_by_one_organisation() {
    let system = System::hunan().await;
    let ask = |query: String| system.get(None, format!("/v1/public/publicity{query}")).send();
    let drainage = system.id("drainage");
    for query in [String::new(), format!("?organisation_id={drainage}&organisation_name=x")] {
        ask(query).await.problem(400, "malformed-input");
    }
    ask(format!("?organisation_id={drainage}&cursor=x")).await.problem(400, "malformed-input");
    for query in ["?organisation_id=7".into(), format!("?organisation_id={}", Uuid::new_v4())] {
        ask(query).await.problem(404, "not-found");
    }
    ask("?organisation_name=%00".into()).await.problem(404, "not-found");
    assert_eq!(ask(format!("?organisation_id={drainage}")).await.expect(200)["rounds"], json!([]));
}

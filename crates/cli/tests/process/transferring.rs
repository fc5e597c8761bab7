//! A transfer of all declarations that meet a condition, with the server killed twice in the middle: it goes on by itself, and each
//! declaration is transferred once. And one that is suspended, cancelled and undone while it is being worked off.

use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::applicants::submitted;
use crate::client::Client;
use crate::office::{self, Office};
use crate::server::{Place, Server, data_folder};

/// How many declarations, unless `ZHICHENG_TEST_ITEMS` says otherwise.
const ITEMS: usize = 150;

/// How many are prepared at the same time.
const WORKERS: usize = 8;

/// How many items of a job are at work at the same time, and after how many it is told.
const AT_ONCE: usize = 16;
const CHUNK: usize = 100;

/// A round of publicity holds at most so many.
const ROUND: usize = 1_000;

/// How long the job may take.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_by_condition_is_finished_however_often_the_server_is_killed() {
    let items = std::env::var("ZHICHENG_TEST_ITEMS").map_or(ITEMS, |items| items.parse().unwrap());
    let folder = data_folder();
    let place = Place::private(folder.path());
    let mut server = Server::start(place, "127.0.0.1:0");
    let address = server.address.clone();
    let client = Client::new(&[&address]);
    let office = Office::open(&client).await;
    let other = office.second_committee(&client).await;
    let cases = recommended(&client, &office, 1, items).await;

    let begun = Instant::now();
    let job = ordered(&client, &office, items, (&office.committee, &other)).await;
    for third in 1..=2 {
        until_transferred(folder.path(), items * third / 3).await;
        server.kill();
        server = Server::start(place, &address);
    }
    finished(&client, &office, &job, items).await;
    eprintln!("{items} declarations transferred in {:?}, two kills included", begun.elapsed());
    let log = connected(folder.path()).await;
    assert_eq!(transferred(&log).await, items, "none twice");
    log.close().await;
    let first = client
        .send(Method::GET, &format!("/v1/declarations/{}", cases[0]), &office.province, &Value::Null)
        .await;
    assert_eq!(first["data"]["final_organisation_id"], json!(other));
    server.stop();
    place.check_with(&client.journal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_stopped_ends_with_the_items_at_work_and_is_undone_as_a_whole() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let mut server = Server::start(place, "127.0.0.1:0");
    let address = server.address.clone();
    let client = Client::new(&[&address]);
    let office = Office::open(&client).await;
    let other = office.second_committee(&client).await;
    let cases = recommended(&client, &office, 1, ITEMS).await;
    let order = json!({
        "action": "transfer-committee", "expected_count": ITEMS, "selection": {"ids": cases},
        "input": {"committee_id": other, "reason": "申报时选错评委会"},
    });
    let act = async |job: &str, action: &str, token: &str, input: Value| {
        client.act("jobs", job, action, token, &input).await;
    };

    // suspended: of the rest of its chunk no more than is at work
    let job = client.create("jobs", &office.province, &order).await;
    until_transferred(folder.path(), 10).await;
    act(&job, "suspend", &office.province, json!({})).await;
    let seen = transferred_in(folder.path()).await;
    let suspended = told_all(&client, &office, folder.path(), &job, 0).await;
    assert!(suspended - seen <= AT_ONCE, "{seen} when it was suspended, {suspended} in the end");

    // cancelled, and killed before anybody was told: the log is asked, and what it knows is undone, by another administrator
    act(&job, "resume", &office.province, json!({})).await;
    until_transferred(folder.path(), suspended + 10).await;
    act(&job, "cancel", &office.province, json!({})).await;
    server.kill();
    server = Server::start(place, &address);
    let cancelled = told_all(&client, &office, folder.path(), &job, suspended).await;
    assert!((suspended..ITEMS).contains(&cancelled), "{cancelled} transferred");
    act(&job, "undo", &office.second, json!({"reason": "选错评委会"})).await;
    undone(&client, &office, &job, cancelled).await;
    assert_eq!(transferred_in(folder.path()).await, 2 * cancelled, "there and back");

    // cancelled and undone at once, while items are at work: those go back too
    let again = client.create("jobs", &office.province, &order).await;
    until_transferred(folder.path(), 2 * cancelled + CHUNK + 1).await;
    act(&again, "cancel", &office.province, json!({})).await;
    act(&again, "undo", &office.province, json!({"reason": "选错评委会"})).await;
    undone(&client, &office, &again, CHUNK).await;
    for case in &cases {
        let it = client.get(&format!("/v1/declarations/{case}"), &office.province).await;
        assert_eq!(it["data"]["final_organisation_id"], json!(office.committee), "{case}");
    }
    server.stop();
    place.check_with(&client.journal);
}

/// Waits until the job has been told of all that was transferred, and of more than so many; answers how many.
async fn told_all(client: &Client, office: &Office, folder: &Path, job: &str, more_than: usize) -> usize {
    let begun = Instant::now();
    loop {
        let done = client.get(&format!("/v1/jobs/{job}"), &office.province).await["done"].clone();
        let transferred = transferred_in(folder).await;
        if transferred > more_than && done == json!(transferred) {
            return transferred;
        }
        assert!(begun.elapsed() < PATIENCE, "{done} told, {transferred} transferred");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the job has been taken back, in at least so many items.
async fn undone(client: &Client, office: &Office, job: &str, items: usize) {
    let begun = Instant::now();
    loop {
        let it = client.get(&format!("/v1/jobs/{job}"), &office.province).await;
        if it["stage"] == "undone" {
            let reverted = it["items"].as_array().unwrap().iter();
            let done = reverted.filter(|item| item["reverted"]["result"] == "done").count();
            assert!(done >= items && it["done"] == json!(done), "{done} taken back: {it}");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the undo does not end: {}", it["stage"]);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn transferred_in(folder: &Path) -> usize {
    let log = connected(folder).await;
    let count = transferred(&log).await;
    log.close().await;
    count
}

/// Orders the transfer of all that lie with one committee to another: tried first, asked for by one person, approved by a second.
/// Answers the job's address.
pub async fn ordered(client: &Client, office: &Office, items: usize, (from, to): (&str, &str)) -> String {
    let mut order = json!({
        "action": "transfer-committee", "expected_count": items,
        "selection": {"screen": "committee-transfer", "filters": {"final_organisation_id": from}},
        "input": {"committee_id": to, "reason": "申报时选错评委会"},
    });
    let proof = json!({"password": crate::server::ADMIN_PASSWORD});
    client.send(Method::POST, "/v1/sessions/current/reauthentications", &office.province, &proof).await;
    let waits = client.send(Method::POST, "/v1/jobs", &office.province, &order).await;
    let approve = format!("/v1/approvals/{}/actions/approve", waits["approval_id"].as_str().unwrap());
    order["dry_run"] = json!(true);
    let tried = client.send(Method::POST, "/v1/jobs", &office.province, &order).await;
    assert_eq!((&tried["count"], &tried["ready"]), (&json!(items), &json!(items)));
    client.send(Method::POST, "/v1/sessions/current/reauthentications", &office.second, &proof).await;
    let receipt = client.send(Method::POST, &approve, &office.second, &json!({})).await;
    format!("/v1/jobs/{}", receipt["id"].as_str().unwrap())
}

/// Waits until so many transfers are in the log.
pub async fn until_transferred(folder: &Path, items: usize) {
    let (log, begun) = (connected(folder).await, Instant::now());
    while transferred(&log).await < items {
        assert!(begun.elapsed() < PATIENCE, "the job does not come forward");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    log.close().await;
}

/// Waits until the job is finished, and every item with it.
pub async fn finished(client: &Client, office: &Office, job: &str, items: usize) {
    let begun = Instant::now();
    let it = loop {
        let it = client.send(Method::GET, job, &office.province, &Value::Null).await;
        if it["stage"] == "finished" {
            break it;
        }
        assert!(begun.elapsed() < PATIENCE, "the job does not end: {} done", it["done"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&it["done"], &it["refused"], &it["count"]), (&json!(items), &json!(0), &json!(items)));
}

/// The log of the server that runs on this folder.
async fn connected(folder: &Path) -> PgPool {
    let urls = std::fs::read_to_string(folder.join("running.urls")).unwrap();
    PgPool::connect(urls.lines().next().unwrap()).await.unwrap()
}

async fn transferred(log: &PgPool) -> usize {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from events where event_type = 'declaration.committee_transferred'",
    )
    .fetch_one(log)
    .await
    .unwrap();
    usize::try_from(count).unwrap()
}

/// So many declarations that wait for the committee's review of qualification, of applicants from this number on.
pub async fn recommended(client: &Client, office: &Office, first: u32, items: usize) -> Vec<String> {
    let each = |number| submitted(client, office, number);
    let mut cases: Vec<String> =
        stream::iter(first..).take(items).map(each).buffer_unordered(WORKERS).collect().await;
    cases.sort_unstable();
    stream::iter(&cases)
        .for_each_concurrent(WORKERS, |case| async move {
            let pass = json!({"decision": "pass"});
            client.act("declarations", case, "review-by-employer", &office.operator, &pass).await;
        })
        .await;
    let mut rounds = Vec::new();
    for some in cases.chunks(ROUND) {
        let mut round = office::publicity();
        round["kind"] = json!("employer");
        round["declaration_ids"] = json!(some);
        rounds.push((client.create("publicity-rounds", &office.operator, &round).await, some));
    }
    client.send(Method::PUT, "/v1/clock", &office.admin, &json!({"now": "2023-05-15T09:00:00+08:00"})).await;
    for (round, some) in rounds {
        let results: Vec<Value> =
            some.iter().map(|case| json!({"declaration_id": case, "result": "passed"})).collect();
        client
            .act("publicity-rounds", &round, "record-result", &office.operator, &json!({"results": results}))
            .await;
    }
    stream::iter(&cases)
        .for_each_concurrent(WORKERS, |case| async move {
            client
                .act(
                    "declarations",
                    case,
                    "recommend",
                    &office.operator,
                    &json!({"next_organisation_id": office.committee}),
                )
                .await;
        })
        .await;
    cases
}

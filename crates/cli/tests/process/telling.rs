//! A story told over HTTP by `replay-fixtures/play`, one curl a command, each judge for himself, appends the events it appends
//! when the rules are asked alone.

use std::path::Path;

use serde_json::Value;

use crate::client::Client;
use crate::server::{ADMIN_PASSWORD, Place, Server, data_folder};

const STORIES: [&str; 2] = ["prelude", "01-senior-review-online"];

#[tokio::test(flavor = "multi_thread")]
async fn a_senior_review_goes_from_draft_to_certificate_by_curl() {
    let stories = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
    let folder = data_folder();
    let place = Place::private(folder.path());
    let server = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let admin = client.sign_in("admin").await;
    let begun = events_after(&client, &admin, 0).await.len();
    let told = tokio::process::Command::new(stories.join("play"))
        .arg(format!("http://{}", server.address))
        .args(STORIES)
        .env("PASSWORD", ADMIN_PASSWORD)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{said}{}", String::from_utf8_lossy(&told.stderr));

    let mut happened = events_after(&client, &admin, begun).await;
    // The clock is moved by the script, and by nobody where the rules are asked alone.
    happened.retain(|event| event != "installation.clock_moved");
    let expected =
        STORIES.map(|story| std::fs::read_to_string(stories.join(story).join("events.jsonl")).unwrap());
    let mut expected: Vec<String> =
        expected.iter().flat_map(|events| events.lines()).map(|line| member(line, "event")).collect();
    // In one append the streams come in the order of their ids, which no two runs share.
    happened.sort_unstable();
    expected.sort_unstable();
    assert_eq!(happened, expected);
    server.stop();
    place.check();
}

fn member(line: &str, name: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line[name].as_str().unwrap().to_owned()
}

/// The types of the events after a position, in the order of the log.
async fn events_after(client: &Client, admin: &str, position: usize) -> Vec<String> {
    let mut types = Vec::new();
    loop {
        let after = position + types.len();
        let page = client.get(&format!("/v1/events?after={after}&limit=200"), admin).await;
        let events = page["events"].as_array().unwrap();
        if events.is_empty() {
            return types;
        }
        types.extend(events.iter().map(|event| event["type"].as_str().unwrap().to_owned()));
    }
}

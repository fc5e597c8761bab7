//! A history goes from one system to another: it is the same log there, and what is wrong with it is told before anything is taken in.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use crate::applicants;
use crate::client::Client;
use crate::office::Office;
use crate::server::{ADMIN_PASSWORD, Place, Server, data_folder};

/// A history of the former version of this program, and what it tells; never written anew.
fn first_version() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/14-first-version")
}

#[track_caller]
fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for word in words {
        assert!(said.contains(word), "nothing of {word}: {said}");
    }
}

/// The history of the system in a folder, in a folder of its own.
fn exported(place: Place<'_>, words: &[&str]) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    let path = to.path().display().to_string();
    done(&place.run(&[&["export-story", &path], words].concat()));
    to
}

fn text(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_the_same_log_elsewhere() {
    let from = data_folder();
    let place = Place::private(from.path());
    let server = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let office = Office::open(&client).await;
    let declaration = applicants::submitted(&client, &office, 1).await;
    server.stop();
    let history = exported(place, &["--with-keys"]);
    let path = history.path().display().to_string();
    refused(&place.run(&["import-story", &path]), &["日志不是空的"]);

    let to = data_folder();
    let there = Place::private(to.path());
    done(&there.run(&["import-story", &path, "--password", ADMIN_PASSWORD]));
    there.check();
    let again = exported(there, &["--with-keys"]);
    for file in ["history.jsonl", "keys.jsonl"] {
        assert!(text(again.path(), file) == text(history.path(), file), "{file} is the same");
    }
    let replayed = |place: Place<'_>| done(&place.run(&["replay", &declaration]));
    assert_eq!(replayed(there), replayed(place));
    // life goes on there
    let server = Server::start(there, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let operator = client.sign_in("operator").await;
    let page = client.get("/v1/screens/employer-first-review", &operator).await;
    assert_eq!(page["rows"][0]["applicant_name"], "周明", "{page}");
    client
        .act("declarations", &declaration, "review-by-employer", &operator, &json!({"decision": "pass"}))
        .await;
    server.stop();
    there.check();

    // without the keys nothing is told of persons
    let to = data_folder();
    let there = Place::private(to.path());
    std::fs::remove_file(history.path().join("keys.jsonl")).unwrap();
    done(&there.run(&["import-story", &path, "--password", ADMIN_PASSWORD]));
    let server = Server::start(there, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let operator = client.sign_in("operator").await;
    let page = client.get("/v1/screens/employer-first-review", &operator).await;
    assert_eq!(page["rows"][0]["declaration_id"], declaration, "{page}");
    assert!(!page.to_string().contains("周明"), "{page}");
    server.stop();
}

#[test]
fn what_is_wrong_with_a_history_is_told_and_nothing_is_taken_in() {
    let (folder, history) = (data_folder(), tempfile::tempdir().unwrap());
    let place = Place::private(folder.path());
    let path = history.path().display().to_string();
    let good = text(&first_version(), "history.jsonl");
    let (first, rest) = good.split_once('\n').unwrap();
    for (bad, words) in [
        (format!("{}\n{rest}", first.replace("\"sequence\":1", "\"sequence\":2")), "第1行: 序号 2 不接 0"),
        (
            format!("{}\n{rest}", first.replace("\"payload\":\"{", "\"payload\":\"{ ")),
            "第1行: 内容与叶哈希不符",
        ),
        (format!("{first}\n{first}\n{rest}"), "第2行: 位置 1 不连续"),
        (rest.to_owned(), "第1行: 位置 2 不连续"),
        (format!("{{}}\n{rest}"), "第1行"),
    ] {
        std::fs::write(history.path().join("history.jsonl"), bad).unwrap();
        refused(&place.run(&["import-story", &path]), &["history.jsonl", words]);
    }
    std::fs::write(history.path().join("history.jsonl"), &good).unwrap();
    std::fs::write(
        history.path().join("keys.jsonl"),
        "{\"person\":\"00000000-0000-4000-8000-000000000001\",\"key\":\"12\"}\n",
    )
    .unwrap();
    refused(&place.run(&["import-story", &path]), &["密钥文件第 1 行"]);
    std::fs::remove_file(history.path().join("keys.jsonl")).unwrap();
    done(&place.run(&["import-story", &path]));
    let output = place.run(&["import-story", &path]);
    refused(&output, &["日志不是空的"]);
}

/// What a former version wrote is read, folded and checked by this one, byte for byte as it was stored.
#[test]
fn a_history_of_the_first_version_is_read_by_this_one() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let path = first_version().display().to_string();
    done(&place.run(&["import-story", &path]));
    place.check();
    let again = exported(place, &["--with-keys"]);
    for file in ["history.jsonl", "keys.jsonl"] {
        assert!(text(again.path(), file) == text(&first_version(), file), "{file} is what was stored");
    }
}

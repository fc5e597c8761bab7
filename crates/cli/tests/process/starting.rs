//! What stands in the way of a start is said, in words that help.

use std::net::TcpListener;
use std::process::{Command, Output};

use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::client::Client;
use crate::server::{Place, Server, data_folder};

/// It failed, and said this.
#[track_caller]
fn says(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for word in words {
        assert!(said.contains(word), "nothing of {word}: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = data_folder();
    let output = Place::private(folder.path()).run(&["serve", "--listen", &address]);
    says(&output, &["端口", &address]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
}

#[test]
fn a_folder_that_is_in_use() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let _server = Server::start(place, "127.0.0.1:0");
    let output = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    says(&output, &["正由另一个进程使用", &folder.path().display().to_string()]);
}

#[test]
fn postgresql_that_is_missing() {
    let folder = data_folder();
    let nowhere = folder.path().join("nowhere").display().to_string();
    let output = Place::private(folder.path()).run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--postgres-programs",
        &nowhere,
    ]);
    says(&output, &["没有找到 PostgreSQL 的程序", "apt-get install postgresql", &nowhere]);
}

/// The settings of the example, as they stand.
fn example() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../../../deploy/app.env.example").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn a_setting_without_a_value_is_none() {
    let empty = example().into_iter().map(|(name, _)| (name, ""));
    let output = Command::new(env!("CARGO_BIN_EXE_zhicheng")).arg("version").envs(empty).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_environment_starts_a_server_once_the_addresses_are_filled_in() {
    let (log, vault) = tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
    let folder = data_folder();
    let filled_in = [
        ("ZHICHENG_DATA", folder.path().display().to_string()),
        ("ZHICHENG_LISTEN", "127.0.0.1:0".to_owned()),
        ("DATABASE_URL", log.url()),
        ("VAULT_URL", vault.url()),
        ("NATS_URL", String::new()),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhicheng"));
    command.arg("serve").envs(example()).envs(filled_in);
    let server = Server::run(command, folder.path());
    let password = std::fs::read_to_string(folder.path().join("admin-password")).unwrap();
    assert!(password.trim().len() >= 12, "a password at random");
    let client = Client::new(&[&server.address]);
    let signed_in = json!({"username": "admin", "password": password.trim()});
    let signed_in = client.send(Method::POST, "/v1/sessions", "", &signed_in).await;
    assert!(signed_in["token"].is_string(), "{signed_in}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_newer_than_the_binary() {
    let (log, vault) = tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
    let folder = data_folder();
    let (log_url, vault_url) = (log.url(), vault.url());
    let place = Place { folder: folder.path(), databases: Some((&log_url, &vault_url)) };
    Server::start(place, "127.0.0.1:0").stop();
    let pool = PgPool::connect_with(log.options()).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of tomorrow', true, '\\x00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    says(&place.run(&["serve", "--listen", "127.0.0.1:0"]), &["数据库结构的版本是 9999", "较新的程序"]);
}

#[test]
fn a_folder_in_which_there_is_nothing_to_look_at() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    for words in [&["check"][..], &["replay", "00000000-0000-7000-8000-000000000000"]] {
        says(&place.run(words), &["没有主密钥", &folder.path().display().to_string()]);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
    says(&place.run(&["check", "--root", "7:abc"]), &["应为“位置:根”"]);
}

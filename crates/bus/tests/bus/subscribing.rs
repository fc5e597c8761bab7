//! The example subscriber goes on though the stream is deleted while it listens.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use serde_json::Value;
use tempfile::TempDir;
use zhicheng_bus::{PrivateServer, STREAM};

use crate::publishing::{PATIENCE, Relaying, append, connect, log};

/// Any Python 3 will do.
const PYTHON: &str = "/usr/bin/python3";
/// How often it may say that reading is interrupted before it is said to spin: it waits half a second each time.
const INTERRUPTIONS_MAX: usize = 60;

struct Subscriber(Child);

impl Subscriber {
    fn start(url: &str, folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/examples/subscribe.py");
        let file = |name: &str| -> File {
            OpenOptions::new().create(true).append(true).open(folder.join(name)).unwrap()
        };
        let mut command = Command::new(PYTHON);
        command.arg(script).arg(url).arg(folder.join("position")).stdin(Stdio::null());
        Self(command.stdout(file("heard")).stderr(file("interruptions")).spawn().unwrap())
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_default()
}

async fn until_heard(folder: &Path, position: i64) {
    let begun = Instant::now();
    while text(folder, "position") != position.to_string() {
        assert!(begun.elapsed() < PATIENCE, "{position} is not heard: {}", text(folder, "interruptions"));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_when_the_stream_was_deleted_under_it() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    append(&store).await;
    let mut relay = Relaying::start(&store, server.url());
    relay.until_at(3).await;
    let subscriber = Subscriber::start(server.url(), folder.path());
    until_heard(folder.path(), 3).await;
    // it listens, for nothing more has come
    let context = jetstream::new(connect(server.url()).await);
    context.delete_stream(STREAM).await.unwrap();
    let head = append(&store).await;
    relay.until_at(head).await;
    until_heard(folder.path(), head).await;
    let heard: Vec<Value> =
        text(folder.path(), "heard").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<i64> = heard.iter().map(|event| event["id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(ids, (1..=head).collect::<Vec<i64>>(), "each once, in order");
    let interruptions = text(folder.path(), "interruptions").lines().count();
    assert!((1..=INTERRUPTIONS_MAX).contains(&interruptions), "{}", text(folder.path(), "interruptions"));
    drop(subscriber);
    relay.task.abort();
    server.stop().await;
    store.close().await;
}

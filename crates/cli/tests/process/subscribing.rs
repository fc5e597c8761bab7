//! The example subscriber hears every event once and in order, though the broker is killed under load.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::applicants::Load;
use crate::client::Client;
use crate::office::Office;
use crate::server::{Place, Server, data_folder, signal};

/// How many clients work at once.
const WORKERS: usize = 3;

/// How many commands there are between two deaths of the broker.
const COMMANDS_BETWEEN: usize = 40;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Any Python 3 will do.
const PYTHON: &str = "/usr/bin/python3";

struct Subscriber(Child);

impl Subscriber {
    fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/examples/subscribe.py");
        let url = std::fs::read_to_string(folder.join("nats.url")).unwrap();
        let file = |name: &str| {
            std::fs::OpenOptions::new().create(true).append(true).open(folder.join(name)).unwrap()
        };
        let child = Command::new(PYTHON)
            .arg(script)
            .arg(url.trim())
            .arg(folder.join("position"))
            .stdin(Stdio::null())
            .stdout(file("heard"))
            .stderr(file("subscriber.log"))
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_hears_every_event_once_though_the_broker_is_killed_under_load() {
    let folder = data_folder();
    let server = Server::start(Place::private(folder.path()), "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let office = Office::open(&client).await;
    let subscriber = Subscriber::start(folder.path());
    let load = Load::start(&client, &office, WORKERS);
    for _ in 0..3 {
        client.journal.grows_by(COMMANDS_BETWEEN).await;
        kill_broker(folder.path());
        let ready = client.get("/readyz", "").await;
        assert_eq!(ready["ready"], true, "the server does not need the broker");
    }
    client.journal.grows_by(COMMANDS_BETWEEN).await;
    load.finish().await;

    let begun = Instant::now();
    let head = loop {
        let ready = client.get("/readyz", "").await;
        if ready["bus"]["state"] == "publishing" && ready["bus"]["lag"] == 0 {
            assert_eq!(ready["bus"]["position"], ready["position"]);
            break ready["position"].as_i64().unwrap();
        }
        assert!(begun.elapsed() < PATIENCE, "the relay does not catch up: {ready}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    while position(folder.path()) < head {
        let log = std::fs::read_to_string(folder.path().join("subscriber.log")).unwrap();
        assert!(begun.elapsed() < PATIENCE, "heard up to {} of {head}: {log}", position(folder.path()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(subscriber);
    let heard = std::fs::read_to_string(folder.path().join("heard")).unwrap();
    assert!(!heard.contains("周明") && !heard.contains("4301021975"), "nothing of a person");
    let heard: Vec<Value> = heard.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (position, event) in (1..).zip(&heard) {
        assert_eq!(event["id"], i64::to_string(&position), "in order, without a gap, each once");
    }
    assert!(heard.len() >= usize::try_from(head).unwrap());
    assert!(heard.iter().any(|event| event["type"] == "declaration.submitted"));
    server.stop();
    assert!(broker(folder.path()).is_none(), "the broker ends with the server");
}

/// The private nats-server of this folder, while it is running.
fn broker(folder: &Path) -> Option<u32> {
    let pid = std::fs::read_to_string(folder.join("nats/nats.pid")).ok()?.trim().parse().ok()?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    (name.trim() == "nats-server").then_some(pid)
}

fn kill_broker(folder: &Path) {
    let begun = Instant::now();
    loop {
        if let Some(pid) = broker(folder) {
            return signal(pid, Signal::KILL);
        }
        assert!(begun.elapsed() < PATIENCE, "the broker does not come back");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn position(folder: &Path) -> i64 {
    std::fs::read_to_string(folder.join("position"))
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

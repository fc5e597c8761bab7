//! Tables are rebuilt, and one is dropped by hand, while they are read and written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::{Executor, PgPool};

use crate::applicants::Load;
use crate::client::Client;
use crate::office::Office;
use crate::server::{Place, Server, data_folder};

/// How many clients work at once.
const WORKERS: usize = 4;

/// How many commands there are before the tables are rebuilt.
const COMMANDS_BEFORE: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_rebuilt_while_they_are_read_and_written() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let server = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let office = Office::open(&client).await;
    let load = Load::start(&client, &office, WORKERS);
    client.journal.grows_by(COMMANDS_BEFORE).await;

    let done = Arc::new(AtomicBool::new(false));
    let pages = Arc::new(AtomicUsize::new(0));
    let reader =
        tokio::spawn(read_on(client.clone(), office.operator.clone(), Arc::clone(&done), Arc::clone(&pages)));
    let rebuilt = rebuild(folder.path(), &[]).await;
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    assert!(pages.load(Ordering::Relaxed) > 0, "the table was read meanwhile");
    done.store(true, Ordering::Relaxed);
    reader.await.unwrap();

    // Dropped by hand: who reads it is told to come later, all else goes on, and a rebuild brings it back.
    let urls = std::fs::read_to_string(folder.path().join("running.urls")).unwrap();
    let log = PgPool::connect(urls.lines().next().unwrap()).await.unwrap();
    let before = client.get("/v1/screens/employer-publicity?limit=200", &office.operator).await;
    log.execute("drop table projections.employer_publicity").await.unwrap();
    let waiting = {
        let (client, operator) = (client.clone(), office.operator.clone());
        tokio::spawn(async move { client.get("/v1/screens/employer-publicity?limit=200", &operator).await })
    };
    client.journal.grows_by(WORKERS).await;
    let rebuilt = rebuild(folder.path(), &["employer_publicity"]).await;
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    let after = waiting.await.unwrap();
    assert!(rows(&after) >= rows(&before), "all rows are back");
    client.journal.grows_by(WORKERS).await;
    load.finish().await;
    log.close().await;
    server.stop();
    place.check_with(&client.journal);
}

async fn rebuild(folder: &std::path::Path, words: &[&str]) -> std::process::Output {
    let mut words = words.to_vec();
    words.insert(0, "rebuild");
    let mut command = tokio::process::Command::from(Place::private(folder).command(&words));
    command.output().await.unwrap()
}

/// Reads a screen that only grows, and never sees it shrink.
async fn read_on(client: Client, operator: String, done: Arc<AtomicBool>, pages: Arc<AtomicUsize>) {
    let mut seen = 0;
    while !done.load(Ordering::Relaxed) {
        let page = client.get("/v1/screens/employer-publicity?limit=200", &operator).await;
        assert!(rows(&page) >= seen, "a row is gone: {} after {seen}", rows(&page));
        seen = rows(&page);
        pages.fetch_add(1, Ordering::Relaxed);
    }
}

fn rows(page: &serde_json::Value) -> usize {
    page["rows"].as_array().unwrap().len()
}

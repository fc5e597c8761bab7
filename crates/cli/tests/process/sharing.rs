//! Two servers on one database: for a reader, positions are dense and in order throughout.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgPool;

use crate::applicants::Load;
use crate::client::Client;
use crate::killing::first_command;
use crate::office::Office;
use crate::server::{Place, Server, data_folder};

/// How many clients work at once.
const WORKERS: usize = 8;

/// How many commands the two carry out under the reader's eyes.
const COMMANDS: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_write_one_log_in_order() {
    let (log, vault) = tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
    let folder = data_folder();
    let (log_url, vault_url) = (log.url(), vault.url());
    let place = Place { folder: folder.path(), databases: Some((&log_url, &vault_url)) };
    let first = Server::start(place, "127.0.0.1:0");
    let second = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&first.address, &second.address]);
    let office = Office::open(&client).await;

    let done = Arc::new(AtomicBool::new(false));
    let pool = PgPool::connect_with(log.options()).await.unwrap();
    let in_database = tokio::spawn(watch_database(pool.clone(), Arc::clone(&done)));
    let over_http = tokio::spawn(watch_http(client.clone(), office.admin.clone(), Arc::clone(&done)));
    let load = Load::start(&client, &office, WORKERS);
    client.journal.grows_by(COMMANDS).await;
    load.finish().await;
    done.store(true, Ordering::Relaxed);
    let head: i64 = sqlx::query_scalar("select position from log_head").fetch_one(&pool).await.unwrap();
    assert_eq!(in_database.await.unwrap(), head);
    assert_eq!(over_http.await.unwrap(), head);

    client.journal.holds(&pool, first_command(&pool).await).await;
    pool.close().await;
    first.stop();
    second.stop();
    place.check_with(&client.journal);
}

/// Reads on from the last position it knows, until the load is done and nothing is left.
async fn watch_database(log: PgPool, done: Arc<AtomicBool>) -> i64 {
    let mut last = 0;
    loop {
        let ended = done.load(Ordering::Relaxed);
        let positions: Vec<i64> = sqlx::query_scalar(
            "select position
             from events
             where position > $1
             order by position
             limit 1000",
        )
        .bind(last)
        .fetch_all(&log)
        .await
        .unwrap();
        for position in &positions {
            last += 1;
            assert_eq!(*position, last, "seen once, in order, without a gap");
        }
        if ended && positions.is_empty() {
            return last;
        }
    }
}

/// The same through the two servers in turn.
async fn watch_http(client: Client, admin: String, done: Arc<AtomicBool>) -> i64 {
    let mut last = 0;
    loop {
        let ended = done.load(Ordering::Relaxed);
        let page = client.get(&format!("/v1/events?after={last}&limit=200"), &admin).await;
        let events = page["events"].as_array().unwrap();
        for event in events {
            last += 1;
            assert_eq!(event["position"], last, "seen once, in order, without a gap");
        }
        if ended && events.is_empty() {
            return last;
        }
    }
}

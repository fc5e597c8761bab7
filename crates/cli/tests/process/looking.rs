//! Looking at a system at rest, with what somebody wrote down while it was running.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::{Place, Server, data_folder};

/// Longer than a server takes to archive its first root.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_the_server_told_is_held_against_the_log_later() {
    let folder = data_folder();
    let place = Place::private(folder.path());
    let server = Server::start(place, "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let begun = Instant::now();
    let root = loop {
        let ready = client.get("/readyz", "").await;
        if let Some(root) = ready["root"].as_str() {
            break root.to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "no root is told: {ready}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    server.stop();

    let looked = place.run(&["check", "--skip", "tables", "--root", &root]);
    let report = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.status.success(), "{report}{}", String::from_utf8_lossy(&looked.stderr));
    assert!(report.contains("1 个另处保存的根比对过"), "{report}");
    let (position, _) = root.split_once(':').unwrap();
    let another = format!("{position}:{}", "0".repeat(64));
    let looked = place.run(&["check", "--skip", "tables", "--root", &another]);
    let report = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(!looked.status.success(), "{report}");
    assert!(report.contains(&format!("位置 {position} 的根与另处保存的不同")), "{report}");
}

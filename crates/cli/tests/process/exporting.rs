//! A hundred thousand rows leave the server as a file without its memory growing with them.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use sqlx::{Executor, PgPool};

use crate::client::Client;
use crate::office::account;
use crate::server::{Place, Server, data_folder};

/// How many rows the table has, those of the log aside.
const ROWS: usize = 100_000;

/// How far the server's peak may rise, in KiB. All rows in memory at one time would take several times as much.
const GROWTH_KIB_MAX: u64 = 48 * 1024;

/// Where Debian's `python3-openpyxl` is found.
const PYTHON: &str = "/usr/bin/python3";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_are_exported_in_bounded_memory() {
    let folder = data_folder();
    let server = Server::start(Place::private(folder.path()), "127.0.0.1:0");
    let client = Client::new(&[&server.address]);
    let admin = client.sign_in("admin").await;
    let auditor = client.create("accounts", &admin, &account("auditor", 77)).await;
    let granted = client.act("accounts", &auditor, "grant-role", &admin, &json!({"role": "auditor"})).await;
    let auditor = client.sign_in("auditor").await;
    let path = "/v1/screens/audit-trail/export";
    // once with a few rows, so that what is loaded but once does not count
    for format in ["csv", "xlsx"] {
        let after = &granted["position"];
        download(&server, &format!("{path}?format={format}&after={after}"), &auditor, folder.path()).await;
    }
    fill(folder.path()).await;
    for format in ["csv", "xlsx"] {
        let before = peak_kib(server.pid());
        let file = download(&server, &format!("{path}?format={format}"), &auditor, folder.path()).await;
        // what the kernel says is counted by processor and may lie a little lower the next time
        let grown = peak_kib(server.pid()).saturating_sub(before);
        eprintln!("{format}: {} KiB, the peak rose by {grown} KiB", file.metadata().unwrap().len() / 1024);
        assert!(grown < GROWTH_KIB_MAX, "{format}: the peak rose by {grown} KiB");
    }
    let csv = std::fs::read_to_string(folder.path().join("export.csv")).unwrap();
    assert!(csv.lines().count() > ROWS);
    if Command::new(PYTHON).args(["-c", "import openpyxl"]).output().is_ok_and(|it| it.status.success()) {
        let count = "import openpyxl, sys\n\
                     page = openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0]\n\
                     print(sum(1 for row in page.iter_rows(values_only=True) if row[0] is not None))";
        let output =
            Command::new(PYTHON).args(["-c", count]).arg(folder.path().join("export.xlsx")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rows: usize = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        assert_eq!(rows, csv.lines().count(), "both files have the same rows");
    } else {
        eprintln!("python3-openpyxl is not installed: the file is not opened");
    }
    server.stop();
}

/// The rows that are there, again and again under other keys.
async fn fill(folder: &Path) {
    let urls = std::fs::read_to_string(folder.join("running.urls")).unwrap();
    let log = PgPool::connect(urls.lines().next().unwrap()).await.unwrap();
    let sql = format!(
        "insert into projections.audit_trail
         select copied.*
         from generate_series(1, {ROWS}) as number
         cross join lateral (
             select *
             from projections.audit_trail
             order by row_key
             offset number % 5
             limit 1
         ) as trail
         cross join lateral jsonb_populate_record(
             null::projections.audit_trail,
             to_jsonb(trail) || jsonb_build_object('row_key', 'copy ' || number)
         ) as copied"
    );
    log.execute(sql.as_str()).await.unwrap();
    log.close().await;
}

/// Downloads a file piece by piece.
async fn download(server: &Server, path: &str, token: &str, folder: &Path) -> std::fs::File {
    let url = format!("http://{}{path}", server.address);
    let mut response = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.status());
    let format = if path.contains("format=csv") { "csv" } else { "xlsx" };
    let mut file = std::fs::File::create(folder.join(format!("export.{format}"))).unwrap();
    while let Some(chunk) = response.chunk().await.unwrap() {
        file.write_all(&chunk).unwrap();
    }
    file
}

/// The most memory that a process ever had at one time, in KiB.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

//! A listing screen as a file: what the caller may see, all of it, of one moment, and nothing that runs.

use crate::support::{Answer, System, names};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tower::ServiceExt;
use zhicheng_app::{MAKING_MAX, POSITION_TITLE};
use zhicheng_projections::column::{Column, Kind};
use zhicheng_projections::screen;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where Debian's `python3-openpyxl` is found; another Python may come first in `PATH`.
const PYTHON: &str = "/usr/bin/python3";

/// A whole year's work, up to its last step.
async fn told() -> System {
    System::told_until("13-under-way", "lift").await
}

/// All rows of the listing, page by page.
async fn pages(system: &System, who: &str, name: &str, query: &str) -> (Vec<Value>, i64) {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/screens/{name}?limit=7&{query}{cursor}");
        let page = system.get(who, path).send().await.expect(200);
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (rows, page["position"].as_i64().unwrap()),
        }
    }
}

async fn export(system: &System, who: &str, name: &str, query: &str) -> Answer {
    let answer = system.get(who, format!("/v1/screens/{name}/export?{query}")).send().await;
    answer.expect(200);
    answer
}

/// What a csv file says, by title; an apostrophe in front is a guard.
fn read(answer: &Answer) -> Vec<HashMap<String, String>> {
    let text = answer.text.strip_prefix('\u{feff}').expect("the byte order mark, for Excel");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let titles: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| {
        let values = row.iter().map(|value| value.strip_prefix('\'').unwrap_or(value).to_owned());
        titles.iter().cloned().zip(values).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A value of the listing as the file writes it.
fn written(column: &Column, value: &Value) -> String {
    let clock = |text: &str| {
        let moment = chrono::DateTime::parse_from_rfc3339(text).unwrap();
        let hunan = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
        moment.with_timezone(&hunan).format("%Y-%m-%d %H:%M:%S").to_string()
    };
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => if *truth { "是" } else { "否" }.to_owned(),
        Value::Number(number) if column.kind == Kind::Decimal => format!("{:.2}", number.as_f64().unwrap()),
        Value::Number(number) => number.to_string(),
        Value::String(text) if column.kind == Kind::Instant => clock(text),
        Value::String(text) => column.in_words(text).to_owned(),
        Value::Array(texts) => {
            texts.iter().map(|it| column.in_words(it.as_str().unwrap())).collect::<Vec<_>>().join("、")
        }
        Value::Object(_) => panic!("no column holds an object"),
    }
}

async fn check(system: &System, who: &str, name: &str, query: &str) -> usize {
    let (rows, position) = pages(system, who, name, query).await;
    let file = export(system, who, name, &format!("format=csv&{query}")).await;
    assert_eq!(file.header("log-position"), position.to_string());
    let lines = read(&file);
    assert_eq!(lines.len(), rows.len(), "{name} {query}");
    let columns: Vec<&Column> = screen(name).unwrap().shown().collect();
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row.as_object().unwrap().len(), columns.len());
        assert_eq!(line.len(), columns.len() + 1, "each column has a title of its own");
        for column in &columns {
            assert_eq!(line[column.label], written(column, &row[column.name]), "{name} {}", column.name);
        }
        assert_eq!(line[POSITION_TITLE], position.to_string());
    }
    rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_the_listing_under_every_kind_of_filter() {
    let system = told().await;
    let head = system.head().await;
    let (who, name) = ("住建局审核", "superior-review");
    let all = check(&system, who, name, &format!("after={head}")).await;
    assert!(all > 10, "more than one page");
    let rows = pages(&system, who, name, "").await.0;
    let text = |column: &str| rows[0][column].as_str().unwrap().to_owned();
    let surname: String = text("applicant_name").chars().take(1).collect();
    for (query, least) in [
        ("sort=-applicant_name".to_owned(), all),
        ("sort=dwell_working_days".to_owned(), all),
        ("sort=-handled_at".to_owned(), all),
        (format!("declaration_no={}", text("declaration_no")), 1),
        (format!("applicant_name={}", encoded(&surname)), 1),
        ("year=2024".to_owned(), 1),
        (format!("stage={}", text("stage")), 1),
        ("status=waiting".to_owned(), 1),
        ("arrived_at_from=2024-03-01&arrived_at_to=2024-06-30".to_owned(), 1),
        (format!("due_on_to={}", "2030-01-01"), 1),
        ("overdue=false".to_owned(), 1),
        (format!("employer_id={}", text("employer_id")), all),
        (format!("id_number={}", text("id_number")), 1),
        ("id_number=430102199001010011".to_owned(), 0),
        ("holds=objection".to_owned(), 0),
        ("status=waiting&year=1999".to_owned(), 0),
    ] {
        let found = check(&system, who, name, &query).await;
        assert!(found >= least && found <= all, "{query}: {found}");
    }
    for query in ["sort=-total_score", "sort=total_score&total_score_from=9.5"] {
        assert!(check(&system, "高评会办", "review-results", query).await > 0, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_cut_down_to_its_reader() {
    let system = told().await;
    for (who, name) in [
        ("排水经办", "employer-first-review"),
        ("排水经办", "employer-publicity"),
        ("长沙专技处", "authority-review"),
        ("高评会办", "qualification-review"),
        ("审计", "audit-trail"),
        ("审计", "process-tracking"),
        ("省专技处", "rollback"),
    ] {
        assert!(check(&system, who, name, "").await > 0, "{who} {name}");
    }
    let masked = export(&system, "审计", "process-tracking", "format=csv").await;
    assert!(read(&masked).iter().all(|row| row["姓名"].ends_with("**")), "{}", masked.text);
    system.get("排水经办", "/v1/screens/superior-review/export").refused(403, "not-allowed").await;
    system.get("审计", "/v1/screens/dragons/export").refused(404, "not-found").await;
    system.get(None, "/v1/screens/superior-review/export").refused(401, "unauthenticated").await;
    let elsewhere = system.get("住建局审核", "/v1/screens/superior-review/export?format=csv");
    let elsewhere = elsewhere.header("acting-as", "superior-reviewer@0190f000-0000-7000-8000-000000000000");
    elsewhere.refused(403, "not-allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_export_does_not_take_is_named() {
    let system = System::hunan().await;
    let path = "/v1/screens/my-declarations/export";
    for (query, code, pointer) in [
        ("format=pdf", "format-unknown", "?format"),
        ("format=", "format-unknown", "?format"),
        ("format=csv&limit=5", "filter-value-invalid", "?limit"),
        ("format=csv&cursor=x", "filter-value-invalid", "?cursor"),
        ("format=csv&colour=red", "unknown-filter", "?colour"),
        ("format=csv&sort=colour", "unknown-sort", "?sort"),
        ("format=csv&after=x", "filter-value-invalid", "?after"),
    ] {
        let problem =
            system.get("applicant", format!("{path}?{query}")).refused(400, "malformed-input").await;
        assert!(names(&problem, pointer) && problem["errors"][0]["code"] == code, "{query}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_file_runs_and_no_digit_is_lost() {
    let system = System::hunan().await;
    system.draft("applicant").await;
    let head = system.head().await;
    pages(&system, "applicant", "my-declarations", &format!("after={head}")).await;
    // written past the log: the rules let nobody be called so
    let odd = [
        ("opinion", "=HYPERLINK(\"http://x\",\"y\")"),
        ("title", "\t=1+1"),
        ("employer_name", "@SUM(1+1)"),
        ("specialty_name", "-2+3"),
        ("series_name", "430102199001011234"),
        ("final_organisation_name", "a \"quoted\", 𠮷\nsecond line"),
    ];
    for (column, text) in odd {
        sqlx::query(&format!("update projections.my_declarations set {column} = $1"))
            .bind(text)
            .execute(&system.pool)
            .await
            .unwrap();
    }
    sqlx::query("update projections.my_declarations set submitted_at = '2023-05-04T01:02:03.5Z'")
        .execute(&system.pool)
        .await
        .unwrap();
    let label = |name: &str| screen("my-declarations").unwrap().table.column(name).unwrap().label;
    let file = export(&system, "applicant", "my-declarations", "format=csv").await;
    let row = &read(&file)[0];
    for (column, text) in odd {
        assert_eq!(row[label(column)], text);
        let guarded = text.replace('"', "\"\"");
        let guarded = file.text.contains(&format!("'{guarded}"));
        assert_eq!(guarded, !text.starts_with('a'), "{text}");
    }
    assert!(file.header("content-type").starts_with("text/csv"));
    let disposition = file.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%E6%88%91%E7%9A%84%E7%94%B3%E6%8A%A5_"));
    assert!(disposition.ends_with(".csv"), "{disposition}");

    let Some(book) = opened(&system, "applicant", "my-declarations", "format=xlsx&year=2023").await else {
        return;
    };
    let row = &book["rows"][0];
    for (column, text) in odd {
        assert_eq!(row[label(column)], serde_json::json!(["s", text]), "a string, whatever it looks like");
    }
    assert_eq!(row[label("year")], serde_json::json!(["n", 2023]));
    assert_eq!(row[label("version")][0], "n");
    assert_eq!(
        row[label("submitted_at")],
        serde_json::json!(["d", "2023-05-04 09:02:03"]),
        "a date, by Hunan's clock"
    );
    assert_eq!(book["formulas"], 0);
    let notes = &book["notes"];
    assert_eq!(notes["列表"], "我的申报");
    assert_eq!(notes[POSITION_TITLE], head.to_string());
    assert_eq!(notes["筛选条件"], format!("{}等于2023", label("year")));
    assert_eq!(notes["行数"], "1");
    assert!(notes["导出时间"].as_str().unwrap().starts_with("2023-05-04 09:00"), "{notes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn excel_reads_what_the_listing_says() {
    let system = told().await;
    let (who, name) = ("住建局审核", "superior-review");
    let Some(book) = opened(&system, who, name, "format=xlsx&sort=applicant_name").await else { return };
    let rows = pages(&system, who, name, "sort=applicant_name").await.0;
    let found = book["rows"].as_array().unwrap();
    assert_eq!(found.len(), rows.len());
    for (row, cells) in rows.iter().zip(found) {
        for column in screen(name).unwrap().shown() {
            let cell = &cells[column.label][1];
            let cell = cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
            let cell = if cell == "null" { String::new() } else { cell };
            assert_eq!(cell, written(column, &row[column.name]), "{}", column.name);
        }
    }
}

/// An xlsx file as openpyxl reads it: of each cell its type and value; none where openpyxl is not installed.
async fn opened(system: &System, who: &str, name: &str, query: &str) -> Option<Value> {
    let there = Command::new(PYTHON).args(["-c", "import openpyxl"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("python3-openpyxl is not installed: the file is not opened");
        return None;
    }
    let token = system.token(who).await;
    let request = Request::get(format!("/v1/screens/{name}/export?{query}"))
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let response = system.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("export.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/support/open_xlsx.py");
    let output = Command::new(PYTHON).arg(script).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_exports_are_made_at_once_and_the_others_are_told_to_come_later() {
    let system = System::hunan().await;
    let mut hold = system.pool.begin().await.unwrap();
    // whoever reads the table waits behind this
    sqlx::query("lock table projections.my_declarations in access exclusive mode")
        .execute(&mut *hold)
        .await
        .unwrap();
    let token = system.token("applicant").await;
    let ask = || {
        let request = Request::get("/v1/screens/my-declarations/export?format=csv")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        system.router.clone().oneshot(request)
    };
    let waiting: Vec<_> = (0..MAKING_MAX).map(|_| tokio::spawn(ask())).collect();
    let begun = Instant::now();
    while behind(&system).await < i64::try_from(MAKING_MAX).unwrap() {
        assert!(begun.elapsed() < PATIENCE, "nobody waits for the table");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let later = system.get("applicant", "/v1/screens/my-declarations/export?format=csv").send().await;
    later.problem(503, "unavailable");
    assert_ne!(later.header("retry-after"), "");
    // those who waited go away: their places are free, and nothing of theirs stays behind in the database
    for asked in waiting {
        asked.abort();
    }
    hold.rollback().await.unwrap();
    let begun = Instant::now();
    while system.get("applicant", "/v1/screens/my-declarations/export?format=csv").send().await.status != 200
    {
        assert!(begun.elapsed() < PATIENCE, "their places are not free");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    while in_transaction(&system).await > 0 {
        assert!(begun.elapsed() < PATIENCE, "a transaction stays open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Readers that wait for a lock.
async fn behind(system: &System) -> i64 {
    count(system, "wait_event_type = 'Lock'").await
}

/// Readers that are in a transaction.
async fn in_transaction(system: &System) -> i64 {
    count(system, "xact_start is not null").await
}

async fn count(system: &System, condition: &str) -> i64 {
    let sql = format!(
        "select count(*)
         from pg_stat_activity
         where datname = current_database()
           and application_name = 'zhicheng-tables'
           and {condition}"
    );
    sqlx::query_scalar(&sql).fetch_one(&system.pool).await.unwrap()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

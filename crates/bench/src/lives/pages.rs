//! Pages of a listing of a million rows: the rows of the run, each many times over, in the table that the screen reads.

use std::time::Instant;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::Failure;
use crate::lives::client::Client;
use crate::lives::load::of;
use crate::lives::office::Office;

/// The screen, and its table.
const SCREEN: &str = "authority-review";
const TABLE: &str = "authority_review";
/// Two filters that one row in twenty passes.
const FILTERS: &str = "year=2019&level=intermediate&limit=50";
/// Pages from which a median is taken.
const PAGES: usize = 200;

/// Multiplies the rows, reads the first page again and again, and walks to the end.
pub(crate) async fn measure(
    client: &Client,
    office: &Office,
    log: PgConnectOptions,
    rows: i64,
) -> Result<(), Failure> {
    let found = multiply(log, rows).await?;
    let (mut first, mut walk) = (Vec::new(), Vec::new());
    for _ in 0..PAGES {
        page(client, office, None, &mut first).await?;
    }
    let mut cursor = None;
    loop {
        cursor = page(client, office, cursor.as_deref(), &mut walk).await?;
        if cursor.is_none() {
            break;
        }
    }
    let mut deep = walk.split_off(walk.len().saturating_sub(PAGES));
    for (what, took) in [("first", &mut first), ("deep", &mut deep)] {
        took.sort_unstable_by(f64::total_cmp);
        say!(
            "a page of 50 of {found} rows with two filters, {what}: median {:.1} ms, p99 {:.1} ms, of {}",
            of(took, 0.5),
            of(took, 0.99),
            took.len()
        );
    }
    say!("pages to the end: {}", walk.len() + deep.len());
    Ok(())
}

/// Rows with years, keys and times of their own; answers how many there are.
async fn multiply(log: PgConnectOptions, rows: i64) -> Result<i64, Failure> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(log).await?;
    let columns: Vec<String> = sqlx::query_scalar(
        "select column_name::text
         from information_schema.columns
         where table_schema = 'projections' and table_name = $1
         order by ordinal_position",
    )
    .bind(TABLE)
    .fetch_all(&pool)
    .await?;
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "row_key" => "gen_random_uuid()::text".to_owned(),
            "id" | "declaration_id" => "gen_random_uuid()".to_owned(),
            "year" => "2013 + number % 10".to_owned(),
            "arrived_at" => "arrived_at - make_interval(secs => number * 61 + random() * 60)".to_owned(),
            _ => column.clone(),
        })
        .collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let there: i64 =
        sqlx::query_scalar(&format!("select count(*) from projections.{TABLE}")).fetch_one(&pool).await?;
    sqlx::raw_sql(&format!(
        "insert into projections.{TABLE} ({columns})
         select {values}
         from projections.{TABLE}
         cross join generate_series(1, {}) as copies (number);
         analyze projections.{TABLE};",
        (rows / there.max(1)).max(1),
    ))
    .execute(&pool)
    .await?;
    let found =
        sqlx::query_scalar(&format!("select count(*) from projections.{TABLE}")).fetch_one(&pool).await?;
    pool.close().await;
    Ok(found)
}

/// One page; answers where the next one begins.
async fn page(
    client: &Client,
    office: &Office,
    cursor: Option<&str>,
    took_ms: &mut Vec<f64>,
) -> Result<Option<String>, Failure> {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let begun = Instant::now();
    let page = client.get(&format!("/v1/screens/{SCREEN}?{FILTERS}{cursor}"), &office.authority).await?;
    took_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
    Ok(page["next_cursor"].as_str().map(str::to_owned))
}

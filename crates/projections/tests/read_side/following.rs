//! Keeping up with the log, whatever happens.

use crate::support::{PATIENCE, System, sitting, story, way};
use std::collections::HashMap;
use std::time::Duration;
use zhicheng_domain::declaration::Event;
use zhicheng_projections::reader::WaitError;
use zhicheng_projections::{TABLES, Table, table};

/// Waits until a statement answers true.
async fn until(system: &System, statement: &str) {
    let wait = async {
        loop {
            if sqlx::query_scalar::<_, bool>(statement).fetch_one(&system.pool).await.unwrap_or(false) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {statement}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_follow_the_log_and_equal_a_fresh_fold() {
    for log in [&way().hunan.world.log, &sitting().hunan.world.log] {
        let mut system = System::new().await;
        let following = system.follow(TABLES);
        for end in (0..log.len()).step_by(1 + log.len() / 7).chain([log.len()]) {
            let position = system.write(&log[..end]).await;
            following.reach(TABLES, position).await;
        }
        following.end().await;
        system.check_folds().await;
    }
}

/// At some positions of each story, prime steps apart so that they fall anywhere; every position is looked at in memory
/// (`src/prefixes.rs`).
#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_story_stops_tables_equal_a_fresh_fold() {
    for (name, step) in [("01-senior-review-online", 151), ("02-rollback", 157), ("13-under-way", 293)] {
        let log = story(name);
        let mut system = System::new().await;
        let following = system.follow(TABLES);
        let told = log.iter().position(|it| it.stream.aggregate == "declaration").unwrap();
        for end in (told..log.len()).step_by(step).chain([log.len()]) {
            let position = system.write(&log[..end]).await;
            following.reach(TABLES, position).await;
            system.check_folds().await;
        }
        following.end().await;
    }
}

/// Rows that follow the log and rows that a build copies go to PostgreSQL in different forms; what is read is the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_any_characters_comes_back_as_it_is() {
    const EMPLOYER: &str = "长沙市城区排水事务中心";
    const ODD: &str = "O'Neill \\ \"''\" {NULL,null} $1 ;-- \\' \\N 𠮷·\t\n\r%_ ";
    let log = &way().hunan.world.log;
    let escaped = serde_json::to_string(ODD).unwrap();
    let mut system = System::new().await;
    let following = system.follow(TABLES);
    let mut sequences: HashMap<_, i64> = HashMap::new();
    for logged in log {
        let sequence = sequences.entry(logged.stream).or_default();
        *sequence += 1;
        let payload = logged.event.to_payload(&logged.stamp).unwrap();
        let payload = payload.replace(EMPLOYER, escaped.trim_matches('"'));
        let (id, name, version) = (logged.stream.id.to_string(), logged.event.name(), logged.event.version());
        system.append(logged.stream.aggregate, &id, *sequence, name, version, &payload).await;
    }
    following.reach(TABLES, system.written).await;
    following.end().await;
    let names: Vec<String> =
        sqlx::query_scalar("select distinct employer_name from projections.declaration_inquiry")
            .fetch_all(&system.pool)
            .await
            .unwrap();
    assert!(names.contains(&ODD.to_owned()), "{names:?}");
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_can_read_stops_its_own_tables_only() {
    let log = &way().hunan.world.log;
    let mut system = System::new().await;
    let half = log.len() - 5;
    system.write(&log[..half]).await;
    let stream =
        log[..half].iter().rev().find(|logged| logged.stream.aggregate == "declaration").unwrap().stream;
    let sequence = log[..half].iter().filter(|logged| logged.stream == stream).count() as i64 + 1;
    let id = stream.id.to_string();
    let payload = r#"{"event":{"danced":{}},"time":"2023-05-04T01:00:00Z"}"#;
    let poison = system.append("declaration", &id, sequence, "declaration.danced", "1", payload).await;
    let head = system
        .append(
            "batch",
            &uuid::Uuid::from_u128(9).to_string(),
            1,
            "batch.created",
            "1",
            r#"{"event":"opened","time":"2023-05-04T01:00:00Z"}"#,
        )
        .await;
    let following = system.follow(TABLES);
    let trail = table("audit_trail").unwrap();
    following.reach(&[trail], head).await;
    let waited = following.reader.wait_until(table("rollback").unwrap(), head, PATIENCE).await;
    assert!(matches!(waited, Err(WaitError::Stopped { at }) if at == poison), "{waited:?}");
    let of_declarations: Vec<&'static Table> =
        TABLES.iter().copied().filter(|table| table.folds("declaration")).collect();
    assert!(of_declarations.len() >= 14);
    let stopped = format!(
        "select count(*) = {} from projections.checkpoint where stopped_at is not null",
        of_declarations.len()
    );
    until(&system, &stopped).await;
    for health in following.reader.health(&of_declarations, head).await.unwrap() {
        assert_eq!(health.stopped_at, Some(poison), "{}", health.table);
        assert!(health.stopped_reason.as_ref().unwrap().contains("danced"), "{health:?}");
    }
    following.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_stops_right_before_what_it_cannot_take_and_goes_on_when_it_can() {
    let log = &way().hunan.world.log;
    let mut system = System::new().await;
    let following = system.follow(TABLES);
    let half = log.len() / 2;
    let position = system.write(&log[..half]).await;
    following.reach(TABLES, position).await;
    following.end().await;
    // rows of 2023 are refused from here on
    sqlx::raw_sql(
        "alter table projections.process_tracking add constraint none check (year <> 2023) not valid",
    )
    .execute(&system.pool)
    .await
    .unwrap();
    let before = system.content("process_tracking").await;
    let following = system.follow(TABLES);
    let position = system.write(log).await;
    let others: Vec<_> = TABLES.iter().copied().filter(|table| table.name != "process_tracking").collect();
    following.reach(&others, position).await;
    until(
        &system,
        "select stopped_at = position + 1 from projections.checkpoint where table_name = 'process_tracking'",
    )
    .await;
    assert_eq!(system.content("process_tracking").await, before, "rows and checkpoint are one");
    following.end().await;
    sqlx::raw_sql("alter table projections.process_tracking drop constraint none")
        .execute(&system.pool)
        .await
        .unwrap();
    let following = system.follow(TABLES);
    until(
        &system,
        "select stopped_at is null from projections.checkpoint where table_name = 'process_tracking'",
    )
    .await;
    following.reach(TABLES, position).await;
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_table_is_built_anew() {
    let log = &way().hunan.world.log;
    let mut system = System::new().await;
    let following = system.follow(TABLES);
    let position = system.write(&log[..log.len() - 5]).await;
    following.reach(TABLES, position).await;
    sqlx::raw_sql("drop table projections.process_tracking").execute(&system.pool).await.unwrap();
    let position = system.write(log).await;
    following.reach(TABLES, position).await;
    until(&system, "select to_regclass('projections.process_tracking') is not null").await;
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_rows_and_checkpoint_agree() {
    let log = &sitting().hunan.world.log;
    let mut system = System::new().await;
    let following = system.follow(TABLES);
    for end in (0..log.len()).step_by(1 + log.len() / 25) {
        system.write(&log[..end]).await;
        sqlx::query(
            "select pg_terminate_backend(pid)
             from pg_locks
             where locktype = 'advisory'
               and database = (select oid from pg_database where datname = current_database())",
        )
        .execute(&system.pool)
        .await
        .unwrap();
    }
    let position = system.write(log).await;
    following.reach(TABLES, position).await;
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_by_takes_over() {
    let log = &way().hunan.world.log;
    let mut system = System::new().await;
    let first = system.follow(TABLES);
    let position = system.write(&log[..log.len() / 2]).await;
    first.reach(TABLES, position).await;
    let second = system.follow(TABLES);
    let position = system.write(&log[..log.len() - 3]).await;
    second.reach(TABLES, position).await;
    first.end().await;
    let position = system.write(log).await;
    second.reach(TABLES, position).await;
    second.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_what_does_not_come_ends() {
    let system = System::of(&way().hunan.world.log).await;
    let table = table("rollback").unwrap();
    system.reader().wait_until(table, system.written, PATIENCE).await.unwrap();
    let waited = system.reader().wait_until(table, system.written + 1, Duration::from_millis(50)).await;
    assert!(
        matches!(waited, Err(WaitError::TimedOut { position }) if position == system.written),
        "{waited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_erased_leaves_the_tables() {
    let mut hunan = way().hunan.clone();
    let mut system = System::new().await;
    let following = system.follow(TABLES);
    let position = system.write(&hunan.world.log).await;
    following.reach(TABLES, position).await;
    hunan.meanwhile(way().returned, Event::PersonErased);
    let position = system.write(&hunan.world.log).await;
    following.reach(TABLES, position).await;
    following.end().await;
    for table in ["employer_first_review", "my_declarations", "process_tracking", "process_step"] {
        let rows = system.content(table).await;
        let rows = rows.iter().filter(|row| row.contains(&way().returned.to_string()));
        for row in rows {
            assert!(!row.contains("张三") && !row.contains("缺少论文"), "{table}: {row}");
        }
    }
    system.check_folds().await;
}

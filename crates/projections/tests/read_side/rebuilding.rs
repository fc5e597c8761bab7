//! Building tables anew while readers go on, and comparing them with the log.

use crate::support::{System, auditor, reckoning, sitting, way};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_projections::{
    Compared, Difference, Differences, Rebuilt, Request, TABLES, rebuild, screen, table, verify,
};

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_equals_live() {
    for log in [&way().hunan.world.log, &sitting().hunan.world.log] {
        let mut system = System::new().await;
        let following = system.follow(TABLES);
        let position = system.write(log).await;
        following.reach(TABLES, position).await;
        following.end().await;
        let mut live = Vec::new();
        for table in TABLES {
            live.push(system.content(table.name).await);
        }
        assert!(live.iter().any(|rows| !rows.is_empty()));
        let mut last = 0;
        let rebuilt =
            rebuild(&system.store, &system.pool, TABLES, |progress| last = progress.events).await.unwrap();
        assert_eq!(rebuilt.len(), TABLES.len());
        for it in &rebuilt {
            let Rebuilt::InPlace { position: at, compared, .. } = it else { panic!("{it:?}") };
            assert_eq!((*at, compared), (position, &Compared::With(Differences::default())), "{it:?}");
        }
        assert!(last > 0);
        for (table, live) in TABLES.iter().zip(live) {
            assert_eq!(system.content(table.name).await, live, "{}", table.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_notice_nothing_while_tables_are_swapped() {
    let log = &way().hunan.world.log;
    let mut system = System::new().await;
    system.write(&log[..log.len() / 2]).await;
    let following = system.follow(TABLES);
    following.reach(TABLES, system.written).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = ["audit-trail", "process-tracking", "audit-trail"]
        .into_iter()
        .map(|name| {
            let (reader, done) = (system.reader(), Arc::clone(&done));
            tokio::spawn(async move {
                let screen = screen(name).unwrap();
                let calendar = WorkingCalendar::default();
                let (mut reads, mut reached, mut rows) = (0, 0, 0);
                while !done.load(Ordering::Relaxed) {
                    let request = Request::all(screen, 200);
                    let page = reader.page(screen, &auditor(), &request, reckoning(&calendar)).await.unwrap();
                    assert!(page.position >= reached, "the position of {name} went back");
                    assert!(page.rows.len() >= rows, "rows of {name} were gone");
                    (reached, rows) = (page.position, page.rows.len());
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    for end in (log.len() / 2..=log.len()).step_by(log.len() / 12) {
        system.write(&log[..end]).await;
        rebuild(&system.store, &system.pool, TABLES, |_| {}).await.unwrap();
    }
    let position = system.write(log).await;
    following.reach(TABLES, position).await;
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_another_version_is_built_anew() {
    let system = System::of(&way().hunan.world.log).await;
    sqlx::raw_sql(
        "update projections.checkpoint set version = 'older' where table_name = 'rollback';
         insert into projections.rollback select * from projections.rollback limit 0;
         alter table projections.rollback add column forgotten text",
    )
    .execute(&system.pool)
    .await
    .unwrap();
    let following = system.follow(TABLES);
    let rebuilt = async {
        loop {
            let version: String = sqlx::query_scalar(
                "select version from projections.checkpoint where table_name = 'rollback'",
            )
            .fetch_one(&system.pool)
            .await
            .unwrap();
            if version == table("rollback").unwrap().version() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, rebuilt).await.unwrap();
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_tampered_with_is_found_out() {
    let system = System::of(&way().hunan.world.log).await;
    let keys: Vec<String> =
        sqlx::query_scalar("select row_key from projections.process_tracking order by row_key limit 2")
            .fetch_all(&system.pool)
            .await
            .unwrap();
    sqlx::query("update projections.process_tracking set title = '教授' where row_key = $1")
        .bind(&keys[0])
        .execute(&system.pool)
        .await
        .unwrap();
    sqlx::query("update projections.process_tracking set row_key = 'zz' where row_key = $1")
        .bind(&keys[1])
        .execute(&system.pool)
        .await
        .unwrap();
    let verified =
        verify(&system.store, &system.pool, table("process_tracking").unwrap(), |_| {}).await.unwrap();
    assert_eq!(
        verified.differences,
        [
            Difference::Differs(keys[0].clone()),
            Difference::Missing(keys[1].clone()),
            Difference::Extra("zz".into())
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_tells_how_the_table_that_was_there_differed() {
    let system = System::of(&way().hunan.world.log).await;
    let tracking = table("process_tracking").unwrap();
    let keys: Vec<String> =
        sqlx::query_scalar("select row_key from projections.process_tracking order by row_key limit 3")
            .fetch_all(&system.pool)
            .await
            .unwrap();
    let damages = [
        "update projections.process_tracking set title = '教授' where row_key = $1",
        "delete from projections.process_tracking where row_key = $1",
        "update projections.process_tracking set row_key = 'zz' where row_key = $1",
    ];
    for (damage, key) in damages.iter().zip(&keys) {
        sqlx::query(damage).bind(key).execute(&system.pool).await.unwrap();
    }
    // the live table is fed and read meanwhile, and nobody waits
    let following = system.follow(TABLES);
    let first = rebuild(&system.store, &system.pool, &[tracking], |_| {}).await.unwrap();
    let told = Differences {
        missing: 2,
        extra: 1,
        differing: 1,
        first: vec![
            Difference::Differs(keys[0].clone()),
            Difference::Missing(keys[1].clone()),
            Difference::Missing(keys[2].clone()),
            Difference::Extra("zz".into()),
        ],
    };
    let Rebuilt::InPlace { compared, .. } = &first[0] else { panic!("{first:?}") };
    assert_eq!(compared, &Compared::With(told));
    let second = rebuild(&system.store, &system.pool, &[tracking], |_| {}).await.unwrap();
    let Rebuilt::InPlace { compared, .. } = &second[0] else { panic!("{second:?}") };
    assert_eq!(compared, &Compared::With(Differences::default()), "the difference did not stop the swap");
    following.end().await;
    system.check_folds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_to_compare_with_where_a_table_is_gone_or_of_another_version() {
    let system = System::of(&way().hunan.world.log).await;
    sqlx::raw_sql(
        "drop table projections.rollback;
         update projections.checkpoint set version = 'older' where table_name = 'deadline';
         alter table projections.voting drop column stage",
    )
    .execute(&system.pool)
    .await
    .unwrap();
    let tables = ["rollback", "deadline", "voting"].map(|name| table(name).unwrap());
    for it in rebuild(&system.store, &system.pool, &tables, |_| {}).await.unwrap() {
        assert!(matches!(it, Rebuilt::InPlace { compared: Compared::WithNothing, .. }), "{it:?}");
    }
    system.check_folds().await;
}

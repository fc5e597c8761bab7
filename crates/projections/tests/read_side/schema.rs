//! `projections/` and the code say the same.

use crate::support::System;
use std::collections::BTreeSet;
use std::fs;
use zhicheng_domain::AnyState;
use zhicheng_projections::column::{Place, Presence};
use zhicheng_projections::{SCREENS, TABLES, rebuild};

const INDEXES_MAX: i64 = 2;

#[test]
fn every_folder_is_a_table_and_every_table_a_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../projections");
    let folders: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let tables: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(folders, tables);
    for table in &tables {
        let readme = fs::read_to_string(format!("{folder}/{table}/README.md")).unwrap();
        assert!(readme.starts_with(&format!("# {table} ")), "{table}/README.md begins with its name");
    }
}

#[test]
fn names_are_unique_and_columns_exist() {
    let mut names = BTreeSet::new();
    for screen in SCREENS {
        assert!(names.insert(screen.name), "{} stands twice", screen.name);
        assert!(!screen.grants.is_empty(), "{} is read by somebody", screen.name);
        let stored = |name: &str| {
            let column = screen.table.column(name).filter(|column| column.is_stored());
            column.unwrap_or_else(|| panic!("{} has no column {name}", screen.name))
        };
        stored(screen.order.column);
        for grant in screen.grants {
            grant.scope.columns().into_iter().for_each(|name| {
                stored(name);
            });
        }
        for fixed in screen.fixed {
            stored(fixed.column);
        }
        if let Some(waiting) = &screen.waiting {
            assert!(
                screen.table.column(waiting.column).is_some(),
                "{} has no {}",
                screen.name,
                waiting.column
            );
        }
        for column in screen.table.columns() {
            if let Some(outside) = column.outside {
                assert_eq!(stored(outside).place, Place::Internal, "{outside} is not shown by itself");
            }
            if let Some(organisations) = column.told_to {
                assert_eq!(stored(organisations).place, Place::Internal, "{organisations} is not shown");
                assert_eq!(column.presence, Presence::Sometimes, "{} is nothing to most", column.name);
            }
        }
        let twice: BTreeSet<&str> = screen.table.columns().map(|column| column.name).collect();
        assert_eq!(twice.len(), screen.table.columns().count(), "{} has a column twice", screen.name);
    }
}

#[test]
fn row_actions_are_actions_that_the_role_may_take() {
    let specs: Vec<_> =
        AnyState::TYPES.iter().flat_map(|(aggregate, _)| AnyState::specs(aggregate)).collect();
    for screen in SCREENS {
        for action in screen.row_actions {
            // an action of the same name may belong to several aggregates
            let mut named = specs.iter().filter(|spec| spec.name == *action).peekable();
            assert!(named.peek().is_some(), "{action} on {} is an action", screen.name);
            let allowed = named
                .any(|spec| spec.by.iter().any(|by| screen.grants.iter().any(|grant| grant.role == by.role)));
            assert!(allowed, "{action} on {} is for nobody who reads it", screen.name);
        }
    }
}

#[tokio::test]
async fn up_sql_has_the_columns_of_the_table_with_their_class() {
    let system = System::new().await;
    rebuild(&system.store, &system.pool, TABLES, |_| {}).await.unwrap();
    for table in TABLES {
        let found: Vec<(String, String, bool, Option<String>)> = sqlx::query_as(
            "select attname::text, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)
             from pg_attribute
             where attrelid = to_regclass('projections.' || $1)
               and attnum > 0
               and not attisdropped
             order by attnum",
        )
        .bind(table.name)
        .fetch_all(&system.pool)
        .await
        .unwrap();
        let key = ("row_key".to_owned(), "text".to_owned(), true, Some("公开：行键".to_owned()));
        let columns = table.stored().map(|column| {
            let always = column.presence == Presence::Always;
            (column.name.to_owned(), column.kind.sql().to_owned(), always, Some(column.comment()))
        });
        let expected: Vec<_> = std::iter::once(key).chain(columns).collect();
        assert_eq!(found, expected, "projections/{}/up.sql", table.name);
        let (indexes, comment): (i64, Option<String>) = sqlx::query_as(
            "select (select count(*) from pg_index where indrelid = it and not indisprimary),
                    obj_description(it, 'pg_class')
             from (select to_regclass('projections.' || $1)::oid) as named (it)",
        )
        .bind(table.name)
        .fetch_one(&system.pool)
        .await
        .unwrap();
        assert!(indexes <= INDEXES_MAX, "{} has {indexes} indexes", table.name);
        assert!(comment.is_some(), "{} has a comment", table.name);
    }
}

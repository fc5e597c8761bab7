//! The repository is as agreed, and the checks would notice if it were not.

use zhicheng_xtask::{repository_root, tidy};

#[test]
fn finds_nothing_here() {
    let found = tidy::check(&repository_root());
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn lets_only_the_append_insert_events() {
    let statement = "insert\n   into Events (position) values (1)";
    assert_eq!(tidy::source("crates/app/src/execute.rs", statement).len(), 1);
    assert_eq!(tidy::source("crates/eventstore/src/append.rs", statement), []);
    assert_eq!(tidy::source("crates/eventstore/tests/order.rs", statement), []);
    assert_eq!(tidy::source("crates/app/src/execute.rs", "insert into events_seen values (1)"), []);
}

#[test]
fn lets_nobody_change_the_log() {
    let update = concat!("update ", "events set payload = null");
    assert_eq!(tidy::source("crates/eventstore/src/append.rs", update).len(), 1);
    assert_eq!(tidy::source("crates/app/src/execute.rs", concat!("delete from ", "events;")).len(), 1);
}

#[test]
fn notices_half_done_work() {
    assert_eq!(tidy::source("crates/app/src/execute.rs", concat!("fn later() { todo", "!() }")).len(), 1);
    assert_eq!(tidy::source("crates/app/README.md", concat!("todo", "!()")), []);
}

//! `check` is clean on a healthy system, and dirty on each kind of damage: a healthy system is damaged on purpose, by somebody who may do
//! anything with database and disk, and that check says so which is there for it, and names the place.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test has nothing better to do"
)]

mod damages;
mod healthy;

use damages::{DAMAGES, Damage, Rows};
use futures::{StreamExt as _, stream};
use healthy::{Broken, Healthy};
use std::collections::BTreeSet;
use zhicheng_app::{Check, Checked, KeptRoot};

/// How many damaged systems are checked at the same time.
const AT_ONCE: usize = 2;

fn dirty(checked: &[Checked]) -> BTreeSet<Check> {
    checked.iter().filter(|it| it.is_dirty()).map(|it| it.check).collect()
}

#[test]
fn there_is_a_damage_for_every_check() {
    let damaged: BTreeSet<Check> = DAMAGES.iter().map(|damage| damage.found_by).collect();
    assert_eq!(
        damaged,
        Check::ALL.iter().copied().collect(),
        "a check that was never seen to fail proves nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_system_is_clean() {
    let healthy = Healthy::made().await;
    let checked = healthy.broken().await.check(&[]).await;
    for it in &checked {
        assert!(!it.is_dirty() && it.unchecked.is_none(), "a healthy system: {it:?}");
        assert!(it.count > 0 || it.of.is_some(), "it checks something: {it:?}");
    }
    let seen: BTreeSet<Check> = checked.iter().map(|it| it.check).collect();
    assert_eq!(seen, Check::ALL.iter().copied().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_changes_and_mends_nothing() {
    let healthy = Healthy::made().await;
    let mut broken = healthy.broken().await;
    broken
        .sql(
            "drop table projections.process_tracking;
             delete from projections.checkpoint where table_name = 'approvals';
             update projections.checkpoint set stopped_at = 900, stopped_reason = 'x' where table_name = 'deadline'",
        )
        .await;
    let before = broken.contents().await;
    let files = std::fs::read_dir(broken.folder.path()).unwrap().count();
    assert!(dirty(&broken.check(&[]).await).contains(&Check::Tables));
    assert_eq!(broken.contents().await, before);
    assert_eq!(std::fs::read_dir(broken.folder.path()).unwrap().count(), files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_is_told_as_not_made() {
    let healthy = Healthy::made().await;
    let mut broken = healthy.broken().await;
    broken.scope.broker = Some("nats://127.0.0.1:1".to_owned());
    broken.scope.folder = None;
    broken.scope.acknowledged = None;
    let (position, head) = (10, broken.number("select position from log_head").await);
    broken
        .sql(&format!(
            "update projections.checkpoint set position = {position} where table_name = 'jobs';
             update projections.checkpoint set version = 'earlier' where table_name = 'deadline'"
        ))
        .await;
    let checked = broken.check(&[]).await;
    let unchecked: Vec<(Check, Option<&str>)> =
        checked.iter().filter(|it| it.unchecked.is_some()).map(|it| (it.check, it.of)).collect();
    assert_eq!(
        unchecked,
        [
            (Check::IdNumbers, Some("服务日志")),
            (Check::IdNumbers, Some("消息")),
            (Check::Published, None),
            // nobody feeds the one that is behind; it has no rows, so it is right for where it stands
            (Check::Following, None),
            (Check::Tables, Some("deadline")),
            (Check::Acknowledged, None),
        ]
    );
    assert!(dirty(&checked).is_empty(), "nothing of it is wrong: {checked:#?}");
    let following = checked.iter().find(|it| it.check == Check::Following).unwrap();
    let told = following.unchecked.as_ref().unwrap();
    assert!(told.contains("jobs 在位置 10") && told.contains(&format!("日志到 {head}")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_is_told_in_the_form_in_which_it_is_asked_for() {
    let healthy = Healthy::made().await;
    let mut broken = healthy.broken().await;
    let told = |checked: &[Checked]| {
        let root = checked.iter().find(|it| it.check == Check::Root).unwrap();
        root.notes.iter().find_map(|note| note.rsplit('：').next()?.parse().ok())
    };
    let root: Option<KeptRoot> = told(&broken.check(&[Check::Tables]).await);
    assert_eq!(root, broken.scope.roots.first().copied());
    // without any that was kept there is nothing to compare with, and that is said
    broken.scope.roots.clear();
    broken.sql("delete from log_frontiers").await;
    let checked = broken.check(&[Check::Tables]).await;
    let notes = &checked.iter().find(|it| it.check == Check::Root).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("由此看不出来")), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_vault_files_broker_and_journal_is_found() {
    found(Rows::Untouched).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_events_and_rows_is_found() {
    found(Rows::Touched).await;
}

/// Makes a healthy system, and one with each of these damages. `ZHICHENG_TEST_DAMAGE` narrows them to those whose words hold it.
async fn found(rows: Rows) {
    let healthy = Healthy::made().await;
    let only = std::env::var("ZHICHENG_TEST_DAMAGE").unwrap_or_default();
    let damages = DAMAGES.iter().filter(|damage| damage.rows == rows && damage.what.contains(&only));
    let wrong: Vec<String> = stream::iter(damages)
        .map(|damage| missed(&healthy, damage))
        .buffer_unordered(AT_ONCE)
        .filter_map(|missed| async {
            if let Some(missed) = &missed {
                eprintln!("{missed}");
            }
            missed
        })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{} damages were not found as they should", wrong.len());
}

/// What was not found, or found where nothing is; none where all is as it should be.
async fn missed(healthy: &Healthy, damage: &'static Damage) -> Option<String> {
    let mut broken: Broken = healthy.broken().await;
    let place = (damage.inflict)(&mut broken).await;
    let skip: &[Check] = match damage.rows {
        Rows::Touched => &[],
        Rows::Untouched => &[Check::Tables],
    };
    let checked = broken.check(skip).await;
    let found = dirty(&checked);
    let expected: BTreeSet<Check> = [damage.found_by].iter().chain(damage.and_by).copied().collect();
    let told: Vec<&String> =
        checked.iter().filter(|it| it.check == damage.found_by).flat_map(|it| &it.faults).collect();
    if found != expected {
        let all: Vec<_> =
            checked.iter().filter(|it| it.is_dirty()).map(|it| (it.check, &it.faults)).collect();
        return Some(format!("{}: found by {found:?}, not by {expected:?}: {all:#?}", damage.what));
    }
    if !told.iter().any(|fault| fault.contains(&place)) {
        return Some(format!("{}: {place:?} is not named in {told:?}", damage.what));
    }
    None
}

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
use zhicheng_app::{Check, Checked};

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
    let (checked, _) = healthy.broken().await.check(&[]).await;
    for it in &checked {
        assert!(!it.is_dirty() && it.unchecked.is_none(), "a healthy system: {it:?}");
        assert!(it.count > 0 || it.of.is_some(), "it checks something: {it:?}");
    }
    let seen: BTreeSet<Check> = checked.iter().map(|it| it.check).collect();
    assert_eq!(seen, Check::ALL.iter().copied().collect());
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
    let (checked, after) = broken.check(skip).await;
    let found = dirty(&checked);
    let expected: BTreeSet<Check> = [damage.found_by].iter().chain(damage.and_by).copied().collect();
    let told: Vec<&String> =
        checked.iter().filter(|it| it.check == damage.found_by).flat_map(|it| &it.faults).collect();
    drop(after);
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

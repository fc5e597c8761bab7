//! Read tables follow the log (P5): whoever asks for what a position shows is answered by a table that reached it, or told to come again.
//! So a table that somebody feeds reaches the head at which the check began within the time that such a reader waits. Where nobody feeds
//! it, on a system at rest, being behind is no fault, for a crash leaves it so; but then nobody can say whether it would follow.

use super::{Check, Checked, Look, System};
use crate::error::Error;
use crate::list::AFTER_WAIT;
use futures::future::BoxFuture;
use std::time::{Duration, Instant};
use zhicheng_projections::checkpoint::Following as Follows;
use zhicheng_projections::{Standing, TABLES, standing};

/// How often the tables are looked at while one is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where the tables stand.
pub(super) struct Following;

impl Look for Following {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Following);
            if let Err(error) = look(system, &mut checked).await {
                checked.broke_off(&error);
            }
            vec![checked]
        })
    }
}

async fn look(system: &System<'_>, checked: &mut Checked) -> Result<(), Error> {
    let store = system.app.store();
    let until = Instant::now() + AFTER_WAIT;
    let tables = loop {
        let tables = standing(store.pool(), TABLES)
            .await
            .map_err(|error| Error::internal("how the read tables stand", error))?;
        let waited_for = |it: &Standing| it.fed && is_behind(it, system.head);
        if !tables.iter().any(waited_for) || Instant::now() >= until {
            break tables;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    // later than where the tables were seen to stand
    let log = store.head().await?;
    let (mut resting, mut stopped) = (Vec::new(), 0);
    for table in &tables {
        let (name, position) = (table.table, position(table));
        let told = position.map_or_else(|| "没有建成".to_owned(), |position| format!("在位置 {position}"));
        if position.is_some_and(|position| position > log) {
            checked.expect(false, || format!("{name} {told}，日志只到 {log}"));
        } else if is_stopped(table) {
            stopped += 1;
        } else if !is_behind(table, system.head) {
            checked.expect(true, String::new);
        } else if table.fed {
            let (head, seconds) = (system.head, AFTER_WAIT.as_secs());
            checked.expect(false, || format!("{name} {told}，{seconds} 秒内没有跟到 {head}"));
        } else {
            resting.push(format!("{name} {told}"));
        }
    }
    if stopped > 0 {
        checked.notes.push(format!("{stopped} 张表停住了，见读表各项"));
    }
    if !resting.is_empty() {
        let (head, resting) = (system.head, resting.join("，"));
        checked.unchecked =
            Some(format!("日志到 {head}，没有服务在更新这些表，不知能否跟上：{resting}；请启动服务后再查"));
    } else if tables.iter().all(|table| !table.fed) {
        checked.notes.push("没有服务在更新读表，各表停在日志末尾".to_owned());
    }
    Ok(())
}

fn is_behind(table: &Standing, head: i64) -> bool {
    !is_stopped(table) && position(table).is_none_or(|position| position < head)
}

fn is_stopped(table: &Standing) -> bool {
    let follows = table.checkpoint.as_ref().map(|checkpoint| &checkpoint.following);
    matches!(follows, Some(Follows::Stopped { .. }))
}

/// Where it stands; none where it is not there, or nobody knows.
fn position(table: &Standing) -> Option<i64> {
    table.checkpoint.as_ref().filter(|_| table.there).map(|checkpoint| checkpoint.position)
}

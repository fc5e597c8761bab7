//! Commands in the log (P1, P2): each id once, and each command's events where its receipt says. A receipt is not stored by
//! itself: the first event of a command keeps its id, its digest and how many events it has, and a repeat is answered from there.

use super::{Check, Checked, Look, System};
use futures::TryStreamExt;
use futures::future::BoxFuture;
use uuid::Uuid;

/// A command id stands in the log once. The database holds that by an index; a damaged or restored one may have lost it.
pub(super) struct Commands;

impl Look for Commands {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Commands);
            if let Err(error) = once(system, &mut checked).await {
                checked.broke_off(&error);
            }
            vec![checked]
        })
    }
}

async fn once(system: &System<'_>, checked: &mut Checked) -> Result<(), sqlx::Error> {
    let pool = system.app.store().pool();
    let count: i64 =
        sqlx::query_scalar("select count(*) from events where command_id is not null and position <= $1")
            .bind(system.head)
            .fetch_one(pool)
            .await?;
    checked.count = u64::try_from(count).unwrap_or_default();
    // by the rows themselves: an index that lacks one would hide it
    let mut doubled = sqlx::query_as::<_, (Uuid, Vec<i64>)>(
        "select command_id, array_agg(position order by position)
         from events
         where command_id is not null
           and position <= $1
         group by command_id
         having count(*) > 1
         order by min(position)",
    )
    .bind(system.head)
    .fetch(pool);
    while let Some((command, positions)) = doubled.try_next().await? {
        checked.fault(format!("命令 {command} 出现在位置 {positions:?}"));
    }
    Ok(())
}

/// The log is its commands, one after the other: each as many events as its first one says.
pub(super) struct Receipts;

impl Look for Receipts {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Receipts);
            if let Err(error) = whole(system, &mut checked).await {
                checked.broke_off(&error);
            }
            vec![checked]
        })
    }
}

async fn whole(system: &System<'_>, checked: &mut Checked) -> Result<(), sqlx::Error> {
    let mut commands = sqlx::query_as::<_, (i64, i32)>(
        "select position, command_events
         from events
         where command_id is not null
           and position <= $1
         order by position",
    )
    .bind(system.head)
    .fetch(system.app.store().pool());
    let mut due = 1;
    while let Some((position, events)) = commands.try_next().await? {
        checked.expect(position == due, || {
            if position > due {
                format!("位置 {due} 至 {} 的事件不属于任何命令", position - 1)
            } else {
                format!("位置 {position} 的命令始于前一条命令的事件之间")
            }
        });
        due = position + i64::from(events);
    }
    if due != system.head + 1 {
        checked.fault(format!("最后一条命令的事件应到位置 {}，日志到 {}", due - 1, system.head));
    }
    Ok(())
}

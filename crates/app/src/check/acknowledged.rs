//! A client's own journal against the log (P1, P2): every command that was answered is in the log once, with the position that it was
//! told; and what was answered before another was sent stands before it.
//!
//! The journal is a file of JSON lines, `{"command_id": …, "position": …, "sent": …, "answered": …}`, times in RFC 3339, all by one
//! clock. Who sent something without an account does not know its id and leaves it out: then a command ends at that position. That
//! every command of the log was sent by somebody cannot be seen from it: others may have sent some.

use super::{Check, Checked, Look, System};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::path::Path;
use uuid::Uuid;

/// How many commands are looked up in one go.
const PAGE_COMMANDS: usize = 1_000;

/// A line of the journal.
#[derive(Debug, Clone, Deserialize)]
struct Answered {
    command_id: Option<Uuid>,
    position: i64,
    sent: DateTime<Utc>,
    answered: DateTime<Utc>,
}

/// The journal, where there is one.
pub(super) struct Acknowledged;

impl Look for Acknowledged {
    fn finish<'a>(self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            let mut checked = Checked::new(Check::Acknowledged);
            match &system.scope.acknowledged {
                Some(journal) => {
                    if let Err(trouble) = hold(system, journal, &mut checked).await {
                        checked.broke_off(&trouble);
                    }
                }
                None => checked.unchecked = Some("没有给出客户端的记录（--acknowledged）".to_owned()),
            }
            vec![checked]
        })
    }
}

/// Why the journal could not be held against the log.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the journal cannot be read")]
    File(#[from] std::io::Error),
    #[error("line {line} of the journal is none")]
    Line {
        line: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("the log cannot be asked")]
    Log(#[from] sqlx::Error),
}

async fn hold(system: &System<'_>, journal: &Path, checked: &mut Checked) -> Result<(), Trouble> {
    let mut lines = std::io::BufReader::new(std::fs::File::open(journal)?).lines();
    let (mut all, mut line) = (Vec::new(), 0);
    loop {
        let mut page = Vec::with_capacity(PAGE_COMMANDS);
        for text in lines.by_ref().take(PAGE_COMMANDS) {
            line += 1;
            let text = text?;
            let answered = serde_json::from_str::<Answered>(&text);
            page.push(answered.map_err(|source| Trouble::Line { line, source })?);
        }
        if page.is_empty() {
            break;
        }
        are_in_the_log(system, &page, checked).await?;
        all.extend(page.into_iter().map(|it| (it.sent, it.answered, it.position)));
        system.tell("客户端记录", line as i64, line as i64);
    }
    in_order(&mut all, checked);
    Ok(())
}

/// Each command once, ending where the client was told.
async fn are_in_the_log(
    system: &System<'_>,
    page: &[Answered],
    checked: &mut Checked,
) -> Result<(), Trouble> {
    let ids: Vec<Uuid> = page.iter().filter_map(|it| it.command_id).collect();
    let rows: Vec<(Uuid, i64, i32)> = sqlx::query_as(
        "select command_id, position, command_events
         from events
         where command_id = any($1)
         order by position",
    )
    .bind(ids)
    .fetch_all(system.app.store().pool())
    .await?;
    let mut found: HashMap<Uuid, Vec<i64>> = HashMap::with_capacity(rows.len());
    for (command, first, events) in rows {
        found.entry(command).or_default().push(first + i64::from(events) - 1);
    }
    let nameless: Vec<i64> = page.iter().filter(|it| it.command_id.is_none()).map(|it| it.position).collect();
    let ended: HashSet<i64> = sqlx::query_scalar(
        "select told.position
         from unnest($1::bigint[]) as told (position)
         cross join lateral (
             select events.position + events.command_events - 1 as ends_at
             from events
             where events.position <= told.position
               and events.command_id is not null
             order by events.position desc
             limit 1
         ) as command
         where command.ends_at = told.position",
    )
    .bind(nameless)
    .fetch_all(system.app.store().pool())
    .await?
    .into_iter()
    .collect();
    for it in page {
        let told = it.position;
        let Some(command) = it.command_id else {
            checked.expect(ended.contains(&told), || {
                format!("有一条未登录时发出的命令答复在位置 {told}，日志中没有命令止于该处")
            });
            continue;
        };
        let last = found.get(&command).map_or(&[][..], Vec::as_slice);
        checked.expect(last == [told], || match last {
            [] => format!("命令 {command} 已答复（位置 {told}），日志中没有"),
            [last] => format!("命令 {command} 答复的位置是 {told}，日志中止于 {last}"),
            [..] => format!("命令 {command} 在日志中不止一次，止于 {last:?}"),
        });
    }
    Ok(())
}

/// Whatever was answered before another was sent stands before it. The same command may have been sent again and answered again.
fn in_order(all: &mut [(DateTime<Utc>, DateTime<Utc>, i64)], checked: &mut Checked) {
    let mut answers: Vec<(DateTime<Utc>, i64)> =
        all.iter().map(|(_, at, position)| (*at, *position)).collect();
    answers.sort_unstable();
    all.sort_unstable();
    let (mut answers, mut last) = (answers.into_iter().peekable(), 0);
    for (sent, _, position) in all {
        while let Some((_, earlier)) = answers.next_if(|(at, _)| at < sent) {
            last = last.max(earlier);
        }
        if last > *position {
            checked.fault(format!("位置 {position} 的命令在位置 {last} 的命令得到答复之后才发出"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn what_was_answered_before_another_was_sent_stands_before_it() {
        let faults = |mut all: Vec<(DateTime<Utc>, DateTime<Utc>, i64)>| {
            let mut checked = Checked::new(Check::Acknowledged);
            in_order(&mut all, &mut checked);
            checked.faults.len()
        };
        assert_eq!(faults(vec![(at(1), at(2), 5), (at(3), at(4), 6)]), 0);
        assert_eq!(faults(vec![(at(1), at(2), 6), (at(3), at(4), 5)]), 1);
        assert_eq!(faults(vec![(at(1), at(3), 6), (at(2), at(4), 5)]), 0, "both were under way");
        assert_eq!(faults(vec![(at(1), at(2), 6), (at(3), at(4), 6)]), 0, "the same one again");
    }
}

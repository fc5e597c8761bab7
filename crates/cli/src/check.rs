//! `zhicheng check`: proves the promises on this log and ends with a report of what was checked and how many.

use crate::config::{Join, Settings};
use crate::{Failure, say};
use indicatif::{ProgressBar, ProgressStyle};

/// Checks everything.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let opened = settings.open(Join::Running).await?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} 事件")?);
    let checked = opened
        .app
        .check(|position, head| {
            bar.set_length(u64::try_from(head).unwrap_or_default());
            bar.set_position(u64::try_from(position).unwrap_or_default());
        })
        .await?;
    bar.finish_and_clear();
    let mut faults = 0;
    for check in &checked {
        let mark = if check.faults.is_empty() { "好" } else { "错" };
        say(&format!("{mark}  {:>8}  {}", check.count, check.name));
        for fault in &check.faults {
            say(&format!("              {fault}"));
        }
        faults += check.faults.len();
    }
    opened.close().await;
    if faults == 0 {
        say(&format!("共 {} 项检查，全部通过。", checked.len()));
        Ok(())
    } else {
        Err(format!("{faults} 处不符").into())
    }
}

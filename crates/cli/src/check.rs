//! `zhicheng check`: proves the promises on this log and ends with a report of what was checked and how many.

use crate::broker::Broker;
use crate::config::Settings;
use crate::{Failure, say};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use zhicheng_app::{CheckProgress, CheckScope, Checked, KeptRoot};

/// Proves the promises.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// A client's own journal, held against the log: JSON lines with `command_id`, `position`, `sent` and `answered`.
    #[arg(long)]
    acknowledged: Option<PathBuf>,
    /// A root of the log that was kept elsewhere, `<position>:<root>` as an earlier report told it: the log must still begin so. May be
    /// given several times.
    #[arg(long)]
    root: Vec<KeptRoot>,
    /// Leaves a check out, by its code, because it takes long (`tables`); it is told as not made. May be given several times.
    #[arg(long, value_parser = by_code)]
    skip: Vec<zhicheng_app::Check>,
}

fn by_code(code: &str) -> Result<zhicheng_app::Check, String> {
    zhicheng_app::Check::from_code(code).ok_or_else(|| "没有这项检查".to_owned())
}

impl Check {
    /// Checks everything; a system that is not clean is a failure.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let opened = settings.open_to_look().await?;
        let broker = Broker::to_look_at(&settings, &opened).await;
        let scope = CheckScope {
            folder: Some(settings.data.clone()),
            broker: broker.url().map(str::to_owned),
            acknowledged: self.acknowledged,
            roots: self.root,
            skip: self.skip,
        };
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}")?);
        let progress = |told: CheckProgress| {
            bar.set_message(told.at);
            bar.set_length(u64::try_from(told.of).unwrap_or_default());
            bar.set_position(u64::try_from(told.done).unwrap_or_default());
        };
        let checked = opened.app.check(&scope, &progress).await;
        bar.finish_and_clear();
        broker.stop().await;
        opened.close().await;
        report(&checked?)
    }
}

/// A line a check: well (好), wrong (错) or not checked (未查), how many, what it is called, its code; below it what was found.
fn report(checked: &[Checked]) -> Result<(), Failure> {
    for it in checked {
        let mark = match (it.is_dirty(), &it.unchecked) {
            (true, _) => "错",
            (false, Some(_)) => "未查",
            (false, None) => "好",
        };
        let of = it.of.map(|of| format!(" {of}")).unwrap_or_default();
        say(&format!("{mark}  {:>10}  {}{of}（{}）", it.count, it.check.name(), it.check.code()));
        for line in it.faults.iter().chain(&it.notes).chain(&it.unchecked) {
            say(&format!("                {line}"));
        }
        if it.more > 0 {
            say(&format!("                另有 {} 处", it.more));
        }
    }
    let faults: u64 = checked.iter().map(|it| it.faults.len() as u64 + it.more).sum();
    let unchecked = checked.iter().filter(|it| it.unchecked.is_some()).count();
    let made = checked.len() - unchecked;
    if faults > 0 {
        return Err(format!("{made} 项检查中 {faults} 处不符").into());
    }
    match unchecked {
        0 => say(&format!("共 {made} 项检查，全部通过。")),
        _ => say(&format!("共 {made} 项检查，全部通过；另有 {unchecked} 项未查。")),
    }
    Ok(())
}

//! `zhicheng rebuild [table]`: builds read tables anew beside the live ones and swaps them in, while they are being read.

use crate::config::{Join, Settings};
use crate::{Failure, say};
use indicatif::{ProgressBar, ProgressStyle};
use zhicheng_projections::{Compared, Difference, Rebuilt, TABLES, Table, table};

/// Rebuilds read tables.
#[derive(Debug, clap::Args)]
pub struct Rebuild {
    /// Which table; without it all of them.
    table: Option<String>,
}

impl Rebuild {
    /// Rebuilds, with progress.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let tables: Vec<&'static Table> = match &self.table {
            None => TABLES.to_vec(),
            Some(name) => vec![table(name).ok_or_else(|| {
                let known: Vec<&str> = TABLES.iter().map(|it| it.name).collect();
                format!("没有查询表 {name}；有: {}", known.join(", "))
            })?],
        };
        let opened = settings.open(Join::Running).await?;
        let store = opened.app.store();
        let bar = ProgressBar::new(u64::try_from(store.head().await?).unwrap_or_default())
            .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} 事件 {per_sec}")?);
        let rebuilt = zhicheng_projections::rebuild(store, store.pool(), &tables, |progress| {
            bar.set_position(progress.events);
        })
        .await?;
        bar.finish_and_clear();
        let (mut failed, mut differed) = (false, 0);
        for table in rebuilt {
            match table {
                Rebuilt::InPlace { table, position, compared } => {
                    differed += usize::from(differs(&compared));
                    say(&format!("{table}: 已重建至位置 {position}，{}", told(&compared)));
                }
                Rebuilt::Stopped(stop) => {
                    failed = true;
                    say(&format!("{}: 未能重建: {stop:?}", stop.table));
                }
            }
        }
        opened.close().await;
        if differed > 0 {
            say(&format!("重建前有 {differed} 张查询表与日志不一致，已按日志更正；请查明原因"));
        }
        if failed { Err("部分查询表未能重建".into()) } else { Ok(()) }
    }
}

const fn differs(compared: &Compared) -> bool {
    match compared {
        Compared::With(differences) => differences.rows() > 0,
        Compared::WithNothing => false,
    }
}

/// How the table that was there compared, with the keys of the first rows that differed.
fn told(compared: &Compared) -> String {
    match compared {
        Compared::With(differences) if differences.rows() == 0 => "与原表逐行一致".to_owned(),
        Compared::With(differences) => {
            let keys: Vec<&str> = differences.first.iter().map(Difference::key).collect();
            format!(
                "原表缺少 {} 行、多出 {} 行、不同 {} 行，如 {}",
                differences.missing,
                differences.extra,
                differences.differing,
                keys.join(", ")
            )
        }
        Compared::WithNothing => "没有可比对的原表".to_owned(),
    }
}

//! `zhicheng rebuild [table]`: builds read tables anew beside the live ones and swaps them in, while they are being read.

use crate::config::{Join, Settings};
use crate::{Failure, say};
use indicatif::{ProgressBar, ProgressStyle};
use zhicheng_projections::{Rebuilt, TABLES, Table, table};

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
        let mut failed = false;
        for table in rebuilt {
            match table {
                Rebuilt::InPlace { table, position } => say(&format!("{table}: 已重建至位置 {position}")),
                Rebuilt::Stopped(stop) => {
                    failed = true;
                    say(&format!("{}: 未能重建: {stop:?}", stop.table));
                }
            }
        }
        opened.close().await;
        if failed { Err("部分查询表未能重建".into()) } else { Ok(()) }
    }
}

//! `zhicheng export-story <folder>`: the whole log as `history.jsonl`, every event exactly as it is stored, and of a rehearsal the
//! persons' keys as `keys.jsonl`.

use crate::config::{Join, Settings, private_file};
use crate::{Failure, say};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use zhicheng_app::App;

/// The events.
pub const HISTORY: &str = "history.jsonl";
/// The keys of the persons whom they are about.
pub const KEYS: &str = "keys.jsonl";

/// Writes a history.
#[derive(Debug, clap::Args)]
pub struct ExportStory {
    /// The folder to write to; it is made, and must not hold a history yet.
    folder: PathBuf,
    /// Writes the keys of persons too: only a rehearsal's may leave. Without them persons appear as erased elsewhere.
    #[arg(long)]
    with_keys: bool,
}

impl ExportStory {
    /// Writes it, with progress.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let opened = settings.open(Join::Running).await?;
        let written = self.write(&opened.app).await;
        opened.close().await;
        let events = written?;
        say(&format!("已导出 {events} 个事件到 {}", self.folder.display()));
        Ok(())
    }

    async fn write(&self, app: &App) -> Result<u64, Failure> {
        std::fs::create_dir_all(&self.folder)?;
        let mut history = BufWriter::new(created(&self.folder, HISTORY)?);
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} 事件")?);
        let persons = app
            .export_story(|lines, head| {
                for line in lines {
                    serde_json::to_writer(&mut history, line)?;
                    history.write_all(b"\n")?;
                }
                bar.set_length(u64::try_from(head).unwrap_or_default());
                bar.inc(lines.len() as u64);
                Ok::<_, Failure>(())
            })
            .await?;
        bar.finish_and_clear();
        history.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        if self.with_keys {
            let lines = app.export_keys(&persons).await?;
            let mut keys = BufWriter::new(created(&self.folder, KEYS)?);
            for line in lines {
                serde_json::to_writer(&mut keys, &line)?;
                keys.write_all(b"\n")?;
            }
            keys.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        }
        Ok(bar.position())
    }
}

/// A new file that only its owner reads.
fn created(folder: &Path, name: &str) -> Result<File, Failure> {
    let path = folder.join(name);
    private_file(File::options().create_new(true), &path)
        .map_err(|error| format!("{} 不能新建: {error}", path.display()).into())
}

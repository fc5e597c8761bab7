//! `zhicheng import-story <folder>`: checks a history line by line and takes it into the empty log of this data folder.

use crate::config::{Join, Settings};
use crate::export_story::{HISTORY, KEYS};
use crate::{Failure, say};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use zhicheng_app::{App, ImportError, PersonKeyLine};
use zhicheng_eventstore::HistoryLine;

/// Takes a history in.
#[derive(Debug, clap::Args)]
pub struct ImportStory {
    /// The folder that `export-story` wrote.
    folder: PathBuf,
    /// The password of every account of a rehearsal that is taken in: passwords are no part of a history.
    #[arg(long)]
    password: Option<String>,
}

impl ImportStory {
    /// Validates it, takes it in, and says how far the log is then.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let history: Vec<HistoryLine> = lines(&self.folder.join(HISTORY))?;
        let keys = self.folder.join(KEYS);
        let keys: Vec<PersonKeyLine> = if keys.exists() { lines(&keys)? } else { Vec::new() };
        let opened = settings.open(Join::Never).await?;
        let taken = self.take(&opened.app, &history, &keys).await;
        opened.close().await;
        let (head, accounts) = taken?;
        say(&format!("已导入 {head} 个事件、{} 个密钥；可用 zhicheng check 核对", keys.len()));
        if accounts > 0 {
            say(&format!("已为 {accounts} 个账号设置密码"));
        }
        Ok(())
    }

    async fn take(
        &self,
        app: &App,
        history: &[HistoryLine],
        keys: &[PersonKeyLine],
    ) -> Result<(i64, usize), Failure> {
        let head = app.import_story(history, keys).await.map_err(told)?;
        match &self.password {
            Some(password) => Ok((head, app.set_every_password(password).await?)),
            None => Ok((head, 0)),
        }
    }
}

/// Every line of a file.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{} 不能读取: {error}", path.display()))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let line = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| format!("{} 第{number}行: {error}", path.display()).into())
    };
    lines.map(line).collect()
}

fn told(error: ImportError) -> Failure {
    match error {
        ImportError::Faults(faults) => {
            let told: Vec<String> =
                faults.iter().map(|it| format!("\n  第{}行: {}", it.line, it.what)).collect();
            format!("{HISTORY} 未导入：{}", told.concat()).into()
        }
        other => other.into(),
    }
}

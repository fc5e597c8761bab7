//! No ID number in clear: not in the events as stored, not in a text of a read table or a claim, not in what the server logged, not in
//! a message that was published. An ID number is eighteen characters that stand by themselves, with a region, a day and the right check
//! digit; masked ones are none.

use super::published;
use super::{Check, Checked, Look, System};
use futures::TryStreamExt;
use futures::future::BoxFuture;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zhicheng_domain::codes::id_number::IdNumber;
use zhicheng_eventstore::RecordedEvent;
use zhicheng_projections::TABLES;
use zhicheng_projections::column::Kind;
use zhicheng_projections::table::{KEY, LIVE};

/// How deep logs may lie in the data folder.
const FOLDERS_DEEP_MAX: u32 = 3;
/// Folders with data of PostgreSQL and NATS: sealed, and no logs.
const NO_LOGS: &[&str] = &["base", "global", "pg_wal", "materials", "store"];
/// How much of a log is looked at in one go.
const PIECE_BYTES: usize = 1024 * 1024;
/// Characters of an ID number.
const LENGTH: usize = 18;
/// What the database looks for; what it finds is looked at more closely.
const CANDIDATE: &str = "[0-9]{17}[0-9X]";

/// Where an ID number may have come to stand.
pub(super) struct IdNumbers {
    checked: Checked,
}

impl IdNumbers {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::IdNumbers) }
    }
}

impl Look for IdNumbers {
    fn stored(&mut self, event: &RecordedEvent) {
        let clear = holds_id_number(&event.payload) || holds_id_number(&event.metadata);
        self.checked.expect(!clear, || format!("日志位置 {}（{}）", event.position, event.event_type));
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            for table in TABLES {
                let texts: Vec<String> = table
                    .stored()
                    .filter_map(|column| match column.kind {
                        Kind::Text => Some(column.name.to_owned()),
                        Kind::TextList => Some(format!("array_to_string({}, ' ')", column.name)),
                        Kind::Integer | Kind::Date | Kind::Instant | Kind::Boolean | Kind::Uuid => None,
                    })
                    .collect();
                let name = format!("{LIVE}.{}", table.name);
                self.rows(system, &name, KEY, &texts).await;
            }
            self.rows(system, "claims", "name", &["name".to_owned(), "holder_id".to_owned()]).await;
            self.logs(system).await;
            self.messages(system).await;
            vec![self.checked]
        })
    }
}

impl IdNumbers {
    /// The texts of a table. Its name, its key and its columns are constants of this program.
    async fn rows(&mut self, system: &System<'_>, table: &str, key: &str, texts: &[String]) {
        let text = format!(
            "concat_ws(' ', {key}{})",
            texts.iter().map(|text| format!(", {text}")).collect::<String>()
        );
        let sql = format!("select {key}, {text} from {table} where {text} ~ '{CANDIDATE}'");
        let count = format!("select count(*) from {table}");
        let looked = async {
            let pool = system.app.store().pool();
            let rows: i64 = sqlx::query_scalar(&count).fetch_one(pool).await?;
            self.checked.count += u64::try_from(rows).unwrap_or_default();
            let mut found = sqlx::query_as::<_, (String, String)>(&sql).fetch(pool);
            while let Some((key, text)) = found.try_next().await? {
                if holds_id_number(&text) {
                    // a key that is itself the number is not told either
                    let key = if holds_id_number(&key) { "（键）" } else { &key };
                    self.checked.fault(format!("表 {table} 的行 {key}"));
                }
            }
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = looked.await {
            self.checked.broke_off(&error);
        }
    }

    /// What was logged into the data folder.
    async fn logs(&mut self, system: &System<'_>) {
        let Some(folder) = system.scope.folder.clone() else {
            return self.checked.notes.push("没有数据目录，服务日志未查".to_owned());
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut logs = Vec::new();
            logs_below(&folder, FOLDERS_DEEP_MAX, &mut logs)?;
            let (mut found, mut closed) = (Vec::new(), 0);
            for log in &logs {
                match file_holds_id_number(log) {
                    Ok(true) => found.push(log.display().to_string()),
                    Ok(false) => {}
                    Err(error) if is_not_ours(&error) => closed += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok::<_, std::io::Error>((logs.len() as u64 - closed, found, closed))
        });
        match read.await {
            Ok(Ok((count, found, closed))) => {
                self.checked.count += count;
                if closed > 0 {
                    self.checked.notes.push(format!("{closed} 个服务日志无权读取，未查"));
                }
                found.into_iter().for_each(|log| self.checked.fault(format!("服务日志 {log}")));
            }
            Ok(Err(error)) => self.checked.broke_off(&error),
            Err(error) => self.checked.broke_off(&error),
        }
    }

    /// What was published.
    async fn messages(&mut self, system: &System<'_>) {
        let mut stream = match published::begin(system).await {
            Ok(Some(stream)) => stream,
            Ok(None) => return,
            Err(why) => return self.checked.notes.push(format!("消息未查：{why}")),
        };
        loop {
            match stream.next().await {
                Ok(Some(heard)) => {
                    let clear = holds_id_number(&heard.text);
                    self.checked.expect(!clear, || format!("已发布的消息 {}", heard.number));
                }
                Ok(None) => break,
                Err(error) => return self.checked.broke_off(&error),
            }
        }
    }
}

/// The files that end in `.log`, in a folder and some way below.
fn logs_below(folder: &Path, deep: u32, logs: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        let skipped = NO_LOGS.iter().any(|name| entry.file_name() == *name);
        if kind.is_dir() && deep > 0 && !skipped {
            match logs_below(&path, deep - 1, logs) {
                Err(error) if is_not_ours(&error) => {}
                other => other?,
            }
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "log") {
            logs.push(path);
        }
    }
    Ok(())
}

/// Gone meanwhile, or of another user, as whom PostgreSQL may run.
fn is_not_ours(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied)
}

/// Reads a file in pieces; what stands at the end of one is looked at with the next, for it may go on there.
fn file_holds_id_number(path: &Path) -> std::io::Result<bool> {
    let mut reader = BufReader::new(std::fs::File::open(path)?);
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE_BYTES + LENGTH);
    loop {
        let read = reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        let open = piece.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let whole = if read == 0 { piece.len() } else { piece.len() - open };
        if holds_id_number(&String::from_utf8_lossy(&piece[..whole])) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // of a run that is too long already this much, which is too long still
        piece.drain(..whole.max(piece.len().saturating_sub(LENGTH + 1)));
    }
}

/// Whether a text holds an 18-character ID number with a valid check digit that stands by itself.
fn holds_id_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        if !bytes[start].is_ascii_alphanumeric() {
            start += 1;
            continue;
        }
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == LENGTH {
            let run = text.get(start..start + LENGTH).unwrap_or_default();
            let digits = run.bytes().take(LENGTH - 1).all(|byte| byte.is_ascii_digit());
            if digits && IdNumber::parse(run).is_ok() {
                return true;
            }
        }
        start += length;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_an_id_number_that_stands_by_itself() {
        assert!(holds_id_number(r#"{"name":"430602199001010013"}"#));
        assert!(holds_id_number("x 11010519491231002X,"));
        assert!(!holds_id_number("a430602199001010013"));
        assert!(!holds_id_number("430602199001010014"));
    }

    #[test]
    fn finds_one_wherever_a_piece_of_a_log_ends() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("server.log");
        for before in PIECE_BYTES - LENGTH - 2..PIECE_BYTES + 2 {
            std::fs::write(&log, format!("{} 430602199001010013\n", " ".repeat(before))).unwrap();
            assert!(file_holds_id_number(&log).unwrap(), "after {before} bytes");
        }
        let harmless = format!("{}430602199001010013", "7".repeat(PIECE_BYTES - 4));
        std::fs::write(&log, harmless).unwrap();
        assert!(!file_holds_id_number(&log).unwrap(), "part of a longer run");
    }
}

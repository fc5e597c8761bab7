//! No ID number in clear: not in the events as stored, not in a text of a read table or a claim, not in what the server logged, not in
//! a message that was published. An ID number is eighteen characters that stand by themselves, with a region, a day and the right check
//! digit; masked ones are none.

use super::published;
use super::{Check, Checked, Look, System};
use futures::TryStreamExt;
use futures::future::BoxFuture;
use sqlx::PgPool;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use zhicheng_domain::codes::id_number::{self, CHARS};
use zhicheng_domain::codes::text::half_width;
use zhicheng_eventstore::RecordedEvent;
use zhicheng_projections::table::{KEY, LIVE};

/// How deep logs may lie in the data folder.
const FOLDERS_DEEP_MAX: u32 = 3;
/// Folders with data of PostgreSQL and NATS: sealed, and no logs.
const NO_LOGS: &[&str] = &["base", "global", "pg_wal", "materials", "store"];
/// How much of a log is looked at in one go.
const PIECE_BYTES: usize = 1024 * 1024;
/// What the database looks for; what it finds is looked at more closely.
const CANDIDATE: &str = "[0-9０-９]{17}[0-9０-９XxＸｘ]";
/// Who holds which name. The tables of the read side are asked for, so that those of another version of the program are looked at too.
const CLAIMS: &str = "claims";

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
        let clear = stands_in(&event.payload) || stands_in(&event.metadata);
        self.checked.expect(!clear, || format!("日志位置 {}（{}）", event.position, event.event_type));
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            if let Err(error) = self.tables(system).await {
                self.checked.broke_off(&error);
            }
            vec![self.checked, logs(system).await, messages(system).await]
        })
    }
}

impl IdNumbers {
    /// The claims, and whatever lies in the schema of the read tables.
    async fn tables(&mut self, system: &System<'_>) -> Result<(), sqlx::Error> {
        let pool = system.app.store().pool();
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', schemaname, tablename)
             from pg_tables
             where schemaname = $1
             order by tablename",
        )
        .bind(LIVE)
        .fetch_all(pool)
        .await?;
        for table in std::iter::once(CLAIMS).chain(tables.iter().map(String::as_str)) {
            self.rows(pool, table).await?;
        }
        Ok(())
    }

    /// The rows of a table, each as one text. Its name is a constant of this program, or the database has quoted it.
    async fn rows(&mut self, pool: &PgPool, table: &str) -> Result<(), sqlx::Error> {
        let sql = format!(
            "select coalesce(to_jsonb(it) ->> '{KEY}', to_jsonb(it) ->> 'name', to_jsonb(it) ->> 'table_name', ''), it::text
             from {table} as it
             where it::text ~ '{CANDIDATE}'"
        );
        let rows: i64 = sqlx::query_scalar(&format!("select count(*) from {table}")).fetch_one(pool).await?;
        self.checked.count += u64::try_from(rows).unwrap_or_default();
        let mut found = sqlx::query_as::<_, (String, String)>(&sql).fetch(pool);
        while let Some((key, text)) = found.try_next().await? {
            if stands_in(&text) {
                // a key that is itself the number is not told either
                let key = if stands_in(&key) { "（键）" } else { &key };
                self.checked.fault(format!("表 {table} 的行 {key}"));
            }
        }
        Ok(())
    }
}

/// A part of the check, which may be made where another cannot.
fn part(of: &'static str) -> Checked {
    Checked { of: Some(of), ..Checked::new(Check::IdNumbers) }
}

/// What was logged into the data folder.
async fn logs(system: &System<'_>) -> Checked {
    let mut checked = part("服务日志");
    let Some(folder) = system.scope.folder.clone() else {
        checked.unchecked = Some("没有数据目录".to_owned());
        return checked;
    };
    match tokio::task::spawn_blocking(move || read_logs(&folder)).await {
        Ok(Ok(Logs { read, closed, found })) => {
            checked.count = read;
            found.into_iter().for_each(|log| checked.fault(format!("服务日志 {}", log.display())));
            if closed > 0 {
                checked.unchecked = Some(format!("{closed} 处无权读取，其余已查"));
            }
        }
        Ok(Err(error)) => checked.broke_off(&error),
        Err(error) => checked.broke_off(&error),
    }
    checked
}

/// What was published.
async fn messages(system: &System<'_>) -> Checked {
    let mut checked = part("消息");
    let mut stream = match published::begin(system).await {
        Ok(Some(stream)) => stream,
        Ok(None) => {
            checked.notes.push("还没有发布过消息".to_owned());
            return checked;
        }
        Err(why) => {
            checked.unchecked = Some(why);
            return checked;
        }
    };
    loop {
        match stream.next().await {
            Ok(Some(heard)) => {
                let clear = stands_in(&heard.text);
                checked.expect(!clear, || format!("已发布的消息 {}", heard.number));
            }
            Ok(None) => break,
            Err(error) => {
                checked.broke_off(&error);
                break;
            }
        }
    }
    checked
}

/// What came of reading the logs in a folder.
#[derive(Default)]
struct Logs {
    read: u64,
    /// Files and folders of another user, as whom PostgreSQL may run.
    closed: u64,
    found: Vec<PathBuf>,
}

fn read_logs(folder: &Path) -> std::io::Result<Logs> {
    let (mut logs, mut paths) = (Logs::default(), Vec::new());
    logs.closed += logs_below(folder, FOLDERS_DEEP_MAX, &mut paths)?;
    for path in paths {
        match file_holds_id_number(&path) {
            Ok(holds) => {
                logs.read += 1;
                logs.found.extend(holds.then_some(path));
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => logs.closed += 1,
            // gone meanwhile
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(logs)
}

/// The files that end in `.log`, in a folder and some way below; answers how many folders did not let themselves be read.
fn logs_below(folder: &Path, deep: u32, logs: &mut Vec<PathBuf>) -> std::io::Result<u64> {
    let mut closed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        let skipped = NO_LOGS.iter().any(|name| entry.file_name() == *name);
        if kind.is_dir() && deep > 0 && !skipped {
            match logs_below(&path, deep - 1, logs) {
                Ok(below) => closed += below,
                Err(error) if error.kind() == ErrorKind::PermissionDenied => closed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "log") {
            logs.push(path);
        }
    }
    Ok(closed)
}

/// Reads a file in pieces; what stands at the end of one is looked at with the next, for it may go on there.
fn file_holds_id_number(path: &Path) -> std::io::Result<bool> {
    let mut reader = BufReader::new(std::fs::File::open(path)?);
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE_BYTES + CHARS);
    loop {
        let read = reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        let open = piece.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let whole = if read == 0 { piece.len() } else { piece.len() - open };
        if stands_in(&String::from_utf8_lossy(&piece[..whole])) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // of a run that is too long already this much, which is too long still
        piece.drain(..whole.max(piece.len().saturating_sub(CHARS + 1)));
    }
}

/// Whether a text holds an 18-character ID number that stands by itself: runs of letters and digits of another length are digests and
/// ciphers, in which one may turn up by chance.
fn stands_in(text: &str) -> bool {
    if text.contains(|character| matches!(character, '０'..='９')) {
        return stands_in_half_width(&text.chars().map(half_width).collect::<String>());
    }
    stands_in_half_width(text)
}

fn stands_in_half_width(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .any(|run| run.len() == CHARS && id_number::is_of_somebody(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_an_id_number_that_stands_by_itself() {
        assert!(stands_in(r#"{"name":"430602199001010013"}"#));
        assert!(stands_in("x 11010519491231002X,"));
        assert!(stands_in("（43060219900101003x）"), "a small x too");
        assert!(stands_in("身份证４３０６０２１９９００１０１００１３"), "in full width too");
        assert!(!stands_in("a430602199001010013"));
        assert!(!stands_in("430602199001010014"));
    }

    #[test]
    fn finds_one_wherever_a_piece_of_a_log_ends() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("server.log");
        for before in PIECE_BYTES - CHARS - 2..PIECE_BYTES + 2 {
            std::fs::write(&log, format!("{} 430602199001010013\n", " ".repeat(before))).unwrap();
            assert!(file_holds_id_number(&log).unwrap(), "after {before} bytes");
        }
        let harmless = format!("{}430602199001010013", "7".repeat(PIECE_BYTES - 4));
        std::fs::write(&log, harmless).unwrap();
        assert!(!file_holds_id_number(&log).unwrap(), "part of a longer run");
    }
}

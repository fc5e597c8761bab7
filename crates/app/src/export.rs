//! A listing screen as a file (contract.md, its export): every row that the caller may see, all of one moment.
//!
//! A file is made whole before its first byte is sent: so it is complete or an error, the snapshot of the database is held only as
//! long as the rows take to be read and not as long as somebody's line is slow, and the answer can say how long it is. It lies
//! in a temporary file without a name, gone with the handle whatever happens. When the caller goes away, reading stops with the
//! batch that is under way, and writing with it.

use crate::app::App;
use crate::caller::{ActingAs, Signed};
use crate::error::Error;
use crate::list::{Asked, bad_parameter};
use chrono::Timelike as _;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::hundredths::Hundredths;
use zhicheng_domain::label::Named as _;
use zhicheng_projections::column::{Column, Filter};
use zhicheng_projections::request::Comparison;
use zhicheng_projections::row::Cell;
use zhicheng_projections::screen::Direction;
use zhicheng_projections::{EveryRow, Reckoning, Request, Screen};
use zhicheng_sheets::{Abandoned, Format, ROWS_MAX, Sheet, SheetError, Value};

/// Files that are made at one time: each takes a processor, and one of the readers' connections.
pub const MAKING_MAX: usize = 2;
/// Files that are made or being sent at one time: each takes room among the temporary files.
pub const HELD_MAX: usize = 16;
/// How long the making of one may take.
const MAKING_TIME_MAX: Duration = Duration::from_secs(300);
/// Batches of rows that wait to be written.
const BATCHES_WAITING_MAX: usize = 2;
/// The title of the last column of a csv file, which says in every row as of which position of the log it is true: a line of its own
/// would break readers, and files that are put together later still tell their rows apart.
pub const POSITION_TITLE: &str = "截至日志位置";

/// A file, whole.
#[derive(Debug)]
pub struct Export {
    /// At its beginning.
    pub file: File,
    /// How long it is.
    pub size_bytes: u64,
    /// What to call it.
    pub name: String,
    /// What it is.
    pub media_type: &'static str,
    /// Its rows are true as of this position of the log.
    pub position: i64,
    /// Keep it as long as the file is needed.
    pub place: OwnedSemaphorePermit,
}

/// How many files may be made and held.
#[derive(Debug)]
pub(crate) struct Places {
    making: Arc<Semaphore>,
    held: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self { making: Arc::new(Semaphore::new(MAKING_MAX)), held: Arc::new(Semaphore::new(HELD_MAX)) }
    }

    /// A place among those being made, and one among those held; not now, where there is none.
    fn take(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Error> {
        let taken = |places: &Arc<Semaphore>| Arc::clone(places).try_acquire_owned();
        Ok((taken(&self.making).map_err(not_now)?, taken(&self.held).map_err(not_now)?))
    }
}

impl App {
    /// A screen as a file: the same filters, order, scope, `after` and redaction as its pages, and every row.
    pub async fn export(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        name: &str,
        parameters: Vec<(String, String)>,
    ) -> Result<Export, Error> {
        let format = format_of(&parameters)?;
        let asked = self.asked(signed, acting_as, name, parameters).await?;
        let (making, place) = self.places().take()?;
        let keyed_hash = |text: &str| self.keyed_hash(text);
        let reckoning = Reckoning { calendar: &asked.calendar, today: asked.today, keyed_hash: &keyed_hash };
        let Asked { screen, viewer, request, .. } = &asked;
        let at_most = i64::from(ROWS_MAX) + 1;
        let mut rows = self.tables().every_row(screen, viewer, request, reckoning, at_most).await?;
        let position = rows.position;
        if !asked.is_met_by(position) {
            return Err(asked.not_met());
        }
        let now = in_shanghai(self.now()).naive_local();
        let sheet = Sheet {
            title: screen.title.to_owned(),
            columns: titles(&rows, format),
            notes: notes(&asked, position, &now.format("%Y-%m-%d %H:%M:%S").to_string()),
            made_at: now.with_nanosecond(0).unwrap_or(now),
        };
        let (sender, receiver) = mpsc::channel(BATCHES_WAITING_MAX);
        let writing = tokio::task::spawn_blocking(move || {
            // given back when the work has ended, also where nobody waits for it any more
            let _making = making;
            make(format, &sheet, receiver)
        });
        let reading = tokio::time::timeout(MAKING_TIME_MAX, hand_over(&mut rows, format, sender));
        reading.await.map_err(not_now)??;
        // A panic there is a temporary file that could not be written: the disk is full.
        let (file, count, size_bytes) = writing.await.map_err(not_now)??;
        metrics::counter!("exports_total", "format" => format.name()).increment(1);
        tracing::info!(screen = screen.name, format = format.name(), rows = count, size_bytes, "export");
        let day = now.format("%Y%m%d");
        Ok(Export {
            file,
            size_bytes,
            name: format!("{}_{day}_{POSITION_TITLE}{position}.{}", screen.title, format.name()),
            media_type: format.media_type(),
            position,
            place,
        })
    }
}

/// The format asked for; Excel where nobody says.
fn format_of(parameters: &[(String, String)]) -> Result<Format, Error> {
    let mut format = Format::Xlsx;
    for (name, value) in parameters {
        match name.as_str() {
            "format" => {
                format = Format::from_name(value).ok_or_else(|| {
                    bad_parameter("format", "format-unknown", "导出格式只有 xlsx 和 csv，请改正后重试。")
                })?;
            }
            "limit" | "cursor" => {
                return Err(bad_parameter(
                    name,
                    "filter-value-invalid",
                    "导出的总是全部行，请去掉该参数后重试。",
                ));
            }
            _ => {}
        }
    }
    Ok(format)
}

/// What is handed to the thread that writes.
enum Handed {
    Rows(Vec<Vec<Value>>),
    /// That was all.
    End,
}

/// Reads all rows and hands them over. It ends early, and well, where the other side has ended.
async fn hand_over(rows: &mut EveryRow<'_>, format: Format, to: Sender<Handed>) -> Result<(), Error> {
    let columns: Vec<&Column> = rows.columns().collect();
    let position = rows.position;
    loop {
        let batch = rows.next_rows().await?;
        let end = batch.is_empty();
        let row = |row: Vec<Cell>| {
            let values = columns.iter().zip(row).map(|(column, cell)| value(column, cell));
            let position = (format == Format::Csv).then_some(Value::Integer(position));
            values.chain(position).collect()
        };
        let handed = if end { Handed::End } else { Handed::Rows(batch.into_iter().map(row).collect()) };
        if to.send(handed).await.is_err() || end {
            return Ok(());
        }
    }
}

/// Writes what comes into a temporary file without a name.
fn make(format: Format, sheet: &Sheet, mut from: Receiver<Handed>) -> Result<(File, u32, u64), Error> {
    let mut batch = Vec::new().into_iter();
    let mut ended = false;
    let rows = std::iter::from_fn(|| {
        loop {
            if let Some(row) = batch.next() {
                return Some(Ok(row));
            }
            if ended {
                return None;
            }
            match from.blocking_recv() {
                Some(Handed::Rows(rows)) => batch = rows.into_iter(),
                Some(Handed::End) => ended = true,
                None => {
                    ended = true;
                    return Some(Err(Abandoned));
                }
            }
        }
    });
    let written = (|| {
        let mut out = BufWriter::new(tempfile::tempfile()?);
        let count = zhicheng_sheets::write(format, sheet, rows, &mut out)?;
        out.flush()?;
        let mut file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let size_bytes = file.stream_position()?;
        file.rewind()?;
        Ok((file, count, size_bytes))
    })();
    written.map_err(|error: SheetError| match error {
        SheetError::TooManyRows => Error::ExportTooLarge { rows_max: ROWS_MAX },
        SheetError::Abandoned(_) | SheetError::Io(_) | SheetError::Xlsx(_) => not_now(error),
    })
}

fn not_now(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unavailable { what: "export", source: Some(Box::new(error)) }
}

fn titles(rows: &EveryRow<'_>, format: Format) -> Vec<String> {
    let position = (format == Format::Csv).then_some(POSITION_TITLE);
    rows.columns().map(|column| column.label).chain(position).map(str::to_owned).collect()
}

/// A value as people read it: names in words, moments on the clock of Hunan.
fn value(column: &Column, cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Empty,
        Cell::Text(text) => Value::Text(column.in_words(&text).to_owned()),
        Cell::Integer(number) => Value::Integer(number),
        Cell::Decimal(number) => Value::Hundredths(number.0),
        Cell::Date(day) => Value::Date(day),
        Cell::Instant(moment) => Value::Moment(in_shanghai(moment).naive_local()),
        Cell::Boolean(true) => Value::Text("是".to_owned()),
        Cell::Boolean(false) => Value::Text("否".to_owned()),
        Cell::Uuid(id) => Value::Text(id.to_string()),
        Cell::TextList(texts) if texts.is_empty() => Value::Empty,
        Cell::TextList(texts) => {
            Value::Text(texts.iter().map(|text| column.in_words(text)).collect::<Vec<_>>().join("、"))
        }
    }
}

fn notes(asked: &Asked, position: i64, now: &str) -> Vec<(String, String)> {
    let Asked { screen, viewer, request, .. } = asked;
    let notes = [
        ("列表", screen.title.to_owned()),
        ("角色", viewer.role.label().zh.to_owned()),
        (POSITION_TITLE, position.to_string()),
        ("导出时间", format!("{now}（北京时间）")),
        ("筛选条件", filters(screen, request)),
        ("排序", order(screen, request)),
    ];
    notes.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn order(screen: &Screen, request: &Request) -> String {
    let name = request.order.column;
    let label = screen.table.column(name).map_or(name, |column| column.label);
    match request.order.direction {
        Direction::Ascending => format!("{label}，升序"),
        Direction::Descending => format!("{label}，降序"),
    }
}

/// The conditions in words; of what is compared by its keyed hash only that it was.
fn filters(screen: &Screen, request: &Request) -> String {
    let conditions = request.conditions.iter().map(|condition| {
        let sign = match condition.comparison {
            Comparison::Equal => "等于",
            Comparison::Contains | Comparison::Member => "包含",
            Comparison::From => "不早于或不小于",
            Comparison::To => "不晚于或不大于",
            Comparison::Before => "早于",
        };
        let value = match value(condition.column, condition.value.clone()) {
            Value::Empty => String::new(),
            Value::Text(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Hundredths(number) => Hundredths(number).to_string(),
            Value::Date(day) => day.to_string(),
            Value::Moment(moment) => moment.to_string(),
        };
        format!("{}{sign}{value}", condition.column.label)
    });
    let hashed = request.hashed.iter().filter_map(|hashed| {
        let by = |column: &&Column| column.filter == Filter::KeyedHash(hashed.column);
        Some(format!("{}等于所输入的完整号码", screen.table.columns().find(|it| by(it))?.label))
    });
    let all: Vec<String> = conditions.chain(hashed).collect();
    if all.is_empty() { "无".to_owned() } else { all.join("；") }
}

//! What is asked of a screen: filters, order, page. Everything from outside is checked here, once.

use crate::column::{Column, Filter, Kind};
use crate::row::Cell;
use crate::screen::{Direction, Grant, Order, Screen};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;
use zhicheng_domain::context::SHANGHAI_OFFSET_SECONDS;
use zhicheng_domain::hundredths::Hundredths;

/// Rows of a page when nobody says.
pub const PAGE_ROWS_DEFAULT: u32 = 50;
/// Rows of a page at most.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Characters of a filter's value at most.
pub const FILTER_CHARS_MAX: usize = 200;
/// Bytes of a cursor at most.
const CURSOR_BYTES_MAX: usize = 4 * 1024;
/// What stands for the hidden digits of a number, and in no number.
const MASK: char = '*';
/// Parameters of the request that are the caller's business.
const CALLERS_PARAMETERS: &[&str] = &["after", "format"];

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// There is no such filter on this screen, or not for this reader.
    #[error("there is no filter {0}")]
    UnknownFilter(String),
    /// The rows cannot be ordered like that.
    #[error("rows cannot be ordered by {0}")]
    UnknownSort(String),
    /// A value does not have the form that the filter takes.
    #[error("{filter} takes {expected}")]
    FilterValueInvalid {
        /// The parameter.
        filter: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A value has the form, and there is none such: no such day, no such code.
    #[error("{filter} takes {expected}, and this is none that exists")]
    FilterValueRefused {
        /// The parameter.
        filter: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The page asked for is none that this screen gave.
    #[error("the cursor is none that this screen gave in this order")]
    CursorInvalid,
}

impl RequestError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownFilter(_) => "unknown-filter",
            Self::UnknownSort(_) => "unknown-sort",
            Self::FilterValueInvalid { .. } => "filter-value-invalid",
            Self::FilterValueRefused { .. } => "filter-value-refused",
            Self::CursorInvalid => "cursor-invalid",
        }
    }

    /// The parameter that is wrong.
    pub fn parameter(&self) -> &str {
        match self {
            Self::UnknownFilter(name) => name,
            Self::UnknownSort(_) => "sort",
            Self::FilterValueInvalid { filter, .. } | Self::FilterValueRefused { filter, .. } => filter,
            Self::CursorInvalid => "cursor",
        }
    }

    /// What to do, in Chinese.
    pub fn advice(&self) -> String {
        match self {
            Self::UnknownFilter(name) => format!("此列表没有筛选条件“{name}”，请去掉后重试。"),
            Self::UnknownSort(name) => format!("此列表不能按“{name}”排序，请改用可排序的列。"),
            Self::FilterValueInvalid { filter, .. } => {
                format!("筛选条件“{filter}”的值不符合要求，请改正后重试。")
            }
            Self::FilterValueRefused { filter, .. } => {
                format!("筛选条件“{filter}”的值不存在，请改用存在的代码或日期后重试。")
            }
            Self::CursorInvalid => "翻页标记无效，请从第一页重新查询。".to_owned(),
        }
    }
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It equals the value.
    Equal,
    /// The value occurs in it.
    Contains,
    /// It is a list with the value in it.
    Member,
    /// It is not before the value.
    From,
    /// It is not after the value.
    To,
    /// It is before the value.
    Before,
}

/// One condition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The column as asked for.
    pub column: &'static Column,
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub value: Cell,
}

/// A keyed hash that must be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// The column that holds the hash.
    pub column: &'static str,
    /// The text whose keyed hash is compared, as typed.
    pub text: String,
}

/// A checked request.
#[derive(Debug, Clone)]
pub struct Request {
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// Compared by keyed hash.
    pub hashed: Vec<Hashed>,
    /// The order.
    pub order: Order,
    /// Rows of a page.
    pub limit: u32,
    /// After which row.
    pub cursor: Option<Cursor>,
}

/// The last row of the page before.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// Its value of the column that orders.
    pub value: Cell,
    /// Its key.
    pub key: String,
}

/// A cursor on the wire: order, value, key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    s: String,
    v: Option<String>,
    k: String,
}

impl Request {
    /// Everything, in the screen's own order.
    pub const fn all(screen: &Screen, limit: u32) -> Self {
        Self { conditions: Vec::new(), hashed: Vec::new(), order: screen.order, limit, cursor: None }
    }

    /// Reads a request's parameters, as a reader with this grant may send them.
    ///
    /// # Errors
    ///
    /// See [`RequestError`].
    pub fn parse(
        screen: &Screen,
        grant: &Grant,
        parameters: &[(String, String)],
    ) -> Result<Self, RequestError> {
        let mut request = Self::all(screen, PAGE_ROWS_DEFAULT);
        let mut cursor = None;
        for (at, (name, value)) in parameters.iter().enumerate() {
            let invalid = |expected| RequestError::FilterValueInvalid { filter: name.clone(), expected };
            if parameters.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(invalid("one value"));
            }
            match name.as_str() {
                "sort" => request.order = order(screen, grant, value)?,
                "limit" => {
                    request.limit = value
                        .parse()
                        .ok()
                        .filter(|limit| (1..=PAGE_ROWS_MAX).contains(limit))
                        .ok_or(invalid("a whole number from 1 to 200"))?;
                }
                "cursor" => cursor = Some(value.as_str()),
                name if CALLERS_PARAMETERS.contains(&name) => {}
                _ => request.filter(screen, grant, name, value)?,
            }
        }
        request.cursor = cursor.map(|text| request.read_cursor(screen, text)).transpose()?;
        Ok(request)
    }

    /// Reads the filters of a condition: all rows that meet it are meant, so neither order nor page is asked.
    ///
    /// # Errors
    ///
    /// See [`RequestError`]; what is asked of pages alone is an unknown filter here.
    pub fn condition(
        screen: &Screen,
        grant: &Grant,
        filters: &[(String, String)],
    ) -> Result<Self, RequestError> {
        let mut request = Self::all(screen, PAGE_ROWS_DEFAULT);
        for (name, value) in filters {
            request.filter(screen, grant, name, value)?;
        }
        Ok(request)
    }

    fn filter(
        &mut self,
        screen: &Screen,
        grant: &Grant,
        name: &str,
        value: &str,
    ) -> Result<(), RequestError> {
        // the name first: an unknown filter is unknown whatever its value
        let (column, filter, bound) =
            find(screen, grant, name).ok_or_else(|| RequestError::UnknownFilter(name.to_owned()))?;
        let wrong = |wrong: Wrong| {
            let filter = name.to_owned();
            match wrong {
                Wrong::Form(expected) => RequestError::FilterValueInvalid { filter, expected },
                Wrong::Value(expected) => RequestError::FilterValueRefused { filter, expected },
            }
        };
        if value.contains('\0') {
            return Err(wrong(Wrong::Form("a text without NUL")));
        }
        if value.is_empty() || value.chars().count() > FILTER_CHARS_MAX {
            let expected = "a text of 1 to 200 characters";
            let text = matches!(column.kind, Kind::Text | Kind::TextList);
            return Err(wrong(if text { Wrong::Value(expected) } else { Wrong::Form(expected) }));
        }
        let mut add = |comparison, value| self.conditions.push(Condition { column, comparison, value });
        let compared = match bound {
            Bound::Exactly => Comparison::Equal,
            Bound::From => Comparison::From,
            Bound::To => Comparison::To,
        };
        match filter {
            Filter::KeyedHash(_) if value.contains(MASK) => {
                add(Comparison::Equal, Cell::Text(value.to_owned()));
            }
            Filter::KeyedHash(hash) => self.hashed.push(Hashed { column: hash, text: value.to_owned() }),
            Filter::Contains => add(Comparison::Contains, Cell::Text(value.to_owned())),
            Filter::Equal | Filter::Member if !column.may_hold(value) => {
                return Err(wrong(Wrong::Value("one of the values that exist")));
            }
            Filter::Member => add(Comparison::Member, Cell::Text(value.to_owned())),
            Filter::Equal => add(Comparison::Equal, cell(column.kind, value).map_err(wrong)?),
            Filter::Range if column.kind == Kind::Instant => match (parse_day(value), bound) {
                (Some((from, _)), Bound::From) => add(Comparison::From, from.into()),
                (Some((_, until)), Bound::To) => add(Comparison::Before, until.into()),
                (Some((from, until)), Bound::Exactly) => {
                    add(Comparison::From, from.into());
                    add(Comparison::Before, until.into());
                }
                (None, _) => add(compared, cell(Kind::Instant, value).map_err(wrong)?),
            },
            Filter::Range => add(compared, cell(column.kind, value).map_err(wrong)?),
        }
        Ok(())
    }

    /// The cursor of the page after a row.
    pub fn cursor_after(&self, value: &Cell, key: &str) -> String {
        let value = match value {
            Cell::Null => None,
            // exact, unlike what people are shown
            Cell::Instant(moment) => Some(moment.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
            Cell::Text(text) => Some(text.clone()),
            other => Some(other.to_json().to_string().trim_matches('"').to_owned()),
        };
        let written = Written { s: self.written_order(), v: value, k: key.to_owned() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
    }

    fn read_cursor(&self, screen: &Screen, text: &str) -> Result<Cursor, RequestError> {
        let invalid = RequestError::CursorInvalid;
        if text.len() > CURSOR_BYTES_MAX {
            return Err(invalid);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| RequestError::CursorInvalid)?;
        let written: Written = serde_json::from_slice(&bytes).map_err(|_| RequestError::CursorInvalid)?;
        let nul = written.k.contains('\0') || written.v.as_ref().is_some_and(|value| value.contains('\0'));
        let column = screen.table.column(self.order.column).ok_or(RequestError::CursorInvalid)?;
        if nul || written.s != self.written_order() {
            return Err(invalid);
        }
        let value = match &written.v {
            None => Cell::Null,
            Some(value) => cell(column.kind, value).map_err(|_| RequestError::CursorInvalid)?,
        };
        Ok(Cursor { value, key: written.k })
    }

    fn written_order(&self) -> String {
        match self.order.direction {
            Direction::Ascending => self.order.column.to_owned(),
            Direction::Descending => format!("-{}", self.order.column),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exactly,
    From,
    To,
}

/// The column that a parameter filters, where this reader may ask about it.
fn find(screen: &Screen, grant: &Grant, name: &str) -> Option<(&'static Column, Filter, Bound)> {
    let column = |name: &str| {
        let column = screen.table.column(name)?;
        Some((column, grant.filter(column)?))
    };
    if let Some((column, filter)) = column(name) {
        return Some((column, filter, Bound::Exactly));
    }
    [("_from", Bound::From), ("_to", Bound::To)].into_iter().find_map(|(suffix, bound)| {
        let (column, filter) = column(name.strip_suffix(suffix)?)?;
        (filter == Filter::Range).then_some((column, filter, bound))
    })
}

fn order(screen: &Screen, grant: &Grant, value: &str) -> Result<Order, RequestError> {
    let (name, direction) = match value.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (value, Direction::Ascending),
    };
    let column = screen.table.column(name).filter(|column| grant.may_sort(column));
    match column {
        Some(column) => Ok(Order { column: column.name, direction }),
        None => Err(RequestError::UnknownSort(name.replace('\0', "\u{fffd}"))),
    }
}

/// What is wrong with a value, with what is taken instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It cannot be read as one.
    Form(&'static str),
    /// It can, and there is none such.
    Value(&'static str),
}

/// A value of a kind; what it takes otherwise.
fn cell(kind: Kind, text: &str) -> Result<Cell, Wrong> {
    match kind {
        Kind::Text | Kind::TextList => Ok(Cell::Text(text.to_owned())),
        Kind::Integer => text.parse().map(Cell::Integer).map_err(|_| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if whole { Wrong::Value("a number of 64 bits") } else { Wrong::Form("a whole number") }
        }),
        Kind::Decimal => Hundredths::parse(text)
            .map(Cell::Decimal)
            .ok_or(Wrong::Form("a number with at most two decimals")),
        Kind::Boolean => text.parse().map(Cell::Boolean).map_err(|_| Wrong::Form("true or false")),
        Kind::Uuid => Uuid::try_parse(text).map(Cell::Uuid).map_err(|_| Wrong::Form("an id")),
        Kind::Date => {
            let expected = "a date as YYYY-MM-DD";
            let wrong = if has_form_of_day(text) { Wrong::Value(expected) } else { Wrong::Form(expected) };
            day(text).map(Cell::Date).ok_or(wrong)
        }
        Kind::Instant => {
            let expected = "a date as YYYY-MM-DD or a time as in RFC 3339";
            let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
            let moment = moment.filter(|moment| in_range(moment.date_naive()));
            let wrong = if has_form_of_moment(text) { Wrong::Value(expected) } else { Wrong::Form(expected) };
            moment.map(Cell::Instant).ok_or(wrong)
        }
    }
}

/// Four, two and two digits, whether or not there is such a day.
fn has_form_of_day(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|it| it.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// A day, or a time of one, whether or not there is such a day.
fn has_form_of_moment(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked("2000-01-01".len()) else { return false };
    let time = || DateTime::parse_from_rfc3339(&format!("2000-01-01{rest}")).is_ok();
    has_form_of_day(day) && (rest.is_empty() || time())
}

fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| in_range(*day));
    day.filter(|_| has_form_of_day(text))
}

/// Dates that PostgreSQL and the calendar both know.
fn in_range(day: NaiveDate) -> bool {
    use chrono::Datelike as _;
    (1..=9999).contains(&day.year())
}

/// A whole day in Asia/Shanghai: its first moment, and the first after it.
fn parse_day(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first = day(text)?;
    let begins = |day: NaiveDate| {
        let zone = chrono::FixedOffset::east_opt(SHANGHAI_OFFSET_SECONDS)?;
        Some(zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).single()?.to_utc())
    };
    Some((begins(first)?, begins(first.checked_add_days(Days::new(1))?)?))
}

//! The SQL of a screen. Only the conditions that were asked for appear in it; every identifier is a constant of the
//! program; every value is bound.

use crate::column::{Column, Presence};
use crate::request::{Comparison, Condition, Cursor, Request};
use crate::row::Cell;
use crate::screen::{Direction, Fixed, Grant, Scope, Screen, Viewer};
use crate::table::{KEY, LIVE};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;

/// A value bound to a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// A value of a row.
    Cell(Cell),
    /// Several ids.
    Ids(Vec<Uuid>),
    /// Several texts.
    Texts(Vec<String>),
}

/// A statement with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// `$1` and so on.
    pub binds: Vec<Bind>,
}

impl Statement {
    /// As sqlx takes it.
    pub fn query(&self) -> Query<'_, sqlx::Postgres, PgArguments> {
        let mut query = sqlx::query(&self.sql);
        for bind in &self.binds {
            query = match bind {
                Bind::Ids(ids) => query.bind(ids),
                Bind::Texts(texts) => query.bind(texts),
                Bind::Cell(cell) => match cell {
                    Cell::Null => query.bind(None::<&str>),
                    Cell::Text(text) => query.bind(text),
                    Cell::Integer(number) => query.bind(number),
                    Cell::Date(day) => query.bind::<NaiveDate>(*day),
                    Cell::Instant(moment) => query.bind::<DateTime<Utc>>(*moment),
                    Cell::Boolean(truth) => query.bind(truth),
                    Cell::Uuid(id) => query.bind(id),
                    Cell::TextList(texts) => query.bind(texts),
                },
            };
        }
        query
    }
}

/// The name under which a page's rows bring the table's position.
pub const POSITION: &str = "table_position";

/// The name under which a page's rows bring what they are ordered by.
pub const SORT_VALUE: &str = "sort_value";

/// One page, with one row more than asked for where there is another page. The position and the rows are of one
/// statement, hence of one moment; a page without rows is one row without key.
pub fn page(
    screen: &Screen,
    grant: &Grant,
    viewer: &Viewer,
    request: &Request,
    hash: &(dyn Fn(&str) -> String + Sync),
) -> Statement {
    let mut parts = Parts::default();
    parts.scope(grant.scope, viewer);
    parts.fixed(screen.fixed);
    for condition in &request.conditions {
        parts.condition(grant, condition);
    }
    for hashed in &request.hashed {
        let bound = parts.bind(Bind::Cell(Cell::Text(hash(&hashed.text))));
        parts.conditions.push(format!("{} = {bound}", hashed.column));
    }
    let order = screen.table.column(request.order.column);
    let (by, presence) = match order {
        Some(column) => (grant.read(column), presence(screen, grant, column)),
        None => (KEY, Presence::Always),
    };
    if let Some(cursor) = &request.cursor {
        parts.after(cursor, by, presence, request.order.direction);
    }
    let (direction, nulls) = match (request.order.direction, presence) {
        (Direction::Ascending, _) => ("asc", ""),
        (Direction::Descending, Presence::Always) => ("desc", ""),
        (Direction::Descending, Presence::Sometimes) => ("desc", " nulls last"),
    };
    let columns: Vec<String> = read(screen)
        .map(|column| {
            let source = grant.read(column);
            if source == column.name { source.to_owned() } else { format!("{source} as {}", column.name) }
        })
        .collect();
    let table = screen.table.name;
    let limit = parts.bind(Bind::Cell(Cell::Integer(i64::from(request.limit) + 1)));
    let name = parts.bind(Bind::Cell(Cell::Text(table.to_owned())));
    let sql = format!(
        "select checkpoint.position as {POSITION}, page.*
         from {LIVE}.checkpoint as checkpoint
         left join lateral (
             select {KEY}, {by} as {SORT_VALUE}, {columns}
             from {LIVE}.{table}
             {conditions}
             order by {by} {direction}{nulls}, {KEY} {direction}
             limit {limit}
         ) as page on true
         where checkpoint.table_name = {name}
         order by page.{SORT_VALUE} {direction}{nulls}, page.{KEY} {direction}",
        columns = columns.join(", "),
        conditions = parts.conditions(),
    );
    Statement { sql, binds: parts.binds }
}

/// How many rows wait, or how many there are where none can; counted up to `at_most`.
pub fn count(screen: &Screen, grant: &Grant, viewer: &Viewer, at_most: i64) -> Statement {
    let mut parts = Parts::default();
    parts.scope(grant.scope, viewer);
    parts.fixed(screen.fixed);
    parts.fixed(screen.waiting.as_slice());
    let limit = parts.bind(Bind::Cell(Cell::Integer(at_most)));
    let sql = format!(
        "select count(*)
         from (
             select 1
             from {LIVE}.{table}
             {conditions}
             limit {limit}
         ) as counted",
        table = screen.table.name,
        conditions = parts.conditions(),
    );
    Statement { sql, binds: parts.binds }
}

/// The columns that are read: those that are shown and stored.
pub fn read(screen: &Screen) -> impl Iterator<Item = &'static Column> + use<> {
    screen.shown().filter(|column| column.is_stored())
}

/// Whether what this reader gets under a column's name is always there.
fn presence(screen: &Screen, grant: &Grant, column: &'static Column) -> Presence {
    screen.table.column(grant.read(column)).map_or(Presence::Sometimes, |read| read.presence)
}

#[derive(Debug, Default)]
struct Parts {
    conditions: Vec<String>,
    binds: Vec<Bind>,
}

impl Parts {
    fn bind(&mut self, bind: Bind) -> String {
        self.binds.push(bind);
        format!("${}", self.binds.len())
    }

    fn id(&mut self, column: &str, id: Option<Uuid>) {
        let condition = match id {
            Some(id) => format!("{column} = {}", self.bind(Bind::Cell(Cell::Uuid(id)))),
            None => "false".to_owned(),
        };
        self.conditions.push(condition);
    }

    fn scope(&mut self, scope: Scope, viewer: &Viewer) {
        match scope {
            Scope::Everything => {}
            Scope::OwnPerson(column) => self.id(column, viewer.person),
            Scope::OwnAccount(column) => self.id(column, Some(viewer.account)),
            Scope::OwnOrganisation(column) => self.id(column, viewer.organisation),
            Scope::OwnJudge(column) => {
                let judges = self.bind(Bind::Ids(viewer.judges.clone()));
                self.conditions.push(format!("{column} = any({judges})"));
            }
            Scope::ApprovedByOwn(column) => {
                let committees = self.bind(Bind::Ids(viewer.approves.clone()));
                self.conditions.push(format!("{column} = any({committees})"));
            }
            Scope::IssuedByOwn(column) => {
                let from = self.bind(Bind::Texts(viewer.issues_for.clone()));
                self.conditions.push(format!("{column} = any({from})"));
            }
            Scope::OnPath { organisations, committee } => {
                let Some(own) = viewer.organisation else {
                    self.conditions.push("false".to_owned());
                    return;
                };
                let own = self.bind(Bind::Texts(vec![own.to_string()]));
                let committees = self.bind(Bind::Ids(viewer.approves.clone()));
                self.conditions
                    .push(format!("({organisations} @> {own} or {committee} = any({committees}))"));
            }
        }
    }

    fn fixed(&mut self, fixed: &[Fixed]) {
        for Fixed { column, value } in fixed {
            let value = self.bind(Bind::Cell(Cell::Text((*value).to_owned())));
            self.conditions.push(format!("{column} = {value}"));
        }
    }

    fn condition(&mut self, grant: &Grant, condition: &Condition) {
        let column = grant.read(condition.column);
        let value = self.bind(Bind::Cell(condition.value.clone()));
        self.conditions.push(match condition.comparison {
            Comparison::Equal => format!("{column} = {value}"),
            // not LIKE: what people type has no wildcards
            Comparison::Contains => format!("position({value} in {column}) > 0"),
            Comparison::Member => format!("{value} = any({column})"),
            Comparison::From => format!("{column} >= {value}"),
            Comparison::To => format!("{column} <= {value}"),
            Comparison::Before => format!("{column} < {value}"),
        });
    }

    /// Rows after the cursor. What is null comes last in both directions.
    fn after(&mut self, cursor: &Cursor, by: &str, presence: Presence, direction: Direction) {
        let than = match direction {
            Direction::Ascending => ">",
            Direction::Descending => "<",
        };
        let key = self.bind(Bind::Cell(Cell::Text(cursor.key.clone())));
        let condition = if cursor.value == Cell::Null {
            format!("({by} is null and {KEY} {than} {key})")
        } else {
            let value = self.bind(Bind::Cell(cursor.value.clone()));
            match presence {
                Presence::Always => format!("({by}, {KEY}) {than} ({value}, {key})"),
                Presence::Sometimes => format!("(({by}, {KEY}) {than} ({value}, {key}) or {by} is null)"),
            }
        };
        self.conditions.push(condition);
    }

    fn conditions(&self) -> String {
        match self.conditions.as_slice() {
            [] => String::new(),
            conditions => format!("where {}", conditions.join("\n               and ")),
        }
    }
}

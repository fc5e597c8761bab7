//! The SQL of a screen. Only the conditions that were asked for appear in it; every identifier is a constant of the
//! program; every value is bound.

use crate::column::{Column, Computed, Kind, Place, Presence};
use crate::decimal::to_decimal;
use crate::reader::Reckoning;
use crate::request::{Comparison, Condition, Cursor, Request};
use crate::row::Cell;
use crate::screen::{Direction, Fixed, Grant, Persons, Scope, Screen, Viewer, may_approve};
use crate::table::{KEY, LIVE, Table};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;
use zhicheng_domain::calendar::YEAR_MIN;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::label::Named as _;

/// A value bound to a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// A value of a row.
    Cell(Cell),
    /// Several ids.
    Ids(Vec<Uuid>),
    /// Several texts.
    Texts(Vec<String>),
    /// Several days.
    Days(Vec<NaiveDate>),
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
                Bind::Days(days) => query.bind(days),
                Bind::Cell(cell) => match cell {
                    Cell::Null => query.bind(None::<&str>),
                    Cell::Text(text) => query.bind(text),
                    Cell::Integer(number) => query.bind(number),
                    Cell::Decimal(number) => query.bind(to_decimal(*number)),
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
    reckoning: Reckoning<'_>,
) -> Statement {
    let Selection { mut parts, rows, by, direction } =
        selection(screen, grant, viewer, request, reckoning, i64::from(request.limit) + 1);
    let tables: Vec<String> = screen.tables().map(|table| table.name.to_owned()).collect();
    let number = parts.bind(Bind::Cell(Cell::Integer(i64::try_from(tables.len()).unwrap_or(i64::MAX))));
    let names = parts.bind(Bind::Texts(tables));
    let sql = format!(
        "select checkpoint.position as {POSITION}, page.*
         from (
             select min(position) as position
             from {LIVE}.checkpoint
             where table_name = any({names})
             having count(*) = {number}
         ) as checkpoint
         left join lateral (
             {rows}
         ) as page on true
         order by page.{SORT_VALUE} {by}, page.{KEY} {direction}",
    );
    Statement { sql, binds: parts.binds }
}

/// Every row, in the same order and with the same columns as the pages, at most so many.
pub fn every_row(
    screen: &Screen,
    grant: &Grant,
    viewer: &Viewer,
    request: &Request,
    reckoning: Reckoning<'_>,
    at_most: i64,
) -> Statement {
    let selected = selection(screen, grant, viewer, request, reckoning, at_most);
    Statement { sql: selected.rows, binds: selected.parts.binds }
}

/// The rows that a request asks for, as this reader gets them.
struct Selection<'a> {
    parts: Parts<'a>,
    /// The statement that gives them, in order.
    rows: String,
    /// How the value that they are ordered by is ordered.
    by: String,
    /// How the key decides between equals.
    direction: &'static str,
}

fn selection<'a>(
    screen: &Screen,
    grant: &Grant,
    viewer: &'a Viewer,
    request: &Request,
    reckoning: Reckoning<'_>,
    at_most: i64,
) -> Selection<'a> {
    let mut parts = Parts::asked(screen, grant, viewer, request, reckoning);
    let order = screen.table.column(request.order.column);
    let mut join = String::new();
    let (value, presence) = match order {
        Some(Column { place: Place::Computed(Computed::NameOf(account)), .. }) => {
            let (with, called) = by_name(screen.table, account);
            join = with;
            (called, Presence::Sometimes)
        }
        Some(column) => (parts.value_of(screen, grant, column, reckoning), presence(screen, grant, column)),
        None => (KEY.to_owned(), Presence::Always),
    };
    if let Some(cursor) = &request.cursor {
        parts.after(cursor, &value, presence, request.order.direction);
    }
    let (direction, nulls) = match (request.order.direction, presence) {
        (Direction::Ascending, _) => ("asc", ""),
        (Direction::Descending, Presence::Always) => ("desc", ""),
        (Direction::Descending, Presence::Sometimes) => ("desc", " nulls last"),
    };
    let by = format!("{direction}{nulls}");
    let mut columns: Vec<String> = read(screen)
        .map(|column| {
            let source = parts.told(grant, column);
            if source == column.name { source } else { format!("{source} as {}", column.name) }
        })
        .collect();
    for column in screen.shown() {
        if let Some(joined) = parts.joined(screen, grant, column) {
            columns.push(format!("{joined} as {}", column.name));
        }
    }
    let limit = parts.bind(Bind::Cell(Cell::Integer(at_most)));
    let rows = format!(
        "select {KEY}, {value} as {SORT_VALUE}, {columns}
             from {LIVE}.{table}
             {join}
             {conditions}
             order by {value} {by}, {KEY} {direction}
             limit {limit}",
        table = screen.table.name,
        columns = columns.join(", "),
        conditions = parts.conditions(),
    );
    Selection { parts, rows, by, direction }
}

/// What all rows that meet a condition are about, in the order of their keys: the declaration, or the thing itself where there is
/// none. One statement, hence one moment.
pub fn selected(
    screen: &Screen,
    grant: &Grant,
    viewer: &Viewer,
    request: &Request,
    reckoning: Reckoning<'_>,
    at_most: i64,
) -> Statement {
    let mut parts = Parts::asked(screen, grant, viewer, request, reckoning);
    let about: Vec<&str> =
        ["declaration_id", "id"].into_iter().filter(|name| screen.table.column(name).is_some()).collect();
    let limit = parts.bind(Bind::Cell(Cell::Integer(at_most)));
    let sql = format!(
        "select coalesce({about}) as {SELECTED}
         from {LIVE}.{table}
         {conditions}
         order by {KEY}
         limit {limit}",
        about = about.join(", "),
        table = screen.table.name,
        conditions = parts.conditions(),
    );
    Statement { sql, binds: parts.binds }
}

/// The name under which [`selected`] brings its ids.
pub const SELECTED: &str = "selected";

/// How many rows wait for any of these readers, each row once, or how many there are where none can wait; exact below `at_most`.
pub fn count(screen: &Screen, readers: &[(&Grant, &Viewer)], at_most: i64) -> Statement {
    let (mut binds, mut rows) = (Vec::new(), Vec::new());
    for (grant, viewer) in readers {
        let mut parts = Parts { binds, ..Parts::of(viewer) };
        parts.scope(grant.scope, viewer);
        parts.fixed(screen.fixed);
        if let Scope::MayApprove { approvers: _, requested_by } = grant.scope {
            // whoever asked waits for somebody else
            let account = parts.bind(Bind::Cell(Cell::Uuid(viewer.account)));
            parts.conditions.push(format!("{requested_by} <> {account}"));
        }
        if let Some(waiting) = &screen.waiting {
            let column = screen.table.column(waiting.column);
            let joined = column.and_then(|column| parts.joined(screen, grant, column));
            parts.equals(&joined.unwrap_or_else(|| waiting.column.to_owned()), waiting.value);
        }
        let limit = parts.bind(Bind::Cell(Cell::Integer(at_most)));
        rows.push(format!(
            "(
                 select {KEY}
                 from {LIVE}.{table}
                 {conditions}
                 limit {limit}
             )",
            table = screen.table.name,
            conditions = parts.conditions(),
        ));
        binds = parts.binds;
    }
    let sql = format!(
        "select count(*)
         from (
             {rows}
         ) as counted",
        rows = rows.join("\n             union\n             "),
    );
    Statement { sql, binds }
}

/// The columns that are read: those that are shown and stored.
pub fn read(screen: &Screen) -> impl Iterator<Item = &'static Column> + use<> {
    screen.shown().filter(|column| column.is_stored())
}

/// Whether what this reader gets under a column's name is always there.
fn presence(screen: &Screen, grant: &Grant, column: &'static Column) -> Presence {
    screen.table.column(grant.read(column)).map_or(Presence::Sometimes, |read| read.presence)
}

/// What a masked name shows after its first character.
pub const MASK: &str = "**";

/// How long an id is as a text.
const ID_CHARS: usize = 36;

/// What an account is called: by the name of its person, where it has one.
const CALLED: &str = "case when account.person_id is null then account.username else person.name end";

/// The accounts, with their persons.
const ACCOUNTS: &str = "projections.account as account
              left join projections.person as person on person.row_key = account.person_id::text";

/// What the account is called that a row's column holds. Whoever sees persons masked reads who signed for an organisation, and no
/// applicant's (domain.md 1.8), in whatever role they acted. A column that may hold something else in the place of an account (系统) is shown
/// as it is then.
fn name_of(table: &Table, column: &str, persons: Persons) -> String {
    let holds = format!("{}.{column}", table.name);
    let told = match persons {
        Persons::Named => CALLED.to_owned(),
        Persons::Masked => {
            format!("case when account.declares then left({CALLED}, 1) || '{MASK}' else {CALLED} end")
        }
    };
    let name = |key: &str| format!("(select {told} from {ACCOUNTS} where account.row_key = {key})");
    if may_hold_words(table, column) {
        format!("coalesce({}, {holds})", name(&holds))
    } else {
        name(&format!("{holds}::text"))
    }
}

/// How rows are ordered by what their accounts are called: a join, so that a million rows are not looked up one by one, and the value.
fn by_name(table: &Table, column: &str) -> (String, String) {
    let holds = format!("{}.{column}", table.name);
    let join = |key: &str| {
        format!(
            "left join (
                 select account.row_key as account_key, {CALLED} as called
                 from {ACCOUNTS}
             ) as handler on handler.account_key = {key}"
        )
    };
    if may_hold_words(table, column) {
        (join(&holds), format!("coalesce(handler.called, {holds})"))
    } else {
        (join(&format!("{holds}::text")), "handler.called".to_owned())
    }
}

/// Whether a column may hold something else in the place of an account.
fn may_hold_words(table: &Table, column: &str) -> bool {
    table.column(column).is_some_and(|column| column.kind == Kind::Text)
}

/// The day of a moment in Asia/Shanghai.
fn day_of(moment: &str) -> String {
    format!("(({moment}) at time zone interval '8 hours')::date")
}

/// Every working day that anything may have waited, in order: up to the end of this year, for a row may have been handled
/// on a server whose today is tomorrow here.
fn working_days(reckoning: Reckoning<'_>) -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(YEAR_MIN, 1, 1).unwrap_or(reckoning.today);
    first
        .iter_days()
        .take_while(|day| day.year() <= reckoning.today.year())
        .filter(|day| reckoning.calendar.is_working(*day))
        .collect()
}

/// The stages in which a case waits for nobody any more.
pub(crate) fn waits_for_nobody(stage: Stage) -> bool {
    stage.ended() || stage == Stage::Reported
}

fn ended_stages() -> Vec<String> {
    Stage::ALL.iter().filter(|stage| waits_for_nobody(**stage)).map(|stage| stage.name().to_owned()).collect()
}

#[derive(Debug)]
struct Parts<'a> {
    viewer: &'a Viewer,
    conditions: Vec<String>,
    binds: Vec<Bind>,
}

impl<'a> Parts<'a> {
    const fn of(viewer: &'a Viewer) -> Self {
        Self { viewer, conditions: Vec::new(), binds: Vec::new() }
    }

    /// Scope and conditions of what is asked.
    fn asked(
        screen: &Screen,
        grant: &Grant,
        viewer: &'a Viewer,
        request: &Request,
        reckoning: Reckoning<'_>,
    ) -> Self {
        let mut parts = Self::of(viewer);
        parts.scope(grant.scope, viewer);
        parts.fixed(screen.fixed);
        for condition in &request.conditions {
            if let Place::Computed(Computed::NameOf(account)) = condition.column.place {
                parts.is_called(screen.table, account, condition);
                continue;
            }
            let column = parts.value_of(screen, grant, condition.column, reckoning);
            parts.condition(&column, condition);
        }
        for hashed in &request.hashed {
            let bound = parts.bind(Bind::Cell(Cell::Text((reckoning.keyed_hash)(&hashed.text))));
            parts.conditions.push(format!("{} = {bound}", hashed.column));
        }
        parts
    }

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
            Scope::MayApprove { approvers, requested_by } => {
                let own = self.bind(Bind::Texts(vec![may_approve(viewer.role, viewer.organisation)]));
                let account = self.bind(Bind::Cell(Cell::Uuid(viewer.account)));
                self.conditions.push(format!("({approvers} @> {own} or {requested_by} = {account})"));
            }
            Scope::OwnPeople { organisations, employer } => {
                self.id(employer, viewer.organisation);
                let own = self.bind(Bind::Texts(viewer.organisation.iter().map(Uuid::to_string).collect()));
                self.conditions.push(format!("{organisations} @> {own}"));
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

    /// The stored column that this reader reads under a column's name, where the reader is told it: of what a case says on its
    /// path, those whose it is are told all.
    fn told(&mut self, grant: &Grant, column: &'static Column) -> String {
        let source = grant.read(column);
        let (Some(told_to), Scope::OnPath { organisations: _, committee }) = (column.told_to, grant.scope)
        else {
            return source.to_owned();
        };
        let own = self.bind(Bind::Texts(self.viewer.organisation.iter().map(Uuid::to_string).collect()));
        let committees = self.bind(Bind::Ids(self.viewer.approves.clone()));
        format!("case when {told_to} && {own} or {committee} = any({committees}) then {source} end")
    }

    fn fixed(&mut self, fixed: &[Fixed]) {
        for Fixed { column, value } in fixed {
            self.equals(column, value);
        }
    }

    fn equals(&mut self, column: &str, value: &str) {
        let value = self.bind(Bind::Cell(Cell::Text(value.to_owned())));
        self.conditions.push(format!("{column} = {value}"));
    }

    /// What is read of another table with a row, where the column says so.
    fn joined(&mut self, screen: &Screen, grant: &Grant, column: &Column) -> Option<String> {
        let Place::Computed(computed) = column.place else { return None };
        let table = screen.table.name;
        let read_at = |parts: &mut Self| {
            let account = parts.bind(Bind::Cell(Cell::Uuid(parts.viewer.account)));
            format!(
                "(select mark.read_at
                  from {LIVE}.notice_read as mark
                  where mark.account_id = {account}
                    and mark.notice_id = {table}.id)"
            )
        };
        match computed {
            Computed::ReadAt => Some(read_at(self)),
            Computed::ReadStatus => {
                Some(format!("case when {} is null then 'waiting' else 'done' end", read_at(self)))
            }
            Computed::NameOf(account) => Some(name_of(screen.table, account, grant.persons)),
            Computed::DwellWorkingDays | Computed::Overdue => None,
        }
    }

    /// What this reader gets under a column's name, as SQL; of what is reckoned when read the same as the reader is shown.
    fn value_of(
        &mut self,
        screen: &Screen,
        grant: &Grant,
        column: &'static Column,
        reckoning: Reckoning<'_>,
    ) -> String {
        let stored = |name: &str| screen.table.column(name).map(|column| grant.read(column));
        match column.place {
            Place::Shown | Place::Internal => self.told(grant, column),
            Place::Computed(Computed::DwellWorkingDays) => {
                let today = self.bind(Bind::Cell(Cell::Date(reckoning.today)));
                let days = self.bind(Bind::Days(working_days(reckoning)));
                // how many working days there were up to a moment
                let up_to = |moment: &str| format!("width_bucket({}, {days})", day_of(moment));
                let arrived = stored("arrived_at").unwrap_or("null::timestamptz");
                // what waits again was handled once, and waits until today
                let handled = match (stored("handled_at"), stored("status")) {
                    (None, _) => "null::timestamptz".to_owned(),
                    (Some(handled), None) => handled.to_owned(),
                    (Some(handled), Some(status)) => {
                        format!("case when {status} <> 'waiting' then {handled} end")
                    }
                };
                let waits = match stored("stage") {
                    None => String::new(),
                    Some(stage) => {
                        let ended = self.bind(Bind::Texts(ended_stages()));
                        format!(" and (({handled}) is not null or {stage} <> all({ended}))")
                    }
                };
                format!(
                    "case when {arrived} is not null{waits}
                         then greatest(coalesce({}, width_bucket({today}::date, {days})) - {}, 0)::bigint
                     end",
                    up_to(&handled),
                    up_to(arrived),
                )
            }
            Place::Computed(Computed::ReadAt | Computed::ReadStatus | Computed::NameOf(_)) => {
                self.joined(screen, grant, column).unwrap_or_else(|| "null".to_owned())
            }
            Place::Computed(Computed::Overdue) => {
                let today = self.bind(Bind::Cell(Cell::Date(reckoning.today)));
                let due = stored("due_on").unwrap_or("null::date");
                let waiting =
                    stored("status").map_or(String::new(), |status| format!(" and {status} = 'waiting'"));
                format!("coalesce({due} < {today}{waiting}, false)")
            }
        }
    }

    /// A row's account is called so: those that are are found once, not for every row.
    fn is_called(&mut self, table: &Table, column: &str, condition: &Condition) {
        let text = self.bind(Bind::Cell(condition.value.clone()));
        let holds = format!("{}.{column}", table.name);
        let those = |key: &str| {
            format!(
                "{holds} = any(array(select account.{key} from {ACCOUNTS} where position({text} in {CALLED}) > 0))"
            )
        };
        self.conditions.push(if may_hold_words(table, column) {
            format!(
                "({} or length({holds}) < {ID_CHARS} and position({text} in {holds}) > 0)",
                those("row_key")
            )
        } else {
            those("account_id")
        });
    }

    fn condition(&mut self, column: &str, condition: &Condition) {
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

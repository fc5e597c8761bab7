//! 通知阅读 Which notices an account has read, and when. No screen shows it by itself: notices are shown with it.

use crate::column::{Column, id, instant};
use crate::row::{Row, RowError};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::account::Account;

/// The table.
pub const TABLE: Table = Table {
    name: "notice_read",
    up: include_str!("../../../../projections/notice_read/up.sql"),
    sources: &[&[include_str!("notice_read.rs"), include_str!("../../../domain/src/account/mod.rs")]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["account"], rows },
};

const COLUMNS: &[Column] = &[
    id("account_id", "账号").always().personal(),
    id("notice_id", "通知标识").always(),
    instant("read_at", "阅读时间").always(),
];

/// One row for each notice that the account has read.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(account) = state.get::<Account>() else { return Ok(Vec::new()) };
    let row = |(notice, read_at): (&Uuid, &chrono::DateTime<chrono::Utc>)| {
        Row::new(format!("{id}/{notice}")).with([
            ("account_id", id.into()),
            ("notice_id", (*notice).into()),
            ("read_at", (*read_at).into()),
        ])
    };
    Ok(account.read.iter().map(row).collect())
}

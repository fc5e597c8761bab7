//! 账号 Whose account it is. No screen shows it by itself: screens tell with it by name who handled a row.

use crate::column::{Column, boolean, id, text};
use crate::row::{Row, RowError};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::account::Account;

/// The table.
pub const TABLE: Table = Table {
    name: "account",
    up: include_str!("../../../../projections/account/up.sql"),
    sources: &[&[include_str!("account.rs"), include_str!("../../../domain/src/account/mod.rs")]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["account"], rows },
};

const COLUMNS: &[Column] = &[
    id("account_id", "账号").always().personal(),
    text("username", "用户名").always().personal(),
    id("person_id", "人员标识").personal(),
    boolean("declares", "是否申报人").always(),
];

/// One row for each.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(account) = state.get::<Account>().filter(|account| account.id.is_some()) else {
        return Ok(Vec::new());
    };
    Ok(vec![Row::new(id).with([
        ("account_id", id.into()),
        ("username", (&account.username).into()),
        ("person_id", account.person.map(Uuid::from).into()),
        ("declares", account.declares.into()),
    ])])
}

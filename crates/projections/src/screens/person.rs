//! 专技人才 What a person is called. No screen shows it by itself: screens tell with it by name who handled a row. Of somebody who
//! was erased nothing is left but that.

use super::case::{ERASED_NAME, clear};
use crate::column::{Column, id, text};
use crate::row::{Row, RowError};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::person::Person;

/// The table.
pub const TABLE: Table = Table {
    name: "person",
    up: include_str!("../../../../projections/person/up.sql"),
    sources: &[&[
        include_str!("person.rs"),
        include_str!("../../../domain/src/person/mod.rs"),
        include_str!("case.rs"),
    ]],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["person"], rows },
};

const COLUMNS: &[Column] =
    &[id("person_id", "人员标识").always().personal(), text("name", "姓名").always().personal()];

/// One row for each.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(person) = state.get::<Person>().filter(|person| person.id.is_some()) else {
        return Ok(Vec::new());
    };
    let name = clear("name", &person.name)?;
    Ok(vec![
        Row::new(id)
            .with([("person_id", id.into()), ("name", name.map_or(ERASED_NAME, String::as_str).into())]),
    ])
}

//! 职称申报资格复核及评委操作回退 What may be undone: of every declaration the latest undoable operation, which alone may be.

use crate::column::{Column, date, id, instant, name_of, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{ARRIVAL, Case, DECLARATION, PERSON, SOURCES, action_in_words};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::values::Role;

/// The screen. The province finds what it may undo without the committee's view: the operation and its day, and neither stage
/// nor version of a meeting whose results are not declared.
pub const SCREEN: Screen = Screen::over(&TABLE, "rollback", "职称申报资格复核及评委操作回退", "Rollback")
    .granted(&[grant(Role::ProvincialAdministrator, Scope::Everything)])
    .newest_first("operation_on")
    .row_actions(&["rollback"]);

/// The table.
pub const TABLE: Table = Table {
    name: "rollback",
    up: include_str!("../../../../../projections/rollback/up.sql"),
    sources: &[&[include_str!("rollback.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, ARRIVAL, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    text("operation", "最近可回退操作标识").always(),
    text("operation_action", "最近可回退操作").always().worded(action_in_words),
    date("operation_on", "操作日期").always(),
    instant("operation_at", "操作时间"),
    name_of("operated_by_name", "操作人", "operated_by"),
    id("operated_by", "操作人账号").personal(),
    text("operation_role", "操作角色").one_of::<Role>(),
    text("operation_organisation_name", "操作单位").searchable(),
];

/// One row while there is something to undo.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let Some(operation) = case.it.latest_operation() else { return Ok(Vec::new()) };
    let by = operation.by.as_ref();
    // of a judge the day alone (contract.md, Who sees what)
    let judge = by.is_none_or(|actor| actor.role == Some(Role::Judge));
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.arrival())
            .with([
                ("operation", (&operation.id).into()),
                ("operation_action", operation.action.into()),
                ("operation_on", in_shanghai(operation.at).date_naive().into()),
                ("operation_at", (!judge).then_some(operation.at).into()),
                (
                    "operated_by",
                    by.filter(|_| !judge).and_then(|actor| actor.account_id).map(Uuid::from).into(),
                ),
                ("operation_role", by.and_then(|actor| actor.role).map(Role::name).into()),
                ("operation_organisation_name", by.and_then(|actor| actor.organisation_name.as_ref()).into()),
            ]),
    ])
}

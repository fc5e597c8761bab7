//! 公示人员 Who is in publicity now, and what the public may read of it. No screen shows it.

use crate::column::{Column, id, text};
use crate::row::{Row, RowError};
use crate::screens::case::{Case, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::{Publicity, Stage};

/// The table.
pub const TABLE: Table = Table {
    name: "publicity_person",
    up: include_str!("../../../../projections/publicity_person/up.sql"),
    sources: &[&[include_str!("publicity_person.rs")], SOURCES],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const COLUMNS: &[Column] = &[
    id("round_id", "公示标识").always(),
    text("applicant_name", "姓名").always().personal(),
    text("employer_name", "工作单位").always(),
    text("level", "申报级别").always(),
    text("series", "申报系列").always(),
    text("series_name", "申报系列名称").always().searchable(),
    text("specialty", "申报专业").always(),
    text("specialty_name", "申报专业名称").always().searchable(),
    text("title", "申报职称").always(),
    text("kind", "申报类型").always(),
];

/// One row while it is in publicity.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state).filter(|case| !case.it.erased) else { return Ok(Vec::new()) };
    let Some(publicity) = under_way(&case) else { return Ok(Vec::new()) };
    let subject = case.subject;
    Ok(vec![Row::new(id).with([
        ("round_id", publicity.round.0.into()),
        ("applicant_name", case.name()?.into()),
        ("employer_name", (&subject.employer.name).into()),
        ("level", subject.level.name().into()),
        ("series", (&subject.series.code).into()),
        ("series_name", (&subject.series.name).into()),
        ("specialty", (&subject.specialty.code).into()),
        ("specialty_name", (&subject.specialty.name).into()),
        ("title", (&subject.title.name).into()),
        ("kind", subject.kind.name().into()),
    ])])
}

/// The publicity that it is in.
fn under_way<'a>(case: &Case<'a>) -> Option<&'a Publicity> {
    if case.it.stage == Stage::EmployerPublicity {
        case.it.publicity.as_ref()
    } else if case.it.stage == Stage::ResultPublicity {
        case.it.result_publicity.as_ref()
    } else {
        None
    }
}

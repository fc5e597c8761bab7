//! A candidate as a judge of the meeting reads of them: by number, name and title, without the ID number (domain.md 1.8).

use crate::column::{Column, id, integer, text};
use crate::row::{Cells, RowError};
use crate::screens::case::Case;
use uuid::Uuid;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::{DeclarationKind, Level};

/// What the rows of a judge's tables are made by, beside each table's own file.
pub const CANDIDATE_SOURCES: &[&str] = &[include_str!("candidate.rs")];

/// Columns of every table with a row per judge and declaration.
pub const CANDIDATE: &[Column] = &[
    id("id", "标识").always(),
    id("judge_id", "评委标识").always().personal().internal(),
    id("declaration_id", "申报标识").always(),
    text("declaration_no", "申报编号").always(),
    text("applicant_name", "姓名").always().personal().searchable(),
    integer("year", "年度").always(),
    text("level", "申报级别").always().one_of::<Level>(),
    text("series", "申报系列").always(),
    text("series_name", "申报系列名称").always().searchable(),
    text("specialty", "申报专业").always(),
    text("specialty_name", "申报专业名称").always().searchable(),
    text("title", "申报职称").always(),
    text("kind", "申报类型").always().one_of::<DeclarationKind>(),
    id("organisation_id", "评委会标识"),
    text("organisation_name", "评委会").searchable(),
    id("review_meeting_id", "评审会议"),
    integer("group_number", "组"),
    text("stage", "申报环节").always().one_of::<Stage>(),
];

/// The key of the row of a declaration and a judge.
pub fn key(case: &Case<'_>, judge: Uuid) -> String {
    format!("{}/{judge}", case.id)
}

/// [`CANDIDATE`] for this judge, standing at this stage.
///
/// # Errors
///
/// [`RowError::Sealed`] where the log was read without the person's key.
pub fn cells(case: &Case<'_>, judge: Uuid, stage: Stage) -> Result<Cells, RowError> {
    let (subject, holder) = (case.subject, case.final_organisation());
    Ok(vec![
        ("id", case.id.into()),
        ("judge_id", judge.into()),
        ("declaration_id", case.id.into()),
        ("declaration_no", (&subject.declaration_no).into()),
        ("applicant_name", case.name()?.into()),
        ("year", subject.year.into()),
        ("level", subject.level.name().into()),
        ("series", (&subject.series.code).into()),
        ("series_name", (&subject.series.name).into()),
        ("specialty", (&subject.specialty.code).into()),
        ("specialty_name", (&subject.specialty.name).into()),
        ("title", (&subject.title.name).into()),
        ("kind", subject.kind.name().into()),
        ("organisation_id", holder.as_ref().map(|node| node.id.0).into()),
        ("organisation_name", holder.map(|node| node.name).into()),
        ("review_meeting_id", case.it.review.meeting.map(|meeting| meeting.0).into()),
        ("group_number", case.it.review.panel.as_ref().and_then(|panel| panel.group).into()),
        ("stage", stage.name().into()),
    ])
}

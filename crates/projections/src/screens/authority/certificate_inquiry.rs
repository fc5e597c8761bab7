//! 证书查询 Certificates, valid and revoked; imported ones among them.

use crate::column::{Column, date, id, integer, list, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{ERASED_NAME, clear};
use crate::table::{Feed, Table};
use chrono::Datelike;
use uuid::Uuid;
use zhicheng_domain::certificate::{Certificate, Origin, ReportState, Status};
use zhicheng_domain::codes::id_number;
use zhicheng_domain::label::Named;
use zhicheng_domain::values::{DeclarationKind, Level, Mode, Role};
use zhicheng_domain::{Aggregate, AnyState};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "certificate-inquiry", "证书查询", "Certificate inquiry")
    .granted(&[grant(
        Role::AuthorityReviewer,
        Scope::OnPath { organisations: "organisation_ids", committee: "final_organisation_id" },
    )])
    .newest_first("acquired_on");

/// The table.
pub const TABLE: Table = Table {
    name: "certificate_inquiry",
    up: include_str!("../../../../../projections/certificate_inquiry/up.sql"),
    sources: &[
        include_str!("certificate_inquiry.rs"),
        include_str!("../case.rs"),
        include_str!("../../../../domain/src/certificate/mod.rs"),
        include_str!("../../../../domain/src/certificate/face.rs"),
    ],
    columns: &[COLUMNS],
    feed: Feed::Cases { aggregates: &["certificate"], rows },
};

const COLUMNS: &[Column] = &[
    id("id", "证书标识").always(),
    text("certificate_number", "证书编号").always(),
    id("declaration_id", "申报标识"),
    text("declaration_no", "申报编号"),
    integer("year", "年度").always(),
    text("mode", "取得方式").always().one_of::<Mode>(),
    text("level", "职称等级").always().one_of::<Level>(),
    text("series", "系列").always(),
    text("series_name", "系列名称").always().searchable(),
    text("specialty", "专业").always(),
    text("specialty_name", "专业名称").always().searchable(),
    text("title", "职称").always(),
    text("kind", "申报类型").one_of::<DeclarationKind>(),
    text("applicant_name", "姓名").always().personal().searchable(),
    text("id_number", "身份证号（掩码）").personal().matched_by("id_number_hash"),
    text("id_number_hash", "身份证号检索摘要").sensitive(),
    id("employer_id", "工作单位标识"),
    text("employer_name", "工作单位").always().searchable(),
    text("region", "统筹区"),
    id("final_organisation_id", "终审机构标识"),
    text("final_organisation_name", "终审机构").searchable(),
    text("stage", "证书环节").always(),
    text("status", "证书状态").always().one_of::<Status>(),
    date("acquired_on", "取得时间").always(),
    id("issuing_organisation_id", "发证单位标识").always(),
    text("issuing_organisation_name", "发证单位").always().searchable(),
    text("filing_number", "备案文号"),
    text("document_number", "发文文号"),
    text("report_state", "上报状态").one_of::<ReportState>(),
    list("organisation_ids", "经过的机构").always().internal(),
];

/// One row, from the moment that it was issued. It is for the organisations that its declaration went through, and for the one
/// that issued it.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(it) = state.get::<Certificate>() else { return Ok(Vec::new()) };
    let (Some(face), Some(stage)) = (&it.face, it.stage()) else { return Ok(Vec::new()) };
    let origin = it.origin.as_deref();
    let from = |text: fn(&Origin) -> &String| origin.map(text);
    let name = clear("applicant_name", &face.name)?.map_or(ERASED_NAME, String::as_str);
    let number = clear("id_number", &face.id_number)?.map(|number| id_number::masked(number));
    let route = origin.iter().flat_map(|origin| &origin.route);
    let mut organisations: Vec<String> =
        route.chain([&face.issuing_organisation.id]).map(ToString::to_string).collect();
    organisations.sort_unstable();
    organisations.dedup();
    Ok(vec![Row::new(id).with([
        ("id", id.into()),
        ("certificate_number", (&face.certificate_number).into()),
        ("declaration_id", it.declaration.map(|declaration| declaration.0).into()),
        ("declaration_no", from(|origin| &origin.declaration_no).into()),
        ("year", origin.map_or_else(|| face.acquired_on.year(), |origin| origin.year).into()),
        ("mode", face.mode.name().into()),
        ("level", face.level.name().into()),
        ("series", (&face.series.code).into()),
        ("series_name", (&face.series.name).into()),
        ("specialty", (&face.specialty.code).into()),
        ("specialty_name", (&face.specialty.name).into()),
        ("title", (&face.title.name).into()),
        ("kind", origin.map(|origin| origin.kind.name()).into()),
        ("applicant_name", name.into()),
        ("id_number", number.into()),
        ("id_number_hash", from(|origin| &origin.id_number_hash).into()),
        ("employer_id", origin.map(|origin| origin.employer_id.0).into()),
        ("employer_name", (&face.employer_name).into()),
        ("region", from(|origin| &origin.region).into()),
        ("final_organisation_id", origin.map(|origin| origin.final_organisation.id.0).into()),
        ("final_organisation_name", from(|origin| &origin.final_organisation.name).into()),
        ("stage", stage.into()),
        ("status", it.status().name().into()),
        ("acquired_on", face.acquired_on.into()),
        ("issuing_organisation_id", face.issuing_organisation.id.0.into()),
        ("issuing_organisation_name", (&face.issuing_organisation.name).into()),
        ("filing_number", face.filing_number.as_ref().into()),
        ("document_number", it.document_number.as_ref().into()),
        ("report_state", it.report_state.map(Named::name).into()),
        ("organisation_ids", organisations.into()),
    ])])
}

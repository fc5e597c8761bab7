//! 证书查询 Certificates, valid and revoked.

use crate::column::{Column, date, id, list, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::case::{Case, DECLARATION, PERSON, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::Role;

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
    sources: &[include_str!("certificate_inquiry.rs"), SOURCES[0], SOURCES[1], SOURCES[2]],
    columns: &[&[id("id", "证书标识").always()], DECLARATION, PERSON, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    text("status", "证书状态").always().filterable().known_by(is_status),
    date("acquired_on", "取得时间").always().filterable().sortable(),
    id("issuing_organisation_id", "发证单位标识").always().filterable(),
    text("issuing_organisation_name", "发证单位").always().searchable(),
    text("document_number", "发文文号").filterable(),
    text("report_state", "上报状态").filterable(),
    list("organisation_ids", "经过的机构").always().internal(),
];

fn is_status(text: &str) -> bool {
    matches!(text, "valid" | "revoked")
}

/// One row, from the moment that a certificate was issued.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let Some(certificate) = &case.it.certificate else { return Ok(Vec::new()) };
    let revoked = matches!(case.it.stage, Stage::Revoked | Stage::FilingCancelled);
    Ok(vec![
        Row::new(certificate.id)
            .with([("id", certificate.id.0.into())])
            .with(case.cells())
            .with(case.person()?)
            .with([
                ("status", if revoked { "revoked" } else { "valid" }.into()),
                ("acquired_on", certificate.acquired_on.into()),
                ("issuing_organisation_id", certificate.issuing.id.0.into()),
                ("issuing_organisation_name", (&certificate.issuing.name).into()),
                ("document_number", certificate.document_number.as_ref().into()),
                ("report_state", certificate.report_state.into()),
                ("organisation_ids", case.organisation_ids()),
            ]),
    ])
}

//! 证书查询 Certificates, valid and revoked; imported ones among them.

use crate::column::{Column, list, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::certificate::{CERTIFICATE, ISSUE, Paper, REVOCATION, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::certificate::{ReportState, Status};
use zhicheng_domain::label::Named;
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
    sources: &[&[include_str!("certificate_inquiry.rs")], SOURCES],
    columns: &[CERTIFICATE, STATUS, ISSUE, REVOCATION, OWN],
    feed: Feed::Cases { aggregates: &["certificate"], rows },
};

const STATUS: &[Column] = &[text("status", "证书状态").always().one_of::<Status>()];

const OWN: &[Column] = &[
    text("report_state", "上报状态").one_of::<ReportState>(),
    list("organisation_ids", "经过的机构").always().internal(),
];

/// One row, from the moment that it was issued. It is for the organisations that its declaration went through, and for the one
/// that issued it.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(paper) = Paper::issued(id, state) else { return Ok(Vec::new()) };
    let route = paper.origin().into_iter().flat_map(|origin| &origin.route);
    let mut organisations: Vec<String> =
        route.chain([&paper.face.issuing_organisation.id]).map(ToString::to_string).collect();
    organisations.sort_unstable();
    organisations.dedup();
    Ok(vec![
        Row::new(id)
            .with(paper.cells()?)
            .with([("status", paper.it.status().name().into())])
            .with(paper.issue())
            .with(paper.revocation()?)
            .with([
                ("report_state", paper.it.report_state.map(Named::name).into()),
                ("organisation_ids", organisations.into()),
            ]),
    ])
}

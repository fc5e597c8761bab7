//! 证书撤销 Which certificates may be revoked, and which were: when, why and on what basis. A number is not used again.

use crate::column::{Column, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant};
use crate::screens::certificate::{CERTIFICATE, ISSUE, Paper, REVOCATION, SOURCES};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::certificate::Status;
use zhicheng_domain::values::Role;

/// The screen: the issuing unit reads its own, as it may revoke its own.
pub const SCREEN: Screen =
    Screen::over(&TABLE, "certificate-revocation", "证书撤销", "Certificate revocation")
        .granted(&[
            grant(Role::CertificateIssuer, Scope::OwnOrganisation("issuing_organisation_id")),
            grant(Role::ProvincialAdministrator, Scope::Everything),
        ])
        .newest_first("acquired_on")
        .row_actions(&["revoke-certificate"]);

/// The table.
pub const TABLE: Table = Table {
    name: "certificate_revocation",
    up: include_str!("../../../../../projections/certificate_revocation/up.sql"),
    sources: &[&[include_str!("certificate_revocation.rs")], SOURCES],
    columns: &[CERTIFICATE, STATUS, ISSUE, REVOCATION],
    feed: Feed::Cases { aggregates: &["certificate"], rows },
};

const STATUS: &[Column] = &[text("status", "证书状态").always().one_of::<Status>()];

/// One row, from the moment that it was issued.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(paper) = Paper::issued(id, state) else { return Ok(Vec::new()) };
    Ok(vec![
        Row::new(id)
            .with(paper.cells()?)
            .with([("status", paper.it.status().name().into())])
            .with(paper.issue())
            .with(paper.revocation()?),
    ])
}

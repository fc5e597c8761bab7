//! 证书发放 To whom a certificate may be issued, and to whom it was.

use crate::column::{Column, boolean, date, id, text};
use crate::row::{Row, RowError};
use crate::screen::{Scope, Screen, grant, issued_by, issued_from};
use crate::screens::case::{Case, DECLARATION, DESK, PERSON, SOURCES, Status};
use crate::table::{Feed, Table};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::values::{NodeType, Role};

/// The screen.
pub const SCREEN: Screen = Screen::over(&TABLE, "certificate-issuance", "证书发放", "Certificate issuance")
    .granted(&[grant(Role::CertificateIssuer, Scope::IssuedByOwn("issued_from"))])
    .newest_first("arrived_at")
    .row_actions(&["issue-certificate"])
    .counts_waiting();

/// The table.
pub const TABLE: Table = Table {
    name: "certificate_issuance",
    up: include_str!("../../../../../projections/certificate_issuance/up.sql"),
    sources: &[&[include_str!("certificate_issuance.rs")], SOURCES],
    columns: &[&[id("id", "标识").always()], DECLARATION, PERSON, DESK, OWN],
    feed: Feed::Cases { aggregates: &["declaration"], rows },
};

const OWN: &[Column] = &[
    boolean("issued", "是否发放").always(),
    boolean("award_publicity", "授予结果是否须公示").always(),
    boolean("award_published", "授予结果是否已公示").always(),
    date("acquired_on", "取得时间"),
    text("issued_from", "发证依据机构").internal(),
];

/// One row, from the filing or the final approval on, where an award is published from the end of that. It lies with whoever is to
/// issue the certificate, and then with whoever did.
pub fn rows(id: Uuid, state: &AnyState) -> Result<Vec<Row>, RowError> {
    let Some(case) = Case::submitted(id, state) else { return Ok(Vec::new()) };
    let to_publish = case.it.award_publicity && !case.it.award_published;
    let waiting = case.it.stage == Stage::Filed || (case.it.stage == Stage::FinalApproved && !to_publish);
    let certificate = case.it.certificate.as_ref();
    if !waiting && certificate.is_none() {
        return Ok(Vec::new());
    }
    let from = match certificate {
        Some(certificate) => Some(issued_by(certificate.issuing.id.0)),
        None => case.it.final_organisation.as_ref().map(|decides| {
            let mode = (decides.node_type != NodeType::Committee).then(|| case.subject.mode.name());
            issued_from(decides.node.id.0, mode)
        }),
    };
    let last = case.step(&["issue-certificate"], None);
    Ok(vec![
        Row::new(id)
            .with([("id", id.into())])
            .with(case.cells())
            .with(case.person()?)
            .with(case.desk(Status::waiting_if(waiting, None), last)?)
            .with([
                ("issued", certificate.is_some().into()),
                ("award_publicity", case.it.award_publicity.into()),
                ("award_published", case.it.award_published.into()),
                ("acquired_on", certificate.map(|certificate| certificate.acquired_on).into()),
                ("issued_from", from.into()),
            ]),
    ])
}

//! Certificates on their way: the electronic form, the report to the ministry, the revocation.

use crate::support::{System, readers, sitting, viewer_at};
use serde_json::{Value, json};
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::given::AwardTerms;
use zhicheng_domain::world::hunan::Hunan;
use zhicheng_projections::{Viewer, rebuild};

/// The province; no table of certificates asks where it is held.
fn province(hunan: &Hunan) -> Viewer {
    viewer_at(Role::ProvincialAdministrator, hunan.department)
}

/// What the tables of certificates show of the history so far.
async fn tables_follow(system: &mut System, hunan: &Hunan) {
    system.write(&hunan.world.log).await;
    let tables = ["e_certificates", "certificate_reporting", "certificate_revocation"];
    let tables = tables.map(|name| zhicheng_projections::table(name).unwrap());
    rebuild(&system.store, &system.pool, &tables, |_| {}).await.unwrap();
}

/// How many are not reported yet, by a condition that a job can have.
async fn unreported(system: &System, viewer: &Viewer) -> usize {
    system.rows("certificate-reporting", viewer, &[("reported", "false")]).await.len()
}

#[tokio::test]
async fn a_certificate_waits_for_its_form_as_soon_as_it_is_issued_and_then_for_the_ministry() {
    let mut hunan = Hunan::new();
    let case = hunan.issued();
    let mut system = System::new().await;
    tables_follow(&mut system, &hunan).await;
    let viewer = province(&hunan);
    let row = system.rows("e-certificates", &viewer, &[("status", "waiting")]).await.remove(0);
    assert_eq!((&row["declaration_id"], &row["generated"]), (&case.to_string().into(), &false.into()));
    assert_eq!((&row["stage"], &row["handled_at"]), (&"numbered".into(), &Value::Null));
    assert_eq!(system.rows("certificate-reporting", &viewer, &[]).await, Vec::<Value>::new());

    let document = json!({"document_number": "湘人社发〔2023〕9号"});
    hunan.act(hunan.province, "declaration", case, "generate-e-certificate", document);
    tables_follow(&mut system, &hunan).await;
    let row = system.rows("e-certificates", &viewer, &[]).await.remove(0);
    assert_eq!((&row["status"], &row["generated"]), (&"done".into(), &true.into()));
    assert_eq!(row["document_number"], "湘人社发〔2023〕9号");
    let row = system.rows("certificate-reporting", &viewer, &[("status", "waiting")]).await.remove(0);
    assert_eq!((&row["report_state"], &row["reported_at"]), (&Value::Null, &Value::Null));
    assert_eq!(unreported(&system, &viewer).await, 1, "全部上报: all that are not reported");
    assert!(row["ministry_code"].is_string(), "{row}");

    let certificate = hunan.world.get::<Declaration>(case).certificate.unwrap().id.0;
    let report = |hunan: &mut Hunan| {
        hunan.act(hunan.province, "certificate", certificate, "report-certificate", json!({}));
    };
    let answer = |hunan: &mut Hunan, input: Value| {
        hunan.act(hunan.province, "certificate", certificate, "record-acknowledgement", input);
    };
    report(&mut hunan);
    answer(&mut hunan, json!({"outcome": "rejected", "message": "身份证号与姓名不符"}));
    tables_follow(&mut system, &hunan).await;
    let row = system.rows("certificate-reporting", &viewer, &[("report_state", "rejected")]).await.remove(0);
    assert_eq!((&row["status"], &row["report_message"]), (&"waiting".into(), &"身份证号与姓名不符".into()));
    assert_eq!(unreported(&system, &viewer).await, 1, "what came back has still to be reported");
    report(&mut hunan);
    tables_follow(&mut system, &hunan).await;
    assert_eq!(unreported(&system, &viewer).await, 0);
    let row = system.rows("certificate-reporting", &viewer, &[("report_state", "sent")]).await.remove(0);
    assert_eq!((&row["status"], &row["acknowledged_at"]), (&"waiting".into(), &Value::Null));
    answer(&mut hunan, json!({"outcome": "accepted", "receipt_number": "R-2023-1"}));
    tables_follow(&mut system, &hunan).await;
    let row = system.rows("certificate-reporting", &viewer, &[]).await.remove(0);
    assert_eq!((&row["status"], &row["receipt_number"]), (&"done".into(), &"R-2023-1".into()));
    assert_eq!(row["handled_at"], row["acknowledged_at"]);
}

#[tokio::test]
async fn a_certificate_of_an_award_waits_for_its_form_too() {
    let mut hunan = Hunan::new();
    let case = hunan.award_certified(AwardTerms::NoPublicity);
    let system = System::of(&hunan.world.log).await;
    let rows = system.rows("e-certificates", &province(&hunan), &[("status", "waiting")]).await;
    assert_eq!((rows.len(), &rows[0]["declaration_id"]), (1, &case.to_string().into()));
    assert_eq!(rows[0]["mode"], "initial_grant");
}

#[tokio::test]
async fn what_was_imported_or_revoked_waits_for_no_form() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let rows = system.rows("e-certificates", &province(&sitting.hunan), &[]).await;
    let standing: Vec<_> = rows.iter().map(|row| (&row["certificate_number"], &row["status"])).collect();
    assert_eq!(standing.len(), 2);
    assert!(standing.iter().all(|(_, status)| **status == "done"), "{standing:?}");
    assert_eq!(system.rows("certificate-reporting", &province(&sitting.hunan), &[]).await.len(), 0);
}

#[tokio::test]
async fn the_issuing_unit_and_the_province_read_why_a_certificate_was_revoked() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let issuer = viewer_at(Role::CertificateIssuer, sitting.hunan.department);
    for viewer in [&issuer, &province(&sitting.hunan)] {
        let rows = system.rows("certificate-revocation", viewer, &[]).await;
        assert_eq!(rows.len(), 2);
        let rows = system.rows("certificate-revocation", viewer, &[("status", "revoked")]).await;
        assert_eq!((rows.len(), &rows[0]["certificate_number"]), (1, &"A0123430001".into()));
        assert_eq!(
            (&rows[0]["revocation_reason"], &rows[0]["stage"]),
            (&"弄虚作假".into(), &"revoked".into())
        );
        assert!(rows[0]["revoked_on"].is_string());
    }
    let elsewhere = viewer_at(Role::CertificateIssuer, sitting.hunan.changsha);
    assert_eq!(system.rows("certificate-revocation", &elsewhere, &[]).await, Vec::<Value>::new());
}

#[test]
fn nobody_else_reads_these_tables() {
    use Role::{CertificateIssuer, ProvincialAdministrator};
    assert_eq!(readers("e-certificates"), [ProvincialAdministrator]);
    assert_eq!(readers("certificate-reporting"), [ProvincialAdministrator]);
    assert_eq!(readers("certificate-revocation"), [CertificateIssuer, ProvincialAdministrator]);
}

//! Objections and operations that wait for a second person: read by those whom they concern.

use crate::support::{System, viewer};
use serde_json::{Value, json};
use std::slice::from_ref;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::objection::Objection;
use zhicheng_domain::person::Person;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::{Who, hunan::Hunan};
use zhicheng_projections::reader::Count;
use zhicheng_projections::{Viewer, screen};

#[tokio::test]
async fn an_objection_waits_where_it_is_looked_into() {
    let mut hunan = Hunan::new();
    let case = hunan.in_employer_publicity();
    for content in ["论文署名不实。", "业绩不实。"] {
        let input = json!({"source": "来信", "content": content});
        hunan.act(hunan.operator, "declaration", case, "raise-objection", input);
    }
    let it: Declaration = hunan.world.get(case);
    let first = *it.objections.first().unwrap();
    let input =
        json!({"objection_id": first, "outcome": "dismissed", "finding": "经核查原始期刊，署名属实。"});
    hunan.act(hunan.operator, "declaration", case, "resolve-objection", input);
    let content = hunan.world.get::<Objection>(first.0).content.known().unwrap().clone();
    let system = System::of(&hunan.world.log).await;
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    let rows = system.rows("objections", &operator, &[]).await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["declaration_id"] == case.to_string()));
    assert!(rows.iter().all(|row| row["declaration_no"] == it.subject.as_ref().unwrap().declaration_no));
    let settled = rows.iter().find(|row| row["id"] == first.to_string()).unwrap();
    assert_eq!((&settled["stage"], &settled["status"]), (&"dismissed".into(), &"done".into()));
    assert_eq!((&settled["content"], &settled["source"]), (&content.into(), &"来信".into()));
    assert_eq!(settled["finding"], "经核查原始期刊，署名属实。");
    assert_eq!(settled["resolved_by"], hunan.operator.to_string());
    let open = rows.iter().find(|row| row["id"] != first.to_string()).unwrap();
    assert_eq!((&open["stage"], &open["handled_at"]), (&"raised".into(), &Value::Null));
    let desk = screen("objections").unwrap();
    assert_eq!(system.reader().count(desk, from_ref(&operator)).await.unwrap(), Count::Exactly(1));
    let office = viewer(&hunan.world.registers, hunan.committee_operator, Role::CommitteeOperator);
    assert_eq!(system.rows("objections", &office, &[]).await, [] as [Value; 0], "it is the employer's");
    assert!(desk.grant(Role::Applicant).is_none() && desk.grant(Role::Auditor).is_none());
}

#[tokio::test]
async fn an_operation_waits_for_whoever_may_approve_it() {
    let mut hunan = Hunan::new();
    let person = hunan.world.registers.accounts.get(hunan.applicant).unwrap().person.unwrap();
    let number = hunan.world.get::<Person>(person.0).id_number.known().unwrap().clone();
    let province = Who::Account(hunan.province);
    let entry = hunan.create(province, "blacklist_entry", json!({"id_number": number, "reason": "论文造假"}));
    let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
    let issuer = hunan.staff("发证人", "certificate-issuer", hunan.department);
    let approval = hunan
        .world
        .request(province, "blacklist_entry", entry, "lift", json!({"reason": "复核后认定不属造假"}))
        .unwrap();
    let system = System::of(&hunan.world.log).await;
    let of = |account, role| viewer(&hunan.world.registers, account, role);
    let asked = of(hunan.province, Role::ProvincialAdministrator);
    let approves = of(second, Role::ProvincialAdministrator);
    for reader in [&asked, &approves] {
        let rows = system.rows("approvals", reader, &[("status", "waiting")]).await;
        assert_eq!((rows.len(), &rows[0]["id"]), (1, &approval.to_string().into()));
        let row = &rows[0];
        assert_eq!((&row["action"], &row["action_name"]), (&"lift".into(), &"解除黑名单".into()));
        assert_eq!(row["requested_by"], hunan.province.to_string());
        assert_eq!((&row["subject_id"], &row["declaration_id"]), (&entry.to_string().into(), &Value::Null));
        assert!(!row.to_string().contains("造假") && !row.to_string().contains(&number), "{row}");
    }
    let others = of(issuer, Role::CertificateIssuer);
    assert_eq!(system.rows("approvals", &others, &[]).await, [] as [Value; 0], "issuers do not lift");
    let elsewhere = Viewer { organisation: Some(hunan.changsha), ..approves.clone() };
    assert_eq!(system.rows("approvals", &elsewhere, &[]).await, [] as [Value; 0]);
    hunan.act(second, "approval", approval, "approve", json!({}));
    let system = System::of(&hunan.world.log).await;
    let rows = system.rows("approvals", &asked, &[]).await;
    assert_eq!((&rows[0]["stage"], &rows[0]["status"]), (&"approved".into(), &"done".into()));
    assert_eq!(rows[0]["handled_by"], second.to_string());
}

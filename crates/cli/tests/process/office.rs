//! The organisations that a load needs, set up over HTTP: an employer whose path leads straight to a committee with an open batch.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::ADMIN_PASSWORD;

/// Who and what the load works with.
#[derive(Clone)]
pub struct Office {
    pub admin: String,
    pub province: String,
    pub second: String,
    pub operator: String,
    pub department: String,
    pub employer: String,
    pub committee: String,
}

impl Office {
    /// Sets it up.
    pub async fn open(client: &Client) -> Self {
        let admin = client.sign_in("admin").await;
        let found = client.get("/v1/lookups/organisations?q=%E4%BA%BA%E5%8A%9B", &admin).await;
        let department = found[0]["id"].as_str().unwrap().to_owned();
        let province = staff(client, &admin, "province", "provincial-administrator", &department).await;
        let employer = json!({
            "name": "长沙市城区排水事务中心", "uscc": "12430100MB1F00022F", "region": "430100",
            "nature": "public_institution", "reviewing_organisation_id": department,
        });
        let employer = client.create("employers", &province, &employer).await;
        let operator = staff(client, &admin, "operator", "employer-operator", &employer).await;
        let second = staff(client, &admin, "second", "provincial-administrator", &department).await;
        let mut it =
            Self { admin, province, second, operator, department, employer, committee: String::new() };
        it.committee = it.found_committee(client, "省成建制升格认定高校教师系列职称高评会", "office").await;
        it
    }

    /// Another committee, to which declarations may be transferred.
    pub async fn second_committee(&self, client: &Client) -> String {
        self.found_committee(client, "省高校教师系列职称高评会（二）", "other-office").await
    }

    /// A committee with its office, a path from the employer and an open batch.
    async fn found_committee(&self, client: &Client, name: &str, office: &str) -> String {
        let Self { admin, province, operator, department, employer, .. } = self;
        let committee = json!({
            "name": name, "level": "senior", "series": "01", "specialties": [],
            "size": 25, "category": "university_hospital", "approved_by_id": department,
            "issuing_organisation_id": department, "valid_from": "2022-01-01", "valid_to": "2024-12-31",
        });
        let committee = client.create("committees", province, &committee).await;
        let office = staff(client, admin, office, "committee-operator", &committee).await;
        let edge = json!({"kind": "senior", "subordinate_id": employer, "superior_id": committee});
        let edge = client.create("path-edges", province, &edge).await;
        client.act("path-edges", &edge, "confirm", operator, &json!({})).await;
        let batch = json!({
            "holder_id": committee, "year": 2023, "mode": "review", "levels": ["associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28",
            "cut_off_on": "2023-09-28", "quota_required": false, "required_materials": [], "award_publicity": false,
        });
        let batch = client.create("batches", &office, &batch).await;
        client.act("batches", &batch, "open", &office, &json!({})).await;
        committee
    }
}

async fn staff(client: &Client, admin: &str, username: &str, role: &str, organisation: &str) -> String {
    let number = username.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % 9973);
    let account = client.create("accounts", admin, &account(username, 10_000_000 + number)).await;
    let grant = json!({"role": role, "organisation_id": organisation});
    client.act("accounts", &account, "grant-role", admin, &grant).await;
    client.sign_in(username).await
}

/// The input of the employer's publicity.
pub fn publicity() -> Value {
    json!({
        "contact": "李四", "phone": "0731-84900000", "complaint_department": "人事科",
        "complaint_phone": "0731-84900001", "starts_on": "2023-05-05", "working_days": 5,
    })
}

/// The input of an account; person, ID number and phone follow from the number.
pub fn account(username: &str, number: u32) -> Value {
    json!({
        "username": username, "password": ADMIN_PASSWORD, "name": "周明", "id_number": id_number(number),
        "phone": format!("139{number:08}"),
    })
}

/// Resident ID numbers with valid check digits, of invented persons; the `n`th of 3.3 million.
fn id_number(n: u32) -> String {
    let (serial, day, month, year) = (n % 999, n / 999 % 28, n / 27_972 % 12, n / 335_664 % 10);
    let body = format!("430102{}{:02}{:02}{:03}", 1975 + year, 1 + month, 1 + day, 1 + serial);
    format!("{body}{}", zhicheng_domain::codes::id_number::check_character(&body))
}

//! Who the load works with: an employer, its superior and an authority that grants and recognises, set up over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::Failure;
use crate::lives::client::Client;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "Xiang-2023-jiang";
/// When the rehearsal begins.
pub(crate) const BEGINNING: &str = "2023-05-10T09:00:00+08:00";
/// The last number that one pool of certificate numbers gives out.
const SERIAL_MAX: u32 = 9_999;

/// Their sessions and organisations.
pub(crate) struct Office {
    admin: String,
    /// 省级管理员.
    pub(crate) province: String,
    /// 单位经办人.
    pub(crate) operator: String,
    /// 主管部门审核人.
    pub(crate) superior: String,
    /// 职改部门审核人.
    pub(crate) authority: String,
    /// 发证人.
    pub(crate) issuer: String,
    /// The employer.
    pub(crate) employer: String,
    /// The authority as final organisation.
    pub(crate) final_organisation: String,
}

impl Office {
    /// Sets it up.
    pub(crate) async fn open(client: &Client) -> Result<Self, Failure> {
        let admin = signed_in(client, "admin").await?;
        let found = client.get("/v1/lookups/organisations?q=%E4%BA%BA%E5%8A%9B", &admin).await?;
        let department = found[0]["id"].as_str().ok_or("the provincial department is not there")?.to_owned();
        let province = staff(client, &admin, 1, "provincial-administrator", &department).await?;
        let authority = json!({
            "name": "长沙市本级专业技术人员管理处", "kind": "authority", "region": "430100"
        });
        let authority = client.create("organisations", &province, &authority).await?;
        let employer = |name: &str, uscc: &str, nature: &str| {
            json!({
                "name": name, "uscc": uscc, "region": "430100", "nature": nature,
                "reviewing_organisation_id": authority,
            })
        };
        let housing = employer("长沙市住房和城乡建设局", "11430000006123458L", "other");
        let housing = client.create("employers", &province, &housing).await?;
        let drainage = employer("长沙市城区排水事务中心", "12430100MB1F00022F", "public_institution");
        let drainage = client.create("employers", &province, &drainage).await?;
        let it = Self {
            operator: staff(client, &admin, 2, "employer-operator", &drainage).await?,
            superior: staff(client, &admin, 3, "superior-reviewer", &housing).await?,
            authority: staff(client, &admin, 4, "authority-reviewer", &authority).await?,
            issuer: staff(client, &admin, 5, "certificate-issuer", &authority).await?,
            admin,
            province,
            employer: drainage.clone(),
            final_organisation: authority.clone(),
        };
        let code = json!({"organisation_id": authority, "code": "0101"});
        client.create("issuing-codes", &it.province, &code).await?;
        for (mode, level, rank) in
            [("initial_grant", "assistant", "junior"), ("recognition", "intermediate", "intermediate")]
        {
            let agency = json!({
                "organisation_id": authority, "mode": mode, "levels": [level],
                "printed_name": "长沙市职称工作办公室", "issuing_organisation_id": authority,
            });
            client.create("acceptance-agencies", &it.province, &agency).await?;
            let numbers = json!({
                "level": rank, "series": "01", "year": 2023, "mode": mode, "organisation_id": authority,
                "from": 1, "to": SERIAL_MAX,
            });
            client.create("certificate-number-ranges", &it.province, &numbers).await?;
            for (below, above, confirms) in
                [(&drainage, &housing, &it.operator), (&housing, &authority, &it.superior)]
            {
                let edge = json!({"kind": mode, "subordinate_id": below, "superior_id": above});
                let edge = client.create("path-edges", &it.province, &edge).await?;
                client.act("path-edges", &edge, "confirm", confirms, &json!({})).await?;
            }
            let batch = json!({
                "holder_id": authority, "year": 2023, "mode": mode, "levels": [level],
                "opens_on": "2023-05-04", "submit_until": "2023-06-30", "hand_in_until": "2023-08-31",
                "cut_off_on": "2023-08-31", "quota_required": false, "required_materials": [],
                "award_publicity": mode == "recognition",
            });
            let batch = client.create("batches", &it.authority, &batch).await?;
            client.act("batches", &batch, "open", &it.authority, &json!({})).await?;
        }
        Ok(it)
    }

    /// Moves the rehearsal's clock there; what is due then is done before it answers.
    pub(crate) async fn at(&self, client: &Client, moment: &str) -> Result<(), Failure> {
        client.send(Method::PUT, "/v1/clock", &self.admin, &json!({"now": moment})).await?;
        Ok(())
    }
}

/// Somebody of the staff, signed in.
async fn staff(
    client: &Client,
    admin: &str,
    number: u32,
    role: &str,
    organisation: &str,
) -> Result<String, Failure> {
    let username = format!("staff-{number}");
    let id = client.create("accounts", admin, &account(&username, 3_000_000 + number)).await?;
    let grant = json!({"role": role, "organisation_id": organisation});
    client.act("accounts", &id, "grant-role", admin, &grant).await?;
    signed_in(client, &username).await
}

/// Opens a session.
pub(crate) async fn signed_in(client: &Client, username: &str) -> Result<String, Failure> {
    let session =
        client.post("/v1/sessions", "", &json!({"username": username, "password": PASSWORD})).await?;
    Ok(session["token"].as_str().ok_or("a session without token")?.to_owned())
}

/// The input of an account; person, ID number and phone follow from the number.
pub(crate) fn account(username: &str, number: u32) -> Value {
    json!({
        "username": username, "password": PASSWORD, "name": "周明", "id_number": id_number(number),
        "phone": format!("139{number:08}"),
    })
}

/// Resident ID numbers with valid check digits, of invented persons; the `n`th of 3.3 million.
fn id_number(n: u32) -> String {
    let (serial, day, month, year) = (n % 999, n / 999 % 28, n / 27_972 % 12, n / 335_664 % 10);
    let body = format!("430102{}{:02}{:02}{:03}", 1975 + year, 1 + month, 1 + day, 1 + serial);
    format!("{body}{}", zhicheng_domain::codes::id_number::check_character(&body))
}

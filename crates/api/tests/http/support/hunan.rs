//! The organisations of the seeds, set up through the API as their administrators would:
//! 长沙市城区排水事务中心 → 长沙市住房和城乡建设局 → 长沙市本级专业技术人员管理处 → 省成建制升格认定高校教师系列职称高评会
//! (seed 002 人 1.28), and beside it a committee whose batch asks for quotas.

use super::system::System;
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_domain::declaration::actions::submit::PLEDGE_VERSION;
use zhicheng_domain::reference::specialties;

/// Everybody's password.
pub const PASSWORD: &str = "Xiang-2023-jiang";

/// Sets everything up, and names it.
pub async fn found(system: &mut System) {
    let departments = system
        .get("admin", "/v1/lookups/organisations?q=人力资源".replace("人力资源", "%E4%BA%BA%E5%8A%9B"))
        .send()
        .await;
    let department: Uuid = departments.expect(200)[0]["id"].as_str().unwrap().parse().unwrap();
    system.name("department", department);
    staff(system, "province", "provincial-administrator", "department").await;
    let changsha = json!({"name": "长沙市本级专业技术人员管理处", "kind": "authority", "region": "430100"});
    let changsha = system.create("province", "organisations", &changsha).await;
    system.name("changsha", changsha);
    for (name, called, uscc) in [
        ("drainage", "长沙市城区排水事务中心", "12430100MB1F00022F"),
        ("housing", "长沙市住房和城乡建设局", "11430000006123458L"),
    ] {
        let employer = system
            .create(
                "province",
                "employers",
                &json!({
                    "name": called, "uscc": uscc, "region": "430100", "nature": "public_institution",
                    "reviewing_organisation_id": changsha,
                }),
            )
            .await;
        system.name(name, employer);
    }
    staff(system, "changsha-reviewer", "authority-reviewer", "changsha").await;
    staff(system, "operator", "employer-operator", "drainage").await;
    staff(system, "housing-reviewer", "superior-reviewer", "housing").await;
    for (name, called, series) in [
        ("committee", "省成建制升格认定高校教师系列职称高评会", "01"),
        ("engineers", "省工程系列职称高评会", "05"),
    ] {
        let committee = system
            .create("province", "committees", &json!({
                "name": called, "level": "senior", "series": series, "specialties": [], "size": 25,
                "category": "university_hospital", "approved_by_id": department,
                "issuing_organisation_id": department, "valid_from": "2022-01-01", "valid_to": "2024-12-31",
            }))
            .await;
        system.name(name, committee);
    }
    staff(system, "committee-office", "committee-operator", "committee").await;
    staff(system, "engineers-office", "committee-operator", "engineers").await;
    edge(system, "senior", "drainage", "housing", "operator").await;
    edge(system, "senior", "housing", "changsha", "housing-reviewer").await;
    edge(system, "senior", "changsha", "committee", "changsha-reviewer").await;
    edge(system, "senior", "changsha", "engineers", "changsha-reviewer").await;
    batch(system, "batch", "committee", "committee-office", false).await;
    batch(system, "quota-batch", "engineers", "engineers-office", true).await;
    let administrator = new_account("auditor");
    let auditor = system.create("admin", "accounts", &administrator).await;
    system.act("admin", "accounts", auditor, "grant-role", &json!({"role": "auditor"})).await;
    system.register("applicant", "刘·𠮷").await;
    system.register("neighbour", "王五").await;
}

/// A staff account with one role at an organisation; its user name is the name it is known by.
async fn staff(system: &mut System, username: &str, role: &str, organisation: &str) {
    let account = system.create("admin", "accounts", &new_account(username)).await;
    let grant = json!({"role": role, "organisation_id": system.id(organisation)});
    system.act("admin", "accounts", account, "grant-role", &grant).await;
    system.name(username, account);
}

async fn edge(system: &System, kind: &str, subordinate: &str, superior: &str, confirms: &str) {
    let input = json!({
        "kind": kind, "subordinate_id": system.id(subordinate), "superior_id": system.id(superior),
    });
    let edge = system.create("province", "path-edges", &input).await;
    system.act(confirms, "path-edges", edge, "confirm", &json!({})).await;
}

async fn batch(system: &mut System, name: &str, holder: &str, office: &str, quota_required: bool) {
    let batch = system
        .create(office, "batches", &json!({
            "holder_id": system.id(holder), "year": 2023, "mode": "review", "levels": ["full_senior", "associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28",
            "cut_off_on": "2023-09-28", "quota_required": quota_required, "required_materials": [],
            "award_publicity": false,
        }))
        .await;
    system.act(office, "batches", batch, "open", &json!({})).await;
    system.name(name, batch);
}

impl System {
    /// Somebody registers as an applicant, under this user name.
    pub async fn register(&mut self, username: &str, name: &str) -> Uuid {
        let mut input = new_account(username);
        input["name"] = json!(name);
        let account = self.create("", "accounts", &input).await;
        self.name(username, account);
        account
    }

    /// What somebody of the drainage centre declares: 副教授 of 2023.
    pub fn declaration(&self) -> Value {
        json!({
            "year": 2023, "mode": "review", "level": "associate_senior", "series": "01", "specialty": specialty("01"),
            "title": "副教授", "employer_id": self.id("drainage"),
        })
    }

    /// A draft of the applicant, complete.
    pub async fn draft(&self, applicant: &str) -> Uuid {
        let declaration = self.create(applicant, "declarations", &self.declaration()).await;
        self.complete(applicant, declaration, "committee").await;
        declaration
    }

    async fn complete(&self, applicant: &str, declaration: Uuid, committee: &str) {
        let input = json!({"sections": complete_sections(), "final_organisation_id": self.id(committee)});
        self.on(applicant, declaration, "save-draft", &input).await;
    }

    /// A submitted declaration of the applicant.
    pub async fn submitted(&self, applicant: &str) -> Uuid {
        let declaration = self.draft(applicant).await;
        self.on(applicant, declaration, "submit", &submission()).await;
        declaration
    }

    /// A submitted declaration for the committee whose batch asks for quotas: 高级工程师.
    pub async fn submitted_under_quota(&self, applicant: &str) -> Uuid {
        let mut input = self.declaration();
        input["series"] = json!("05");
        input["specialty"] = json!(specialty("05"));
        input["title"] = json!("高级工程师");
        let declaration = self.create(applicant, "declarations", &input).await;
        self.complete(applicant, declaration, "engineers").await;
        self.on(applicant, declaration, "submit", &submission()).await;
        declaration
    }

    /// The employer passes it and publishes it from today, 2023-05-04, on for five working days.
    pub async fn publish(&self, declaration: Uuid) {
        self.on("operator", declaration, "review-by-employer", &json!({"decision": "pass"})).await;
        self.on("operator", declaration, "start-employer-publicity", &publicity("2023-05-04", 5)).await;
    }

    /// The city recognises (认定) and issues: somebody does that as `issuer`.
    pub async fn recognises(&mut self) {
        let changsha = self.id("changsha");
        let agency = json!({
            "organisation_id": changsha, "mode": "recognition", "levels": ["intermediate"],
            "printed_name": "长沙市职称工作办公室", "issuing_organisation_id": changsha,
        });
        self.create("province", "acceptance-agencies", &agency).await;
        let code = json!({"organisation_id": changsha, "code": "0101"});
        self.create("province", "issuing-codes", &code).await;
        edge(self, "recognition", "drainage", "housing", "operator").await;
        edge(self, "recognition", "housing", "changsha", "housing-reviewer").await;
        let batch = json!({
            "holder_id": changsha, "year": 2023, "mode": "recognition", "levels": ["intermediate"],
            "opens_on": "2023-05-04", "submit_until": "2023-06-30", "hand_in_until": "2023-08-31",
            "cut_off_on": "2023-08-31", "quota_required": false, "required_materials": [],
            "award_publicity": false,
        });
        let batch = self.create("changsha-reviewer", "batches", &batch).await;
        self.act("changsha-reviewer", "batches", batch, "open", &json!({})).await;
        staff(self, "issuer", "certificate-issuer", "changsha").await;
    }

    /// A submitted declaration that the city recognises: 讲师.
    pub async fn submitted_for_recognition(&self, applicant: &str) -> Uuid {
        let mut input = self.declaration();
        input["mode"] = json!("recognition");
        input["level"] = json!("intermediate");
        input["title"] = json!("讲师");
        let declaration = self.create(applicant, "declarations", &input).await;
        self.complete(applicant, declaration, "changsha").await;
        self.on(applicant, declaration, "submit", &submission()).await;
        declaration
    }

    /// Everybody on the way passes it; its certificate can be issued.
    pub async fn recognised(&self, declaration: Uuid) {
        self.publicity_passed(declaration).await;
        self.on("operator", declaration, "recommend", &json!({"opinion": "同意推荐。"})).await;
        for reviewer in ["housing-reviewer", "changsha-reviewer"] {
            self.on(reviewer, declaration, "review-by-superior", &json!({"decision": "pass"})).await;
        }
    }

    /// The publicity, which ended on 2023-05-10, passed; it waits to be recommended.
    pub async fn publicity_passed(&self, declaration: Uuid) {
        let passed = json!({"result": "passed"});
        self.on("operator", declaration, "record-employer-publicity-result", &passed).await;
    }
}

/// The first specialty of a series.
pub fn specialty(series: &str) -> &'static str {
    specialties::of_series(series).next().unwrap().code
}

/// The input of an account; person, ID number and phone follow from the user name.
pub fn new_account(username: &str) -> Value {
    let n = username.bytes().fold(7u32, |n, byte| (n * 31 + u32::from(byte)) % 9973);
    json!({
        "username": username, "password": PASSWORD, "name": "周明", "id_number": id_number(n),
        "phone": format!("139{n:08}"),
    })
}

/// Resident ID numbers with valid check digits, of invented persons; the `n`th.
pub fn id_number(n: u32) -> String {
    let (day, month, year) = (1 + n % 28, 1 + (n / 28) % 12, 1965 + (n / 336) % 30);
    let body = format!("430102{year}{month:02}{day:02}{:03}", 1 + n % 999);
    format!("{body}{}", zhicheng_domain::codes::id_number::check_character(&body))
}

/// The sections that every submission needs, filled in.
pub fn complete_sections() -> Value {
    json!({
        "basic": {"work_started_on": "2005-07-01", "current_post": "讲师"},
        "education": [{
            "school": "湖南大学", "major": "给排水工程", "education_code": "14", "degree_code": "408",
            "study_form": "full_time", "from": "2002-09-01", "to": "2005-06-30", "is_basis": true,
        }],
        "employment": [{"employer": "长沙市城区排水事务中心", "post": "工程师", "from": "2005-07-01"}],
        "self_report": {"text": "任现职以来，完成城区排水管网改造教学与研究工作。"},
        "assessments": [{"year": 2022, "grade": "qualified"}],
    })
}

/// The input of a submission.
pub fn submission() -> Value {
    json!({"pledge_version": PLEDGE_VERSION, "pledged": true, "not_classified": true})
}

/// The input of a publicity.
pub fn publicity(starts_on: &str, working_days: u32) -> Value {
    json!({
        "contact": "李四", "phone": "0731-84900000", "complaint_department": "人事科",
        "complaint_phone": "0731-84900001", "starts_on": starts_on, "working_days": working_days,
    })
}

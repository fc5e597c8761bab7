//! The organisations of the seeds, with invented persons: what most tests and stories start from.
//!
//! 长沙市城区排水事务中心 → 长沙市住房和城乡建设局 → 长沙市本级专业技术人员管理处 →
//! 省成建制升格认定高校教师系列职称高评会 (seed 002 人 1.28).

use super::{Who, World};
use crate::ids::{AccountId, NodeId};
use crate::reference;
use crate::refusal::Refusal;
use crate::values::Role;
use serde_json::json;
use uuid::Uuid;

/// The system with its organisations, accounts, paths, committee and an open batch of 2023.
#[derive(Debug, Clone)]
pub struct Hunan {
    /// The system.
    pub world: World,
    /// 系统管理员.
    pub administrator: AccountId,
    /// 省本级专技处.
    pub province: AccountId,
    /// 湖南省人力资源和社会保障厅.
    pub department: Uuid,
    /// 长沙市本级专业技术人员管理处.
    pub changsha: Uuid,
    /// Its reviewer.
    pub changsha_reviewer: AccountId,
    /// 长沙市城区排水事务中心.
    pub drainage: Uuid,
    /// Its operator.
    pub operator: AccountId,
    /// 长沙市住房和城乡建设局.
    pub housing: Uuid,
    /// Its reviewer.
    pub housing_reviewer: AccountId,
    /// 省成建制升格认定高校教师系列职称高评会.
    pub committee: Uuid,
    /// Its operator.
    pub committee_operator: AccountId,
    /// The committee's batch.
    pub batch: Uuid,
    /// 刘·𠮷, an applicant of the drainage centre.
    pub applicant: AccountId,
    persons: u32,
}

/// Resident ID numbers with valid check digits, of invented persons; the `n`th.
pub fn id_number(n: u32) -> String {
    let day = 1 + n % 28;
    let month = 1 + (n / 28) % 12;
    let year = 1970 + (n / 336) % 25;
    let body = format!("430102{year}{month:02}{day:02}{:03}", 1 + n % 999);
    format!("{body}{}", crate::codes::id_number::check_character(&body))
}

impl Hunan {
    /// Everything that is there before the first declaration, on 2023-05-04.
    pub fn new() -> Self {
        let mut world = World::at("2023-05-04T09:00:00+08:00");
        for series in &reference::series::SERIES {
            let input = json!({"code": series.code, "name": series.name});
            world.create(Who::System, "specialty", input).expect("a series");
        }
        for specialty in
            reference::specialties::SPECIALTIES.iter().filter(|it| matches!(it.series(), "01" | "05"))
        {
            let input = json!({"parent": specialty.series(), "code": specialty.code, "name": specialty.name});
            world.create(Who::System, "specialty", input).expect("a specialty");
        }
        for title in reference::titles::TITLES.iter().filter(|it| matches!(it.series, "01" | "05")) {
            let input = json!({"series": title.series, "level": title.level, "name": title.name, "ministry_code": title.ministry_code});
            world.create(Who::System, "title", input).expect("a title");
        }
        let department = world
            .create(
                Who::System,
                "organisation",
                json!({"name": "湖南省人力资源和社会保障厅", "kind": "authority", "region": "430000"}),
            )
            .expect("the department");
        let mut hunan = Self {
            world,
            administrator: AccountId::default(),
            province: AccountId::default(),
            department,
            changsha: Uuid::nil(),
            changsha_reviewer: AccountId::default(),
            drainage: Uuid::nil(),
            operator: AccountId::default(),
            housing: Uuid::nil(),
            housing_reviewer: AccountId::default(),
            committee: Uuid::nil(),
            committee_operator: AccountId::default(),
            batch: Uuid::nil(),
            applicant: AccountId::default(),
            persons: 0,
        };
        hunan.administrator = hunan.account(Who::System, "管理员");
        hunan.grant(Who::System, hunan.administrator, "system-administrator", None);
        hunan.province = hunan.staff("省专技处", "provincial-administrator", department);
        let province = Who::Account(hunan.province);
        hunan.changsha = hunan.create(
            province,
            "organisation",
            json!({"name": "长沙市本级专业技术人员管理处", "kind": "authority", "region": "430100"}),
        );
        hunan.changsha_reviewer = hunan.staff("长沙专技", "authority-reviewer", hunan.changsha);
        hunan.drainage = hunan.employer("长沙市城区排水事务中心", "12430100MB1F00022F");
        hunan.housing = hunan.employer("长沙市住房和城乡建设局", "11430000006123458L");
        hunan.operator = hunan.staff("排水经办", "employer-operator", hunan.drainage);
        hunan.housing_reviewer = hunan.staff("住建审核", "superior-reviewer", hunan.housing);
        hunan.committee = hunan.create(province, "committee", json!({
            "name": "省成建制升格认定高校教师系列职称高评会", "level": "senior", "series": "01", "specialties": [], "size": 25,
            "category": "university_hospital", "approved_by_id": department, "issuing_organisation_id": department,
            "valid_from": "2022-01-01", "valid_to": "2024-12-31",
        }));
        hunan.committee_operator = hunan.staff("高评会办", "committee-operator", hunan.committee);
        hunan.edge("senior", hunan.drainage, hunan.housing, hunan.operator);
        hunan.edge("senior", hunan.housing, hunan.changsha, hunan.housing_reviewer);
        hunan.edge("senior", hunan.changsha, hunan.committee, hunan.changsha_reviewer);
        let operator = Who::Account(hunan.committee_operator);
        hunan.batch = hunan.create(operator, "batch", json!({
            "holder_id": hunan.committee, "year": 2023, "mode": "review", "levels": ["full_senior", "associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28", "cut_off_on": "2023-09-28",
            "quota_required": false, "required_materials": [], "award_publicity": false,
        }));
        hunan.world.act(operator, "batch", hunan.batch, "open", json!({})).expect("the batch opens");
        hunan.applicant = hunan.register("刘·𠮷");
        hunan
    }

    /// Creates something that the rules must allow.
    pub fn create(&mut self, who: Who, aggregate: &str, input: serde_json::Value) -> Uuid {
        self.world.create(who, aggregate, input).unwrap_or_else(|refusal| panic!("{aggregate}: {refusal:?}"))
    }

    /// Does something that the rules must allow.
    pub fn act(&mut self, who: AccountId, aggregate: &str, id: Uuid, action: &str, input: serde_json::Value) {
        self.world
            .act(Who::Account(who), aggregate, id, action, input)
            .unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"));
    }

    /// Does something that the rules must refuse.
    pub fn refused(
        &mut self,
        who: AccountId,
        aggregate: &str,
        id: Uuid,
        action: &str,
        input: serde_json::Value,
    ) -> Refusal {
        match self.world.act(Who::Account(who), aggregate, id, action, input) {
            Err(refusal) => refusal,
            Ok(events) => panic!("{action} must be refused, and did {events:?}"),
        }
    }

    /// An account of a new person.
    pub fn account(&mut self, who: Who, name: &str) -> AccountId {
        self.persons += 1;
        let n = self.persons;
        let input = json!({
            "username": format!("user{n:04}"), "password": "Xiang-2023-jiang", "name": name,
            "id_number": id_number(n), "phone": format!("139{n:08}"),
        });
        AccountId(self.create(who, "account", input))
    }

    /// Somebody registers as an applicant.
    pub fn register(&mut self, name: &str) -> AccountId {
        self.account(Who::Anonymous, name)
    }

    /// A staff account with one role at an organisation.
    pub fn staff(&mut self, name: &str, role: &str, organisation: Uuid) -> AccountId {
        let administrator = Who::Account(self.administrator);
        let account = self.account(administrator, name);
        self.grant(administrator, account, role, Some(organisation));
        account
    }

    /// Grants a role.
    pub fn grant(&mut self, who: Who, account: AccountId, role: &str, organisation: Option<Uuid>) {
        self.world
            .act(
                who,
                "account",
                account.0,
                "grant-role",
                json!({"role": role, "organisation_id": organisation}),
            )
            .unwrap_or_else(|refusal| panic!("grant-role: {refusal:?}"));
    }

    fn employer(&mut self, name: &str, uscc: &str) -> Uuid {
        self.create(Who::Account(self.province), "employer", json!({
            "name": name, "uscc": uscc, "region": "430100", "nature": "public_institution", "reviewing_organisation_id": self.changsha,
        }))
    }

    /// A confirmed edge.
    pub fn edge(&mut self, kind: &str, subordinate: Uuid, superior: Uuid, confirms: AccountId) -> Uuid {
        let input = json!({"kind": kind, "subordinate_id": subordinate, "superior_id": superior});
        let edge = self.create(Who::Account(self.province), "path_edge", input);
        self.act(confirms, "path_edge", edge, "confirm", json!({}));
        edge
    }

    /// A draft of the applicant for 副教授, complete and ready to be submitted.
    pub fn draft(&mut self, applicant: AccountId) -> Uuid {
        let declaration = self.create(Who::Account(applicant), "declaration", json!({
            "year": 2023, "mode": "review", "level": "associate_senior", "series": "01", "specialty": self.specialty("01"),
            "title": "副教授", "employer_id": self.drainage,
        }));
        self.act(
            applicant,
            "declaration",
            declaration,
            "save-draft",
            json!({
                "sections": complete_sections(), "final_organisation_id": self.committee,
            }),
        );
        declaration
    }

    /// A submitted declaration.
    pub fn submitted(&mut self, applicant: AccountId) -> Uuid {
        let declaration = self.draft(applicant);
        self.act(applicant, "declaration", declaration, "submit", submission());
        declaration
    }

    /// The first specialty of a series.
    pub fn specialty(&self, series: &str) -> &'static str {
        reference::specialties::of_series(series).next().map(|it| it.code).expect("a series has specialties")
    }

    /// Where somebody acts.
    pub fn as_role(&self, account: AccountId, role: Role, organisation: Uuid) -> Who {
        Who::As(account, role, Some(NodeId(organisation)))
    }
}

impl Default for Hunan {
    fn default() -> Self {
        Self::new()
    }
}

/// The sections that every submission needs, filled in.
pub fn complete_sections() -> serde_json::Value {
    json!({
        "basic": {"work_started_on": "2005-07-01", "current_post": "讲师"},
        "education": [{"school": "湖南大学", "major": "给排水工程", "education_code": "14", "degree_code": "408", "study_form": "full_time", "from": "2002-09-01", "to": "2005-06-30", "is_basis": true}],
        "employment": [{"employer": "长沙市城区排水事务中心", "post": "工程师", "from": "2005-07-01"}],
        "self_report": {"text": "任现职以来，完成城区排水管网改造教学与研究工作。"},
        "assessments": [{"year": 2022, "grade": "qualified"}],
    })
}

/// The input of a submission.
pub fn submission() -> serde_json::Value {
    json!({"pledge_version": crate::declaration::actions::submit::PLEDGE_VERSION, "pledged": true, "not_classified": true})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::{Declaration, Stage};

    #[test]
    fn a_declaration_reaches_its_employer_and_passes() {
        let mut hunan = Hunan::new();
        let declaration = hunan.submitted(hunan.applicant);
        assert_eq!(hunan.world.get::<Declaration>(declaration).stage, Stage::EmployerReview);
        hunan.act(
            hunan.operator,
            "declaration",
            declaration,
            "review-by-employer",
            json!({"decision": "pass"}),
        );
        assert_eq!(hunan.world.get::<Declaration>(declaration).stage, Stage::EmployerPublicityDue);
    }

    #[test]
    fn failing_without_an_opinion_is_refused() {
        let mut hunan = Hunan::new();
        let declaration = hunan.submitted(hunan.applicant);
        let refused = hunan.world.act(
            Who::Account(hunan.operator),
            "declaration",
            declaration,
            "review-by-employer",
            json!({"decision": "fail"}),
        );
        assert_eq!(refused.unwrap_err().code, "reason-required");
    }
}

//! Declarations of the seeds' employer, brought along the way to its committee.

use super::hunan::{Hunan, complete_sections, submission};
use super::{Logged, Who};
use crate::aggregate::{Stamp, StreamId};
use crate::batch;
use crate::declaration::{self, Declaration};
use crate::ids::AccountId;
use crate::refusal::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

/// The input of a publicity of the drainage centre.
pub fn publicity(starts_on: &str, working_days: u32) -> Value {
    json!({
        "contact": "李四", "phone": "0731-84900000", "complaint_department": "人事科", "complaint_phone": "0731-84900001",
        "starts_on": starts_on, "working_days": working_days,
    })
}

impl Hunan {
    /// Does something on a declaration that the rules must refuse.
    pub fn refused_on(&mut self, who: AccountId, declaration: Uuid, action: &str, input: Value) -> Refusal {
        self.world
            .act(Who::Account(who), "declaration", declaration, action, input)
            .err()
            .unwrap_or_else(|| panic!("{action} was not refused"))
    }

    /// A declaration that passed the employer's review.
    pub fn reviewed_by_employer(&mut self) -> Uuid {
        self.reviewed_for(self.applicant)
    }

    /// The same for another applicant.
    pub fn another_reviewed_by_employer(&mut self, n: u32) -> Uuid {
        let applicant = self.register(&format!("申报人{n}"));
        self.reviewed_for(applicant)
    }

    /// The same for this applicant.
    pub fn reviewed_for(&mut self, applicant: AccountId) -> Uuid {
        let case = self.submitted(applicant);
        self.act(self.operator, "declaration", case, "review-by-employer", json!({"decision": "pass"}));
        case
    }

    /// A declaration in employer publicity from today on for five working days.
    pub fn in_employer_publicity(&mut self) -> Uuid {
        let case = self.reviewed_by_employer();
        self.publish(case);
        case
    }

    /// Publishes it from today on for five working days.
    pub fn publish(&mut self, case: Uuid) {
        let today = crate::context::in_shanghai(self.world.now).date_naive().to_string();
        let input = publicity(&today, 5);
        self.act(self.operator, "declaration", case, "start-employer-publicity", input);
    }

    /// A declaration whose publicity has passed, on 2023-05-10.
    pub fn published(&mut self) -> Uuid {
        let case = self.in_employer_publicity();
        self.world.clock("2023-05-10T09:00:00+08:00");
        let passed = json!({"result": "passed"});
        self.act(self.operator, "declaration", case, "record-employer-publicity-result", passed);
        case
    }

    /// The same for another applicant.
    pub fn another_published(&mut self, n: u32) -> Uuid {
        let case = self.another_reviewed_by_employer(n);
        let start = self.world.now;
        self.publish(case);
        self.world.now = start + chrono::Duration::days(10);
        let passed = json!({"result": "passed"});
        self.act(self.operator, "declaration", case, "record-employer-publicity-result", passed);
        case
    }

    /// A declaration at 长沙市住房和城乡建设局, on 2023-05-10.
    pub fn recommended(&mut self) -> Uuid {
        let case = self.published();
        self.act(self.operator, "declaration", case, "recommend", json!({}));
        case
    }

    /// A declaration at 长沙市本级专业技术人员管理处.
    pub fn at_changsha(&mut self) -> Uuid {
        let case = self.recommended();
        let pass = json!({"decision": "pass"});
        self.act(self.housing_reviewer, "declaration", case, "review-by-superior", pass);
        case
    }

    /// A declaration before its committee.
    pub fn at_committee(&mut self) -> Uuid {
        let case = self.at_changsha();
        let pass = json!({"decision": "pass"});
        self.act(self.changsha_reviewer, "declaration", case, "review-by-superior", pass);
        case
    }

    /// A qualified candidate.
    pub fn qualified(&mut self) -> Uuid {
        let case = self.at_committee();
        let pass = json!({"decision": "pass"});
        self.act(self.committee_operator, "declaration", case, "review-qualification", pass);
        case
    }

    /// Submits a returned declaration again and brings it to 长沙市住房和城乡建设局 on its earlier publicity.
    pub fn resubmit_and_recommend(&mut self, case: Uuid) {
        self.act(self.applicant, "declaration", case, "submit", submission());
        self.act(self.operator, "declaration", case, "review-by-employer", json!({"decision": "pass"}));
        self.act(self.operator, "declaration", case, "recommend", json!({}));
    }

    /// Another senior committee of a series with an open batch, and its operator.
    pub fn other_committee(&mut self, series: &str, valid_to: &str) -> (Uuid, AccountId) {
        let (committee, operator, _) = self.committee_with(series, valid_to, None);
        (committee, operator)
    }

    /// From now on declarations go to a committee whose batch is under quota, with this factor.
    pub fn quota_batch(&mut self, factor: &str) {
        let (committee, operator, batch) = self.committee_with("01", "2024-12-31", Some(factor));
        self.edge("senior", self.changsha, committee, self.changsha_reviewer);
        (self.committee, self.committee_operator, self.batch) = (committee, operator, batch);
    }

    /// So many places for 副高级 of 2023 at the drainage centre.
    pub fn quota(&mut self, number: u32) {
        let input = json!({
            "employer_id": self.drainage, "year": 2023, "level": "associate_senior", "kind": "normal", "number": number,
        });
        let application = self.create(Who::Account(self.operator), "quota_application", input);
        self.act(self.operator, "quota_application", application, "submit", json!({}));
        let pass = json!({"decision": "pass"});
        self.act(self.housing_reviewer, "quota_application", application, "review", pass);
    }

    /// A declaration of 初定 at the organisation that grants it.
    pub fn granted_case(&mut self) -> Uuid {
        let province = Who::Account(self.province);
        self.create(province, "acceptance_agency", json!({
            "organisation_id": self.changsha, "mode": "initial_grant", "levels": ["assistant"], "printed_name": "长沙市职改办",
            "issuing_organisation_id": self.changsha,
        }));
        self.edge("initial_grant", self.drainage, self.housing, self.operator);
        self.edge("initial_grant", self.housing, self.changsha, self.housing_reviewer);
        let reviewer = Who::Account(self.changsha_reviewer);
        let batch = self.create(reviewer, "batch", json!({
            "holder_id": self.changsha, "year": 2023, "mode": "initial_grant", "levels": ["assistant"], "opens_on": "2023-01-01",
            "submit_until": "2023-12-31", "hand_in_until": "2023-12-31", "cut_off_on": "2023-12-31", "quota_required": false,
            "required_materials": [], "award_publicity": false,
        }));
        self.act(self.changsha_reviewer, "batch", batch, "open", json!({}));
        let case = self.create(Who::Account(self.applicant), "declaration", json!({
            "year": 2023, "mode": "initial_grant", "level": "assistant", "series": "01", "specialty": self.specialty("01"),
            "title": "助教", "employer_id": self.drainage,
        }));
        let draft = json!({"sections": complete_sections(), "final_organisation_id": self.changsha});
        self.act(self.applicant, "declaration", case, "save-draft", draft);
        self.act(self.applicant, "declaration", case, "submit", submission());
        self.act(self.operator, "declaration", case, "review-by-employer", json!({"decision": "pass"}));
        self.publish(case);
        self.world.now += chrono::Duration::days(10);
        let passed = json!({"result": "passed"});
        self.act(self.operator, "declaration", case, "record-employer-publicity-result", passed);
        self.act(self.operator, "declaration", case, "recommend", json!({}));
        let pass = json!({"decision": "pass"});
        self.act(self.housing_reviewer, "declaration", case, "review-by-superior", pass);
        case
    }

    /// A senior committee of a series, its operator and its open batch; under quota with a factor.
    pub fn committee_with(
        &mut self,
        series: &str,
        valid_to: &str,
        quota: Option<&str>,
    ) -> (Uuid, AccountId, Uuid) {
        let committee = self.create(Who::Account(self.province), "committee", json!({
            "name": format!("第{}高评会", self.world.commands), "level": "senior", "series": series, "specialties": [], "size": 25,
            "category": "other", "approved_by_id": self.department, "issuing_organisation_id": self.department,
            "valid_from": "2022-01-01", "valid_to": valid_to,
        }));
        let operator = self.staff("另一会办", "committee-operator", committee);
        let batch = self.create(Who::Account(operator), "batch", json!({
            "holder_id": committee, "year": 2023, "mode": "review", "levels": ["full_senior", "associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28", "cut_off_on": "2023-09-28",
            "quota_required": quota.is_some(), "recommendation_factor": quota.unwrap_or("1"), "required_materials": [],
            "award_publicity": false,
        }));
        self.act(operator, "batch", batch, "open", json!({}));
        (committee, operator, batch)
    }

    /// The batch has closed: decisions see it in the registers.
    pub fn batch_closed(&mut self, batch: Uuid) {
        let stamp = Stamp { actor: None, time: self.world.now };
        let position = self.world.registers.position;
        let closed = batch::Event::Closed { reason: None }.into();
        self.world.registers.apply(position, batch, &closed, &stamp);
    }

    /// Something happened to a declaration that these tests do not decide.
    pub fn meanwhile(&mut self, case: Uuid, event: declaration::Event) {
        let stamp = Stamp { actor: None, time: self.world.now };
        let stream = StreamId::of::<Declaration>(case);
        let event = event.into();
        let sequence = 1 + self.world.log.iter().filter(|logged| logged.stream == stream).count() as u64;
        if let Some(state) = self.world.states.get_mut(&stream) {
            state.evolve(&event, &stamp);
        }
        self.world.log.push(Logged { stream, sequence, event, stamp });
    }
}

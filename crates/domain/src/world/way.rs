//! Declarations of the seeds' employer, brought along the way to its committee.

use super::Who;
use super::hunan::Hunan;
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
    pub fn refused(&mut self, who: AccountId, declaration: Uuid, action: &str, input: Value) -> Refusal {
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
}

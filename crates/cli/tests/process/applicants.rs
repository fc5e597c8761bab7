//! A load: applicants register, declare and submit; their employer examines and publishes. Each reads back what it was told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use zhicheng_domain::declaration::actions::submit::PLEDGE_VERSION;

use crate::client::Client;
use crate::office::{self, Office};

/// Applicants at work until they are told to stop.
pub struct Load {
    workers: Vec<JoinHandle<()>>,
    done: Arc<AtomicBool>,
}

impl Load {
    /// Starts so many workers, each with one applicant after the other.
    pub fn start(client: &Client, office: &Office, workers: usize) -> Self {
        let (done, number) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(1)));
        let worker = |_| {
            let (client, office) = (client.clone(), office.clone());
            let (done, number) = (Arc::clone(&done), Arc::clone(&number));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    declare(&client, &office, number.fetch_add(1, Ordering::Relaxed)).await;
                }
            })
        };
        Self { workers: (0..workers).map(worker).collect(), done }
    }

    /// Lets everyone finish what they are at.
    pub async fn finish(self) {
        self.done.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.await.unwrap();
        }
    }
}

/// One applicant, up to the submission; answers the declaration's id.
pub async fn submitted(client: &Client, office: &Office, number: u32) -> String {
    let username = format!("applicant-{number}");
    client.command("/v1/accounts", "", &office::account(&username, number)).await;
    let token = client.sign_in(&username).await;
    let declaration = json!({
        "year": 2023, "mode": "review", "level": "associate_senior", "series": "01", "specialty": "0101",
        "title": "副教授", "employer_id": office.employer,
    });
    let id = client.create("declarations", &token, &declaration).await;
    let draft = json!({"sections": sections(), "final_organisation_id": office.committee});
    client.act("declarations", &id, "save-draft", &token, &draft).await;
    let pledge = json!({"pledge_version": PLEDGE_VERSION, "pledged": true, "not_classified": true});
    let receipt = client.act("declarations", &id, "submit", &token, &pledge).await;
    let rows =
        client.get(&format!("/v1/screens/my-declarations?after={}", receipt["position"]), &token).await;
    assert_eq!(rows["rows"][0]["stage"], "employer_review", "{rows}");
    id
}

/// One applicant, up to the employer's publicity.
async fn declare(client: &Client, office: &Office, number: u32) {
    let id = submitted(client, office, number).await;
    client
        .act("declarations", &id, "review-by-employer", &office.operator, &json!({"decision": "pass"}))
        .await;
    let publicity = office::publicity();
    client.act("declarations", &id, "start-employer-publicity", &office.operator, &publicity).await;
}

fn sections() -> Value {
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

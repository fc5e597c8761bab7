//! The life of a case as commands: a recognition (认定) or an initial grant (初定), from the draft to the reported certificate.

use std::collections::VecDeque;
use std::sync::OnceLock;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::Failure;
use crate::lives::client::Client;
use crate::lives::office::{Office, account, signed_in};

/// Sign-ins at a time: each keeps a processor busy.
const SIGN_INS: usize = 4;

/// One case.
pub(crate) struct Case {
    number: usize,
    applicant: String,
    id: OnceLock<String>,
}

impl Case {
    fn is_recognition(&self) -> bool {
        self.number.is_multiple_of(2)
    }

    /// The title that is declared: mode, level, title.
    fn declared(&self) -> (&'static str, &'static str, &'static str) {
        if self.is_recognition() {
            ("recognition", "intermediate", "讲师")
        } else {
            ("initial_grant", "assistant", "助教")
        }
    }
}

/// One command of a life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Create,
    SaveDraft,
    Submit,
    ReviewByEmployer,
    StartEmployerPublicity,
    RecordEmployerPublicity,
    Recommend,
    ReviewBySuperior,
    ReviewByAuthority,
    StartResultPublicity,
    RecordResultPublicity,
    Issue,
    Generate,
    Report,
}

impl Step {
    /// Whether it is a step of this case: only what is recognised is published at the end.
    fn is_of(self, case: &Case) -> bool {
        !matches!(self, Self::StartResultPublicity | Self::RecordResultPublicity) || case.is_recognition()
    }

    /// Sends it; gives the position of its last event.
    pub(crate) async fn send(self, case: &Case, client: &Client, office: &Office) -> Result<i64, Failure> {
        let (token, action, body) = self.command(case, office);
        let receipt = if self == Self::Create {
            client.post("/v1/declarations", token, &body).await?
        } else {
            let id = case.id.get().ok_or("a step of a case that was not created")?;
            client.act("declarations", id, action, token, &body).await?
        };
        if let (Self::Create, Some(id)) = (self, receipt["id"].as_str()) {
            case.id.get_or_init(|| id.to_owned());
        }
        Ok(receipt["position"].as_i64().ok_or("a receipt without position")?)
    }

    /// Who sends what: token, action, body.
    pub(crate) fn command<'a>(self, case: &'a Case, office: &'a Office) -> (&'a str, &'static str, Value) {
        let pass = json!({"decision": "pass"});
        match self {
            Self::Create => {
                let (mode, level, title) = case.declared();
                let body = json!({
                    "year": 2023, "mode": mode, "level": level, "series": "01", "specialty": "0106",
                    "title": title, "employer_id": office.employer,
                });
                (&case.applicant, "create", body)
            }
            Self::SaveDraft => {
                let draft =
                    json!({"sections": sections(), "final_organisation_id": office.final_organisation});
                (&case.applicant, "save-draft", draft)
            }
            Self::Submit => {
                let pledge = json!({"pledge_version": "2023-1", "pledged": true, "not_classified": true});
                (&case.applicant, "submit", pledge)
            }
            Self::ReviewByEmployer => (&office.operator, "review-by-employer", pass),
            Self::StartEmployerPublicity => {
                let publicity = json!({
                    "contact": "李四", "phone": "0731-84900000", "complaint_department": "人事科",
                    "complaint_phone": "0731-84900001", "starts_on": "2023-05-11", "working_days": 5,
                });
                (&office.operator, "start-employer-publicity", publicity)
            }
            Self::RecordEmployerPublicity => {
                (&office.operator, "record-employer-publicity-result", json!({"result": "passed"}))
            }
            Self::Recommend => (&office.operator, "recommend", json!({"opinion": "同意推荐。"})),
            Self::ReviewBySuperior => (&office.superior, "review-by-superior", pass),
            Self::ReviewByAuthority => (&office.authority, "review-by-superior", pass),
            Self::StartResultPublicity => {
                let publicity = json!({
                    "starts_on": "2023-05-24", "working_days": 5,
                    "complaint_department": "长沙市本级专业技术人员管理处", "complaint_phone": "0731-84900100",
                });
                (&office.authority, "start-result-publicity", publicity)
            }
            Self::RecordResultPublicity => {
                (&office.authority, "record-result-publicity", json!({"result": "passed"}))
            }
            Self::Issue => (&office.issuer, "issue-certificate", json!({})),
            Self::Generate => (
                &office.province,
                "generate-e-certificate",
                json!({"document_number": "长人社函〔2023〕42号"}),
            ),
            Self::Report => (&office.province, "report-certificate", json!({})),
        }
    }
}

/// What all cases do before the clock moves on.
pub(crate) struct Phase {
    /// When it begins.
    pub(crate) at: &'static str,
    steps: &'static [Step],
}

/// A life.
pub(crate) const PHASES: &[Phase] = &[
    Phase { at: "2023-05-10T10:00:00+08:00", steps: &[Step::Create, Step::SaveDraft, Step::Submit] },
    Phase { at: "2023-05-10T14:00:00+08:00", steps: &[Step::ReviewByEmployer, Step::StartEmployerPublicity] },
    Phase {
        at: "2023-05-23T09:00:00+08:00",
        steps: &[
            Step::RecordEmployerPublicity,
            Step::Recommend,
            Step::ReviewBySuperior,
            Step::ReviewByAuthority,
            Step::StartResultPublicity,
        ],
    },
    Phase {
        at: "2023-06-05T09:00:00+08:00",
        steps: &[Step::RecordResultPublicity, Step::Issue, Step::Generate, Step::Report],
    },
];

/// How many phases, from the first, are sent as fast as they are answered; at the others the lag is measured.
pub(crate) const CLOSED_PHASES: usize = 2;

impl Phase {
    /// Every command of the phase, one step of all cases after the other: the commands of a case lie thousands apart.
    pub(crate) fn supply<'a>(&self, cases: &'a [Case]) -> VecDeque<(Step, &'a Case)> {
        let of_step =
            |step: Step| cases.iter().filter(move |case| step.is_of(case)).map(move |case| (step, case));
        self.steps.iter().copied().flat_map(of_step).collect()
    }
}

/// Applicants with a session, one for each case.
pub(crate) async fn registered(client: &Client, cases: usize) -> Result<Vec<Case>, Failure> {
    let bar = ProgressBar::new(cases as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} applicants")?);
    let register = |number: usize| {
        let bar = &bar;
        async move {
            let username = format!("applicant-{number}");
            client.post("/v1/accounts", "", &account(&username, u32::try_from(number)?)).await?;
            let applicant = signed_in(client, &username).await?;
            bar.inc(1);
            Ok::<_, Failure>(Case { number, applicant, id: OnceLock::new() })
        }
    };
    let registered = stream::iter(0..cases).map(register).buffered(SIGN_INS).try_collect().await;
    bar.finish_and_clear();
    registered
}

fn sections() -> Value {
    json!({
        "basic": {"work_started_on": "2021-07-01", "current_post": "讲师"},
        "education": [{
            "school": "湖南大学", "major": "给排水工程", "education_code": "14", "degree_code": "408",
            "study_form": "full_time", "from": "2002-09-01", "to": "2005-06-30", "is_basis": true,
        }],
        "employment": [{"employer": "长沙市城区排水事务中心", "post": "讲师", "from": "2021-07-01"}],
        "self_report": {"text": "参加工作以来，承担职工培训课程的教学。"},
        "assessments": [{"year": 2021, "grade": "excellent"}, {"year": 2022, "grade": "qualified"}],
    })
}

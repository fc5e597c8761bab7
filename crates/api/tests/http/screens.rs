//! Every screen, asked for in every role that anybody holds in the stories: those who may read it get rows, the others are told no.

use crate::support::{System, complete_sections, submission};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use zhicheng_domain::label::Named as _;
use zhicheng_domain::values::Role;
use zhicheng_projections::{SCREENS, Screen};

/// What was answered: by screen and role the statuses, by screen the rows in all.
#[derive(Default)]
struct Answered {
    statuses: BTreeSet<(&'static str, Role, u16)>,
    rows: BTreeMap<&'static str, usize>,
    worded: BTreeSet<(&'static str, &'static str)>,
}

impl Answered {
    /// What is the name of something has words that an export writes in its place.
    fn has_words(&mut self, screen: &'static Screen, row: &Value) {
        let worded = screen.shown().filter_map(|column| Some((column, column.words?)));
        for (column, words) in worded {
            let list = row[column.name].as_array().into_iter().flatten();
            for value in list.chain([&row[column.name]]).filter_map(Value::as_str) {
                assert!(words(value).is_some(), "{} of {} has no words: {value}", column.name, screen.name);
                self.worded.insert((screen.name, column.name));
            }
        }
    }

    /// Asks for every screen in every role of every account.
    async fn ask(&mut self, system: &System) {
        let usernames: Vec<String> = system.app.registry().read(|registers| {
            let active = registers.accounts.iter().filter(|(_, it)| it.active());
            active.map(|(_, it)| it.username.clone()).collect()
        });
        for username in &usernames {
            let me = system.get(username.as_str(), "/v1/me").send().await.expect(200);
            for held in me["roles"].as_array().unwrap() {
                for screen in SCREENS {
                    let path = format!("/v1/screens/{}?limit=200", screen.name);
                    let call = system.get(username.as_str(), path).header("acting-as", acting_as(held));
                    let answer = call.send().await;
                    let role = Role::from_name(held["role"].as_str().unwrap()).unwrap();
                    self.statuses.insert((screen.name, role, answer.status));
                    match answer.status {
                        200 => {
                            let page = answer.json();
                            let rows = page["rows"].as_array().unwrap();
                            rows.iter().for_each(|row| self.has_words(screen, row));
                            *self.rows.entry(screen.name).or_default() += rows.len();
                        }
                        _ => drop(answer.problem(403, "not-allowed")),
                    }
                }
            }
        }
    }
}

/// The header that chooses a role.
fn acting_as(held: &Value) -> String {
    let role = held["role"].as_str().unwrap();
    match held["organisation_id"].as_str() {
        Some(organisation) => format!("{role}@{organisation}"),
        None => role.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_screen_is_read_by_those_who_may_and_by_nobody_else() {
    let mut answered = Answered::default();
    for stories in [&["01-senior-review-online", "02-rollback", "13-under-way"][..], &["08-batch-transfer"]] {
        answered.ask(&System::told(stories).await).await;
    }
    for screen in SCREENS {
        let may = |role: Role| screen.grants.iter().any(|grant| grant.role == role);
        let mut told_no = Role::ALL.iter().all(|role| may(*role));
        for (_, role, status) in answered.statuses.iter().filter(|(name, ..)| *name == screen.name) {
            assert_eq!(*status, if may(*role) { 200 } else { 403 }, "{} as {}", screen.name, role.name());
            told_no |= *status == 403;
        }
        assert!(told_no, "{} was refused to nobody", screen.name);
        assert!(answered.rows.get(screen.name).is_some_and(|rows| *rows > 0), "{} has no row", screen.name);
    }
    for named in [
        ("superior-review", "result"),
        ("process-tracking-steps", "action"),
        ("process-tracking-steps", "role"),
        ("certificate-inquiry", "stage"),
        ("jobs", "action"),
        ("rollback", "operation_action"),
    ] {
        assert!(answered.worded.contains(&named), "{named:?} was seen in words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_counts_for_all_roles_together_or_for_the_one_that_is_named() {
    let system = System::hunan().await;
    let (drainage, housing) = (system.id("drainage"), system.id("housing"));
    let grant = json!({"role": "employer-operator", "organisation_id": housing});
    system.act("admin", "accounts", system.id("operator"), "grant-role", &grant).await;
    system.submitted("applicant").await;
    let mut elsewhere = system.declaration();
    elsewhere["employer_id"] = json!(housing);
    let case = system.create("neighbour", "declarations", &elsewhere).await;
    let content = json!({"sections": complete_sections(), "final_organisation_id": system.id("committee")});
    system.on("neighbour", case, "save-draft", &content).await;
    system.on("neighbour", case, "submit", &submission()).await;
    let at = |organisation| format!("employer-operator@{organisation}");
    let path = format!("/v1/screens/employer-first-review?after={}", system.head().await);
    for (organisation, rows) in [(drainage, 1), (housing, 1)] {
        let page =
            system.get("operator", &path).header("acting-as", at(organisation)).send().await.expect(200);
        assert_eq!(page["rows"].as_array().unwrap().len(), rows);
    }
    let counted = async |header: Option<String>| {
        let mut call = system.get("operator", "/v1/screens");
        if let Some(header) = header {
            call = call.header("acting-as", header);
        }
        let menu = call.send().await.expect(200);
        let mut screens = menu["screens"].as_array().unwrap().iter();
        let found = screens.find(|it| it["screen"] == "employer-first-review");
        found.map(|it| it["count"].as_str().unwrap().to_owned())
    };
    assert_eq!(counted(None).await.as_deref(), Some("2"));
    assert_eq!(counted(Some(at(drainage))).await.as_deref(), Some("1"));
    assert_eq!(counted(Some(at(housing))).await.as_deref(), Some("1"));
    assert_eq!(counted(Some("auditor".to_owned())).await, None, "a role that is not held lists nothing");
}

//! Every screen, asked for in every role that anybody holds in the stories: those who may read it get rows, the others are told no.

use crate::support::System;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use zhicheng_domain::label::Named as _;
use zhicheng_domain::values::Role;
use zhicheng_projections::SCREENS;

#[tokio::test(flavor = "multi_thread")]
async fn each_screen_is_read_by_those_who_may_and_by_nobody_else() {
    let system = System::told(&["01-senior-review-online", "02-rollback", "13-under-way"]).await;
    let mut accounts: Vec<(String, Vec<Value>)> = Vec::new();
    let usernames: Vec<String> = system.app.registry().read(|registers| {
        registers.accounts.iter().filter(|(_, it)| it.active()).map(|(_, it)| it.username.clone()).collect()
    });
    for username in usernames {
        let me = system.get(username.as_str(), "/v1/me").send().await.expect(200);
        accounts.push((username, me["roles"].as_array().unwrap().clone()));
    }
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let mut answered: BTreeSet<(&str, &str, u16)> = BTreeSet::new();
    for screen in SCREENS {
        for (username, held) in &accounts {
            for role in held {
                let name = role["role"].as_str().unwrap();
                let acting = match role["organisation_id"].as_str() {
                    Some(organisation) => format!("{name}@{organisation}"),
                    None => name.to_owned(),
                };
                let path = format!("/v1/screens/{}?limit=200", screen.name);
                let answer = system.get(username.as_str(), path).header("acting-as", acting).send().await;
                answered.insert((screen.name, Role::from_name(name).unwrap().name(), answer.status));
                if answer.status == 200 {
                    *rows.entry(screen.name).or_default() += answer.json()["rows"].as_array().unwrap().len();
                } else {
                    answer.problem(403, "not-allowed");
                }
            }
        }
    }
    for screen in SCREENS {
        let of: Vec<_> = answered.iter().filter(|(name, ..)| *name == screen.name).collect();
        for (_, role, status) in &of {
            let may = screen.grants.iter().any(|grant| grant.role.name() == *role);
            assert_eq!(*status, if may { 200 } else { 403 }, "{} as {role}", screen.name);
        }
        for status in [200, 403] {
            let some = of.iter().any(|(_, _, answered)| *answered == status);
            // what belongs to everybody is refused to nobody
            let everybody =
                Role::ALL.iter().all(|role| screen.grants.iter().any(|grant| grant.role == *role));
            assert!(some || everybody && status == 403, "{} was answered {status} to nobody", screen.name);
        }
    }
    let empty: Vec<&str> = SCREENS
        .iter()
        .map(|screen| screen.name)
        .filter(|name| rows.get(name).is_none_or(|rows| *rows == 0))
        .collect();
    // what these show has tests of its own: http/jobs.rs, http/policies.rs
    assert_eq!(empty, ["approvals", "jobs"], "screens without a row");
}

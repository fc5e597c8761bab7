//! Who handled something is told by name, which lies in one place: it is looked for and put in order like everything that is shown, and
//! gone from every screen when the person is erased.

use crate::support::{System, sitting, viewer, viewer_at};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_domain::account::{self, Account};
use zhicheng_domain::ids::AccountId;
use zhicheng_domain::person::Person;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::Who;
use zhicheng_domain::world::hunan::Hunan;
use zhicheng_projections::{SCREENS, Screen, Viewer, screen};

/// A case that somebody objected to, whom the employer's operator entered.
fn objected() -> Hunan {
    let mut hunan = Hunan::new();
    let case = hunan.in_employer_publicity();
    let input = json!({"source": "来信", "content": "业绩不实。"});
    hunan.act(hunan.operator, "declaration", case, "raise-objection", input);
    hunan
}

fn person_of(hunan: &Hunan, account: AccountId) -> Person {
    let person = hunan.world.registers.accounts.get(account).unwrap().person.unwrap();
    hunan.world.get(person.0)
}

fn name_of(hunan: &Hunan, account: AccountId) -> String {
    person_of(hunan, account).name.known().unwrap().clone()
}

#[tokio::test]
async fn who_handled_it_is_told_and_looked_for_by_name() {
    let hunan = objected();
    let name = name_of(&hunan, hunan.operator);
    let system = System::of(&hunan.world.log).await;
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    let rows = system.rows("objections", &operator, &[]).await;
    assert_eq!((rows.len(), &rows[0]["raised_by_name"]), (1, &name.as_str().into()));
    assert_eq!(rows[0]["resolved_by_name"], Value::Null, "nobody has");
    for (asked, found) in [(name.as_str(), 1), ("没有这个人", 0)] {
        let rows = system.rows("objections", &operator, &[("raised_by_name", asked)]).await;
        assert_eq!(rows.len(), found, "{asked}");
    }
    for screen in ["employer-first-review", "declaration-inquiry"] {
        let rows = system.rows(screen, &operator, &[("handled_by_name", &name)]).await;
        assert_eq!((rows.len(), &rows[0]["handled_by_name"]), (1, &name.as_str().into()), "{screen}");
    }
}

#[tokio::test]
async fn rows_come_in_the_order_of_names_page_by_page() {
    let mut hunan = Hunan::new();
    let second = hunan.staff("阿依古丽", "employer-operator", hunan.drainage);
    let cases: Vec<_> = (1..=4).map(|n| hunan.register(&format!("申报人{n}"))).collect();
    let cases: Vec<_> = cases.into_iter().map(|applicant| hunan.submitted(applicant)).collect();
    for (at, who) in [hunan.operator, second, hunan.operator].into_iter().enumerate() {
        hunan.act(who, "declaration", cases[at], "review-by-employer", json!({"decision": "pass"}));
    }
    let mut names = [hunan.operator, second, hunan.operator].map(|who| Value::from(name_of(&hunan, who)));
    names.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    let system = System::of(&hunan.world.log).await;
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    // nobody has handled the last one, which comes last either way
    let upwards: Vec<Value> = names.iter().cloned().chain([Value::Null]).collect();
    let downwards: Vec<Value> = names.iter().rev().cloned().chain([Value::Null]).collect();
    for (sort, expected) in [("handled_by_name", upwards), ("-handled_by_name", downwards)] {
        let (mut told, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut asked = vec![("sort", sort), ("limit", "1")];
            asked.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = system.page("employer-first-review", &operator, &asked).await;
            let rows = page.to_json()["rows"].as_array().unwrap().clone();
            told.extend(rows.iter().map(|row| row["handled_by_name"].clone()));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(told, expected, "{sort}");
    }
}

#[test]
fn no_screen_waits_for_a_name() {
    let named = |screen: &&&Screen| screen.tables_read().any(|table| table.name == "person");
    let screens: Vec<_> = SCREENS.iter().filter(named).collect();
    assert!(screens.len() > 10);
    for screen in screens {
        assert!(screen.tables().all(|table| !["account", "person"].contains(&table.name)), "{}", screen.name);
    }
}

#[tokio::test]
async fn an_account_that_is_nobodys_is_told_by_its_user_name() {
    let mut hunan = objected();
    let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
    let input =
        json!({"id_number": person_of(&hunan, hunan.applicant).id_number.known(), "reason": "论文造假"});
    let province = Who::Account(hunan.province);
    let entry = hunan.create(province, "blacklist_entry", input);
    let nobodys = AccountId(Uuid::from_u128(77));
    let registered = account::Event::Registered {
        account_id: nobodys,
        person_id: None,
        username: "first-administrator".into(),
    };
    hunan.world.given(StreamId::of::<Account>(nobodys), registered, None);
    hunan.grant(Who::Account(hunan.administrator), nobodys, "system-administrator", None);
    hunan.account(Who::Account(nobodys), "新来的人");
    let lift = json!({"reason": "复核后认定不属造假"});
    let approval = hunan.world.request(province, "blacklist_entry", entry, "lift", lift).unwrap();
    hunan.act(second, "approval", approval, "approve", json!({}));
    let system = System::of(&hunan.world.log).await;
    let asked = viewer(&hunan.world.registers, hunan.province, Role::ProvincialAdministrator);
    let rows = system.rows("approvals", &asked, &[]).await;
    let expected = [hunan.province, second].map(|account| Value::from(name_of(&hunan, account)));
    assert_eq!([&rows[0]["requested_by_name"], &rows[0]["handled_by_name"]], expected.each_ref());

    let auditor = viewer_at(Role::Auditor, hunan.department);
    let rows = system.rows("audit-trail", &auditor, &[("actor", &nobodys.to_string())]).await;
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row["actor_name"] == "first-administrator"),
        "{rows:?}"
    );
}

#[tokio::test]
async fn an_auditor_reads_who_signed_and_no_applicants_name_and_looks_for_neither() {
    let mut hunan = objected();
    let case = hunan.another_reviewed_by_employer(1);
    hunan.publish(case);
    // an applicant who works for the employer too, and has not been one for long
    let both = hunan.register("申报人兼经办");
    hunan.grant(Who::Account(hunan.administrator), both, "employer-operator", Some(hunan.drainage));
    let applicant = hunan.register("另一位申报人");
    let other = hunan.submitted(applicant);
    hunan
        .world
        .act(
            hunan.as_role(both, Role::EmployerOperator, hunan.drainage),
            "declaration",
            other,
            "review-by-employer",
            json!({"decision": "pass"}),
        )
        .unwrap();
    let system = System::of(&hunan.world.log).await;
    let auditor = viewer_at(Role::Auditor, hunan.department);
    let masked = |account| format!("{}**", name_of(&hunan, account).chars().next().unwrap());
    for screen in ["audit-trail", "process-tracking-steps"] {
        for (account, told) in [
            (hunan.operator, name_of(&hunan, hunan.operator)),
            (hunan.applicant, masked(hunan.applicant)),
            (both, masked(both)),
        ] {
            let rows = system.rows(screen, &auditor, &[("actor", &account.to_string())]).await;
            assert!(
                !rows.is_empty() && rows.iter().all(|row| row["actor_name"] == told.as_str()),
                "{screen}: {rows:?}"
            );
        }
    }
    let systems = system.rows("audit-trail", &auditor, &[("actor", "系统")]).await;
    assert!(!systems.is_empty() && systems.iter().all(|row| row["actor_name"] == "系统"), "{systems:?}");
    for screen_name in ["audit-trail", "process-tracking-steps"] {
        let screen = screen(screen_name).unwrap();
        let column = screen.table.column("actor_name").unwrap();
        let grant = screen.grant(Role::Auditor).unwrap();
        assert!(grant.filter(column).is_none() && !grant.may_sort(column), "{screen_name}");
    }
}

#[tokio::test]
async fn whoever_was_erased_has_no_name_on_any_screen() {
    let mut hunan = objected();
    let name = name_of(&hunan, hunan.operator);
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    let reason = json!({"reason": "已离职，本人申请清除。"});
    let person = person_of(&hunan, hunan.operator).id.unwrap();
    let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
    let province = Who::Account(hunan.province);
    let asked = hunan.world.request(province, "person", person.0, "erase", reason).unwrap();
    hunan.act(second, "approval", asked, "approve", json!({}));
    let system = System::of(&hunan.world.log).await;
    let rows = system.rows("objections", &operator, &[]).await;
    assert_eq!((rows.len(), &rows[0]["raised_by_name"]), (1, &"已清除".into()), "{name}");
    let people = system.content("person").await;
    assert!(!people.iter().any(|row| row.contains(&name)), "{people:?}");
}

#[tokio::test]
async fn leader_and_chair_have_signed_by_name() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let judge = |seat: usize| Viewer {
        judges: vec![sitting.seats[seat].0],
        ..viewer_at(Role::Judge, sitting.hunan.committee)
    };
    let name = |seat: usize| name_of(&sitting.hunan, sitting.seat(seat));
    let rows = system.rows("review-opinions", &judge(3), &[("opinion_kind", "committee")]).await;
    let signed =
        |row: &Value| [&row["group_signed_by_name"], &row["committee_signed_by_name"]].map(Value::clone);
    let found: BTreeSet<String> =
        rows.iter().flat_map(signed).filter_map(|it| it.as_str().map(str::to_owned)).collect();
    assert_eq!(found, [name(0), name(3)].into(), "{rows:?}");
    assert!(rows.iter().all(|row| row.get("group_signed_by").is_none()), "no account of a judge is told");
}

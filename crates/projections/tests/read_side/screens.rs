//! What readers see.

use crate::support::{System, auditor, keyed_hash, reckoning, sitting, viewer, viewer_at, way};
use serde_json::Value;
use std::collections::BTreeSet;
use std::slice::from_ref;
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_domain::scheme::{self, Scheme};
use zhicheng_domain::values::{PassOrFail, Role};
use zhicheng_domain::world::given::AwardTerms;
use zhicheng_domain::world::hunan::{Hunan, id_number};
use zhicheng_projections::column::{Filter, Kind};
use zhicheng_projections::reader::{Count, Due};
use zhicheng_projections::{Request, SCREENS, Viewer, query, rebuild};

fn ids(rows: &[Value]) -> BTreeSet<Uuid> {
    rows.iter().filter_map(|row| row["declaration_id"].as_str()?.parse().ok()).collect()
}

#[tokio::test]
async fn every_screen_runs_for_each_of_its_roles_with_every_filter_and_order() {
    let system = System::of(&way().hunan.world.log).await;
    let calendar = WorkingCalendar::default();
    for screen in SCREENS {
        for grant in screen.grants {
            let viewer = Viewer {
                role: grant.role,
                person: Some(Uuid::from_u128(1)),
                judges: vec![Uuid::from_u128(2)],
                ..viewer_at(grant.role, Uuid::from_u128(3))
            };
            let mut asked = vec![vec![]];
            for column in screen.table.columns() {
                let value = match (column.kind, column.known.is_some() || column.words.is_some()) {
                    (_, true) => [
                        "waiting",
                        "valid",
                        "draft",
                        "review",
                        "normal",
                        "objection",
                        "agree",
                        "judge",
                        "full_senior",
                        "online",
                        "pass",
                        "sent",
                        "group",
                        "employer",
                        "raised",
                        "open",
                        "returned",
                        "requested",
                        "passed",
                        "running",
                        "normal",
                        "numbered",
                        "submit",
                        "female",
                        "430100",
                        "superior-review",
                    ]
                    .into_iter()
                    .find(|value| column.may_hold(value))
                    .unwrap_or_else(|| panic!("a value of {}", column.name)),
                    (Kind::Text | Kind::TextList, false) => "某",
                    (Kind::Integer, false) => "2023",
                    (Kind::Decimal, false) => "87.5",
                    (Kind::Date | Kind::Instant, false) => "2023-05-04",
                    (Kind::Boolean, false) => "true",
                    (Kind::Uuid, false) => "018a0000-0000-7000-8000-000000000000",
                };
                match grant.filter(column) {
                    Some(Filter::Range) => {
                        asked.push(vec![(format!("{}_from", column.name), value.to_owned())]);
                        asked.push(vec![(format!("{}_to", column.name), value.to_owned())]);
                        asked.push(vec![(column.name.to_owned(), value.to_owned())]);
                    }
                    Some(_) => asked.push(vec![(column.name.to_owned(), value.to_owned())]),
                    None => {}
                }
                if grant.may_sort(column) {
                    asked.push(vec![("sort".to_owned(), column.name.to_owned())]);
                    asked.push(vec![("sort".to_owned(), format!("-{}", column.name))]);
                }
            }
            for parameters in asked {
                let request = Request::parse(screen, grant, &parameters).unwrap();
                let page = system.reader().page(screen, &viewer, &request, reckoning(&calendar)).await;
                page.unwrap_or_else(|error| {
                    panic!("{} {} {parameters:?}: {error:?}", screen.name, grant.role)
                });
            }
            system.reader().count(screen, from_ref(&viewer)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_sees_a_value_finds_its_row_by_it() {
    for log in [&way().hunan.world, &sitting().hunan.world] {
        let system = System::of(&log.log).await;
        let mut asked = BTreeSet::new();
        for (account, _) in log.registers.accounts.iter() {
            for acting in log.registers.roles_of(account.into()) {
                let viewer = Viewer::of(&acting, &log.registers);
                for screen in SCREENS.iter().filter(|screen| screen.grant(acting.role).is_some()) {
                    let grant = screen.grant(acting.role).unwrap();
                    let rows = system.rows(screen.name, &viewer, &[]).await;
                    for (row, (column, filter)) in rows.iter().flat_map(|row| {
                        let columns = screen.shown();
                        columns.filter_map(move |column| Some((row, (column, grant.filter(column)?))))
                    }) {
                        let value = match (&row[column.name], filter) {
                            (Value::Null, _) => continue,
                            (Value::Array(values), _) if values.is_empty() => continue,
                            (Value::Array(values), _) => values[0].as_str().unwrap().to_owned(),
                            (Value::String(text), Filter::Contains) => text.chars().take(200).collect(),
                            (Value::String(text), _) => text.clone(),
                            (other, _) => other.to_string(),
                        };
                        if !asked.insert((screen.name, acting.role, column.name)) {
                            continue;
                        }
                        let found = system.rows(screen.name, &viewer, &[(column.name, &value)]).await;
                        assert!(found.contains(row), "{} by {}={value}", screen.name, column.name);
                        let same = |other: &Value| match filter {
                            Filter::Equal => other[column.name] == row[column.name],
                            Filter::Contains | Filter::Range | Filter::Member | Filter::KeyedHash(_) => true,
                        };
                        assert!(found.iter().all(same), "{} by {}={value}", screen.name, column.name);
                    }
                }
            }
        }
        assert!(asked.len() > 100, "{}", asked.len());
    }
}

#[tokio::test]
async fn an_employer_sees_what_waits_for_it_and_what_it_has_handled() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let operator = viewer(&way.hunan.world.registers, way.hunan.operator, Role::EmployerOperator);
    let waiting = system.rows("employer-first-review", &operator, &[("status", "waiting")]).await;
    assert_eq!(ids(&waiting), BTreeSet::from([way.submitted]));
    assert_eq!(waiting[0]["applicant_name"], "𠮷野 文");
    assert_eq!(
        waiting[0]["dwell_working_days"], 8,
        "after 4 May up to 15 May 2023, Saturday 6 May among them"
    );
    assert_eq!(waiting[0]["overdue"], false);
    let number = waiting[0]["id_number"].as_str().unwrap();
    assert!(number.contains("**********"), "{number} is masked");
    let done = system.rows("employer-first-review", &operator, &[("status", "done")]).await;
    assert!(ids(&done).contains(&way.returned) && ids(&done).contains(&way.at_committee));
    assert!(!ids(&done).contains(&way.draft), "a draft is its owner's");
    let returned = done.iter().find(|row| row["declaration_id"] == way.returned.to_string()).unwrap();
    assert_eq!(returned["opinion"], "缺少论文\t原件");
    assert_eq!(returned["result"], "return");
    let screen = zhicheng_projections::screen("employer-first-review").unwrap();
    assert_eq!(system.reader().count(screen, from_ref(&operator)).await.unwrap(), Count::Exactly(1));
}

#[tokio::test]
async fn who_waits_too_long_and_who_handled_what_is_asked_for() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let operator = viewer(&way.hunan.world.registers, way.hunan.operator, Role::EmployerOperator);
    let found = async |parameters: &[(&str, &str)]| {
        ids(&system.rows("employer-first-review", &operator, parameters).await)
    };
    let waiting = ("status", "waiting");
    assert_eq!(found(&[waiting, ("dwell_working_days_from", "8")]).await, BTreeSet::from([way.submitted]));
    assert_eq!(found(&[waiting, ("dwell_working_days_from", "9")]).await, BTreeSet::new());
    assert_eq!(found(&[waiting, ("dwell_working_days_to", "7")]).await, BTreeSet::new());
    let own = way.hunan.operator.to_string();
    let handled = found(&[("handled_by", &own)]).await;
    assert!(handled.contains(&way.returned) && !handled.contains(&way.submitted), "{handled:?}");
    let other = way.hunan.housing_reviewer.to_string();
    assert_eq!(found(&[("handled_by", &other)]).await, BTreeSet::new());
}

#[tokio::test]
async fn an_applicant_sees_the_own_draft_and_why_it_came_back() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let registers = &way.hunan.world.registers;
    let subject = |case: Uuid| {
        let declaration: zhicheng_domain::declaration::Declaration = way.hunan.world.get(case);
        declaration.subject.unwrap().account
    };
    let owner = viewer(registers, subject(way.draft), Role::Applicant);
    let rows = system.rows("my-declarations", &owner, &[]).await;
    assert_eq!((rows.len(), &rows[0]["stage"]), (1, &Value::from("draft")));
    assert_eq!(rows[0]["final_organisation_name"], "省成建制升格认定高校教师系列职称高评会");
    let owner = viewer(registers, subject(way.returned), Role::Applicant);
    let rows = system.rows("my-declarations", &owner, &[("status", "waiting")]).await;
    assert_eq!(rows[0]["opinion"], "缺少论文\t原件");
    assert_eq!(rows[0]["returned_by"], "长沙市城区排水事务中心");
}

#[tokio::test]
async fn no_filter_widens_a_scope() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let drainage = way.hunan.drainage.to_string();
    let other = viewer_at(Role::EmployerOperator, way.hunan.housing);
    assert_eq!(system.rows("employer-first-review", &other, &[]).await, Vec::<Value>::new());
    let asked = [("employer_id", drainage.as_str())];
    assert_eq!(system.rows("employer-first-review", &other, &asked).await, Vec::<Value>::new());
    let nowhere = Viewer { organisation: None, ..other };
    assert_eq!(system.rows("employer-first-review", &nowhere, &asked).await, Vec::<Value>::new());
}

#[tokio::test]
async fn each_organisation_on_the_way_has_a_row_of_its_own() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let registers = &way.hunan.world.registers;
    let housing = viewer(registers, way.hunan.housing_reviewer, Role::SuperiorReviewer);
    let rows = system.rows("superior-review", &housing, &[]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.at_committee, way.granted]));
    assert!(
        rows.iter()
            .all(|row| row["organisation_name"] == "长沙市住房和城乡建设局" && row["status"] == "done")
    );
    let changsha = viewer(registers, way.hunan.changsha_reviewer, Role::AuthorityReviewer);
    let rows = system.rows("authority-review", &changsha, &[]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.at_committee, way.granted]));
    let granted = rows.iter().find(|row| row["declaration_id"] == way.granted.to_string()).unwrap();
    assert_eq!((&granted["is_final"], &granted["opinion"]), (&true.into(), &"同意".into()));
    let office = viewer(registers, way.hunan.committee_operator, Role::CommitteeOperator);
    let rows = system.rows("qualification-review", &office, &[("status", "waiting")]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.at_committee]));
    assert_eq!(rows[0]["route"].as_array().unwrap().len(), 4);
    let path = system.rows("process-tracking", &changsha, &[]).await;
    assert_eq!(ids(&path), BTreeSet::from([way.at_committee, way.granted]));
    let issuer = Viewer { role: Role::CertificateIssuer, ..changsha };
    let rows = system.rows("certificate-issuance", &issuer, &[("status", "waiting")]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.granted]));
}

#[tokio::test]
async fn whoever_waits_for_publicity_and_every_round_has_a_row() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let operator = viewer(&way.hunan.world.registers, way.hunan.operator, Role::EmployerOperator);
    let rows = system.rows("employer-publicity", &operator, &[("status", "waiting")]).await;
    let due: Vec<&Value> = rows.iter().filter(|row| row["id"].is_null()).collect();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0]["declaration_id"], way.publicity_due.to_string());
    let rounds: Vec<&Value> = rows.iter().filter(|row| !row["id"].is_null()).collect();
    assert_eq!(rounds.len(), 1, "one round is running");
    assert_eq!((&rounds[0]["persons"], &rounds[0]["starts_on"]), (&1.into(), &"2023-05-04".into()));
    assert_eq!(rounds[0]["overdue"], true, "it ended on 9 May");
    let due_at = async |now: &str| system.reader().due_at(now.parse().unwrap()).await.unwrap();
    let ended = |due: &[Due]| {
        due.iter().any(|due| due.kind == "publicity_end" && due.aggregate_id == way.in_publicity)
    };
    assert!(!ended(&due_at("2023-05-09T23:59:59+08:00").await), "the last day counts");
    assert!(ended(&due_at("2023-05-10T00:00:00+08:00").await));
    let due = due_at("2023-05-20T00:00:00+08:00").await;
    assert!(due.iter().any(|due| due.kind == "correction" && due.aggregate_id == way.returned));
    assert!(due.iter().all(|due| due.kind != "batch_close"), "the batches close at the end of the year");
}

#[tokio::test]
async fn before_the_results_are_declared_nobody_outside_sees_how_far_a_meeting_is() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let department = Viewer {
        approves: vec![sitting.hunan.committee],
        ..viewer_at(Role::AuthorityReviewer, sitting.hunan.department)
    };
    let rows = system.rows("process-tracking", &department, &[]).await;
    assert_eq!(rows.len(), 4);
    let hidden: Vec<&Value> = rows.iter().filter(|row| row["stage"] == "scheme_approved").collect();
    assert_eq!(hidden.len(), 3);
    for row in hidden {
        assert_eq!([&row["arrived_at"], &row["dwell_working_days"]], [&Value::Null; 2]);
        let approved = sitting.candidate(0).version_for(&[]);
        assert_eq!(row["version"], approved, "that of the last event that is told outside");
    }
    assert_eq!(system.rows("process-tracking", &department, &[("stage", "vote_passed")]).await.len(), 0);
    assert_eq!(system.rows("process-tracking", &department, &[("stage", "scheme_approved")]).await.len(), 3);
    for (at, candidate) in sitting.candidates.iter().enumerate() {
        let candidate = candidate.to_string();
        let steps =
            system.rows("process-tracking-steps", &department, &[("declaration_id", &candidate)]).await;
        let judged: Vec<&Value> = steps.iter().filter(|step| step["role"] == "judge").collect();
        if at < 3 {
            assert_eq!(judged, Vec::<&Value>::new());
        } else {
            assert!(!judged.is_empty());
            for step in judged {
                assert_eq!((&step["actor"], &step["opinion"]), (&"评委".into(), &Value::Null));
                assert!(
                    step["handled_at"].as_str().unwrap().ends_with("T16:00:00Z"),
                    "the day alone: {step}"
                );
            }
        }
    }
    // the province finds what it may undo, by its day
    let province = viewer_at(Role::ProvincialAdministrator, sitting.hunan.department);
    let rows = system.rows("rollback", &province, &[]).await;
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!((&row["stage"], &row["arrived_at"]), (&"scheme_approved".into(), &Value::Null));
        assert_eq!(row["version"], sitting.candidate(0).version_for(&[]));
        assert_eq!(row["operation_on"].as_str().unwrap().len(), "2023-10-16".len());
        assert_eq!(row["operation"].as_str().unwrap().len(), 32, "opaque: {row}");
    }
}

#[tokio::test]
async fn a_judge_knows_on_whom_the_vote_is_and_nobody_learns_who_has_voted() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let judge =
        Viewer { judges: vec![sitting.seats[5].0], ..viewer_at(Role::Judge, sitting.hunan.committee) };
    let rows = system.rows("voting", &judge, &[("status", "waiting")]).await;
    assert_eq!(ids(&rows), BTreeSet::from([sitting.candidates[1]]));
    assert_eq!(rows[0]["applicant_name"], "参评人1");
    assert_eq!(rows[0].get("id_number"), None);
    assert_eq!(rows[0]["group_opinion"], "业绩突出，同意。");
    let stranger = Viewer { judges: Vec::new(), ..judge };
    assert_eq!(system.rows("voting", &stranger, &[]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_revoked_certificate_stays_and_says_so() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let department = Viewer {
        approves: vec![sitting.hunan.committee],
        ..viewer_at(Role::AuthorityReviewer, sitting.hunan.department)
    };
    let rows =
        system.rows("certificate-inquiry", &department, &[("certificate_number", "A0123430001")]).await;
    assert_eq!((rows.len(), &rows[0]["status"]), (1, &"revoked".into()));
    assert_eq!(rows[0]["acquired_on"], "2023-10-30");
    assert_eq!(rows[0]["declaration_id"], sitting.candidates[3].to_string());
    let issuing = viewer_at(Role::AuthorityReviewer, sitting.hunan.department);
    let rows = system.rows("certificate-inquiry", &issuing, &[]).await;
    let imported = rows.iter().find(|row| row["certificate_number"] == "B0122430002").unwrap();
    assert_eq!(
        [&imported["declaration_id"], &imported["id_number"]],
        [&Value::Null, &"4306**********0013".into()]
    );
    let elsewhere = viewer_at(Role::AuthorityReviewer, sitting.hunan.changsha);
    let rows = system.rows("certificate-inquiry", &elsewhere, &[]).await;
    assert_eq!(rows.iter().map(|row| &row["certificate_number"]).collect::<Vec<_>>(), ["A0123430001"]);
}

#[tokio::test]
async fn a_scheme_is_one_row_of_what_waits_to_be_filed() {
    let sitting = sitting();
    let mut system = System::of(&sitting.hunan.world.log).await;
    let department = Viewer {
        approves: vec![sitting.hunan.committee],
        ..viewer_at(Role::AuthorityReviewer, sitting.hunan.department)
    };
    let stranger = viewer_at(Role::AuthorityReviewer, sitting.hunan.changsha);
    let rows = system.rows("filing-review", &department, &[]).await;
    assert_eq!((rows.len(), &rows[0]["id"]), (1, &sitting.scheme.to_string().into()));
    assert_eq!(
        (&rows[0]["status"], &rows[0]["filing_number"]),
        (&"done".into(), &"湘职改〔2023〕7号".into())
    );
    assert_eq!(
        ["participants", "waiting", "filed"].map(|name| rows[0][name].as_i64()),
        [Some(4), Some(0), Some(1)]
    );
    assert_eq!(rows[0]["final_organisation_name"], "省成建制升格认定高校教师系列职称高评会");
    assert_eq!(system.rows("filing-review", &stranger, &[]).await, Vec::<Value>::new());
    let mut hunan = sitting.hunan.clone();
    let (first, second) = (sitting.candidates[0].into(), sitting.candidates[1].into());
    let stream = StreamId::of::<Scheme>(sitting.scheme);
    let table = zhicheng_projections::table("filing_review").unwrap();
    let requested = scheme::Event::FilingRequested { declaration_ids: vec![first, second] };
    let dropped = scheme::Event::FilingDropped { declaration_id: first };
    let rejected = scheme::Event::FilingReviewed {
        decision: PassOrFail::Fail,
        declaration_ids: vec![second],
        filed_on: None,
        filing_number: None,
    };
    for (event, status, waiting) in
        [(requested, "waiting", 2), (dropped, "waiting", 1), (rejected, "done", 0)]
    {
        hunan.world.given(stream, event, None);
        system.write(&hunan.world.log).await;
        rebuild(&system.store, &system.pool, &[table], |_| {}).await.unwrap();
        let row = system.rows("filing-review", &department, &[]).await.remove(0);
        assert_eq!((row["status"].as_str(), row["waiting"].as_i64()), (Some(status), Some(waiting)));
    }
}

#[tokio::test]
async fn an_award_waits_for_publicity_where_its_batch_wants_it() {
    for (terms, waits) in [(AwardTerms::Publicity, 1), (AwardTerms::NoPublicity, 0)] {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(terms);
        let system = System::of(&hunan.world.log).await;
        let agency = viewer_at(Role::AuthorityReviewer, hunan.changsha);
        let rows = system.rows("result-publicity", &agency, &[("status", "waiting")]).await;
        assert_eq!(rows.len(), waits, "{terms:?}");
        let elsewhere = viewer_at(Role::AuthorityReviewer, hunan.department);
        assert_eq!(system.rows("result-publicity", &elsewhere, &[]).await, Vec::<Value>::new());
        if waits == 1 {
            assert_eq!(
                (&rows[0]["id"], &rows[0]["declaration_id"]),
                (&Value::Null, &case.to_string().into())
            );
        }
    }
    let mut hunan = Hunan::new();
    hunan.award_certified(AwardTerms::Publicity);
    let system = System::of(&hunan.world.log).await;
    let agency = viewer_at(Role::AuthorityReviewer, hunan.changsha);
    let rows = system.rows("result-publicity", &agency, &[]).await;
    assert_eq!((rows.len(), &rows[0]["passed"]), (1, &1.into()), "the round alone is left");
}

#[tokio::test]
async fn an_auditor_sees_every_event_and_no_person() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let page = system.page("audit-trail", &auditor(), &[("limit", "100")]).await;
    assert_eq!(page.rows.len(), 100);
    assert_eq!(page.position, system.written);
    let all: i64 = sqlx::query_scalar("select count(*) from projections.audit_trail")
        .fetch_one(&system.pool)
        .await
        .unwrap();
    assert_eq!(all, system.written);
    let case = way.at_committee.to_string();
    let rows =
        system.rows("audit-trail", &auditor(), &[("declaration_id", &case), ("sort", "position")]).await;
    assert_eq!(rows[0]["event_type"], "declaration.drafted");
    let tracked = system.rows("process-tracking", &auditor(), &[]).await;
    assert!(tracked.iter().all(|row| row["applicant_name"].as_str().unwrap().ends_with("**")));
    for table in ["audit_trail"] {
        let text = system.content(table).await.join("\n");
        assert!(!text.contains("张三") && !text.contains("缺少论文"), "{table} names no person");
    }
}

#[tokio::test]
async fn somebody_is_found_by_id_number_and_by_a_part_of_the_name() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let operator = viewer(&way.hunan.world.registers, way.hunan.operator, Role::EmployerOperator);
    let rows = system.rows("employer-first-review", &operator, &[("applicant_name", "野 文")]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.submitted]));
    assert_eq!(system.rows("employer-first-review", &operator, &[("applicant_name", "%")]).await.len(), 0);
    let hash: String = sqlx::query_scalar(
        "select id_number_hash from projections.employer_first_review where declaration_id = $1",
    )
    .bind(way.submitted)
    .fetch_one(&system.pool)
    .await
    .unwrap();
    let number = (1..100).map(id_number).find(|number| keyed_hash(number) == hash).unwrap();
    let rows = system.rows("employer-first-review", &operator, &[("id_number", &number)]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.submitted]));
}

#[tokio::test]
async fn pages_show_every_row_once_in_any_order() {
    let system = System::of(&way().hunan.world.log).await;
    let operator = viewer(&way().hunan.world.registers, way().hunan.operator, Role::EmployerOperator);
    for sort in [
        "arrived_at",
        "-arrived_at",
        "handled_at",
        "-handled_at",
        "stage",
        "-due_on",
        "due_on",
        "year",
        "applicant_name",
        "-level",
        "dwell_working_days",
        "-dwell_working_days",
        "overdue",
        "-id_number",
    ] {
        let whole = system.page("employer-first-review", &operator, &[("sort", sort)]).await;
        let mut seen = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut parameters = vec![("sort", sort), ("limit", "2")];
            if let Some(cursor) = &cursor {
                parameters.push(("cursor", cursor));
            }
            let page = system.page("employer-first-review", &operator, &parameters).await;
            seen.extend(page.rows);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, whole.rows, "{sort}");
    }
}

#[tokio::test]
async fn the_usual_order_comes_from_an_index() {
    let system = System::of(&way().hunan.world.log).await;
    let calendar = WorkingCalendar::default();
    let mut connection = system.pool.acquire().await.unwrap();
    sqlx::raw_sql("set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off")
        .execute(&mut *connection)
        .await
        .unwrap();
    for name in [
        "my-declarations",
        "employer-first-review",
        "employer-publicity",
        "employer-recommendation",
        "superior-review",
        "authority-review",
        "qualification-review",
        "review-results",
        "filing-request",
        "rollback",
        "committee-transfer",
        "e-certificates",
        "certificate-reporting",
        "certificate-revocation",
        "audit-trail",
    ] {
        let screen = zhicheng_projections::screen(name).unwrap();
        let grant = &screen.grants[0];
        let viewer = Viewer { person: Some(Uuid::from_u128(1)), ..viewer_at(grant.role, Uuid::from_u128(2)) };
        let mut statement =
            query::page(screen, grant, &viewer, &Request::all(screen, 50), reckoning(&calendar));
        statement.sql = format!("explain {}", statement.sql);
        let plan: Vec<String> = statement
            .query()
            .fetch_all(&mut *connection)
            .await
            .unwrap()
            .iter()
            .map(|row| sqlx::Row::get(row, 0))
            .collect();
        let plan = plan.join("\n");
        let scan = plan.contains(&format!("using {}_", screen.table.name));
        assert!(scan && plan.matches("Sort Key").count() <= 1, "{name}:\n{plan}");
    }
}

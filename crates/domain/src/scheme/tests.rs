//! Schemes: in time, complete, reviewed by the right person.

use super::{FilingState, Scheme, Stage};
use crate::declaration::{self, Declaration, Stage as DeclarationStage};
use crate::ids::DeclarationId;
use crate::values::PassOrFail;
use crate::world::Who;
use crate::world::given::result_publicity;
use crate::world::hunan::Hunan;
use crate::world::sitting::{Sitting, scheme};
use serde_json::{Value, json};

fn draft(sitting: &mut Sitting, change: impl FnOnce(&mut Value)) -> Result<uuid::Uuid, crate::Refusal> {
    let mut input = scheme(&sitting.hunan, &sitting.candidates);
    change(&mut input);
    let office = Who::Account(sitting.hunan.committee_operator);
    sitting.world().create(office, "scheme", input)
}

fn problem(refused: Result<uuid::Uuid, crate::Refusal>) -> (String, String) {
    let refusal = refused.unwrap_err();
    let first = refusal.problems.first().cloned().unwrap();
    (first.pointer, first.code)
}

#[test]
fn takes_its_participants_in_and_approves_them() {
    let sitting = Sitting::approved(2, |_| {});
    assert_eq!(sitting.stages(), [DeclarationStage::SchemeApproved; 2]);
    let scheme: Scheme = sitting.hunan.world.get(sitting.scheme);
    assert_eq!((scheme.stage, scheme.edition), (Stage::Approved, 1));
}

#[test]
fn weights_of_both_sheets_sum_to_a_hundred() {
    let mut sitting = Sitting::qualified(1);
    let refused = draft(&mut sitting, |input| input["scoring"][0]["weight"] = json!(59));
    assert_eq!(problem(refused), ("/scoring".into(), "weights-not-100".into()));
    draft(&mut sitting, |input| {
        input["scoring"][0]["weight"] = json!("59.5");
        input["scoring"][1]["weight"] = json!(40.5);
    })
    .unwrap();
}

#[test]
fn refuses_who_is_not_qualified_and_who_is_named_twice() {
    let mut sitting = Sitting::qualified(1);
    let other = sitting.hunan.draft(sitting.hunan.applicant);
    let first = sitting.candidates[0];
    let refused = draft(&mut sitting, |input| input["participants"] = json!([first, other]));
    assert_eq!(problem(refused), ("/participants/1".into(), "participant-not-qualified".into()));
    let refused = draft(&mut sitting, |input| input["participants"] = json!([first, first]));
    assert_eq!(problem(refused), ("/participants/1".into(), "repeated".into()));
}

#[test]
fn a_participant_stands_in_one_scheme() {
    let mut sitting = Sitting::qualified(1);
    let first = draft(&mut sitting, |_| {}).unwrap();
    let second = draft(&mut sitting, |_| {}).unwrap();
    sitting.office("scheme", first, "submit", json!({}));
    let office = sitting.hunan.committee_operator;
    let refused = sitting.tries(office, "scheme", second, "submit", json!({}));
    assert_eq!(refused.unwrap_err().problems[0].code, "participant-not-qualified");
}

#[test]
fn must_arrive_five_working_days_before_a_university_opens() {
    for (day, code) in [("2023-10-16", None), ("2023-10-17", Some("scheme-too-late"))] {
        let mut sitting = Sitting::qualified(1);
        let id = draft(&mut sitting, |_| {}).unwrap();
        sitting.world().clock(&format!("{day}T23:59:59+08:00"));
        let office = sitting.hunan.committee_operator;
        let outcome = sitting.tries(office, "scheme", id, "submit", json!({}));
        assert_eq!(outcome.err().map(|refusal| refusal.code), code, "{day}");
    }
}

#[test]
fn a_rejected_scheme_releases_its_participants_and_may_come_again() {
    let mut sitting = Sitting::qualified(2);
    let id = draft(&mut sitting, |_| {}).unwrap();
    sitting.office("scheme", id, "submit", json!({}));
    assert_eq!(sitting.stages(), [DeclarationStage::SchemeSubmitted; 2]);
    let reviewer = sitting.reviewer;
    let refused = sitting.tries(reviewer, "scheme", id, "review", json!({"decision": "fail"}));
    assert_eq!(refused.unwrap_err().code, "reason-required");
    sitting.hunan.act(reviewer, "scheme", id, "review", json!({"decision": "fail", "opinion": "专家不足"}));
    assert_eq!(sitting.stages(), [DeclarationStage::Qualified; 2]);
    sitting.office("scheme", id, "amend", json!({"opens_on": "2023-10-25"}));
    let office = sitting.hunan.committee_operator;
    let refused = sitting.tries(office, "scheme", id, "amend", json!({"kind": "special"}));
    assert_eq!(refused.unwrap_err().code, "scheme-kind-fixed");
    sitting.office("scheme", id, "submit", json!({}));
    sitting.hunan.act(reviewer, "scheme", id, "review", json!({"decision": "pass"}));
    assert_eq!(sitting.stages(), [DeclarationStage::SchemeApproved; 2]);
}

#[test]
fn special_schemes_have_another_reviewer_who_is_another_person() {
    let mut sitting = Sitting::qualified(2);
    let [first, second] = [sitting.candidates[0], sitting.candidates[1]];
    let normal = draft(&mut sitting, |input| input["participants"] = json!([first])).unwrap();
    let special = draft(&mut sitting, |input| {
        input["participants"] = json!([second]);
        input["kind"] = json!("special");
    })
    .unwrap();
    for id in [normal, special] {
        sitting.office("scheme", id, "submit", json!({}));
    }
    let reviewer = sitting.reviewer;
    let refused = sitting.tries(reviewer, "scheme", special, "review", json!({"decision": "pass"}));
    assert_eq!(refused.unwrap_err().code, "not-allowed");
    sitting.hunan.act(reviewer, "scheme", normal, "review", json!({"decision": "pass"}));

    // the role changes hands within the year: the person has reviewed the other kind
    let role =
        |role: &str, sitting: &Sitting| json!({"role": role, "organisation_id": sitting.hunan.department});
    let (administrator, department) = (sitting.hunan.administrator, sitting.hunan.department);
    let revoked = crate::account::Event::RoleRevoked {
        organisation_id: Some(crate::ids::NodeId(department)),
        role: crate::values::Role::SchemeReviewer,
    };
    let stream = crate::StreamId::of::<crate::account::Account>(reviewer);
    sitting.world().given(stream, revoked, None);
    let input = role("special-scheme-reviewer", &sitting);
    sitting.hunan.act(administrator, "account", reviewer.0, "grant-role", input);
    let refused = sitting.tries(reviewer, "scheme", special, "review", json!({"decision": "pass"}));
    assert_eq!(refused.unwrap_err().code, "same-person");

    let other = sitting.hunan.staff("特殊审核", "special-scheme-reviewer", department);
    sitting.hunan.act(other, "scheme", special, "review", json!({"decision": "pass"}));
}

#[test]
fn an_expired_committee_files_nothing() {
    let mut sitting = Sitting::qualified(1);
    let id = draft(&mut sitting, |input| input["opens_on"] = json!("2025-02-10")).unwrap();
    sitting.world().clock("2025-01-02T09:00:00+08:00");
    let office = sitting.hunan.committee_operator;
    let refused = sitting.tries(office, "scheme", id, "submit", json!({}));
    assert_eq!(refused.unwrap_err().code, "committee-expired");
}

#[test]
fn undoing_the_qualification_takes_the_person_out_of_the_scheme() {
    let mut sitting = Sitting::approved(2, |_| {});
    sitting.roll_back(0).unwrap();
    assert_eq!(sitting.stages(), [DeclarationStage::QualificationReview, DeclarationStage::SchemeApproved]);
    let scheme: Scheme = sitting.hunan.world.get(sitting.scheme);
    assert_eq!(scheme.participants(), [DeclarationId(sitting.candidates[1])]);
    assert_eq!((scheme.edition, scheme.left.len()), (2, 1));
    let left: Declaration = sitting.candidate(0);
    assert_eq!(left.review, crate::declaration::Review::default());
}

#[test]
fn hears_of_the_filing_of_one_candidate_and_of_an_objection_that_ends_it() {
    let mut sitting = Sitting::assigned(2, |_| {});
    let meeting_id = sitting.meeting.into();
    let (vote_on, acquired_on) = ("2023-10-23".parse().unwrap(), "2023-10-30".parse().unwrap());
    let office = sitting.hunan.committee_operator;
    for (at, case) in sitting.candidates.clone().into_iter().enumerate() {
        sitting.decided(at, 25, 95);
        let declared = declaration::Event::ResultDeclared { acquired_on, meeting_id, passed: true, vote_on };
        sitting.hunan.meanwhile(case, declared);
        let start = result_publicity("2023-10-24", 5);
        sitting.hunan.act(office, "declaration", case, "start-result-publicity", start);
    }
    sitting.world().clock("2023-10-31T09:00:00+08:00");
    for case in sitting.candidates.clone() {
        let passed = json!({"result": "passed"});
        sitting.hunan.act(office, "declaration", case, "record-result-publicity", passed);
        sitting.hunan.act(office, "declaration", case, "request-filing", json!({}));
    }
    let ids: Vec<DeclarationId> = sitting.candidates.iter().copied().map(DeclarationId).collect();
    let filings = |sitting: &Sitting| sitting.hunan.world.get::<Scheme>(sitting.scheme).filings;
    assert_eq!(filings(&sitting).waiting, ids.iter().copied().collect());
    let case = sitting.candidates[0];
    let objection = json!({"source": "来信", "content": "论文署名不实。"});
    sitting.hunan.act(office, "declaration", case, "raise-objection", objection);
    let open = sitting.hunan.world.get::<Declaration>(case).objections;
    let upheld = json!({"objection_id": open.first(), "outcome": "upheld", "finding": "属实。"});
    sitting.hunan.act(office, "declaration", case, "resolve-objection", upheld);
    assert_eq!(filings(&sitting).waiting, [ids[1]].into());
    let authority = sitting.hunan.authority();
    let fail = json!({"decision": "fail", "opinion": "职数有异议。"});
    sitting.hunan.act(authority, "declaration", ids[1].0, "review-filing", fail);
    let filings = filings(&sitting);
    assert!(filings.waiting.is_empty() && filings.filed.is_empty());
    assert_eq!(filings.decision, Some(PassOrFail::Fail));
}

#[test]
fn hears_who_passed_and_what_came_of_them() {
    let mut sitting = Sitting::assigned(4, |_| {});
    for (at, agree) in [25, 25, 25, 3].into_iter().enumerate() {
        sitting.decided(at, agree, 95);
    }
    let (office, chair, meeting) = (sitting.hunan.committee_operator, sitting.seat(3), sitting.meeting);
    sitting.office("review_meeting", meeting, "apply-cut", json!({}));
    sitting.hunan.act(chair, "review_meeting", meeting, "declare-results", json!({}));
    let ids: Vec<DeclarationId> = sitting.candidates.iter().copied().map(DeclarationId).collect();
    let scheme = |sitting: &Sitting| sitting.hunan.world.get::<Scheme>(sitting.scheme);
    let results = scheme(&sitting).results;
    assert_eq!((results.passed, results.with_quota), (ids[..3].iter().copied().collect(), 0));
    assert_eq!(scheme(&sitting).filings.ready, [].into(), "nobody is published");

    let mut round = result_publicity("2023-10-24", 5);
    round["kind"] = json!("result");
    round["declaration_ids"] = json!(ids[..3]);
    let round = sitting.hunan.create(Who::Account(office), "publicity_round", round);
    sitting.world().clock("2023-10-31T09:00:00+08:00");
    let recorded = json!({"results": [
        {"declaration_id": ids[0], "result": "passed"},
        {"declaration_id": ids[1], "result": "failed", "reason": "论文署名不实。"},
    ]});
    sitting.hunan.act(office, "publicity_round", round, "record-result", recorded);
    let single = json!({"result": "passed"});
    sitting.hunan.act(office, "declaration", ids[2].0, "record-result-publicity", single);
    let told = scheme(&sitting);
    assert_eq!(told.filings.ready, [ids[0], ids[2]].into());
    assert_eq!(told.results.objected, [ids[1]].into());
    let period = ["2023-10-24", "2023-10-30"].map(|day| day.parse().unwrap());
    assert_eq!(told.results.published, Some((period[0], period[1])));
    assert_eq!(told.filings.state(), None);

    let objection = json!({"source": "来信", "content": "业绩不实。"});
    for (at, candidate) in [0, 2].into_iter().enumerate() {
        sitting.hunan.act(office, "declaration", ids[candidate].0, "raise-objection", objection.clone());
        assert_eq!(
            scheme(&sitting).results.objected.len(),
            2 + at,
            "counted before anybody has looked into it"
        );
    }
    let open = sitting.hunan.world.get::<Declaration>(ids[0]).objections;
    let dismissed = json!({"objection_id": open.first(), "outcome": "dismissed", "finding": "不属实。"});
    sitting.hunan.act(office, "declaration", ids[0].0, "resolve-objection", dismissed);
    let open = sitting.hunan.world.get::<Declaration>(ids[2]).objections;
    let upheld = json!({"objection_id": open.first(), "outcome": "upheld", "finding": "属实。"});
    sitting.hunan.act(office, "declaration", ids[2].0, "resolve-objection", upheld);
    let told = scheme(&sitting);
    assert_eq!(
        (told.filings.ready, told.results.objected),
        ([ids[0]].into(), ids[..3].iter().copied().collect())
    );
}

#[test]
fn what_was_sent_back_may_be_requested_again_and_a_cancelled_filing_counts_no_more() {
    let mut hunan = Hunan::new();
    let case = hunan.result_publicity_passed();
    let id = DeclarationId(case);
    hunan.world.clock("2023-10-25T09:00:00+08:00");
    let scheme_id = hunan.approved_scheme(&[case]);
    // the case was voted on under another scheme, of which the log knows nothing
    let of_scheme = crate::ids::SchemeId(scheme_id);
    for event in [
        declaration::Event::SchemeSubmitted { scheme_id: of_scheme },
        declaration::Event::ResultDeclared {
            acquired_on: "2023-10-23".parse().unwrap(),
            meeting_id: crate::ids::ReviewMeetingId(scheme_id),
            passed: true,
            vote_on: "2023-10-16".parse().unwrap(),
        },
        declaration::Event::ResultPublicityPassed { reason: None.into() },
    ] {
        hunan.meanwhile(case, event);
    }
    let (office, authority) = (hunan.committee_operator, hunan.authority());
    let filings = |hunan: &Hunan| hunan.world.get::<Scheme>(scheme_id).filings;
    hunan.act(office, "scheme", scheme_id, "request-filing", json!({}));
    assert_eq!(filings(&hunan).state(), Some(FilingState::Requested));
    let fail = json!({"decision": "fail", "opinion": "职数有异议。"});
    hunan.act(authority, "scheme", scheme_id, "review-filing", fail);
    let sent_back = filings(&hunan);
    assert_eq!((sent_back.state(), sent_back.ready), (Some(FilingState::Rejected), [id].into()));
    hunan.act(office, "declaration", case, "request-filing", json!({}));
    let pass =
        json!({"decision": "pass", "filing_number": "湘人社函〔2023〕118号", "filed_on": "2023-10-25"});
    hunan.act(authority, "declaration", case, "review-filing", pass);
    let filed = filings(&hunan);
    assert_eq!((filed.state(), filed.filed, filed.ready), (Some(FilingState::Filed), [id].into(), [].into()));
    hunan.act(hunan.province, "declaration", case, "cancel-filing", json!({"reason": "单位未公示。"}));
    let cancelled = filings(&hunan);
    assert_eq!((cancelled.filed, cancelled.cancelled), ([].into(), [id].into()));
    assert_eq!(filings(&hunan).state(), Some(FilingState::Cancelled));
}

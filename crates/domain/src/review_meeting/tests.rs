//! The meeting: draw, panels, ballots of several candidates, the cut, declared results, annulment, the offline medium.

use super::ReviewMeeting;
use crate::aggregate::StreamId;
use crate::declaration::{Declaration, Stage};
use crate::draw::Seed;
use crate::ids::{AccountId, EmployerId};
use crate::quota_ledger::{QuotaLedger, ledger_id};
use crate::refusal::Refusal;
use crate::scheme::{self, Scheme};
use crate::values::{Choice, Level};
use crate::world::Who;
use crate::world::hunan::Hunan;
use crate::world::sitting::{Sitting, opinion, places};
use serde_json::{Value, json};

fn office(sitting: &mut Sitting, action: &str, input: Value) -> Result<(), Refusal> {
    let (office, meeting) = (sitting.hunan.committee_operator, sitting.meeting);
    sitting.tries(office, "review_meeting", meeting, action, input).map(|_| ())
}

fn chair(sitting: &mut Sitting, action: &str, input: Value) -> Result<(), Refusal> {
    let (chair, meeting) = (sitting.seat(3), sitting.meeting);
    sitting.tries(chair, "review_meeting", meeting, action, input).map(|_| ())
}

fn code(outcome: Result<(), Refusal>) -> &'static str {
    outcome.unwrap_err().code
}

#[test]
fn registration_material_review_and_interview_are_held_apart() {
    let mut sitting = Sitting::approved(1, |_| {});
    let operator = Who::Account(sitting.hunan.committee_operator);
    for (same, pointer) in [("material_place", "/material_place"), ("interview_place", "/interview_place")] {
        let mut input = places(sitting.scheme);
        input[same] = json!(" 湘江宾馆 ");
        let refusal = sitting.world().create(operator, "review_meeting", input).unwrap_err();
        assert_eq!((refusal.code, refusal.problems[0].pointer.as_str()), ("places-not-separate", pointer));
    }
    sitting.call();
    let input = places(sitting.scheme);
    let again = sitting.world().create(operator, "review_meeting", input);
    assert_eq!(again.unwrap_err().code, "meeting-exists");
}

#[test]
fn two_witnesses_commit_before_either_reveals() {
    let mut sitting = Sitting::approved(1, |_| {});
    sitting.call();
    let (meeting, [first, second]) = (sitting.meeting, sitting.witnesses);
    let seed = Seed::from([1; 32]);
    let commitment = json!({"commitment": seed.commitment()});
    let reveal = json!({"seed": seed.to_string()});
    sitting.hunan.act(first, "review_meeting", meeting, "commit-seed", commitment.clone());
    let refused = sitting.tries(first, "review_meeting", meeting, "commit-seed", commitment.clone());
    assert_eq!(refused.unwrap_err().code, "same-person");
    let refused = sitting.tries(first, "review_meeting", meeting, "reveal-seed", reveal.clone());
    assert_eq!(refused.unwrap_err().code, "commitment-missing");
    let refused = sitting.tries(second, "review_meeting", meeting, "commit-seed", commitment);
    assert_eq!(refused.unwrap_err().code, "draw-commitment-repeated");
    let other = json!({"commitment": Seed::from([2; 32]).commitment()});
    sitting.hunan.act(second, "review_meeting", meeting, "commit-seed", other.clone());
    let third = sitting.hunan.staff("纪检丙", "discipline-witness", sitting.hunan.department);
    let refused = sitting.tries(third, "review_meeting", meeting, "commit-seed", other);
    assert_eq!(refused.unwrap_err().code, "commitments-complete");
    let refused = sitting.tries(second, "review_meeting", meeting, "reveal-seed", reveal.clone());
    assert_eq!(refused.unwrap_err().code, "draw-commitment-broken");
    sitting.hunan.act(first, "review_meeting", meeting, "reveal-seed", reveal);
    sitting.hunan.world.clock("2023-10-22T09:00:00+08:00");
    assert_eq!(code(office(&mut sitting, "draw", json!({}))), "seeds-missing");
}

#[test]
fn draws_at_the_earliest_the_day_before_the_opening() {
    let mut sitting = Sitting::approved(1, |_| {});
    sitting.call();
    sitting.fill_pool(25);
    sitting.seeds();
    sitting.world().clock("2023-10-21T23:59:59+08:00");
    assert_eq!(code(office(&mut sitting, "draw", json!({}))), "draw-too-early");
    sitting.world().clock("2023-10-22T00:00:00+08:00");
    office(&mut sitting, "draw", json!({})).unwrap();
    assert_eq!(sitting.stages(), [Stage::JudgesDrawn]);
}

#[test]
fn the_pool_leaves_out_who_may_not_judge_and_anyone_can_draw_again() {
    let mut sitting = Sitting::approved(1, |_| {});
    sitting.call();
    sitting.fill_pool(24);
    let (drainage, housing) = (sitting.hunan.drainage, sitting.hunan.housing);
    let colleague = sitting.judge("同单位评委", drainage, "2026-01-01");
    let expired = sitting.judge("期满评委", housing, "2023-10-22");
    sitting.seeds();
    sitting.world().clock("2023-10-22T09:00:00+08:00");
    assert_eq!(code(office(&mut sitting, "draw", json!({}))), "draw-pool-too-small");
    let last_day = sitting.judge("在任评委", housing, "2023-10-23");
    office(&mut sitting, "draw", json!({})).unwrap();
    let meeting = sitting.meeting();
    let record = meeting.draw.clone().unwrap();
    record.verify().unwrap();
    assert_eq!((record.drawn.len(), record.substitutes.len()), (25, 0));
    assert!(meeting.seats.contains(&last_day));
    assert!(!record.pool.contains(&colleague.0) && !record.pool.contains(&expired.0));
}

#[test]
fn a_declined_judge_is_replaced_by_the_next_substitute() {
    let mut sitting = Sitting::drawn(1, |_| {});
    let (first, next) = (sitting.seats[0], sitting.meeting().substitutes[0]);
    office(&mut sitting, "record-reply", json!({"judge_id": first, "reply": "declined"})).unwrap();
    let input = sitting.groups();
    let refused = office(&mut sitting, "assign", input).unwrap_err();
    assert_eq!(refused.problems[0].code, "judge-declined");
    for _ in 0..3 {
        let leaving = sitting.meeting().seats[0];
        office(&mut sitting, "replace-judge", json!({"judge_id": leaving, "reason": "出差"})).unwrap();
    }
    let refused = office(&mut sitting, "replace-judge", json!({"judge_id": first, "reason": "出差"}));
    assert_eq!(refused.unwrap_err().problems[0].code, "judge-not-seated");
    let leaving = sitting.meeting().seats[0];
    let refused = office(&mut sitting, "replace-judge", json!({"judge_id": leaving, "reason": "出差"}));
    assert_eq!(code(refused), "substitutes-exhausted");
    assert!(sitting.meeting().seats.len() == 25 && !sitting.meeting().substitutes.contains(&next));
}

#[test]
fn a_group_has_three_judges_of_the_meeting_and_none_that_is_recused() {
    let mut sitting = Sitting::drawn(1, |_| {});
    let candidate = sitting.candidates[0];
    let mut small = sitting.groups();
    small["groups"][0]["judge_ids"] = json!(sitting.seats[..2]);
    assert_eq!(office(&mut sitting, "assign", small).unwrap_err().problems[0].code, "group-too-small");
    let recusal = json!({"judge_id": sitting.seats[1], "declaration_id": candidate, "ground": "师生关系"});
    let other = sitting.seat(2);
    let meeting = sitting.meeting;
    let refused = sitting.tries(other, "review_meeting", meeting, "declare-recusal", recusal.clone());
    assert_eq!(refused.unwrap_err().code, "not-allowed");
    let own = sitting.seat(1);
    sitting.hunan.act(own, "review_meeting", meeting, "declare-recusal", recusal);
    let input = sitting.groups();
    assert_eq!(office(&mut sitting, "assign", input).unwrap_err().problems[0].code, "recused-judge");
}

#[test]
fn interview_notices_name_a_place_of_their_own_and_a_time_to_come() {
    let mut sitting = Sitting::assigned(1, |_| {});
    let candidate = sitting.candidates[0];
    let notice =
        |at: &str, place: &str| json!({"notices": [{"declaration_id": candidate, "at": at, "place": place}]});
    let refused =
        office(&mut sitting, "send-interview-notices", notice("2023-10-24T09:00:00+08:00", "湖南宾馆三楼"));
    assert_eq!(code(refused), "places-not-separate");
    let refused =
        office(&mut sitting, "send-interview-notices", notice("2023-10-22T09:00:00+08:00", "湖南大学"));
    assert_eq!(refused.unwrap_err().problems[0].code, "in-the-past");
    office(&mut sitting, "send-interview-notices", notice("2023-10-24T09:00:00+08:00", "湖南大学")).unwrap();
    assert!(sitting.candidate(0).review.notice.is_some());
}

#[test]
fn opens_and_closes_the_ballots_of_several_candidates_all_or_none() {
    let mut sitting = Sitting::assigned(2, |_| {});
    sitting.reviewed(0, 90, 40);
    let both = json!({"declaration_ids": sitting.candidates, "attending": sitting.seats});
    let refused = chair(&mut sitting, "open-ballots", both.clone()).unwrap_err();
    assert_eq!(refused.code, "stage-refused");
    assert_eq!(refused.problems[0].pointer, "/declaration_ids/1");
    assert_eq!(sitting.stages(), [Stage::OpinionGiven, Stage::JudgesDrawn]);
    sitting.reviewed(1, 80, 40);
    chair(&mut sitting, "open-ballots", both).unwrap();
    let rounds: Vec<_> =
        (0..2).map(|n| sitting.candidate(n).review.ballot.map(|ballot| ballot.round)).collect();
    assert_ne!(rounds[0], rounds[1]);
    let votes = json!({"votes": [
        {"declaration_id": sitting.candidates[0], "choice": "agree"}, {"declaration_id": sitting.candidates[1], "choice": "disagree"},
    ]});
    let (judge, meeting) = (sitting.seat(9), sitting.meeting);
    let appended = sitting.tries(judge, "review_meeting", meeting, "cast-votes", votes).unwrap();
    assert_eq!(appended, []);
    sitting.votes(0, 25, 25);
    sitting.votes(1, 16, 25);
    let close = json!({"declaration_ids": sitting.candidates});
    chair(&mut sitting, "close-ballots", close).unwrap();
    assert_eq!(sitting.stages(), [Stage::VotePassed, Stage::VoteFailed]);
}

#[test]
fn the_cut_keeps_the_ratio_by_votes_then_score_and_its_result_is_declared() {
    let mut sitting = Sitting::assigned(4, |input| input["ratio_percent"] = json!(50));
    sitting.decided(0, 20, 99);
    sitting.decided(1, 25, 70);
    sitting.decided(2, 25, 80);
    assert_eq!(code(office(&mut sitting, "apply-cut", json!({}))), "candidates-open");
    sitting.decided(3, 16, 100);
    assert_eq!(code(chair(&mut sitting, "declare-results", json!({}))), "cut-missing");
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    assert_eq!(
        sitting.stages(),
        [Stage::VoteFailed, Stage::VotePassed, Stage::VotePassed, Stage::VoteFailed]
    );
    let ranks: Vec<_> = (0..4).map(|n| sitting.candidate(n).review.cut.map(|cut| cut.rank)).collect();
    assert_eq!(ranks, [Some(3), Some(2), Some(1), None]);
    assert_eq!(sitting.candidate(0).review.failure_reason.unwrap().0, "quota-cut");
    assert_eq!(code(office(&mut sitting, "apply-cut", json!({}))), "cut-applied");
    assert_eq!(code(office(&mut sitting, "declare-results", json!({}))), "not-allowed");
    chair(&mut sitting, "declare-results", json!({})).unwrap();
    let declared = sitting.candidate(1).review.declared.unwrap();
    assert_eq!((declared.passed, declared.acquired_on.to_string()), (true, "2023-10-30".to_owned()));
    assert!(!sitting.candidate(0).review.declared.unwrap().passed);
    assert_eq!(sitting.roll_back(1).unwrap_err().code, "rollback-not-latest");
    assert_eq!(code(office(&mut sitting, "close", json!({}))), "failure-reasons-missing");
    let failed = sitting.candidates[3];
    let reason = json!({"category": "业绩不足", "reason": "代表作质量不高"});
    sitting.office("declaration", failed, "record-failure-reason", reason);
    office(&mut sitting, "close", json!({})).unwrap();
}

#[test]
fn declares_only_with_every_opinion_of_the_committee() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    sitting.balloted(0, 25);
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    assert_eq!(code(chair(&mut sitting, "declare-results", json!({}))), "opinions-missing");
    sitting.judged(3, 0, "give-opinion", opinion("committee"));
    chair(&mut sitting, "declare-results", json!({})).unwrap();
}

#[test]
fn who_failed_before_the_vote_is_declared_with_the_others() {
    let mut sitting = Sitting::assigned(2, |_| {});
    sitting.decided(0, 25, 90);
    sitting.judged(0, 1, "review-material", json!({"decision": "fail", "opinion": "材料不实"}));
    let outside = |sitting: &Sitting| sitting.candidate(1).stage_outside();
    assert_eq!(outside(&sitting), Stage::SchemeApproved, "until the results are declared");
    assert!(sitting.candidate(1).latest_operation().is_some());
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    chair(&mut sitting, "declare-results", json!({})).unwrap();
    assert_eq!(outside(&sitting), Stage::MaterialReviewFailed);
    let failed = sitting.candidate(1);
    assert!(!failed.review.declared.unwrap().passed && failed.latest_operation().is_none());
    assert_eq!(failed.review.meeting.map(|meeting| meeting.0), Some(sitting.meeting));
}

#[test]
fn what_a_judge_saved_before_of_a_sheet_that_is_undone_is_undone_too() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    for locked in [false, true] {
        let sheet = json!({"items": [{"item": "业绩成果", "score": 80}], "locked": locked});
        sitting.judged(0, 0, "score-material", sheet);
    }
    sitting.roll_back(0).unwrap();
    let it = sitting.candidate(0);
    let saved: Vec<bool> =
        it.steps.iter().filter(|step| step.action == "score-material").map(|step| step.rolled_back).collect();
    assert_eq!(saved, [true, true]);
}

#[test]
fn an_acquisition_that_crosses_the_year_is_noted() {
    for (day, crosses) in [("2023-12-22", false), ("2023-12-25", true)] {
        let mut sitting = Sitting::assigned(1, |_| {});
        sitting.world().clock(&format!("{day}T10:00:00+08:00"));
        sitting.decided(0, 25, 90);
        office(&mut sitting, "apply-cut", json!({})).unwrap();
        chair(&mut sitting, "declare-results", json!({})).unwrap();
        let noted = sitting.hunan.world.log.iter().any(|logged| {
            matches!(
                logged.event,
                crate::AnyEvent::ReviewMeeting(super::Event::ResultsDeclared { crosses_year: true, .. })
            )
        });
        assert_eq!(noted, crosses, "{day}");
    }
}

#[test]
fn a_rollback_voids_the_cut_of_everybody() {
    let mut sitting = Sitting::assigned(3, |input| input["ratio_percent"] = json!(34));
    for n in 0..3 {
        sitting.decided(n, 25 - n, 90);
    }
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    assert_eq!(sitting.stages(), [Stage::VotePassed, Stage::VoteFailed, Stage::VoteFailed]);
    sitting.roll_back(1).unwrap();
    assert_eq!(sitting.stages(), [Stage::VotePassed; 3]);
    assert!((0..3).all(|n| sitting.candidate(n).review.cut.is_none()));
    assert!(!sitting.meeting().cut);
    sitting.judged(3, 1, "give-opinion", opinion("committee"));
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    chair(&mut sitting, "declare-results", json!({})).unwrap();
}

#[test]
fn an_annulled_meeting_returns_everybody_and_its_scheme_is_over() {
    let mut sitting = Sitting::assigned(3, |_| {});
    sitting.decided(0, 25, 90);
    sitting.reviewed(1, 80, 30);
    sitting.judged(0, 2, "review-material", json!({"decision": "fail", "opinion": "材料不实"}));
    let (province, meeting) = (sitting.hunan.province, sitting.meeting);
    let refused = sitting.tries(province, "review_meeting", meeting, "annul", json!({"reason": " "}));
    assert_eq!(refused.unwrap_err().code, "reason-required");
    sitting.hunan.act(province, "review_meeting", meeting, "annul", json!({"reason": "评委违反回避规定"}));
    assert_eq!(sitting.stages(), [Stage::Qualified; 3]);
    assert_eq!(sitting.candidate(0).annulled_ballots.len(), 1);
    assert_eq!(sitting.hunan.world.get::<Scheme>(sitting.scheme).stage, scheme::Stage::Annulled);
    assert!(sitting.candidate(0).latest_operation().is_some());
    assert_eq!(code(office(&mut sitting, "apply-cut", json!({}))), "stage-refused");
}

/// The actions that the meeting's object offers.
fn offered(sitting: &Sitting, who: AccountId) -> Vec<&'static str> {
    let offered = sitting.hunan.world.offered(who, StreamId::of::<ReviewMeeting>(sitting.meeting));
    offered.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_meeting_offers_a_step_when_it_can_be_taken() {
    let mut sitting = Sitting::approved(2, |_| {});
    sitting.call();
    let operator = sitting.hunan.committee_operator;
    assert_eq!(offered(&sitting, operator), Vec::<&str>::new(), "no seeds, no draw");
    assert_eq!(offered(&sitting, sitting.witnesses[0]), ["commit-seed"]);
    let sitting = Sitting::drawn(2, |_| {});
    let drawn = offered(&sitting, operator);
    assert!(drawn.contains(&"assign") && drawn.contains(&"record-reply"), "{drawn:?}");
    assert!(!drawn.contains(&"apply-cut") && !drawn.contains(&"declare-results"), "{drawn:?}");
    let sitting = Sitting::assigned(2, |_| {});
    assert!(offered(&sitting, operator).contains(&"apply-cut"));
}

#[test]
fn an_offline_review_enters_its_result_with_evidence_and_is_declared_without_a_draw() {
    let mut sitting = Sitting::approved(2, |input| input["medium"] = json!("offline"));
    sitting.call();
    let witness = sitting.witnesses[0];
    let meeting = sitting.meeting;
    let commitment = json!({"commitment": Seed::from([1; 32]).commitment()});
    let refused = sitting.tries(witness, "review_meeting", meeting, "commit-seed", commitment);
    assert_eq!(refused.unwrap_err().code, "offline-without-draw");
    assert_eq!(office(&mut sitting, "draw", json!({})).unwrap_err().code, "offline-without-draw");
    let operator = sitting.hunan.committee_operator;
    assert_eq!(offered(&sitting, operator), ["assign", "apply-cut"]);
    assert_eq!(offered(&sitting, witness), Vec::<&str>::new());
    let paper = evidence(&mut sitting, operator);
    let applicant = sitting.hunan.applicant;
    let private = evidence(&mut sitting, applicant);
    let result = |agree: u32, attending: u32| json!({"size": 25, "attending": attending, "agree": agree, "material_score": "88.5", "interview_score": 40, "evidence": [paper]});
    let operator = sitting.hunan.committee_operator;
    let [first, second] = [sitting.candidates[0], sitting.candidates[1]];
    let mut bare = result(17, 25);
    bare["evidence"] = json!([]);
    let mut of_others = result(17, 25);
    of_others["evidence"] = json!([private]);
    let early = sitting.tries(operator, "declaration", first, "record-offline-result", result(12, 17));
    assert_eq!(early.unwrap_err().code, "review-ahead");
    sitting.world().clock("2023-10-23T09:00:00+08:00");
    for (input, expected) in [
        (bare, "evidence-missing"),
        (of_others, "reference-refused"),
        (result(16, 16), "quorum-missing"),
        (result(18, 17), "invalid-input"),
    ] {
        let refused = sitting.tries(operator, "declaration", first, "record-offline-result", input);
        assert_eq!(refused.unwrap_err().code, expected);
    }
    sitting.office("declaration", first, "record-offline-result", result(12, 17));
    sitting.office("declaration", second, "record-offline-result", result(11, 17));
    assert_eq!(sitting.stages(), [Stage::VotePassed, Stage::VoteFailed]);
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    office(&mut sitting, "declare-results", json!({})).unwrap();
    assert!(sitting.candidate(0).review.declared.unwrap().passed);
    assert!(sitting.hunan.world.get::<ReviewMeeting>(meeting).declared);
}

#[test]
fn an_online_scheme_takes_no_offline_result() {
    let mut sitting = Sitting::approved(1, |_| {});
    let input = json!({"size": 25, "attending": 25, "agree": 25, "evidence": []});
    let (operator, id) = (sitting.hunan.committee_operator, sitting.candidates[0]);
    let refused = sitting.tries(operator, "declaration", id, "record-offline-result", input);
    assert_eq!(refused.unwrap_err().code, "scheme-online");
}

#[test]
fn a_candidate_that_left_is_no_candidate_any_more() {
    let mut sitting = Sitting::assigned(2, |_| {});
    sitting.roll_back(0).unwrap();
    sitting.decided(1, 25, 90);
    let id = sitting.candidates[0];
    let refused = chair(&mut sitting, "open-ballots", json!({"declaration_ids": [id], "attending": []}));
    assert_eq!(refused.unwrap_err().problems[0].code, "not-a-candidate");
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    let stood: Declaration = sitting.candidate(1);
    assert_eq!(stood.stage, Stage::VotePassed);
    assert_eq!(sitting.world().vote(Who::System, id, Choice::Agree).unwrap_err().code, "stage-refused");
}

fn evidence(sitting: &mut Sitting, of: AccountId) -> uuid::Uuid {
    let id = sitting.world().fresh();
    let person_id = sitting.world().registers.accounts.get(of).unwrap().person.unwrap();
    let stored = crate::material::Event::Stored {
        digest: "0".repeat(64),
        media_type: "application/pdf".into(),
        name: "会议记录.pdf".to_owned().into(),
        person_id,
        size: 1_024,
    };
    let stream = crate::StreamId::of::<crate::material::StoredMaterial>(id);
    sitting.world().given(stream, stored, None);
    id
}

/// Three candidates of one public institution with two approved posts; three may be recommended.
fn under_quota() -> (Sitting, uuid::Uuid) {
    let mut hunan = Hunan::new();
    hunan.quota_batch("1.5");
    hunan.quota(2);
    let mut candidates = Vec::new();
    for n in 0..3 {
        let case = hunan.another_published(n);
        hunan.act(hunan.operator, "declaration", case, "recommend", json!({}));
        for reviewer in [hunan.housing_reviewer, hunan.changsha_reviewer] {
            let pass = json!({"decision": "pass", "paper_consistent": true});
            hunan.act(reviewer, "declaration", case, "review-by-superior", pass);
        }
        let pass = json!({"decision": "pass"});
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", pass);
        candidates.push(case);
    }
    let ledger = ledger_id(EmployerId(hunan.drainage), 2023, Level::AssociateSenior);
    (Sitting::of(hunan, candidates).approve(|_| {}).draw().assign(), ledger)
}

#[test]
fn the_cut_uses_no_more_posts_than_were_approved_and_a_rollback_reserves_them_again() {
    let (mut sitting, ledger) = under_quota();
    let places = |sitting: &Sitting| {
        let it: QuotaLedger = sitting.hunan.world.get(ledger);
        (it.reserved.len(), it.consumed.len(), it.returned.len())
    };
    assert_eq!(places(&sitting), (3, 0, 0));
    for n in 0..3 {
        sitting.decided(n, 23 + n, 90);
    }
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    assert_eq!(sitting.stages(), [Stage::VoteFailed, Stage::VotePassed, Stage::VotePassed]);
    assert_eq!(places(&sitting), (0, 2, 1));
    sitting.roll_back(2).unwrap();
    assert_eq!(places(&sitting), (3, 0, 0));
    sitting.roll_back(2).unwrap();
    sitting.balloted(2, 10);
    sitting.judged(3, 2, "give-opinion", opinion("committee"));
    office(&mut sitting, "apply-cut", json!({})).unwrap();
    assert_eq!(sitting.stages(), [Stage::VotePassed, Stage::VotePassed, Stage::VoteFailed]);
    assert_eq!(places(&sitting), (0, 2, 1));
    let (province, meeting) = (sitting.hunan.province, sitting.meeting);
    sitting.hunan.act(province, "review_meeting", meeting, "annul", json!({"reason": "评委违反回避规定"}));
    assert_eq!(places(&sitting), (3, 0, 0));
}

//! What judges do on one candidate, and how it is rolled back.

use super::{Declaration, Stage};
use crate::private::Private;
use crate::refusal::Refusal;
use crate::values::Choice;
use crate::world::sitting::{Sitting, opinion, sheet};
use crate::world::{Done, Who};
use serde_json::{Value, json};

fn judge(sitting: &mut Sitting, seat: usize, action: &str, input: Value) -> Result<(), Refusal> {
    let (judge, id) = (sitting.seat(seat), sitting.candidates[0]);
    sitting.tries(judge, "declaration", id, action, input).map(|_| ())
}

fn code(outcome: Result<(), Refusal>) -> &'static str {
    outcome.unwrap_err().code
}

fn recuse(sitting: &mut Sitting, seat: usize) {
    let input =
        json!({"judge_id": sitting.seats[seat], "declaration_id": sitting.candidates[0], "ground": "近亲属"});
    let meeting = sitting.meeting;
    sitting.office("review_meeting", meeting, "declare-recusal", input);
}

#[test]
fn the_panels_reviewer_alone_reviews_the_material() {
    let mut sitting = Sitting::assigned(1, |_| {});
    let pass = json!({"decision": "pass"});
    assert_eq!(code(judge(&mut sitting, 1, "review-material", pass.clone())), "not-allowed");
    let fail = json!({"decision": "fail"});
    assert_eq!(code(judge(&mut sitting, 0, "review-material", fail)), "reason-required");
    judge(&mut sitting, 0, "review-material", pass).unwrap();
    assert_eq!(sitting.stages(), [Stage::MaterialReviewed]);
}

#[test]
fn scores_lie_between_nothing_and_the_maximum_until_the_sheet_is_locked() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    let draft = |score: Value| json!({"items": [{"item": "业绩成果", "score": score}], "locked": false});
    for score in [json!(-1), json!("100.01")] {
        let refused = judge(&mut sitting, 1, "score-material", draft(score)).unwrap_err();
        assert_eq!(refused.problems[0].code, "score-out-of-range");
    }
    assert_eq!(code(judge(&mut sitting, 5, "score-material", draft(json!(1)))), "not-allowed");
    judge(&mut sitting, 1, "score-material", draft(json!(0))).unwrap();
    judge(&mut sitting, 1, "score-material", draft(json!("99.75"))).unwrap();
    let version = sitting.candidate(0).version;
    judge(&mut sitting, 1, "score-material", draft(json!(99.75))).unwrap();
    assert_eq!(sitting.candidate(0).version, version, "what changes nothing appends nothing");
    let unfinished = judge(&mut sitting, 1, "score-material", json!({"items": [], "locked": true}));
    assert_eq!(unfinished.unwrap_err().problems[0].code, "items-missing");
    judge(&mut sitting, 1, "score-material", sheet("业绩成果", 100)).unwrap();
    assert_eq!(code(judge(&mut sitting, 1, "score-material", draft(json!(1)))), "sheet-locked");
}

#[test]
fn an_absent_candidate_is_recorded_without_scores() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    let absent = json!({"items": [], "absent": true, "locked": true});
    assert_eq!(
        judge(&mut sitting, 0, "score-material", absent.clone()).unwrap_err().problems[0].code,
        "absent-not-here"
    );
    judge(&mut sitting, 0, "score-interview", absent).unwrap();
    let review = sitting.candidate(0).review;
    assert!(review.sheets.values().all(|sheet| sheet.absent && sheet.locked));
}

#[test]
fn without_an_interview_nobody_scores_one() {
    let mut sitting = Sitting::assigned(1, |input| {
        input["interview"] = json!(false);
        input["scoring"] = json!([{"item": "业绩成果", "sheet": "material", "max": 100, "weight": 100}]);
    });
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    assert_eq!(code(judge(&mut sitting, 0, "score-interview", sheet("答辩", 1))), "no-interview");
    for seat in 0..3 {
        sitting.judged(seat, 0, "score-material", sheet("业绩成果", 80));
    }
    sitting.judged(0, 0, "give-opinion", opinion("group"));
}

#[test]
fn the_group_speaks_when_every_sheet_is_locked_and_three_judges_are_left() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    for seat in 0..3 {
        sitting.judged(seat, 0, "score-material", sheet("业绩成果", 80));
    }
    assert_eq!(code(judge(&mut sitting, 0, "give-opinion", opinion("group"))), "sheets-open");
    for seat in 0..3 {
        sitting.judged(seat, 0, "score-interview", sheet("答辩", 40));
    }
    assert_eq!(code(judge(&mut sitting, 1, "give-opinion", opinion("group"))), "not-allowed");
    assert_eq!(code(judge(&mut sitting, 3, "give-opinion", opinion("group"))), "not-allowed");
    assert_eq!(code(judge(&mut sitting, 0, "give-opinion", opinion("committee"))), "stage-refused");
    recuse(&mut sitting, 2);
    assert_eq!(code(judge(&mut sitting, 0, "give-opinion", opinion("group"))), "group-too-small");
}

#[test]
fn meets_with_two_thirds_of_the_committee_and_without_the_recused() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    recuse(&mut sitting, 4);
    let all = json!({"attending": sitting.seats});
    let refused = judge(&mut sitting, 3, "open-ballot", all).unwrap_err();
    assert_eq!((refused.code, refused.problems[0].pointer.as_str()), ("recused-judge", "/attending/4"));
    let present: Vec<_> = sitting.seats.iter().copied().filter(|judge| *judge != sitting.seats[4]).collect();
    let few = json!({"attending": present[..16]});
    assert_eq!(code(judge(&mut sitting, 3, "open-ballot", few)), "quorum-missing");
    let enough = json!({"attending": present[..17]});
    assert_eq!(code(judge(&mut sitting, 0, "open-ballot", enough.clone())), "not-allowed");
    judge(&mut sitting, 3, "open-ballot", enough).unwrap();
    assert_eq!(sitting.candidate(0).review.ballot.unwrap().attending.len(), 17);
}

#[test]
fn only_who_signed_in_may_vote_where_attendance_was_recorded() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    let (meeting, present) = (sitting.meeting, json!({"judge_ids": sitting.seats[..20]}));
    sitting.office("review_meeting", meeting, "record-attendance", present);
    let all = json!({"attending": sitting.seats});
    let refused = judge(&mut sitting, 3, "open-ballot", all).unwrap_err();
    assert_eq!(refused.problems[0].code, "judge-not-attending");
    let present = json!({"attending": sitting.seats[..20]});
    judge(&mut sitting, 3, "open-ballot", present).unwrap();
}

#[test]
fn a_vote_appends_nothing_until_its_round_closes_and_then_has_no_voter() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    let vote = json!({"choice": "agree"});
    assert_eq!(code(judge(&mut sitting, 5, "cast-vote", vote.clone())), "stage-refused");
    let present = json!({"attending": sitting.seats[..20]});
    judge(&mut sitting, 3, "open-ballot", present).unwrap();
    let before = sitting.hunan.world.log.len();
    sitting.votes(0, 13, 19);
    assert_eq!(sitting.hunan.world.log.len(), before);
    assert_eq!(code(judge(&mut sitting, 20, "cast-vote", vote.clone())), "not-in-electorate");
    recuse(&mut sitting, 19);
    assert_eq!(code(judge(&mut sitting, 19, "cast-vote", vote.clone())), "recused-judge");
    assert_eq!(code(judge(&mut sitting, 3, "close-ballot", json!({}))), "ballots-missing");
    judge(&mut sitting, 3, "close-ballot", json!({"unreturned_confirmed": true})).unwrap();
    let tally = sitting.candidate(0).review.tally().unwrap();
    assert_eq!((tally.attending, tally.agree, tally.disagree, tally.passed), (20, 13, 6, false));
    let votes: Vec<_> =
        sitting.hunan.world.log.iter().filter(|it| it.event.name() == "declaration.vote_cast").collect();
    assert_eq!(votes.len(), 19);
    assert!(votes.iter().all(|it| it.stamp.actor.is_none() && it.stamp.time == votes[0].stamp.time));
    assert_eq!(code(judge(&mut sitting, 5, "cast-vote", vote)), "ballot-closed");
}

#[test]
fn passes_with_two_thirds_of_those_present() {
    for (agree, stage) in [(17, Stage::VotePassed), (16, Stage::VoteFailed)] {
        let mut sitting = Sitting::assigned(1, |_| {});
        sitting.reviewed(0, 90, 40);
        sitting.balloted(0, agree);
        assert_eq!(sitting.stages(), [stage]);
    }
}

#[test]
fn a_judge_does_nothing_on_a_held_candidate() {
    let mut sitting = Sitting::assigned(1, |_| {});
    let stream = crate::StreamId::of::<Declaration>(sitting.candidates[0]);
    let held = super::Event::Held { hold: crate::values::Hold::Discipline, source: None };
    sitting.world().given(stream, held, None);
    let pass = json!({"decision": "pass"});
    assert_eq!(code(judge(&mut sitting, 0, "review-material", pass)), "declaration-held");
    judge(&mut sitting, 0, "review-material", json!({"decision": "fail", "opinion": "材料不实"})).unwrap();
}

#[test]
fn rolls_back_from_the_latest_to_the_qualification_and_again() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.decided(0, 25, 90);
    let (province, id) = (sitting.hunan.province, sitting.candidates[0]);
    let first = sitting.candidate(0).operations[0].id.clone();
    let early = json!({"operation": first, "reason": "程序有误"});
    let refused = sitting.tries(province, "declaration", id, "rollback", early);
    assert_eq!(refused.unwrap_err().code, "rollback-not-latest");
    let mut stages = Vec::new();
    while sitting.candidate(0).latest_operation().is_some() {
        sitting.roll_back(0).unwrap();
        stages.push(sitting.candidate(0).stage);
    }
    let expected = [
        Stage::VotePassed,
        Stage::OpinionGiven,
        Stage::Scoring,
        Stage::Scoring,
        Stage::Scoring,
        Stage::Scoring,
        Stage::Scoring,
        Stage::Scoring,
        Stage::MaterialReviewed,
        Stage::JudgesDrawn,
        Stage::QualificationReview,
    ];
    assert_eq!(stages, expected);
    assert_eq!(sitting.roll_back(0).unwrap_err().code, "rollback-not-latest");
    assert!(sitting.candidate(0).steps.iter().any(|step| step.rolled_back));
}

#[test]
fn a_ballot_round_is_annulled_on_a_ground_with_a_second_person_and_repeated_by_the_same() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    sitting.balloted(0, 10);
    assert_eq!(sitting.roll_back_alone(0, None).unwrap_err().code, "ground-required");
    let waits = sitting.roll_back_alone(0, Some("recused_judge_voted")).unwrap();
    assert_eq!(waits, Done::SecondPersonNeeded);
    assert_eq!(sitting.stages(), [Stage::VoteFailed]);
    sitting.roll_back(0).unwrap();
    let annulled = sitting.candidate(0).annulled_ballots;
    assert_eq!((annulled.len(), annulled[0].annulled.as_deref()), (1, Some("wrong_candidate")));
    assert_eq!(annulled[0].tally.unwrap().agree, 10);

    let fewer = json!({"attending": sitting.seats[..24]});
    assert_eq!(code(judge(&mut sitting, 3, "open-ballot", fewer.clone())), "electorate-differs");
    recuse(&mut sitting, 24);
    judge(&mut sitting, 3, "open-ballot", fewer).unwrap();
    sitting.votes(0, 24, 24);
    judge(&mut sitting, 3, "close-ballot", json!({})).unwrap();
    assert_eq!(sitting.stages(), [Stage::VotePassed]);
}

#[test]
fn leaving_the_group_opinion_frees_the_electorate() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    sitting.balloted(0, 10);
    sitting.roll_back(0).unwrap();
    sitting.roll_back(0).unwrap();
    sitting.judged(0, 0, "give-opinion", opinion("group"));
    let fewer = json!({"attending": sitting.seats[..18]});
    judge(&mut sitting, 3, "open-ballot", fewer).unwrap();
}

#[test]
fn an_open_round_is_annulled_too() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    let all = json!({"attending": sitting.seats});
    judge(&mut sitting, 3, "open-ballot", all).unwrap();
    sitting.votes(0, 3, 3);
    sitting.roll_back(0).unwrap();
    assert_eq!(sitting.stages(), [Stage::OpinionGiven]);
    assert!(sitting.candidate(0).annulled_ballots[0].tally.is_none());
    let who = Who::Account(sitting.seat(8));
    let id = sitting.candidates[0];
    assert_eq!(sitting.world().vote(who, id, Choice::Agree).unwrap_err().code, "ballot-closed");
}

#[test]
fn a_failed_qualification_takes_its_claim_back_when_it_is_undone() {
    let mut sitting = Sitting::qualified(1);
    let id = sitting.candidates[0];
    let stream = crate::StreamId::of::<Declaration>(id);
    sitting.roll_back(0).unwrap();
    let failed = super::Event::QualificationFailed { handling: super::values::HandledBy::default() };
    sitting.world().given(stream, failed, None);
    let subject = sitting.candidate(0).subject.unwrap();
    let claim = super::open_claim(subject.person, subject.year, subject.level);
    sitting.world().claims.remove(&claim);
    sitting.roll_back(0).unwrap();
    assert_eq!(sitting.hunan.world.claims.get(&claim), Some(&stream));
    assert_eq!(sitting.stages(), [Stage::QualificationReview]);
}

#[test]
fn a_failure_reason_is_private_and_goes_with_the_ballot() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 90, 40);
    sitting.balloted(0, 10);
    let (id, reason) = (sitting.candidates[0], json!({"category": "业绩不足", "reason": "代表作质量不高"}));
    sitting.office("declaration", id, "record-failure-reason", reason);
    let recorded = sitting.candidate(0).review.failure_reason.unwrap();
    assert_eq!(recorded, ("业绩不足".to_owned(), Private::Known("代表作质量不高".to_owned())));
    sitting.roll_back(0).unwrap();
    assert_eq!(sitting.candidate(0).review.failure_reason, None);
}

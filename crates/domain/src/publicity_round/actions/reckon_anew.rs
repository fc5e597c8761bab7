//! 重新计算公示截止日期 Reckon anew: the last day rested on a year without a calendar; now that one is published it is counted
//! with it (domain.md 4.10). A last day that was certain never changes, nor does that of a publicity which has ended.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::{DeclarationId, PublicityRoundId};
use crate::label::label;
use crate::publicity_round::{Event, Period, PublicityRound, Standing};
use crate::refusal::{common, refusals};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// The last day is certain, or the calendar says the same as before.
    PeriodStands = Rule "period-stands", "公示截止日期不变", "公示截止日期已确定，或按现行工作日历计算没有变化。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReckonAnew {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "reckon-anew",
    label: label("重新计算公示截止日期", "Reckon anew"),
    from: Start::Stages(&["running"]),
    ..ActionSpec::DEFAULT
};

/// Moves the last day, for the round and for every declaration that it still publishes. Where it publishes none any more the
/// day stays, and is certain from now on.
pub fn decide(_: &ReckonAnew, it: &PublicityRound, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(period) = it.period else { return Err(common::NotFound.into()) };
    let Some(reckoned) = context.calendar().end_of_period(period.starts_on, period.working_days) else {
        return Err(PeriodStands.into());
    };
    if !period.provisional || (reckoned.on, reckoned.provisional) == (period.ends_on, period.provisional) {
        return Err(PeriodStands.into());
    }
    let round_id = PublicityRoundId(id);
    let published = published(it, round_id, context)?;
    let ends_on = if published.is_empty() { period.ends_on } else { reckoned.on };
    let anew = Period { ends_on, provisional: reckoned.provisional, ..period };
    if anew == period {
        return Err(PeriodStands.into());
    }
    let moved = declaration::Event::PublicityReckoned { ends_on, provisional: anew.provisional, round_id };
    let outcome = Outcome::of(Event::PeriodReckoned { ends_on, provisional: anew.provisional });
    Ok(published.into_iter().fold(outcome, |outcome, id| outcome.also::<Declaration>(id, moved.clone())))
}

/// The declarations that are being published in this round.
fn published(
    it: &PublicityRound,
    round: PublicityRoundId,
    context: &Context<'_>,
) -> Result<Vec<DeclarationId>, crate::Stop> {
    let running = it.declarations.iter().filter(|(_, standing)| *standing == Standing::Running);
    let ids: Vec<DeclarationId> = running.map(|(id, _)| *id).collect();
    let declarations = context.load_all::<Declaration>(ids.iter().map(|id| id.0))?;
    let in_it = |declaration: &Declaration| {
        let publicity = match declaration.stage {
            Stage::EmployerPublicity => declaration.publicity.as_ref(),
            Stage::ResultPublicity => declaration.result_publicity.as_ref(),
            Stage::Draft
            | Stage::EmployerReview
            | Stage::ReturnedToApplicant
            | Stage::EmployerFailed
            | Stage::EmployerPublicityDue
            | Stage::EmployerPublicityEnded
            | Stage::EmployerPublicityFailed
            | Stage::Recommendation
            | Stage::SuperiorReview
            | Stage::ReturnedToSubordinate
            | Stage::SuperiorFailed
            | Stage::QualificationReview
            | Stage::QualificationFailed
            | Stage::Qualified
            | Stage::SchemeSubmitted
            | Stage::SchemeApproved
            | Stage::JudgesDrawn
            | Stage::MaterialReviewed
            | Stage::MaterialReviewFailed
            | Stage::Scoring
            | Stage::OpinionGiven
            | Stage::Balloting
            | Stage::VotePassed
            | Stage::VoteFailed
            | Stage::ResultPublicityPassed
            | Stage::ObjectionUpheld
            | Stage::FilingRequested
            | Stage::Filed
            | Stage::FinalApproved
            | Stage::CertificateIssued
            | Stage::ECertificateGenerated
            | Stage::Reported
            | Stage::Revoked
            | Stage::Withdrawn
            | Stage::Abandoned
            | Stage::FilingCancelled
            | Stage::Lapsed => None,
        };
        publicity.is_some_and(|publicity| publicity.round == round)
    };
    let pairs = ids.iter().zip(declarations);
    Ok(pairs.filter(|(_, declaration)| in_it(declaration)).map(|(id, _)| *id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::working_calendar::STREAM;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use chrono::NaiveDate;
    use serde_json::{Value, json};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A declaration at its employer, to be published over a year's end whose second year has no calendar yet.
    fn published_over_the_year_end(starts_on: &str) -> (Hunan, Uuid, Uuid) {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        hunan.world.clock(&format!("{starts_on}T09:00:00+08:00"));
        let input = json!({
            "kind": "employer", "declaration_ids": [case], "starts_on": starts_on, "working_days": 5,
            "contact": "李经办", "phone": "0731-84900000", "complaint_department": "人事科", "complaint_phone": "0731-84900001",
        });
        let round = hunan.create(Who::Account(hunan.operator), "publicity_round", input);
        (hunan, case, round)
    }

    /// 2027 with its first working day on 5 January.
    fn notice() -> Value {
        json!({"notice": "国务院办公厅关于2027年部分节假日安排的通知", "days": [
            {"date": "2027-01-01", "working": false}, {"date": "2027-01-04", "working": false},
        ]})
    }

    fn publish(hunan: &mut Hunan, notice: Value) {
        hunan.act(hunan.province, "working_calendar", STREAM, "publish-year", notice);
    }

    fn reckon(hunan: &mut Hunan, round: Uuid) -> Result<(), &'static str> {
        let done = hunan.world.act(Who::System, "publicity_round", round, SPEC.name, json!({}));
        done.map(|_| ()).map_err(|refusal| refusal.code)
    }

    fn ends(hunan: &Hunan, case: Uuid, round: Uuid) -> [(NaiveDate, bool); 2] {
        let period = hunan.world.get::<PublicityRound>(round).period.unwrap();
        let publicity = hunan.world.get::<Declaration>(case).publicity.unwrap();
        [(period.ends_on, period.provisional), (publicity.ends_on, publicity.provisional)]
    }

    #[test]
    fn a_published_calendar_makes_a_provisional_end_certain_for_round_and_declaration() {
        let (mut hunan, case, round) = published_over_the_year_end("2026-12-30");
        assert_eq!(ends(&hunan, case, round), [(day("2027-01-06"), true); 2]);
        assert_eq!(reckon(&mut hunan, round), Err("period-stands"), "nothing was published");
        publish(&mut hunan, notice());
        assert_eq!(reckon(&mut hunan, round), Ok(()));
        assert_eq!(ends(&hunan, case, round), [(day("2027-01-07"), false); 2]);
        assert_eq!(reckon(&mut hunan, round), Err("period-stands"), "it is certain now");
        hunan.world.clock("2027-01-07T23:59:59+08:00");
        let passed = json!({"results": [{"declaration_id": case, "result": "passed"}]});
        let early = hunan.refused(hunan.operator, "publicity_round", round, "record-result", passed.clone());
        assert_eq!(early.code, "publicity-not-ended");
        hunan.world.clock("2027-01-08T00:00:00+08:00");
        hunan.act(hunan.operator, "publicity_round", round, "record-result", passed);
    }

    #[test]
    fn an_end_that_was_certain_never_changes() {
        let (mut hunan, case, round) = published_over_the_year_end("2026-12-21");
        assert_eq!(ends(&hunan, case, round), [(day("2026-12-25"), false); 2]);
        let corrected =
            json!({"notice": "更正", "year": 2026, "days": [{"date": "2026-12-25", "working": false}]});
        publish(&mut hunan, corrected);
        assert_eq!(reckon(&mut hunan, round), Err("period-stands"));
        assert_eq!(ends(&hunan, case, round), [(day("2026-12-25"), false); 2]);
        let by_hand = hunan.refused(hunan.operator, "publicity_round", round, "reckon-anew", json!({}));
        assert_eq!(by_hand.code, "not-allowed");
    }

    #[test]
    fn a_publicity_that_has_ended_keeps_its_day() {
        let (mut hunan, case, round) = published_over_the_year_end("2026-12-30");
        hunan.world.clock("2027-01-07T00:00:00+08:00");
        hunan.world.act(Who::System, "declaration", case, "end-publicity", json!({})).unwrap();
        publish(&mut hunan, notice());
        assert_eq!(reckon(&mut hunan, round), Ok(()));
        assert_eq!(ends(&hunan, case, round)[0], (day("2027-01-06"), false));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::EmployerPublicityEnded);
    }
}

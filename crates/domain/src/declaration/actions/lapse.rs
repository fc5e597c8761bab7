//! 年度终结 Lapse: when its batch has closed, a declaration that has not got as far as a passed vote or an approval ends,
//! and gives back its claim and its place in the quota (contract.md, Stages; TM14).

use crate::action::{ActionSpec, Start};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::batch::{self, Batch};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::publicity_round::{self, PublicityRound};
use crate::refusal::{common, refusals};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// It lapses with its batch, not before.
    BatchNotClosed = Rule "batch-not-closed", "批次尚未终结", "该申报所在批次尚未终结，不能按年度终结处理。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lapse {}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "lapse",
    label: label("年度终结", "Lapse"),
    from: Start::Any,
    to: &[Stage::Lapsed.name()],
    ..ActionSpec::DEFAULT
};

/// Ends it.
pub fn decide(_: &Lapse, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !it.stage.lapses() {
        let stage = it.stage_label().to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    if !over(it, context) {
        return Err(BatchNotClosed.into());
    }
    let mut outcome = super::end(Outcome::of(Event::Lapsed), it, id);
    if matches!(it.stage, Stage::EmployerPublicity | Stage::EmployerPublicityEnded)
        && let Some(publicity) = &it.publicity
    {
        // whoever published it has no result to save any more
        let voided = publicity_round::Event::Voided { declaration_ids: vec![DeclarationId(id)] };
        outcome = outcome.also::<PublicityRound>(publicity.round, voided);
    }
    Ok(outcome)
}

/// Whether its batch has closed; of a draft that has not chosen yet, whether every batch that could take it has.
pub(crate) fn over(it: &Declaration, context: &Context<'_>) -> bool {
    let batches = &context.registers.batches;
    let closed = |batch: &Batch| batch.stage == batch::Stage::Closed;
    let bound = it.batch.or_else(|| it.final_organisation.as_ref().map(|chosen| chosen.batch_id));
    if let Some(id) = bound {
        return batches.get(id).is_some_and(closed);
    }
    let Some(subject) = &it.subject else { return false };
    let mut takers = batches
        .iter()
        .filter(|(_, batch)| {
            batch.terms.as_ref().is_some_and(|terms| {
                (terms.year, terms.mode) == (subject.year, subject.mode)
                    && terms.levels.contains(&subject.level)
            })
        })
        .peekable();
    takers.peek().is_some() && takers.all(|(_, batch)| closed(batch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EmployerId;
    use crate::quota_ledger::{QuotaLedger, ledger_id};
    use crate::values::Level;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    fn lapse(hunan: &mut Hunan, case: Uuid) -> Result<Stage, &'static str> {
        let done = hunan.world.act(Who::System, "declaration", case, SPEC.name, json!({}));
        done.map_err(|refusal| refusal.code)?;
        Ok(hunan.world.get::<Declaration>(case).stage)
    }

    #[test]
    fn comes_with_the_closing_of_the_batch_and_gives_everything_back() {
        let mut hunan = Hunan::new();
        hunan.quota_batch("1");
        hunan.quota(1);
        let case = hunan.qualified();
        let ledger = ledger_id(EmployerId(hunan.drainage), 2023, Level::AssociateSenior);
        assert_eq!(hunan.world.get::<QuotaLedger>(ledger).reserved.len(), 1);
        assert_eq!(lapse(&mut hunan, case), Err("batch-not-closed"));
        hunan.batch_closed(hunan.batch);
        assert_eq!(lapse(&mut hunan, case), Ok(Stage::Lapsed));
        assert!(hunan.world.get::<QuotaLedger>(ledger).reserved.is_empty());
        assert_eq!(lapse(&mut hunan, case), Err("stage-refused"));
        let mine = hunan.world.claims.keys().filter(|name| name.starts_with("declaration:open:")).count();
        assert_eq!(mine, 0, "the claim is free");
    }

    #[test]
    fn in_publicity_the_round_is_told_that_no_result_will_come() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        let round = hunan.world.get::<Declaration>(case).publicity.unwrap().round;
        hunan.batch_closed(hunan.batch);
        assert_eq!(lapse(&mut hunan, case), Ok(Stage::Lapsed));
        let round = hunan.world.get::<PublicityRound>(round);
        assert_eq!(round.standing(DeclarationId(case)), Some(publicity_round::Standing::Voided));
    }

    #[test]
    fn a_draft_that_has_not_chosen_waits_for_the_last_batch() {
        let mut hunan = Hunan::new();
        let (_, _, other) = hunan.committee_with("01", "2024-12-31", None);
        let case = hunan.create(
            Who::Account(hunan.applicant),
            "declaration",
            json!({
                "year": 2023, "mode": "review", "level": "associate_senior", "series": "01",
                "specialty": hunan.specialty("01"), "title": "副教授", "employer_id": hunan.drainage,
            }),
        );
        hunan.batch_closed(hunan.batch);
        assert_eq!(lapse(&mut hunan, case), Err("batch-not-closed"));
        hunan.batch_closed(other);
        assert_eq!(lapse(&mut hunan, case), Ok(Stage::Lapsed));
    }

    #[test]
    fn what_took_effect_does_not_lapse() {
        let mut hunan = Hunan::new();
        let case = hunan.granted_case();
        let batch = hunan.world.get::<Declaration>(case).batch.unwrap();
        let pass = json!({"decision": "pass"});
        hunan.act(hunan.changsha_reviewer, "declaration", case, "review-by-superior", pass);
        hunan.batch_closed(batch.0);
        assert_eq!(lapse(&mut hunan, case), Err("stage-refused"));
    }
}

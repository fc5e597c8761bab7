//! 公示结果保存 Record result: for many declarations of a round at once, all or nothing (seed 001 第三步; T15, T16, T53).

use super::{NotInRound, RoundSettled, check_list, of_entry};
use crate::action::{ActionSpec, FieldType, Place, Start, admit, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::actions::{record_employer_publicity_result, record_result_publicity};
use crate::declaration::{self, Declaration};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::publicity_round::{Event, PublicityRound, Recorded, Standing};
use crate::refusal::common;
use crate::scheme::results::{self, Published};
use crate::values::{PublicityKind, PublicityResult, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The result for one declaration, as it is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultInput {
    /// The declaration.
    pub declaration_id: DeclarationId,
    /// 公示结果.
    pub result: PublicityResult,
    /// Why: required where it failed.
    pub reason: Option<String>,
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordResult {
    /// At most 2,000; declarations that are not named stay as they are.
    pub results: Vec<ResultInput>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-result",
    label: label("公示结果保存", "Record result"),
    by: &[
        by(Role::EmployerOperator, Place::Employer),
        by(Role::CommitteeOperator, Place::Committee),
        by(Role::AuthorityReviewer, Place::FinalOrganisation),
    ],
    from: Start::Stages(&["running"]),
    form: &[required("results", "公示结果", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Saves each, by the rules of the single action; of results the schemes are told.
pub fn decide(input: &RecordResult, it: &PublicityRound, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let ids: Vec<DeclarationId> = input.results.iter().map(|result| result.declaration_id).collect();
    check_list("/results", &ids)?;
    let Some(kind) = it.kind else { return Err(common::NotFound.into()) };
    let mut outcome = Outcome::of(Event::ResultsRecorded {
        results: input
            .results
            .iter()
            .map(|result| Recorded { declaration_id: result.declaration_id, result: result.result })
            .collect(),
    });
    let declarations: Vec<&Declaration> = context.load_all(ids.iter().map(|id| id.0))?;
    let mut published = Vec::new();
    for (index, (result, declaration)) in input.results.iter().zip(declarations).enumerate() {
        running(it, result.declaration_id, index)?;
        let recorded = record(kind, result, declaration, context).map_err(of_entry("/results", index))?;
        outcome = outcome.including::<Declaration>(result.declaration_id, recorded);
        published.push(Published { id: result.declaration_id, it: declaration, result: result.result });
    }
    match kind {
        PublicityKind::Employer => Ok(outcome),
        PublicityKind::Result => results::tell(outcome, &published, context),
    }
}

/// Refuses a declaration that the round does not name, or for which it is settled.
pub(super) fn running(it: &PublicityRound, declaration: DeclarationId, index: usize) -> Result<(), Stop> {
    match it.standing(declaration) {
        Some(Standing::Running) => Ok(()),
        Some(Standing::Passed | Standing::Failed | Standing::Voided) => {
            Err(RoundSettled { index: index + 1 }.into())
        }
        None => Err(NotInRound { index: index + 1 }.into()),
    }
}

fn record(
    kind: PublicityKind,
    result: &ResultInput,
    declaration: &Declaration,
    context: &Context<'_>,
) -> Decision<declaration::Event> {
    let (id, reason) = (result.declaration_id.0, result.reason.as_deref());
    match kind {
        PublicityKind::Employer => {
            admit(declaration, &record_employer_publicity_result::SPEC, context)?;
            record_employer_publicity_result::enter(declaration, id, result.result, reason, context)
        }
        PublicityKind::Result => {
            admit(declaration, &record_result_publicity::SPEC, context)?;
            record_result_publicity::enter(declaration, id, result.result, reason, context)
        }
    }
}

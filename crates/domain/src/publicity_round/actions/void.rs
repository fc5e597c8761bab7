//! 公示作废 Void: the round no longer counts for these declarations; they are published anew (T17).

use super::{NotInRound, check_list, of_entry};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::actions;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::{DeclarationId, PublicityRoundId};
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::publicity_round::{Event, PublicityRound, Standing};
use crate::refusal::{common, refusals};
use crate::values::{PublicityKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// What was published of results is settled by its result or by an objection.
    ResultsNotVoidable = Rule "results-not-voidable", "评审结果公示不能作废", "评审结果公示不能作废；如有异议，请登记异议并核查。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// At most 2,000.
    pub declaration_ids: Vec<DeclarationId>,
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "void",
    label: label("公示作废", "Void"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Any,
    form: &[
        required("declaration_ids", "公示人员", FieldType::Structure),
        required("reason", "作废原因", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Voids it for each. What was recommended in the meantime is no longer the employer's to publish.
pub fn decide(input: &Void, it: &PublicityRound, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    check_list("/declaration_ids", &input.declaration_ids)?;
    if it.kind != Some(PublicityKind::Employer) {
        return Err(ResultsNotVoidable.into());
    }
    let declarations: Vec<&Declaration> = context.load_all(input.declaration_ids.iter().map(|id| id.0))?;
    let mut outcome = Outcome::of(Event::Voided { declaration_ids: input.declaration_ids.clone() });
    for (index, (declaration_id, declaration)) in input.declaration_ids.iter().zip(declarations).enumerate() {
        match it.standing(*declaration_id) {
            Some(Standing::Running | Standing::Passed) => {}
            Some(Standing::Failed | Standing::Voided) => {
                return Err(super::RoundSettled { index: index + 1 }.into());
            }
            None => return Err(NotInRound { index: index + 1 }.into()),
        }
        let voided =
            enter(declaration, PublicityRoundId(id), &reason).map_err(of_entry("/declaration_ids", index))?;
        outcome = outcome.including::<Declaration>(*declaration_id, voided);
    }
    Ok(outcome)
}

fn enter(it: &Declaration, round_id: PublicityRoundId, reason: &str) -> Decision<declaration::Event> {
    let published_here = it.publicity.as_ref().is_some_and(|publicity| publicity.round == round_id);
    let with_employer =
        matches!(it.stage, Stage::EmployerPublicity | Stage::EmployerPublicityEnded | Stage::Recommendation);
    if !published_here || !with_employer {
        let stage = it.stage_label().to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    refuse_upheld(it)?;
    let reason = Private::Known(Some(reason.to_owned()));
    let voided = declaration::Event::EmployerPublicityVoided { reason, round_id };
    Ok(actions::close_objections(Outcome::of(voided), it))
}

/// An objection that was upheld is settled by saving `failed`, by nothing else (contract.md, `resolve-objection`).
pub(crate) fn refuse_upheld(it: &Declaration) -> Result<(), Stop> {
    if it.objection_upheld {
        return Err(actions::record_employer_publicity_result::ObjectionUpheld.into());
    }
    Ok(())
}

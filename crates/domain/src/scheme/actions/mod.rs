//! The actions on a scheme, in menu order.

pub mod amend;
pub mod create;
pub mod request_filing;
pub mod review;
pub mod review_filing;
pub mod submit;

use super::Scheme;
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Stage};
use crate::ids::DeclarationId;
use crate::label::Named;
use crate::refusal::{common, refusals};
use uuid::Uuid;

crate::action::actions! {
    Scheme;
    create::Create,
    amend::Amend,
    submit::Submit,
    review::Review,
    request_filing::RequestFiling,
    review_filing::ReviewFiling,
}

refusals! {
    /// T54, T55: nobody of the scheme is there yet, or none was named.
    NothingToFile { action: &'static str, stage: &'static str } = Rule "nothing-to-file", "没有可办理的申报", "该方案没有处于“{stage}”环节的申报，不能办理“{action}”。";
}

/// Whom a filing of the scheme concerns: those named, all of whom must be at the stage, or else all who are.
fn filed_at_once<'a>(
    it: &Scheme,
    named: Option<&[DeclarationId]>,
    stage: Stage,
    action: &'static str,
    context: &Context<'a>,
) -> Result<Vec<(DeclarationId, &'a Declaration)>, Stop> {
    let mut ids: Vec<DeclarationId> = named.unwrap_or(it.participants()).to_vec();
    ids.sort();
    ids.dedup();
    if let Some(index) = ids.iter().position(|id| !it.participants().contains(id)) {
        let place = named.and_then(|named| named.iter().position(|id| *id == ids[index])).unwrap_or(index);
        let refusal = common::ReferenceRefused { what: "申报" }.refusal();
        return Err(refusal.at(&format!("/declaration_ids/{place}")).into());
    }
    let declarations = context.load_all::<Declaration>(ids.iter().map(|id| Uuid::from(*id)))?;
    let mut found: Vec<(DeclarationId, &Declaration)> = ids.into_iter().zip(declarations).collect();
    if named.is_none() {
        found.retain(|(_, declaration)| declaration.stage == stage);
    }
    if found.is_empty() {
        return Err(NothingToFile { action, stage: stage.label().zh }.into());
    }
    Ok(found)
}

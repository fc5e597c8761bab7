//! Which judge acts, and whether that judge may act on this candidate.

use crate::context::{Context, Stop};
use crate::declaration::Declaration;
use crate::ids::JudgeId;
use crate::refusal::{common, refusals};
use crate::scheme::{Scheme, Terms};

refusals! {
    /// T37: who is recused does nothing on this candidate (Order 40 Art. 25).
    RecusedJudge = Forbidden "recused-judge", "评委已回避", "您已对该参评人员回避，不能参与其评审和表决。";
}

/// The judge who acts; one who is recused for this candidate may not.
pub(super) fn judge(it: &Declaration, action: &'static str, context: &Context<'_>) -> Result<JudgeId, Stop> {
    let acting = context.acting()?;
    let Some(judge) = context.registers.judge_of(acting) else {
        return Err(common::NotAllowed { action }.into());
    };
    if it.review.recusals.contains_key(&judge) {
        return Err(RecusedJudge.into());
    }
    Ok(judge)
}

/// What the candidate's scheme says.
pub(super) fn terms<'a>(it: &Declaration, context: &Context<'a>) -> Result<&'a Terms, Stop> {
    let Some(scheme) = it.review.scheme else { return Err(common::NotFound.into()) };
    let scheme: &Scheme = context.load(scheme)?;
    scheme.terms.as_ref().ok_or_else(|| common::NotFound.into())
}

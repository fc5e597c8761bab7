//! The actions on a publicity round, in menu order. Each appends, all or nothing, one event to every declaration named.

pub mod create;
pub mod reckon_anew;
pub mod record_result;
pub mod void;

use super::PublicityRound;
use crate::context::Stop;
use crate::ids::DeclarationId;
use crate::refusal::{FieldProblem, Refusal, refusals};

crate::action::actions! {
    PublicityRound;
    create::Create,
    record_result::RecordResult,
    void::Void,
    reckon_anew::ReckonAnew,
}

/// The most declarations of one call (contract.md, act on many at once).
pub const DECLARATIONS_MAX: usize = 2_000;

refusals! {
    /// The round never named it.
    NotInRound { index: usize } = Rule "not-in-round", "不在本次公示中", "第{index}份申报不在本次公示中，请核对。";
    /// A result is saved once, and what is void stays void.
    RoundSettled { index: usize } = Rule "round-settled", "已有公示结果", "第{index}份申报的本次公示已保存结果或已作废，不能重复办理。";
}

/// Names the declaration of a list for which the whole call was refused.
fn of_entry(pointer: &str, index: usize) -> impl Fn(Stop) -> Stop {
    move |stop| match stop {
        Stop::Refused(mut refusal) => {
            let problem = FieldProblem::new(
                format!("{pointer}/{index}"),
                refusal.code,
                format!("第{}份申报：{}", index + 1, refusal.detail),
            );
            refusal.problems.push(problem);
            Stop::Refused(refusal)
        }
        Stop::Need(needs) => Stop::Need(needs),
        Stop::SecondPerson => Stop::SecondPerson,
    }
}

/// Refuses an empty list, one that is too long, and one that names a declaration twice.
fn check_list(pointer: &str, ids: &[DeclarationId]) -> Result<(), Stop> {
    let refuse = |at: String, code: &'static str, message: String| {
        let refusal = crate::refusal::common::InvalidInput.refusal();
        Err(Stop::Refused(Refusal { problems: vec![FieldProblem::new(at, code, message)], ..refusal }))
    };
    if ids.is_empty() {
        return refuse(pointer.to_owned(), "empty", "请至少选择一份申报。".into());
    }
    if ids.len() > DECLARATIONS_MAX {
        let message = format!("一次最多{DECLARATIONS_MAX}份申报，请分次办理。");
        return refuse(pointer.to_owned(), "too-many", message);
    }
    let mut seen = std::collections::BTreeSet::new();
    match ids.iter().position(|id| !seen.insert(*id)) {
        Some(index) => {
            let message = format!("第{}份申报重复列出，请删去重复项。", index + 1);
            refuse(format!("{pointer}/{index}"), "duplicate", message)
        }
        None => Ok(()),
    }
}

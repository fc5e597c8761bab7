//! 标为已读 Mark read: whoever reads a notice notes it, on the own account; noting it twice appends nothing (contract.md, Notices).

use super::change_password::ANYBODY;
use crate::account::{Account, Event};
use crate::action::{ActionSpec, FieldType, Start, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::refusal::common;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// The notice. That it is one of the reader's is asked before, where notices lie.
    pub notice_id: Uuid,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "mark-read",
    label: label("标为已读", "Mark read"),
    by: ANYBODY,
    from: Start::Stages(&["active"]),
    form: &[required("notice_id", "通知", FieldType::Reference("notices"))],
    ..ActionSpec::DEFAULT
};

/// Notes it; a person's other accounts have marks of their own.
pub fn decide(input: &MarkRead, it: &Account, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if context.acting()?.account.0 != id {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    if it.read.contains_key(&input.notice_id) {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::NoticeRead { notice_id: input.notice_id }))
}

#[cfg(test)]
mod tests {
    use crate::account::{Account, Event};
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn everybody_marks_their_own_and_once() {
        let mut hunan = Hunan::new();
        let (operator, other) = (hunan.operator, hunan.committee_operator);
        let notice_id = Uuid::from_u128(7);
        let input = json!({"notice_id": notice_id});
        let mut mark =
            |who| hunan.world.act(Who::Account(who), "account", operator.0, "mark-read", input.clone());
        assert_eq!(mark(operator).unwrap(), [Event::NoticeRead { notice_id }.into()]);
        assert_eq!(mark(operator).unwrap(), []);
        assert_eq!(mark(other).unwrap_err().code, "not-allowed");
        assert!(hunan.world.get::<Account>(operator.0).read.contains_key(&notice_id));
        assert!(
            hunan.world.registers.accounts.get(operator).unwrap().read.is_empty(),
            "nobody looks it up there"
        );
    }
}

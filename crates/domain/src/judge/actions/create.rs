//! 评委入库 Create: the committee's office enters a judge; the account gets the role in the same append.

use crate::account::{self, Account};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::{AccountId, CommitteeId, EmployerId, JudgeId};
use crate::judge::{Event, Judge};
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The committee.
    pub committee_id: CommitteeId,
    /// Whose seat it is.
    pub account_id: AccountId,
    /// 所在单位.
    pub employer_id: EmployerId,
    /// Specialty codes.
    pub specialties: Vec<String>,
    /// First day of the term.
    pub term_from: NaiveDate,
    /// Last day of the term.
    pub term_to: NaiveDate,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("评委入库", "Create judge"),
    by: &[by(Role::CommitteeOperator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("committee_id", "评委会", FieldType::Reference("committees")),
        required("account_id", "账号", FieldType::Reference("accounts")),
        required("employer_id", "所在单位", FieldType::Reference("employers")),
        required("specialties", "专业", FieldType::Structure),
        required("term_from", "任期起", FieldType::Date),
        required("term_to", "任期至", FieldType::Date),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &Create, _: &Judge, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if !context.acting()?.at(input.committee_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let granted =
        account::Event::RoleGranted { organisation_id: Some(input.committee_id.into()), role: Role::Judge };
    Ok(Outcome::of(Event::Created {
        account_id: input.account_id,
        committee_id: input.committee_id,
        employer_id: input.employer_id,
        judge_id: JudgeId(id),
        specialties: input.specialties.clone(),
        term_from: input.term_from,
        term_to: input.term_to,
    })
    .also::<Account>(input.account_id, granted))
}

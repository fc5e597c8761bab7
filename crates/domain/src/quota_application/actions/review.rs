//! 职数审核 Review: approves so many places, at most those asked for, or none (seed 002 单 1.5.2; seed 003 三(二)). Special kinds
//! are approved by the province alone. A superior that reviews after the day of the year's batches is marked as late, never
//! refused (N13).

use super::{acting_node, is_special};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::Batch;
use crate::context::Context;
use crate::ids::{EmployerId, QuotaApplicationId};
use crate::input::Checks;
use crate::label::label;
use crate::quota_application::{Event, QuotaApplication, Stage};
use crate::quota_ledger::{self, QuotaLedger, ledger_id};
use crate::refusal::{common, refusals};
use crate::values::{PassOrFail, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// Seed 003 三(二)2: special-case quotas are the province's.
    ForwardFirst = Rule "forward-first", "须上报省级审核", "特殊职数由省级审核，请先上报省级。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// 审核结果.
    pub decision: PassOrFail,
    /// 核准职数; left out: as many as were asked for.
    pub approved: Option<u32>,
    /// 审核意见: required to fail.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review",
    label: label("职数审核", "Review"),
    by: &[
        by(Role::SuperiorReviewer, Place::ReviewingOrganisation),
        by(Role::AuthorityReviewer, Place::ReviewingOrganisation),
    ],
    from: Start::Stages(&[Stage::Submitted.name(), Stage::Forwarded.name()]),
    to: &[Stage::Approved.name(), Stage::Failed.name()],
    form: &[
        required("decision", "审核结果", FieldType::Choice(&["pass", "fail"])),
        optional("approved", "核准职数", FieldType::Integer),
        optional("opinion", "审核意见", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Approves or fails it; what is approved is in the ledger at once.
pub fn decide(input: &Review, it: &QuotaApplication, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(request) = &it.request else { return Err(common::NotFound.into()) };
    let mut checks = Checks::new();
    match input.decision {
        PassOrFail::Fail => {
            let opinion = checks.reason("/opinion", input.opinion.as_deref().unwrap_or_default());
            checks.done()?;
            Ok(Outcome::of(Event::Failed { by: acting_node(context), late: late(it, context), opinion }))
        }
        PassOrFail::Pass => {
            let opinion = checks.opinion("/opinion", input.opinion.as_deref());
            let approved = input.approved.unwrap_or(request.number);
            checks.ensure(
                (1..=request.number).contains(&approved),
                "/approved",
                "out-of-range",
                format!("核准职数应在1至{}之间。", request.number),
            );
            checks.done()?;
            if is_special(request.kind) && it.stage != Some(Stage::Forwarded) {
                return Err(ForwardFirst.into());
            }
            let employer_id = EmployerId(request.employer.id.0);
            let granted = quota_ledger::Event::Approved {
                application_id: QuotaApplicationId(id),
                employer_id,
                kind: request.kind,
                level: request.level,
                number: approved,
                year: request.year,
            };
            let late = late(it, context);
            Ok(Outcome::of(Event::Approved { approved, by: acting_node(context), late, opinion })
                .also::<QuotaLedger>(ledger_id(employer_id, request.year, request.level), granted))
        }
    }
}

/// Whether the superior's day is over. The province's own review of special kinds has none (N13).
fn late(it: &QuotaApplication, context: &Context<'_>) -> bool {
    let Some(request) = it.request.as_ref().filter(|_| it.stage == Some(Stage::Submitted)) else {
        return false;
    };
    let of_year = (request.year, request.level);
    let until = Batch::last_quota_day(&context.registers.batches, of_year, |terms| terms.quota_review_until);
    until.is_some_and(|until| context.today() > until)
}

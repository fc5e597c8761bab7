//! The actions on a quota application, in menu order.

pub mod amend;
pub mod create;
pub mod forward;
pub mod review;
pub mod submit;

use super::{QuotaApplication, Request};
use crate::batch::Batch;
use crate::context::{Context, Stop};
use crate::input::Checks;
use crate::refusal::refusals;
use crate::registers::paths::Node;
use crate::values::QuotaKind;
use chrono::NaiveDate;

crate::action::actions! {
    QuotaApplication;
    create::Create,
    amend::Amend,
    submit::Submit,
    review::Review,
    forward::Forward,
}

refusals! {
    /// N14: special-case quotas reach the province by the day of the year's batches (seed 003 三(二)2).
    SpecialQuotaClosed { until: NaiveDate } = Rule "special-quota-closed", "特殊情况职数申报已截止", "特殊情况职数须于{until}（含当日）前上报省级，现已截止。如批次延期，可在延期后办理。";
}

/// The most places of one application.
pub const PLACES_MAX: u32 = 1_000;

/// Whether the kind is decided by the province (seed 003 三(二)2).
const fn is_special(kind: QuotaKind) -> bool {
    match kind {
        QuotaKind::Normal => false,
        QuotaKind::Special1 | QuotaKind::Special2 | QuotaKind::Special3 | QuotaKind::Special4 => true,
    }
}

/// Refuses a special kind that can no longer reach the province in time (N14).
fn special_in_time(request: &Request, context: &Context<'_>) -> Result<(), Stop> {
    if !is_special(request.kind) {
        return Ok(());
    }
    let of_year = (request.year, request.level);
    let until = Batch::last_quota_day(&context.registers.batches, of_year, |terms| terms.special_quota_until);
    match until {
        Some(until) if context.today() > until => Err(SpecialQuotaClosed { until }.into()),
        Some(_) | None => Ok(()),
    }
}

/// Checks number and grounds; a special kind says why (N19: evidence).
fn request(
    checks: &mut Checks,
    kind: QuotaKind,
    number: u32,
    grounds: Option<&str>,
) -> (u32, Option<String>) {
    checks.ensure(
        (1..=PLACES_MAX).contains(&number),
        "/number",
        "out-of-range",
        format!("申报职数应在1至{PLACES_MAX}之间。"),
    );
    let grounds = if is_special(kind) {
        Some(checks.reason("/grounds", grounds.unwrap_or_default()))
    } else {
        checks.opinion("/grounds", grounds)
    };
    (number, grounds)
}

/// The organisation that acts, as it is called now.
fn acting_node(context: &Context<'_>) -> Option<Node> {
    let id = context.actor.acting()?.organisation?;
    Some(Node { id, name: context.registers.node_name(id).unwrap_or_default().to_owned() })
}

//! The actions on a quota application, in menu order.

pub mod amend;
pub mod create;
pub mod forward;
pub mod review;
pub mod submit;

use super::QuotaApplication;
use crate::context::Context;
use crate::input::Checks;
use crate::registers::paths::Node;
use crate::values::QuotaKind;

crate::action::actions! {
    QuotaApplication;
    create::Create,
    amend::Amend,
    submit::Submit,
    review::Review,
    forward::Forward,
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

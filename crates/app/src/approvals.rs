//! Operations that wait for a second person (contract.md, second person): the request is an event that holds the command;
//! approving decides it anew.

use crate::execute::Request;
use crate::load::Held;
use zhicheng_domain::aggregate::Outcome;
use zhicheng_domain::approval::{self, Approval, Stage};
use zhicheng_domain::{AnyEvent, AnyState, Context, Stop, StreamId};

/// The stream and the event that enter the request, in place of the operation's own events.
pub(crate) fn requested(
    request: &Request,
    subject: StreamId,
    state: &AnyState,
    context: &Context<'_>,
) -> Result<(StreamId, Outcome<AnyEvent>), Stop> {
    let event = approval::requested(subject, state, &request.action, request.input.clone(), context)?;
    Ok((StreamId::of::<Approval>(context.fresh_id(0)), Outcome::of(AnyEvent::from(event))))
}

/// Whether the event up to this version is the request itself.
pub(crate) fn was_requested(held: &Option<Held>, version: i64) -> bool {
    approval_in(held).is_some_and(|it| it.stage == Stage::Open) && version == 1
}

/// What an approved operation acted on: its receipt is that of the aggregate acted on.
pub(crate) fn subject_of(held: &Option<Held>) -> Option<StreamId> {
    let it = approval_in(held).filter(|it| it.stage == Stage::Approved)?;
    let request = it.request.as_ref()?;
    Some(StreamId { aggregate: AnyState::type_of(&request.aggregate)?, id: request.subject_id })
}

fn approval_in(held: &Option<Held>) -> Option<&Approval> {
    held.as_ref().and_then(|held| held.state.get::<Approval>())
}

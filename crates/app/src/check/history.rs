//! The whole history is legal under the rules: what each command did to each stream is what one action brings, taken from a stage and
//! to a stage, in a role and in spite of no hold, as its SPEC says (`zhicheng_domain::history` says what that does not prove).

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use zhicheng_domain::aggregate::{ActorStamp, AnyState};
use zhicheng_domain::history::{Deed, Standing, is_legal};

/// The deeds of the streams.
pub(super) struct History {
    checked: Checked,
    deed: Option<Gathered>,
}

/// What one command did to a stream, as far as it was read.
struct Gathered {
    id: String,
    first: i64,
    last: i64,
    events: Vec<&'static str>,
    actor: Option<ActorStamp>,
    before: Standing,
}

impl History {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::History), deed: None }
    }

    /// Judges what was gathered, on the state that it led to.
    fn judge(&mut self, state: &AnyState) {
        let Some(it) = self.deed.take() else { return };
        let deed = Deed {
            aggregate: state.aggregate(),
            events: &it.events,
            actor: it.actor.as_ref(),
            before: it.before,
            after: state.stage(),
        };
        let judged = is_legal(&deed);
        self.checked.expect(judged.is_ok(), || {
            let why = judged.map_or_else(|why| why.to_string(), |()| String::new());
            format!("{} {} 位置 {}：{why}", state.aggregate(), it.id, it.first)
        });
    }
}

impl Look for History {
    fn before(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let event = seen.event;
        if self.deed.as_ref().is_some_and(|deed| deed.id != event.aggregate_id) {
            // of a stream that could not be read to its end
            self.deed = None;
        }
        // in one append a stream's events follow each other, and only the first event of a command has its id
        let goes_on = event.command_id.is_none()
            && self.deed.as_ref().is_some_and(|deed| deed.last + 1 == event.position);
        if !goes_on {
            self.judge(state);
        }
        let deed = self.deed.get_or_insert_with(|| Gathered {
            id: event.aggregate_id.clone(),
            first: event.position,
            last: event.position,
            events: Vec::new(),
            actor: None,
            before: Standing::of(state),
        });
        deed.last = event.position;
        deed.events.push(seen.fact.name());
        if deed.actor.is_none() {
            // ballots have none; the closing that they come with has
            deed.actor.clone_from(&seen.stamp.actor);
        }
    }

    fn stream_ended(&mut self, id: &str, state: &AnyState) {
        if self.deed.as_ref().is_some_and(|deed| deed.id == id) {
            self.judge(state);
        }
    }

    fn finish<'a>(self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        ready(self.checked)
    }
}

//! One open declaration a person, year and level, at any time: looked at by what the declarations themselves say, not by the claim
//! that keeps it so.

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use uuid::Uuid;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::declaration::Declaration;

/// From which position to which one a declaration was open; without an end it is.
struct Span {
    from: i64,
    to: Option<i64>,
    declaration: Uuid,
}

/// The spans of every person, year and level.
pub(super) struct OneOpen {
    checked: Checked,
    spans: BTreeMap<(Uuid, i32, &'static str), Vec<Span>>,
}

impl OneOpen {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::OneOpen), spans: BTreeMap::new() }
    }
}

impl Look for OneOpen {
    fn after(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let Some(it) = state.get::<Declaration>() else { return };
        let (Some(subject), Some(id)) = (&it.subject, it.id) else { return };
        let spans = self.spans.entry((subject.person.0, subject.year, subject.level.name())).or_default();
        let position = seen.event.position;
        let running = spans.last_mut().filter(|span| span.declaration == id.0 && span.to.is_none());
        match (running, it.stage.ended()) {
            (Some(span), true) => span.to = Some(position),
            (None, false) => spans.push(Span { from: position, to: None, declaration: id.0 }),
            (Some(_), false) | (None, true) => {}
        }
    }

    fn finish<'a>(mut self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        for ((_, year, level), spans) in &mut self.spans {
            spans.sort_by_key(|span| span.from);
            let mut latest: Option<&Span> = None;
            for span in &*spans {
                let overlaps = latest.is_some_and(|latest| latest.to.is_none_or(|to| to > span.from));
                self.checked.expect(!overlaps, || {
                    let (one, other, from) = (latest.map(|it| it.declaration), span.declaration, span.from);
                    let one = one.unwrap_or_default();
                    format!("申报 {other} 在位置 {from} 时，同一人 {year} 年（{level}）的申报 {one} 还在办")
                });
                // whichever lasts longer
                if latest.is_none_or(|latest| latest.to.is_some_and(|to| span.to.is_none_or(|it| it > to))) {
                    latest = Some(span);
                }
            }
        }
        ready(self.checked)
    }
}

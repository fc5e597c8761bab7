//! Dense: the log in its positions, every stream in its sequence numbers (P3).

use super::{Check, Checked, Look, System, ready};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use zhicheng_eventstore::RecordedEvent;

/// The log's positions and recorded times.
pub(super) struct Positions {
    checked: Checked,
    last: i64,
    recorded_at: DateTime<Utc>,
}

impl Positions {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Positions), last: 0, recorded_at: DateTime::<Utc>::MIN_UTC }
    }
}

impl Look for Positions {
    fn stored(&mut self, event: &RecordedEvent) {
        let (position, due) = (event.position, self.last + 1);
        let earlier = event.recorded_at < self.recorded_at;
        self.checked.expect(position == due && !earlier, || {
            if position == due {
                format!("位置 {position} 的入册时间早于前一个事件")
            } else {
                format!("应为位置 {due}，却是 {position}")
            }
        });
        self.last = position;
        self.recorded_at = event.recorded_at;
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        if self.last != system.head {
            let (last, head) = (self.last, system.head);
            self.checked.fault(format!("日志首部记到 {head}，最后一个事件在 {last}"));
        }
        ready(self.checked)
    }
}

/// The streams' sequence numbers.
pub(super) struct Streams {
    checked: Checked,
    aggregate: String,
    id: String,
    sequence: i64,
    position: i64,
}

impl Streams {
    pub(super) const fn new() -> Self {
        Self {
            checked: Checked::new(Check::Streams),
            aggregate: String::new(),
            id: String::new(),
            sequence: 0,
            position: 0,
        }
    }
}

impl Look for Streams {
    fn next(&mut self, event: &RecordedEvent) {
        if (&self.aggregate, &self.id) != (&event.aggregate_type, &event.aggregate_id) {
            self.aggregate.clone_from(&event.aggregate_type);
            self.id.clone_from(&event.aggregate_id);
            (self.sequence, self.position) = (0, 0);
            self.checked.count += 1;
        }
        let place = || format!("{} {}", event.aggregate_type, event.aggregate_id);
        if event.sequence != self.sequence + 1 {
            let (due, is) = (self.sequence + 1, event.sequence);
            self.checked.fault(format!("{} 应为第 {due} 个事件，却是第 {is} 个", place()));
        }
        if event.position <= self.position {
            self.checked.fault(format!("{} 第 {} 个事件的位置在前一个之前", place(), event.sequence));
        }
        (self.sequence, self.position) = (event.sequence, event.position);
    }

    fn finish<'a>(self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        ready(self.checked)
    }
}

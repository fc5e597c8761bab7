//! Steps from former versions of events to the present ones. What is stored stays as it is; whoever reads it gets it up to date.

use serde_json::Value;

/// One step of one event.
#[derive(Debug, Clone, Copy)]
pub struct Upcast {
    /// The event, as in the log: `certificate.report_acknowledged`.
    pub event: &'static str,
    /// The version that is stored.
    pub from: &'static str,
    /// The version that it becomes.
    pub to: &'static str,
    /// Makes the new payload of the old one.
    pub step: fn(Value) -> Result<Value, String>,
}

impl Upcast {
    /// The type of the aggregate that the event belongs to.
    pub fn aggregate(&self) -> &'static str {
        self.event.split_once('.').map_or(self.event, |(aggregate, _)| aggregate)
    }
}

/// Every step that there is.
pub const UPCASTS: &[Upcast] = &[];

/// Brings a payload from one version of an event to another.
///
/// # Errors
/// No steps lead there, or one of them does not find what it must.
pub fn up_to_date(event: &str, from: &str, to: &str, payload: Value) -> Result<Value, String> {
    let (mut version, mut payload) = (from, payload);
    while version != to {
        let step = UPCASTS.iter().find(|it| it.event == event && it.from == version);
        let step = step.ok_or_else(|| format!("事件 {event} 没有版本 {from}"))?;
        payload = (step.step)(payload)?;
        version = step.to;
    }
    Ok(payload)
}

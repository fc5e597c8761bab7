//! Steps from former versions of events to the present ones. What is stored stays as it is; whoever reads it gets it up to date.

use crate::certificate::AcknowledgementOutcome;
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
pub const UPCASTS: &[Upcast] = &[
    Upcast { event: "certificate.report_acknowledged", from: "1", to: "2", step: outcome_of_accepted },
    Upcast { event: "declaration.report_acknowledged", from: "1", to: "2", step: outcome_of_accepted },
];

/// `accepted: true` was the first way to say `outcome: accepted`, the word of the action.
fn outcome_of_accepted(mut payload: Value) -> Result<Value, String> {
    let members = payload.pointer_mut("/event/report_acknowledged").and_then(Value::as_object_mut);
    let members = members.ok_or("没有 report_acknowledged")?;
    let accepted = members.remove("accepted").and_then(|it| it.as_bool()).ok_or("没有 accepted")?;
    let outcome = if accepted { AcknowledgementOutcome::Accepted } else { AcknowledgementOutcome::Rejected };
    members.insert("outcome".to_owned(), outcome.name().into());
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyEvent;
    use serde_json::json;

    #[test]
    fn every_step_leads_to_the_present_version() {
        for it in UPCASTS {
            let present = AnyEvent::version_of(it.aggregate(), it.event);
            assert!(present.is_some(), "{} is no event", it.event);
            let next = UPCASTS.iter().any(|other| other.event == it.event && other.from == it.to);
            assert!(next || present == Some(it.to), "{} ends at version {}", it.event, it.to);
        }
    }

    #[test]
    fn an_answer_of_the_first_version_is_read_as_one_of_the_second() {
        let payload =
            |inner: Value| json!({"event": {"report_acknowledged": inner}, "time": "2023-06-16T01:00:00Z"});
        for (accepted, outcome) in [(true, "accepted"), (false, "rejected")] {
            let first = payload(
                json!({"accepted": accepted, "message": {"$private": null}, "receipt_number": "R-1"}),
            );
            let second =
                payload(json!({"message": {"$private": null}, "outcome": outcome, "receipt_number": "R-1"}));
            assert_eq!(outcome_of_accepted(first), Ok(second));
        }
        assert!(outcome_of_accepted(json!({})).is_err());
    }
}

//! What events say in clear stays in the log for ever, in every copy of it: nobody's ID number may come to stand there. Most texts are about
//! nobody (a reason, a place, the name of a unit) and no key seals them, so a number that somebody typed into one is refused, wherever it
//! was typed. One rule for all inputs: a text is looked at once it is decided what of it is appended in clear, for what is private is
//! sealed and may say what it must.

use crate::aggregate::{AnyEvent, Outcome, Stamp};
use crate::codes::id_number;
use crate::private::{ERASED, PRIVATE, SEALED};
use crate::refusal::{FieldProblem, Refusal, common};
use chrono::DateTime;
use serde_json::Value;
use std::collections::BTreeSet;

/// Refuses an input of which an ID number would be appended in clear. What the system itself knows from before is not looked at: nobody
/// could do anything about it.
///
/// # Errors
/// `invalid-input`, with each field that holds a number.
pub fn refuse_id_numbers(input: &Value, outcome: &Outcome<AnyEvent>) -> Result<(), Refusal> {
    let mut typed = Vec::new();
    numbers_typed(input, String::new(), &mut typed);
    if typed.is_empty() {
        return Ok(());
    }
    let mut clear = BTreeSet::new();
    let nobody = Stamp { actor: None, time: DateTime::UNIX_EPOCH };
    for event in outcome.events.iter().chain(outcome.others.iter().map(|(_, event)| event)) {
        let payload = event.to_payload(&nobody).ok().and_then(|payload| serde_json::from_str(&payload).ok());
        numbers_in_clear(&payload.unwrap_or(Value::Null), &mut clear);
    }
    typed.retain(|(_, number)| clear.contains(number));
    if typed.is_empty() {
        return Ok(());
    }
    let pointers: BTreeSet<String> = typed.into_iter().map(|(pointer, _)| pointer).collect();
    let problem = |pointer| {
        FieldProblem::new(
            pointer,
            "text-has-id-number",
            "此处不能填写身份证号：这一项以明文永久留存。请删去身份证号，需要时只写姓名或编号。",
        )
    };
    Err(Refusal { problems: pointers.into_iter().map(problem).collect(), ..common::InvalidInput.refusal() })
}

/// The numbers of an input, each with the pointer to its text.
fn numbers_typed(input: &Value, pointer: String, found: &mut Vec<(String, String)>) {
    match input {
        Value::String(text) => found.extend(numbers(text).map(|number| (pointer.clone(), number))),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                numbers_typed(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                numbers_typed(member, format!("{pointer}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn numbers_in_clear(payload: &Value, found: &mut BTreeSet<String>) {
    match payload {
        Value::String(text) => found.extend(numbers(text)),
        Value::Array(items) => items.iter().for_each(|item| numbers_in_clear(item, found)),
        Value::Object(members) if [PRIVATE, SEALED, ERASED].iter().any(|it| members.contains_key(*it)) => {}
        Value::Object(members) => members.values().for_each(|member| numbers_in_clear(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The numbers in a text. Fifteen digits by themselves are as likely a number that another system gave out: a receipt's.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let alone = text.trim().chars().count();
    id_number::written_in(text)
        .into_iter()
        .filter(move |number| number.len() == id_number::CHARS || number.len() < alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch;
    use serde_json::json;

    fn refused(input: &Value, reason: &str) -> Vec<String> {
        let event = batch::Event::Closed { reason: Some(reason.to_owned()) };
        let outcome = Outcome { events: vec![event.into()], others: Vec::new(), claims: Vec::new() };
        match refuse_id_numbers(input, &outcome) {
            Ok(()) => Vec::new(),
            Err(refusal) => refusal.problems.into_iter().map(|problem| problem.pointer).collect(),
        }
    }

    #[test]
    fn an_id_number_that_would_be_appended_in_clear_is_refused_where_it_was_typed() {
        let reason = "冒用他人身份，身份证号４３０６０２１９９００１０１００１３。";
        assert_eq!(refused(&json!({"reason": reason}), reason), ["/reason"]);
        let reason = "旧号430602900101001";
        assert_eq!(refused(&json!({"items": [{"a/b": reason}]}), reason), ["/items/0/a~1b"]);
    }

    #[test]
    fn what_is_sealed_may_hold_one_and_what_was_there_before_is_nobodys_fault() {
        let number = "430602199001010013";
        assert!(
            refused(&json!({"id_number": number}), "调离").is_empty(),
            "it is appended sealed, or not at all"
        );
        assert!(refused(&json!({"reason": "调离"}), number).is_empty());
        assert!(refused(&json!({"receipt_number": "430602900101001"}), "430602900101001").is_empty());
        assert!(refused(&json!({"reason": "调离"}), "调离").is_empty());
    }

    #[test]
    fn a_sealed_value_is_not_looked_at() {
        let mut found = BTreeSet::new();
        let payload = json!({"event": {"a": {PRIVATE: "430602199001010013"}, "b": ["43010219960229001 7"]}});
        numbers_in_clear(&payload, &mut found);
        assert!(found.is_empty());
    }
}

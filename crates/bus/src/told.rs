//! What of each event is told outside. Subscribers are outsiders (contract.md, Who sees what): they hear nothing of a meeting's work
//! before the results are declared, and since a message cannot be taken back or completed later, never on the bus; nothing of a vote;
//! nothing of drafts but that there is one; of persons nothing at all.
//!
//! It fails closed: an event that is not listed is not told, and a test names it.

use serde_json::{Map, Value};
use zhicheng_domain::private::{ERASED, PRIVATE, SEALED};

/// How much of an event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What happened to what, when, by whom, and what the event says that is not about a person.
    Whole,
    /// What happened to what, and when.
    Bare,
    /// That the log has a position there.
    Nothing,
}

/// By aggregate: all its events, those that [`EVENTS`] lists aside.
const AGGREGATES: &[(&str, Told)] = &[
    ("acceptance_agency", Told::Whole),
    ("account", Told::Bare),
    ("approval", Told::Nothing),
    ("batch", Told::Whole),
    ("blacklist_entry", Told::Nothing),
    ("certificate", Told::Whole),
    ("certificate_number_pool", Told::Nothing),
    ("certificate_number_range", Told::Whole),
    ("committee", Told::Whole),
    ("employer", Told::Whole),
    ("installation", Told::Whole),
    ("issuing_code", Told::Whole),
    // of what committees and authorities do to many at once
    ("job", Told::Nothing),
    // who judges where
    ("judge", Told::Nothing),
    ("material", Told::Nothing),
    ("objection", Told::Bare),
    ("organisation", Told::Whole),
    ("path_edge", Told::Whole),
    ("person", Told::Nothing),
    ("publicity_round", Told::Whole),
    ("quota_application", Told::Whole),
    ("specialty", Told::Whole),
    ("title", Told::Whole),
    ("working_calendar", Told::Whole),
];

/// By event: whatever a meeting has to do with, each decided on its own; of other aggregates the exceptions.
const EVENTS: &[(&str, Told)] = &[
    // a draft is visible to its owner alone
    ("declaration.drafted", Told::Bare),
    ("declaration.draft_saved", Told::Nothing),
    ("declaration.material_attached", Told::Nothing),
    ("declaration.material_removed", Told::Nothing),
    ("declaration.submitted", Told::Whole),
    ("declaration.resubmitted", Told::Whole),
    ("declaration.withdrawn", Told::Whole),
    ("declaration.abandoned", Told::Whole),
    ("declaration.lapsed", Told::Whole),
    ("declaration.employer_review_passed", Told::Whole),
    ("declaration.returned_to_applicant", Told::Whole),
    ("declaration.employer_review_failed", Told::Whole),
    ("declaration.employer_publicity_started", Told::Whole),
    ("declaration.publicity_reckoned", Told::Whole),
    ("declaration.employer_publicity_ended", Told::Whole),
    ("declaration.employer_publicity_passed", Told::Whole),
    ("declaration.employer_publicity_failed", Told::Whole),
    ("declaration.employer_publicity_voided", Told::Whole),
    ("declaration.recommended", Told::Whole),
    ("declaration.superior_review_passed", Told::Whole),
    ("declaration.forwarded_to_committee", Told::Whole),
    ("declaration.final_approved", Told::Whole),
    ("declaration.superior_review_failed", Told::Whole),
    ("declaration.returned_to_subordinate", Told::Whole),
    ("declaration.return_relayed", Told::Whole),
    ("declaration.committee_transferred", Told::Whole),
    ("declaration.qualification_passed", Told::Whole),
    ("declaration.qualification_failed", Told::Whole),
    ("declaration.scheme_submitted", Told::Whole),
    ("declaration.scheme_approved", Told::Whole),
    ("declaration.scheme_rejected", Told::Whole),
    // the meeting's work
    ("declaration.judges_drawn", Told::Nothing),
    ("declaration.panel_assigned", Told::Nothing),
    ("declaration.interview_notified", Told::Nothing),
    ("declaration.judge_recused", Told::Nothing),
    ("declaration.material_review_passed", Told::Nothing),
    ("declaration.material_review_failed", Told::Nothing),
    ("declaration.material_scored", Told::Nothing),
    ("declaration.interview_scored", Told::Nothing),
    ("declaration.group_opinion_given", Told::Nothing),
    ("declaration.ballot_opened", Told::Nothing),
    ("declaration.vote_cast", Told::Nothing),
    ("declaration.ballot_closed", Told::Nothing),
    ("declaration.committee_opinion_given", Told::Nothing),
    ("declaration.offline_result_recorded", Told::Nothing),
    ("declaration.cut_applied", Told::Nothing),
    ("declaration.cut_voided", Told::Nothing),
    ("declaration.failure_reason_recorded", Told::Nothing),
    // from here on it is out
    ("declaration.result_declared", Told::Whole),
    ("declaration.meeting_annulled", Told::Whole),
    ("declaration.result_publicity_started", Told::Whole),
    ("declaration.result_publicity_passed", Told::Whole),
    ("declaration.result_publicity_failed", Told::Whole),
    ("declaration.objection_raised", Told::Whole),
    ("declaration.objection_dismissed", Told::Whole),
    ("declaration.objection_upheld", Told::Whole),
    ("declaration.filing_requested", Told::Whole),
    ("declaration.filed", Told::Whole),
    ("declaration.filing_rejected", Told::Whole),
    ("declaration.filing_cancelled", Told::Whole),
    ("declaration.certificate_issued", Told::Whole),
    ("declaration.e_certificate_generated", Told::Whole),
    ("declaration.certificate_reported", Told::Whole),
    ("declaration.report_acknowledged", Told::Whole),
    ("declaration.certificate_revoked", Told::Whole),
    // where it undoes the work of a meeting: see `told`
    (ROLLED_BACK, Told::Whole),
    ("declaration.held", Told::Whole),
    ("declaration.hold_lifted", Told::Whole),
    ("declaration.person_erased", Told::Bare),
    ("quota_ledger.approved", Told::Whole),
    ("quota_ledger.reserved", Told::Whole),
    // what becomes of a reservation tells how a vote went
    ("quota_ledger.released", Told::Nothing),
    ("quota_ledger.cut_applied", Told::Nothing),
    ("quota_ledger.cut_voided", Told::Nothing),
    ("review_meeting.created", Told::Whole),
    ("review_meeting.seed_committed", Told::Bare),
    ("review_meeting.seed_revealed", Told::Bare),
    ("review_meeting.judges_drawn", Told::Bare),
    ("review_meeting.reply_recorded", Told::Nothing),
    ("review_meeting.judge_replaced", Told::Nothing),
    ("review_meeting.panels_assigned", Told::Nothing),
    ("review_meeting.judge_recused", Told::Nothing),
    ("review_meeting.interview_notices_sent", Told::Nothing),
    ("review_meeting.attendance_recorded", Told::Nothing),
    ("review_meeting.ballots_opened", Told::Nothing),
    ("review_meeting.ballots_closed", Told::Nothing),
    ("review_meeting.cut_applied", Told::Nothing),
    ("review_meeting.candidate_reopened", Told::Nothing),
    ("review_meeting.results_declared", Told::Whole),
    ("review_meeting.annulled", Told::Whole),
    ("review_meeting.closed", Told::Whole),
    ("scheme.created", Told::Whole),
    ("scheme.amended", Told::Whole),
    ("scheme.submitted", Told::Whole),
    ("scheme.approved", Told::Whole),
    ("scheme.rejected", Told::Whole),
    // with the rollback of a qualification, which may undo a meeting's work before it
    ("scheme.participant_left", Told::Nothing),
    ("scheme.results_declared", Told::Whole),
    ("scheme.publicity_recorded", Told::Whole),
    ("scheme.objection_raised", Told::Bare),
    ("scheme.objection_upheld", Told::Bare),
    ("scheme.filing_requested", Told::Whole),
    ("scheme.filing_reviewed", Told::Whole),
    ("scheme.filing_dropped", Told::Whole),
    ("scheme.filing_cancelled", Told::Whole),
    ("scheme.meeting_called", Told::Whole),
    ("scheme.annulled", Told::Whole),
];

const ROLLED_BACK: &str = "declaration.operation_rolled_back";
/// The operations outside a meeting: a rollback is told to those who are told of what it undoes.
const UNDONE_OUTSIDE: &[&str] = &["review-qualification", "review-by-superior"];

/// Members that are about a person or lead to one, or that are prose in which a person may be named: left out wherever they stand.
pub(crate) const LEFT_OUT: &[&str] = &[
    "account_id",
    "complaint_phone",
    "contact",
    "digest",
    "from_account_id",
    "grounds",
    "id_number",
    "id_number_hash",
    "message",
    "name_hash",
    "opinion",
    "person_id",
    "phone",
    "photo_digest",
    "reason",
    "requested_by",
    "requested_by_person",
    "to_account_id",
    "username",
];

/// How much of an event is told, where its name decides.
pub fn by_name(event_type: &str) -> Told {
    let listed = |list: &[(&str, Told)], name: &str| {
        list.iter().find(|(known, _)| *known == name).map(|(_, told)| *told)
    };
    let aggregate = event_type.split('.').next().unwrap_or_default();
    listed(EVENTS, event_type).or_else(|| listed(AGGREGATES, aggregate)).unwrap_or(Told::Nothing)
}

/// How much of an event is told; `event` is what it says.
pub fn told(event_type: &str, event: &Value) -> Told {
    let undone = || event.get("action").and_then(Value::as_str).unwrap_or_default();
    match by_name(event_type) {
        Told::Whole if event_type == ROLLED_BACK && !UNDONE_OUTSIDE.contains(&undone()) => Told::Nothing,
        told @ (Told::Whole | Told::Bare | Told::Nothing) => told,
    }
}

/// What an event says, without what is about a person: private members are left out whole, in clear, sealed or erased alike.
pub fn without_persons(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .into_iter()
                .filter(|(name, member)| !LEFT_OUT.contains(&name.as_str()) && !is_private(member));
            Value::Object(kept.map(|(name, member)| (name, without_persons(member))).collect())
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().filter(|item| !is_private(item)).map(without_persons).collect())
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn is_private(value: &Value) -> bool {
    let marked = |members: &Map<String, Value>| {
        [PRIVATE, SEALED, ERASED].iter().any(|marker| members.contains_key(*marker))
    };
    value.as_object().is_some_and(marked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use zhicheng_domain::AnyEvent;

    #[test]
    fn it_is_decided_of_every_event_and_once() {
        for (aggregate, names) in AnyEvent::NAMES {
            let all = AGGREGATES.iter().filter(|(known, _)| known == aggregate).count();
            assert!(all <= 1, "{aggregate}");
            for name in *names {
                let own = EVENTS.iter().filter(|(known, _)| known == name).count();
                assert!(own <= 1 && own + all > 0, "decide what of {name} is told on the bus");
            }
        }
        let known = |event: &str| AnyEvent::NAMES.iter().any(|(_, names)| names.contains(&event));
        for (event, _) in EVENTS {
            assert!(known(event), "there is no {event}");
        }
        assert_eq!(by_name("declaration.something_new"), Told::Nothing);
        assert_eq!(by_name("something.new"), Told::Nothing);
    }

    #[test]
    fn a_rollback_is_told_to_those_who_are_told_of_what_it_undoes() {
        assert_eq!(told(ROLLED_BACK, &json!({"action": "review-qualification"})), Told::Whole);
        for action in ["close-ballot", "score-material", "give-opinion", "review-material", "something-new"] {
            assert_eq!(told(ROLLED_BACK, &json!({"action": action})), Told::Nothing);
        }
        assert_eq!(told(ROLLED_BACK, &json!({})), Told::Nothing);
    }

    #[test]
    fn nothing_of_a_person_is_left() {
        let said = json!({
            "level": "associate_senior", "name": {"$sealed": "AAAA"}, "phone": "139",
            "handling": {"opinion": {"$private": "同意"}, "organisation": {"id": "x"}},
            "items": [{"$erased": true}, {"path": "a", "person_id": "p"}],
        });
        assert_eq!(
            without_persons(said),
            json!({"level": "associate_senior", "handling": {"organisation": {"id": "x"}}, "items": [{"path": "a"}]})
        );
    }
}

//! Which class each field of a declaration's events belongs to. A field that is not listed is open only where the event does
//! not mark it as private; a private field that is not listed is seen by nobody, and a test names it.

use super::matrix::Class;

/// `(event, field, class)`; a field may be a path into an object, `a/b`. The event is the name after `declaration.`; `*` is any.
pub const FIELDS: &[(&str, &str, Class)] = &[
    ("drafted", "name", Class::Name),
    ("drafted", "id_number", Class::Identity),
    ("drafted", "id_number_hash", Class::Ballot),
    ("drafted", "phone", Class::Identity),
    ("drafted", "person_id", Class::Administration),
    ("draft_saved", "sections", Class::Edits),
    ("material_attached", "material", Class::Edits),
    ("material_removed", "material_id", Class::Edits),
    ("resubmitted", "answers", Class::Form),
    ("withdrawn", "reason", Class::Opinion),
    ("*", "handling/opinion", Class::Opinion),
    ("*", "handling/handled_by", Class::Signature),
    ("*", "handling/responsible_person", Class::Signature),
    ("employer_review_passed", "responsibility_card", Class::Signature),
    ("returned_to_applicant", "items", Class::Opinion),
    ("returned_to_applicant", "opinion", Class::Opinion),
    ("returned_to_subordinate", "items", Class::Opinion),
    ("returned_to_subordinate", "opinion", Class::Opinion),
    ("return_relayed", "opinion", Class::Opinion),
    ("employer_publicity_passed", "reason", Class::Opinion),
    ("employer_publicity_failed", "reason", Class::Opinion),
    ("employer_publicity_voided", "reason", Class::Opinion),
    ("recommended", "opinion", Class::Opinion),
    ("committee_transferred", "reason", Class::Administration),
    ("scheme_approved", "scoring", Class::Assessment),
    ("panel_assigned", "chair_id", Class::Judges),
    ("panel_assigned", "judge_ids", Class::Judges),
    ("panel_assigned", "leader_id", Class::Judges),
    ("panel_assigned", "reviewer_id", Class::Judges),
    ("judge_recused", "ground", Class::Judges),
    ("judge_recused", "judge_id", Class::Judges),
    ("material_review_passed", "judge_id", Class::Judges),
    ("material_review_passed", "opinion", Class::Assessment),
    ("material_review_failed", "judge_id", Class::Judges),
    ("material_review_failed", "opinion", Class::Assessment),
    ("material_scored", "items", Class::Scores),
    ("material_scored", "judge_id", Class::Judges),
    ("interview_scored", "items", Class::Scores),
    ("interview_scored", "judge_id", Class::Judges),
    ("group_opinion_given", "conclusion", Class::Assessment),
    ("group_opinion_given", "judge_id", Class::Judges),
    ("group_opinion_given", "opinion", Class::Assessment),
    ("ballot_opened", "attending", Class::Judges),
    ("vote_cast", "choice", Class::Ballot),
    ("ballot_closed", "agree", Class::Tally),
    ("ballot_closed", "attending", Class::Tally),
    ("ballot_closed", "disagree", Class::Tally),
    ("ballot_closed", "passed", Class::Tally),
    ("ballot_closed", "voters", Class::Judges),
    ("committee_opinion_given", "conclusion", Class::Assessment),
    ("committee_opinion_given", "judge_id", Class::Judges),
    ("committee_opinion_given", "opinion", Class::Assessment),
    ("offline_result_recorded", "agree", Class::Tally),
    ("offline_result_recorded", "attending", Class::Tally),
    ("offline_result_recorded", "evidence", Class::Assessment),
    ("offline_result_recorded", "interview_score", Class::Scores),
    ("offline_result_recorded", "material_score", Class::Scores),
    ("offline_result_recorded", "passed", Class::Tally),
    ("cut_applied", "rank", Class::Tally),
    ("failure_reason_recorded", "category", Class::FailureReason),
    ("failure_reason_recorded", "reason", Class::FailureReason),
    ("result_publicity_passed", "reason", Class::Opinion),
    ("result_publicity_failed", "reason", Class::Opinion),
    ("objection_raised", "content", Class::Objection),
    ("objection_raised", "evidence", Class::Objection),
    ("objection_raised", "source", Class::Objection),
    ("objection_dismissed", "finding", Class::Objection),
    ("objection_upheld", "finding", Class::Objection),
    ("filed", "opinion", Class::Opinion),
    ("filing_rejected", "opinion", Class::Opinion),
    ("filing_cancelled", "basis", Class::Administration),
    ("filing_cancelled", "reason", Class::Administration),
    ("report_acknowledged", "message", Class::Administration),
    ("certificate_revoked", "basis", Class::Administration),
    ("certificate_revoked", "reason", Class::Administration),
    ("operation_rolled_back", "reason", Class::Administration),
];

/// The class of a field of an event of the declaration; `None` where it is not listed.
pub fn class_of(event: &str, path: &str) -> Option<Class> {
    let event = event.strip_prefix("declaration.").unwrap_or(event);
    FIELDS
        .iter()
        .find(|(name, field, _)| (*name == event || *name == "*") && *field == path)
        .map(|(.., class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visibility::events::redacted;
    use crate::visibility::matrix::{Meeting, Reader, Sight, sight};
    use serde_json::{Value, json};
    use zhicheng_domain::declaration::Event;

    /// Every field of every event by its path, and whether its schema marks it as private.
    fn fields_of_events() -> Vec<(String, String, bool)> {
        let schema = schemars::schema_for!(Event).to_value();
        let definitions = schema["$defs"].clone();
        let mut fields = Vec::new();
        for variant in schema["oneOf"].as_array().unwrap() {
            if let Some(properties) = variant["properties"].as_object() {
                for (event, body) in properties {
                    walk(event, "", body, &definitions, &mut fields);
                }
            }
        }
        fields
    }

    fn walk(
        event: &str,
        path: &str,
        schema: &Value,
        definitions: &Value,
        fields: &mut Vec<(String, String, bool)>,
    ) {
        let schema = match schema["$ref"].as_str() {
            Some(reference) => &definitions[reference.trim_start_matches("#/$defs/")],
            None => schema,
        };
        let private =
            schema["description"].as_str().is_some_and(|it| it.starts_with("about a natural person"))
                || schema.to_string().contains("$private") && schema["properties"].is_null();
        if !path.is_empty() {
            fields.push((event.to_owned(), path.to_owned(), private));
        }
        if private {
            return;
        }
        if let Some(properties) = schema["properties"].as_object() {
            for (name, below) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                walk(event, &path, below, definitions, fields);
            }
        }
    }

    #[test]
    fn every_private_field_has_a_class() {
        let fields = fields_of_events();
        assert!(fields.len() > 100, "the schema was read");
        let unclassified: Vec<_> = fields
            .iter()
            .filter(|(event, path, private)| {
                let covered = path.match_indices('/').any(|(end, _)| class_of(event, &path[..end]).is_some());
                *private && class_of(event, path).is_none() && !covered
            })
            .collect();
        assert_eq!(unclassified, Vec::<&(String, String, bool)>::new());
    }

    #[test]
    fn every_classified_field_exists() {
        let fields = fields_of_events();
        for (event, path, _) in FIELDS {
            let exists =
                fields.iter().any(|(name, field, _)| (*event == "*" || name == event) && field == path);
            assert!(exists, "{event} has no field {path}");
        }
    }

    #[test]
    fn each_reader_sees_of_each_field_what_the_matrix_says() {
        for (event, path, class) in FIELDS {
            for reader in Reader::ALL {
                for meeting in Meeting::ALL {
                    let event = if *event == "*" { "qualification_passed" } else { event };
                    let mut data = json!({"$private": "430602199001010013"});
                    for name in path.rsplit('/') {
                        data = json!({ name: data });
                    }
                    let answer = redacted(&format!("declaration.{event}"), data, &[*reader], *meeting);
                    let found = answer.pointer(&format!("/{path}"));
                    let expected = match sight(*class, *reader) {
                        Sight::Full => Some("430602199001010013"),
                        Sight::Opened if *meeting >= Meeting::Open => Some("430602199001010013"),
                        Sight::Declared | Sight::DeclaredSum if *meeting == Meeting::Declared => {
                            Some("430602199001010013")
                        }
                        Sight::Masked if *class == Class::Name => Some("4*****************"),
                        Sight::Masked => Some("4306**********0013"),
                        Sight::Opened | Sight::Declared | Sight::DeclaredSum | Sight::Never => None,
                    };
                    assert_eq!(
                        found.and_then(Value::as_str),
                        expected,
                        "{event}/{path} for {reader:?}, {meeting:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_private_field_without_a_class_is_seen_by_nobody() {
        let data = json!({"something_new": {"$private": "secret"}, "open": 1});
        assert_eq!(
            redacted("declaration.submitted", data, Reader::ALL, Meeting::Declared),
            json!({"open": 1})
        );
    }
}

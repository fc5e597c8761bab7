//! What may be asked of a screen.

use zhicheng_domain::values::Role;
use zhicheng_projections::request::{Comparison, RequestError};
use zhicheng_projections::row::Cell;
use zhicheng_projections::{Request, screen};

fn check(name: &str, role: Role, parameters: &[(&str, &str)]) -> Result<Request, RequestError> {
    let screen = screen(name).unwrap();
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request::parse(screen, screen.grant(role).unwrap(), &parameters)
}

#[test]
fn what_is_wrong_has_a_stable_code() {
    for (parameters, code) in [
        (&[("colour", "red")][..], "unknown-filter"),
        (&[("colour", "\0")], "unknown-filter"),
        (&[("id_number_hash", "abc")], "unknown-filter"),
        (&[("stage_shown", "draft")], "unknown-filter"),
        (&[("dwell_working_days", "long")], "filter-value-invalid"),
        (&[("overdue", "perhaps")], "filter-value-invalid"),
        (&[("year_from", "2023")], "unknown-filter"),
        (&[("row_key", "x")], "unknown-filter"),
        (&[("sort", "colour")], "unknown-sort"),
        (&[("sort", "holds")], "unknown-sort"),
        (&[("sort", "id_number_hash")], "unknown-sort"),
        (&[("sort", "arrived_at; drop table projections.rollback")], "unknown-sort"),
        (&[("sort", "")], "unknown-sort"),
        (&[("year", "MMXXIII")], "filter-value-invalid"),
        (&[("year", "99999999999999999999")], "filter-value-refused"),
        (&[("year", "")], "filter-value-invalid"),
        (&[("year", "2023"), ("year", "2024")], "filter-value-invalid"),
        (&[("stage", "banana")], "filter-value-refused"),
        (&[("status", "perhaps")], "filter-value-refused"),
        (&[("holds", "love")], "filter-value-refused"),
        (&[("employer_id", "7")], "filter-value-invalid"),
        (&[("applicant_name", "刘\0")], "filter-value-invalid"),
        (&[("arrived_at_from", "2023-02-30")], "filter-value-refused"),
        (&[("arrived_at_to", "yesterday")], "filter-value-invalid"),
        (&[("arrived_at_to", "2023-02-30T09:00:00+08:00")], "filter-value-refused"),
        (&[("arrived_at_to", "2023-02-30T9:00")], "filter-value-invalid"),
        (&[("due_on", "2023-13-01")], "filter-value-refused"),
        (&[("due_on", "2023-1-1")], "filter-value-invalid"),
        (&[("due_on", "0000-01-01")], "filter-value-refused"),
        (&[("applicant_name", "")], "filter-value-refused"),
        (&[("dwell_working_days_from", "5.5")], "filter-value-invalid"),
        (&[("due_on", "+12345-01-01")], "filter-value-invalid"),
        (&[("limit", "0")], "filter-value-invalid"),
        (&[("limit", "201")], "filter-value-invalid"),
        (&[("limit", "-1")], "filter-value-invalid"),
        (&[("cursor", "!")], "cursor-invalid"),
        (&[("cursor", "eyJhIjoxfQ")], "cursor-invalid"),
    ] {
        let error = check("employer-first-review", Role::EmployerOperator, parameters).unwrap_err();
        assert_eq!(error.code(), code, "{parameters:?}: {error}");
        assert!(!error.advice().is_empty());
    }
}

#[test]
fn a_day_is_a_whole_day_in_hunan() {
    let request =
        check("employer-first-review", Role::EmployerOperator, &[("arrived_at", "2023-05-04")]).unwrap();
    let bounds: Vec<_> = request.conditions.iter().map(|it| (it.comparison, it.value.clone())).collect();
    let moment = |text: &str| Cell::Instant(text.parse().unwrap());
    assert_eq!(
        bounds,
        [
            (Comparison::From, moment("2023-05-03T16:00:00Z")),
            (Comparison::Before, moment("2023-05-04T16:00:00Z"))
        ]
    );
}

#[test]
fn who_waits_longer_than_some_days_is_asked_for() {
    for (name, comparison) in [
        ("dwell_working_days_from", Comparison::From),
        ("dwell_working_days_to", Comparison::To),
        ("dwell_working_days", Comparison::Equal),
    ] {
        let request = check("employer-first-review", Role::EmployerOperator, &[(name, "5")]).unwrap();
        let condition = &request.conditions[0];
        assert_eq!((condition.comparison, &condition.value), (comparison, &Cell::Integer(5)), "{name}");
    }
}

#[test]
fn a_cursor_is_good_for_its_order_only() {
    let newest = check("employer-first-review", Role::EmployerOperator, &[]).unwrap();
    let cursor = newest.cursor_after(&Cell::Instant("2023-05-04T01:00:00.123456Z".parse().unwrap()), "k");
    let again =
        check("employer-first-review", Role::EmployerOperator, &[("cursor", &cursor)]).unwrap().cursor;
    assert_eq!(again.unwrap().value, Cell::Instant("2023-05-04T01:00:00.123456Z".parse().unwrap()));
    let other =
        check("employer-first-review", Role::EmployerOperator, &[("sort", "year"), ("cursor", &cursor)]);
    assert_eq!(other.unwrap_err(), RequestError::CursorInvalid);
}

#[test]
fn whom_an_auditor_must_not_know_an_auditor_cannot_look_for() {
    assert!(check("process-tracking", Role::AuthorityReviewer, &[("applicant_name", "刘")]).is_ok());
    for filter in ["applicant_name", "id_number"] {
        let error = check("process-tracking", Role::Auditor, &[(filter, "刘")]).unwrap_err();
        assert_eq!(error.code(), "unknown-filter");
    }
}

#[test]
fn what_the_caller_reads_is_left_to_the_caller() {
    assert!(check("rollback", Role::ProvincialAdministrator, &[("after", "7"), ("format", "csv")]).is_ok());
}

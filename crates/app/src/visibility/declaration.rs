//! A declaration as a reader sees it (contract.md, read one; Who sees what).

use super::events::committee_view;
use super::matrix::{Class, Meeting, Reader};
use super::{Readers, open, shown};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use zhicheng_domain::aggregate::ActorStamp;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::{Content, Declaration, Stage, Step};
use zhicheng_domain::hundredths::as_numbers;
use zhicheng_domain::ids::{AccountId, JudgeId};
use zhicheng_domain::private::Private;
use zhicheng_domain::values::Role;

/// What sections hold as decimals: of 业绩成果, 专业实践 and 项目.
const DECIMALS: &[&str] = &["amount", "quantity", "funds"];

/// The stage as these readers see it: from the draw until the results are declared the committee's work is not shown.
pub fn stage_shown(it: &Declaration, readers: &[Reader], meeting: Meeting) -> Stage {
    if committee_view(readers, meeting) { it.stage } else { it.stage_outside() }
}

/// Everything of the case that these readers see, but version, position and actions; `seats` are the reader's own as a judge.
pub fn view(it: &Declaration, readers: &Readers, seats: &[JudgeId], meeting: Meeting) -> Map<String, Value> {
    let Some(subject) = &it.subject else { return Map::new() };
    let see = |value: Value, class: Class| shown(value, class, readers, meeting);
    let owner = readers.contains(&Reader::Owner);
    // Others see the content as of the last submission; edits between submissions are the owner's alone.
    let content: &Content = match &it.submitted {
        Some(submitted) if !owner => submitted,
        Some(_) | None => &it.draft,
    };
    let mut data = Map::new();
    let sections: Map<String, Value> =
        content.sections.iter().map(|(key, body)| (key.name().to_owned(), json!(**body))).collect();
    let sections = as_numbers(Value::Object(sections), DECIMALS);
    insert(&mut data, "sections", see(sections, Class::Form));
    insert(&mut data, "materials", see(json!(content.materials), Class::Form));
    let decides = match (owner, &it.final_organisation) {
        (true, Some(chosen)) => Some(&chosen.node),
        (true, None) => None,
        (false, _) => it.final_organisation_submitted(),
    };
    data.insert("final_organisation_id".into(), json!(decides.map(|node| node.id)));
    if readers.contains(&Reader::Province) {
        data.insert("person_id".into(), json!(subject.person));
    }
    insert(&mut data, "applicant_name", see(json!(subject.name), Class::Name));
    insert(&mut data, "id_number", see(json!(subject.id_number), Class::Identity));
    for (name, value) in [
        ("year", json!(subject.year)),
        ("mode", json!(subject.mode)),
        ("level", json!(subject.level)),
        ("series", json!(subject.series.code)),
        ("specialty", json!(subject.specialty.code)),
        ("title", json!(subject.title.name)),
        ("kind", json!(subject.kind)),
        ("employer_id", json!(subject.employer.id)),
        ("employer_name", json!(subject.employer.name)),
        ("final_organisation_name", json!(decides.map(|node| &node.name))),
        ("batch_id", json!(it.batch)),
        ("submitted_at", json!(it.submitted_at)),
        (
            "publicity_round_id",
            json!(it.result_publicity.as_ref().or(it.publicity.as_ref()).map(|round| round.round)),
        ),
    ] {
        data.insert(name.into(), value);
    }
    let returned = it.returned.as_ref().map(|returned| {
        let sent_back = |step: &&Step| {
            step.result == Some("return")
                && step.organisation.as_ref().is_some_and(|at| at.id == returned.by.id)
        };
        let step = it.steps.iter().rev().find(sent_back);
        let told = step.map_or_else(|| readers.to_vec(), |step| readers.of_opinion(it, step));
        let see = |value: Value| shown(value, Class::Opinion, &told, meeting);
        json!({
            "by": returned.by, "correct_by": returned.correct_by, "relay_by": returned.relay_by,
            "opinion": see(json!(returned.opinion)), "items": see(json!(returned.items)),
        })
    });
    data.insert("returned".into(), json!(returned));
    let certificate = it.certificate.as_ref();
    insert(&mut data, "certificate_id", see(json!(certificate.map(|it| it.id)), Class::Certificate));
    insert(&mut data, "certificate_number", see(json!(certificate.map(|it| &it.number)), Class::Certificate));
    insert(
        &mut data,
        "report_state",
        see(json!(certificate.and_then(|it| it.report_state)), Class::Certificate),
    );
    if let Some((number, on)) = &it.filing {
        data.insert("filing_number".into(), json!(number));
        data.insert("filed_on".into(), json!(on));
    }
    review(it, readers, meeting, &mut data);
    insert(&mut data, "own_sheets", see(own_sheets(it, seats), Class::OwnScores));

    let mut view = Map::new();
    let stage = stage_shown(it, readers, meeting);
    let organisation = it.holder().map(|holder| holder.id);
    view.insert("declaration_no".into(), json!(subject.declaration_no));
    view.insert("stage".into(), json!(stage));
    view.insert("stage_detail".into(), json!({"level": it.hop(), "organisation_id": organisation}));
    view.insert("holds".into(), json!(it.holds));
    view.insert("data".into(), Value::Object(data));
    view.insert("rollback".into(), rollback(it, readers, meeting));
    view
}

/// The committee's work, as far as these readers see it.
fn review(it: &Declaration, readers: &[Reader], meeting: Meeting, data: &mut Map<String, Value>) {
    let review = &it.review;
    let see = |value: Value, class: Class| shown(value, class, readers, meeting);
    data.insert("scheme_id".into(), json!(review.scheme));
    if committee_view(readers, meeting) || meeting == Meeting::Declared {
        data.insert("review_meeting_id".into(), json!(review.meeting));
    }
    if let Some(panel) = &review.panel {
        let panel = json!({
            "chair_id": panel.chair, "leader_id": panel.leader, "reviewer_id": panel.reviewer, "judge_ids": panel.judges,
        });
        insert(data, "panel", see(panel, Class::Judges));
    }
    if let Some(ballot) = &review.ballot {
        insert(data, "ballot_round_id", see(json!(ballot.round), Class::Judges));
        if let Some(tally) = ballot.tally {
            let tally = json!({"attending": tally.attending, "agree": tally.agree, "disagree": tally.disagree, "passed": tally.passed});
            insert(data, "tally", see(tally, Class::Tally));
        }
    }
    if let Some(declared) = review.declared {
        data.insert("result".into(), json!({"passed": declared.passed, "acquired_on": declared.acquired_on}));
    }
    if let Some((category, reason)) = &review.failure_reason {
        insert(
            data,
            "failure_reason",
            see(json!({"category": category, "reason": reason}), Class::FailureReason),
        );
    }
}

/// The score sheets that a judge filled in, points as exact texts.
fn own_sheets(it: &Declaration, seats: &[JudgeId]) -> Value {
    let own = it.review.sheets.iter().filter(|((_, judge), _)| seats.contains(judge));
    own.map(|((sheet, _), saved)| {
        json!({
            "sheet": sheet, "items": saved.items, "total": saved.total(), "absent": saved.absent, "locked": saved.locked,
        })
    })
    .collect()
}

/// The one operation that may be rolled back, for those who may know of it.
fn rollback(it: &Declaration, readers: &[Reader], meeting: Meeting) -> Value {
    let cleared = readers.iter().any(|reader| matches!(reader, Reader::Province | Reader::Committee));
    let Some(operation) = it.latest_operation().filter(|_| cleared) else { return Value::Null };
    let stamp = zhicheng_domain::Stamp { actor: operation.by.clone(), time: operation.at };
    json!({
        "operation": operation.id, "action": operation.action,
        "by": super::events::actor(&stamp, readers, meeting), "at": super::events::time(&stamp, readers, meeting),
    })
}

/// What an account is called.
#[derive(Debug, Clone)]
pub struct Called {
    /// The name of its person, or of the account itself where it is nobody's.
    pub name: Private<String>,
    /// Whether it is or was an applicant's: then the name is one, in whatever role somebody acted.
    pub declares: bool,
}

/// 经办人 by name, for those who may know it: of the applicant as the applicant's, of who signed at a level as that, of a judge to nobody.
fn actor_name(
    actor: &ActorStamp,
    names: &HashMap<AccountId, Called>,
    readers: &[Reader],
    meeting: Meeting,
) -> Option<Value> {
    let called = names.get(&actor.account_id?)?;
    let shown_as = |class| shown(json!(called.name), class, readers, meeting).map(open);
    match actor.role? {
        Role::Judge => None,
        Role::Applicant => shown_as(Class::Name),
        _ if called.declares => shown_as(Class::Signature).and_then(|_| shown_as(Class::Name)),
        _ => shown_as(Class::Signature),
    }
}

/// The tracking view 过程跟踪: one row for each step, redacted.
pub fn tracking(
    it: &Declaration,
    readers: &Readers,
    meeting: Meeting,
    names: &HashMap<AccountId, Called>,
    working_days: impl Fn(chrono::NaiveDate, chrono::NaiveDate) -> u32,
) -> Vec<Value> {
    let whole = committee_view(readers, meeting);
    it.steps
        .iter()
        .filter(|step| whole || it.tells_outside(step))
        .map(|step| {
            let stamp = zhicheng_domain::Stamp { actor: step.actor.as_deref().cloned(), time: step.handled_at };
            let hidden = step.is_of_meeting() && !whole;
            // of judges only the day
            let time = super::events::time(&stamp, readers, meeting);
            let exact = !hidden && time == json!(step.handled_at);
            let (arrived, handled) =
                (in_shanghai(step.arrived_at).date_naive(), in_shanghai(step.handled_at).date_naive());
            let opinion = match &step.opinion {
                Private::Known(None) => Value::Null,
                Private::Known(Some(_)) | Private::Sealed(_) | Private::Erased => {
                    let told = readers.of_opinion(it, step);
                    shown(json!(step.opinion), Class::Opinion, &told, meeting).unwrap_or(Value::Null)
                }
            };
            json!({
                "action": step.action,
                "organisation_id": step.organisation.as_ref().map(|node| node.id),
                "organisation_name": step.organisation.as_ref().map(|node| &node.name),
                "actor": super::events::actor(&stamp, readers, meeting),
                "actor_name": step.actor.as_ref().and_then(|actor| actor_name(actor, names, readers, meeting)),
                "arrived_at": if exact && (whole || it.tells_arrival_outside(step)) { json!(step.arrived_at) } else { json!(arrived) },
                "handled_at": if exact { json!(step.handled_at) } else { json!(handled) },
                "working_days": working_days(arrived, handled),
                "result": if hidden { Value::Null } else { json!(step.result) },
                "opinion": if hidden { Value::Null } else { opinion },
                "rolled_back": step.rolled_back,
            })
        })
        .collect()
}

fn insert(data: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        data.insert(name.to_owned(), open(value));
    }
}

//! What the public sees: a certificate whose number and holder it names, whom an organisation is publishing, how judges were
//! drawn (contract.md, HTTP, public; domain.md 1.8 and 5.7).

use super::matrix::{Class, Reader};
use super::shown;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zhicheng_domain::certificate::Certificate;
use zhicheng_domain::draw::DrawRecord;
use zhicheng_projections::PublishedPerson;

/// The public, as a reader.
const PUBLIC: &[Reader] = &[Reader::Public];

/// A value of a class as the public sees it; null where it does not.
fn seen(value: Value, class: Class, declared: bool) -> Value {
    shown(value, class, PUBLIC, declared).unwrap_or(Value::Null)
}

/// A certificate for whoever named its number and its holder. The name is the one that was typed: it fits, and it is all that is
/// left once the person was erased.
pub fn certificate(it: &Certificate, name: &str) -> Option<Value> {
    let face = it.face.as_ref()?;
    let whole = json!({
        "title": face.title.name, "level": face.level, "series": face.series.code, "series_name": face.series.name,
        "specialty": face.specialty.code, "specialty_name": face.specialty.name, "acquired_on": face.acquired_on,
        "issuing_unit": face.issuing_organisation.name, "status": it.status(),
    });
    let Value::Object(mut view) = seen(whole, Class::Certificate, false) else { return None };
    view.insert("name".into(), seen(json!(name), Class::Name, false));
    Some(Value::Object(view))
}

/// Rounds that are running, with who is in them, in the order in which they come.
pub fn rounds(persons: &[PublishedPerson]) -> Vec<Value> {
    let mut rounds: Vec<(Map<String, Value>, Vec<Value>)> = Vec::new();
    let mut last: Option<Uuid> = None;
    for it in persons {
        if last != Some(it.round_id) {
            let round = [
                ("id", json!(it.round_id)),
                ("kind", json!(it.round_kind)),
                ("organisation_name", json!(it.organisation_name)),
                ("starts_on", json!(it.starts_on)),
                ("ends_on", json!(it.ends_on)),
                ("working_days", json!(it.working_days)),
                ("provisional", json!(it.provisional)),
                ("complaint_department", json!(it.complaint_department)),
                ("complaint_phone", json!(it.complaint_phone)),
            ];
            rounds.push((
                round.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                Vec::new(),
            ));
            last = Some(it.round_id);
        }
        let person = json!({
            "name": it.applicant_name, "employer_name": it.employer_name, "level": it.level, "series": it.series,
            "series_name": it.series_name, "specialty": it.specialty, "specialty_name": it.specialty_name,
            "title": it.title, "kind": it.kind,
        });
        if let Some((_, persons)) = rounds.last_mut() {
            persons.push(seen(person, Class::Publicity, false));
        }
    }
    rounds
        .into_iter()
        .map(|(mut round, persons)| {
            round.insert("persons".into(), persons.into());
            Value::Object(round)
        })
        .collect()
}

/// A draw. Until the results are declared the public sees that there was one and what the witnesses committed to; then all that it
/// takes to draw again, and who the drawn are.
///
/// The seeds are kept back with the judges: whoever knows the ids of a committee's judges from an earlier record could rank
/// them by the seeds, and would know before the meeting who sits in it.
pub fn draw(record: &DrawRecord, names: &BTreeMap<Uuid, String>, declared: bool) -> Value {
    let judges = |value: Value| seen(value, Class::Judges, declared);
    let named: Vec<Value> =
        record.drawn.iter().map(|judge| json!({"judge_id": judge, "name": names.get(judge)})).collect();
    json!({
        "algorithm": record.algorithm, "size": record.size, "commitments": record.commitments,
        "seeds": judges(json!(record.seeds)), "pool": judges(json!(record.pool)),
        "drawn": judges(json!(record.drawn)), "substitutes": judges(json!(record.substitutes)),
        "names": judges(named.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visibility::matrix::{Sight, sight};
    use zhicheng_domain::draw::{Seed, draw as draw_judges};

    #[test]
    fn the_public_sees_four_classes_and_one_of_them_whole() {
        let of = |class| sight(class, Reader::Public);
        assert_eq!(of(Class::Name), Sight::Masked);
        assert_eq!(of(Class::Judges), Sight::Declared);
        assert_eq!((of(Class::Certificate), of(Class::Publicity)), (Sight::Full, Sight::Full));
        for class in [
            Class::Form,
            Class::Edits,
            Class::Identity,
            Class::Opinion,
            Class::Signature,
            Class::Objection,
            Class::Scores,
            Class::Ballot,
            Class::Tally,
            Class::FailureReason,
            Class::Administration,
        ] {
            assert_eq!(of(class), Sight::Never, "{class:?}");
        }
    }

    #[test]
    fn a_name_keeps_its_first_character_however_long_it_is() {
        for (name, masked) in [
            ("刘·𠮷", "刘**"),
            ("𠮷野文", "𠮷**"),
            ("欧", "欧"),
            // As long as an ID number.
            ("阿卜杜热合曼·买买提江·阿不都拉一二", "阿*****************"),
        ] {
            assert_eq!(seen(json!(name), Class::Name, false), json!(masked));
        }
    }

    #[test]
    fn a_draw_names_nobody_before_the_results() {
        let seeds = [1u8, 2].map(|byte| Seed::parse(&format!("{byte:02x}").repeat(32)).unwrap());
        let pool: Vec<Uuid> = (1..=9).map(Uuid::from_u128).collect();
        let record = draw_judges(&seeds.map(|seed| seed.commitment()), seeds, pool.clone(), 5).unwrap();
        let names = pool.iter().map(|judge| (*judge, format!("评委{judge}"))).collect();
        let before = draw(&record, &names, false);
        assert_eq!(before["commitments"], json!(record.commitments));
        for member in ["seeds", "pool", "drawn", "substitutes", "names"] {
            assert_eq!(before[member], Value::Null, "{member}");
        }
        let after = draw(&record, &names, true);
        assert_eq!(after["names"].as_array().unwrap().len(), 5);
        serde_json::from_value::<DrawRecord>(after).unwrap().verify().unwrap();
    }
}

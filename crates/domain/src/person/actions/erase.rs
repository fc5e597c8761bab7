//! 清除个人信息 Erase: two persons decide that a person's key is destroyed (X-04; architecture.md, Personal data). One append
//! tells the person's record and every stream that is about the person; then the key is destroyed, and with it every
//! name, number and free text in the log and its copies. Hashes, counts and the course of the cases stay.

use crate::account::{Account, applicant_claim};
use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, required};
use crate::aggregate::{Aggregate, AnyEvent, Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::PersonId;
use crate::input::Checks;
use crate::label::label;
use crate::person::{Event, Person, id_number_claim};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Why. It is about the person too, and goes with the key.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "erase",
    label: label("清除个人信息", "Erase person"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["registered"]),
    to: &["erased"],
    proof: Proof::SecondPerson,
    form: &[required("reason", "清除原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Erases the person. The streams come with the context (`Known::streams_of`); each is told by the event of its
/// aggregate, [`Aggregate::person_erased`]. The ID number's claims are given back: whoever comes again is a new person.
pub fn decide(input: &Erase, it: &Person, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let streams = context.streams_of(PersonId(id))?;
    let applicant = applicant_claim(&it.id_number_hash);
    let holder = context.claim_holder(&applicant)?.copied();
    let accounts: Vec<StreamId> =
        streams.iter().filter(|stream| stream.aggregate == Account::TYPE).copied().collect();
    let states = context.load_all::<Account>(accounts.iter().map(|stream| stream.id))?;
    // whoever decides in a turn takes claims to be free: the accounts say it too
    let applies = || accounts.iter().zip(states).find(|(_, it)| it.holds(Role::Applicant));
    let holder = holder
        .filter(|holder| holder.aggregate == Account::TYPE)
        .or_else(|| applies().map(|(account, _)| *account));
    context.second_person()?;
    let own = StreamId::of::<Person>(id);
    let mut outcome = Outcome::of(Event::Erased { reason: reason.into() })
        .release(id_number_claim(&it.id_number_hash), own);
    if let Some(holder) = holder {
        outcome = outcome.release(applicant, holder);
    }
    for stream in streams.iter().filter(|stream| **stream != own) {
        if let Some(event) = AnyEvent::person_erased(stream.aggregate) {
            outcome.others.push((*stream, event));
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use crate::StreamId;
    use crate::declaration::Declaration;
    use crate::person::Person;
    use crate::private::Private;
    use crate::world::{Who, hunan::Hunan};
    use serde_json::json;

    #[test]
    fn tells_every_stream_about_the_person_in_one_append() {
        let mut hunan = Hunan::new();
        let declaration = hunan.submitted(hunan.applicant);
        let person = hunan.world.registers.accounts.get(hunan.applicant).unwrap().person.unwrap();
        let number = hunan.world.get::<Person>(person.0).id_number.known().unwrap().clone();
        let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
        let input = json!({"reason": "保存期届满"});
        let approval =
            hunan.world.request(Who::Account(hunan.province), "person", person.0, "erase", input).unwrap();
        assert!(!hunan.world.get::<Person>(person.0).erased, "nothing happens before the second person");
        hunan.act(second, "approval", approval, "approve", json!({}));

        let it = hunan.world.get::<Person>(person.0);
        assert!(it.erased && it.name == Private::Erased && it.id_number == Private::Erased);
        assert!(hunan.world.get::<Declaration>(declaration).erased);
        assert!(hunan.world.registers.roles_of(hunan.applicant).is_empty(), "nobody signs in with it");
        let told = |stream: StreamId| {
            hunan
                .world
                .log
                .iter()
                .any(|logged| logged.stream == stream && logged.event.name().ends_with("erased"))
        };
        for (stream, state) in &hunan.world.states {
            assert_eq!(told(*stream), state.subject() == Some(person), "{stream:?}");
        }

        let again = json!({
            "username": "again1", "password": "Xiang-2023-jiang", "name": "刘·𠮷", "id_number": number, "phone": "13900000901",
        });
        let account = hunan.create(Who::Anonymous, "account", again);
        let new = hunan.world.registers.accounts.get(account).unwrap().person.unwrap();
        assert_ne!(new, person, "who comes again is a new person");
    }

    #[test]
    fn is_the_provinces_and_happens_once() {
        let mut hunan = Hunan::new();
        let person = hunan.world.registers.accounts.get(hunan.applicant).unwrap().person.unwrap();
        let input = json!({"reason": "本人申请"});
        let own = hunan.refused(hunan.applicant, "person", person.0, "erase", input.clone());
        assert_eq!(own.code, "not-allowed");
        let empty = hunan.refused(hunan.province, "person", person.0, "erase", json!({"reason": ""}));
        assert_eq!(empty.code, "reason-required");
        hunan.act(hunan.province, "person", person.0, "erase", input.clone());
        assert_eq!(hunan.refused(hunan.province, "person", person.0, "erase", input).code, "stage-refused");
    }
}

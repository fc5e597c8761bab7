//! Who may see what: the one place where every answer is cut down to its reader (contract.md, Who sees what).

pub mod declaration;
pub mod events;
pub mod fields;
pub mod log;
pub mod matrix;
pub mod public;
pub mod things;

pub use matrix::{Class, Reader, Sight, sight};

use serde_json::Value;
use zhicheng_domain::action::{FieldType, Place};
use zhicheng_domain::codes::id_number;
use zhicheng_domain::context::Approval;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::private::{ERASED, PRIVATE, SEALED};
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Acting, Actor, Aggregate, AnyState, Context, Known, Registers};

/// The relations in which these roles stand to a declaration, the one that sees most first. Empty: the caller may not know of
/// it. A draft is its owner's alone.
pub fn readers(it: &Declaration, roles: &[Acting], registers: &Registers) -> Vec<Reader> {
    let known = Known::default();
    let context = Context {
        actor: Actor::Anonymous,
        now: chrono::DateTime::UNIX_EPOCH,
        seed: [0; 16],
        registers,
        known: &known,
        approval: Approval::NotGiven,
    };
    let stands = |place, acting: &Acting| it.stands(place, acting, &context);
    let handled = |acting: &Acting| {
        let at = |node: &Node| acting.organisation == Some(node.id);
        it.steps.iter().any(|step| step.organisation.as_ref().is_some_and(at))
    };
    let mut readers: Vec<Reader> = roles
        .iter()
        .filter_map(|acting| {
            if stands(Place::Owner, acting) {
                return Some(Reader::Owner);
            }
            it.submitted.as_ref()?;
            let on_route = it.route.iter().any(|node| acting.organisation == Some(node.id));
            match acting.role {
                Role::Applicant => None,
                Role::EmployerOperator => stands(Place::Employer, acting).then_some(Reader::Employer),
                Role::SuperiorReviewer
                | Role::AuthorityReviewer
                | Role::SchemeReviewer
                | Role::SpecialSchemeReviewer => {
                    let sees = on_route
                        || handled(acting)
                        || stands(Place::ApprovingAuthority, acting)
                        || stands(Place::FinalOrganisation, acting);
                    sees.then_some(Reader::Superior)
                }
                Role::CommitteeOperator => {
                    let reached = on_route || handled(acting);
                    (stands(Place::Committee, acting) && reached).then_some(Reader::Committee)
                }
                Role::Judge => stands(Place::Panel, acting).then_some(Reader::Judge),
                Role::DisciplineWitness => {
                    let witness = it.review.meeting.is_some() && stands(Place::ApprovingAuthority, acting);
                    witness.then_some(Reader::Witness)
                }
                Role::CertificateIssuer => {
                    let reached = it.filing.is_some() || it.certificate.is_some() || it.award_published;
                    (reached && stands(Place::IssuingUnit, acting)).then_some(Reader::Issuer)
                }
                Role::ProvincialAdministrator => Some(Reader::Province),
                Role::Auditor => Some(Reader::Auditor),
                Role::SystemAdministrator | Role::ReportJob => None,
            }
        })
        .collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// Whether one of these roles may know of the thing at all.
pub fn may_read(state: &AnyState, roles: &[Acting], registers: &Registers) -> bool {
    roles.iter().any(|acting| things::known_to(state, acting, registers))
}

/// Whether one of these roles reads who judges in a meeting.
pub fn names_judges(state: &AnyState, roles: &[Acting], registers: &Registers) -> bool {
    roles.iter().any(|acting| things::names_judges_to(state, acting, registers))
}

/// A value of a class as these readers see it: the best of what each of them sees.
pub fn shown(value: Value, class: Class, readers: &[Reader], declared: bool) -> Option<Value> {
    let sights = readers.iter().map(|reader| sight(class, *reader));
    let best = sights.fold(Sight::Never, |best, sight| match (best, sight) {
        (Sight::Full, _) | (_, Sight::Full) => Sight::Full,
        (Sight::Declared, _) | (_, Sight::Declared) if declared => Sight::Full,
        (Sight::Masked, _) | (_, Sight::Masked) => Sight::Masked,
        (Sight::Declared | Sight::Never, Sight::Declared | Sight::Never) => Sight::Never,
    });
    match best {
        Sight::Full => Some(open(value)),
        Sight::Masked if class == Class::Name => Some(mask_name(open(value))),
        Sight::Masked => Some(mask(open(value))),
        Sight::Declared | Sight::Never => None,
    }
}

/// A name keeps its first character, however long it is.
fn mask_name(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(first_character(&text)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other
        }
    }
}

fn first_character(text: &str) -> String {
    let masked = |(index, character)| if index == 0 { character } else { '*' };
    text.chars().enumerate().map(masked).collect()
}

/// An ID number keeps four characters at each end, any other text its first.
fn mask(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() == 18 => Value::String(id_number::masked(&text)),
        Value::String(text) => Value::String(first_character(&text)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other
        }
    }
}

/// Private values in clear: `{"$private": x}` becomes `x`, what is sealed or erased becomes null.
pub fn open(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            if members.len() == 1 {
                if let Some(clear) = members.remove(PRIVATE) {
                    return open(clear);
                }
                if members.contains_key(SEALED) || members.contains_key(ERASED) {
                    return Value::Null;
                }
            }
            Value::Object(members.into_iter().map(|(name, member)| (name, open(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(open).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

/// What is about a natural person in other aggregates than the declaration: in clear for the person and the province, masked
/// for the others.
pub fn person_fields(state: &AnyState, roles: &[Acting], view: &mut serde_json::Map<String, Value>) {
    let own = roles.iter().any(|acting| acting.person.is_some() && acting.person == state.subject());
    if own {
        return;
    }
    for (name, value) in std::mem::take(view) {
        let private = value.get(PRIVATE).is_some();
        let value =
            if private && matches!(name.as_str(), "id_number" | "phone") { mask(open(value)) } else { value };
        view.insert(name, value);
    }
}

/// Data without its private values.
pub fn without_private(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let private = members.len() == 1
                && [PRIVATE, SEALED, ERASED].iter().any(|marker| members.contains_key(*marker));
            if private {
                return Value::Null;
            }
            Value::Object(members.into_iter().map(|(name, member)| (name, without_private(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_private).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

/// A field's type on the wire.
pub const fn field_type(of: FieldType) -> &'static str {
    match of {
        FieldType::Text => "text",
        FieldType::LongText => "long_text",
        FieldType::Integer => "integer",
        FieldType::Date => "date",
        FieldType::Boolean => "boolean",
        FieldType::Choice(_) => "choice",
        FieldType::Reference(_) => "reference",
        FieldType::Structure => "structure",
    }
}

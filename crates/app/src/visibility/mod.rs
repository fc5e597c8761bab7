//! Who may see what: the one place where every answer is cut down to its reader (contract.md, Who sees what).

pub mod declaration;
pub mod events;
pub mod fields;
pub mod log;
pub mod matrix;
pub mod public;
pub mod things;

pub use matrix::{Class, Meeting, Reader, Sight, sight};

use chrono::NaiveDate;
use serde::Deserialize as _;
use serde_json::Value;
use std::ops::Deref;
use zhicheng_domain::action::{FieldType, Place};
use zhicheng_domain::codes::id_number;
use zhicheng_domain::context::Approval;
use zhicheng_domain::declaration::{Declaration, Stage, Step};
use zhicheng_domain::hundredths::Hundredths;
use zhicheng_domain::ids::{NodeId, PersonId};
use zhicheng_domain::private::{ERASED, PRIVATE, SEALED};
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Acting, Actor, Aggregate, AnyState, Context, Known, Registers};

/// The relations in which somebody stands to a declaration, the one that sees most first. Empty: they may not know of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readers {
    relations: Vec<Reader>,
    /// Where they are superior or authority.
    levels: Vec<NodeId>,
    /// Whether they are of the authority that approved the committee, which is above the whole way.
    approves: bool,
}

impl Deref for Readers {
    type Target = [Reader];

    fn deref(&self) -> &[Reader] {
        &self.relations
    }
}

impl Readers {
    /// The same, of what was said at a step; of a superior or authority as well what it is told of it (domain.md 1.8, below and own).
    pub fn of_opinion(&self, it: &Declaration, step: &Step) -> Vec<Reader> {
        let told = !self.levels.is_empty()
            && (self.approves || it.opinion_levels(step).iter().any(|level| self.levels.contains(level)));
        self.with_level(told)
    }

    /// The same, of what is said below every superior and authority.
    pub fn of_lowest(&self) -> Vec<Reader> {
        self.with_level(!self.levels.is_empty())
    }

    fn with_level(&self, told: bool) -> Vec<Reader> {
        self.relations.iter().copied().chain(told.then_some(Reader::Level)).collect()
    }
}

/// The relations in which these roles stand to a declaration. A draft is its owner's alone.
pub fn readers(it: &Declaration, roles: &[Acting], registers: &Registers) -> Readers {
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
        it.steps.iter().any(|step| step.organisation.as_deref().is_some_and(at))
    };
    let mut readers = Readers::default();
    let stood: Vec<Reader> = roles
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
                    let approves = stands(Place::ApprovingAuthority, acting);
                    let sees =
                        on_route || handled(acting) || approves || stands(Place::FinalOrganisation, acting);
                    readers.approves |= approves;
                    readers.levels.extend(acting.organisation.filter(|_| sees));
                    sees.then_some(Reader::Superior)
                }
                Role::CommitteeOperator => {
                    let reached = on_route || handled(acting);
                    (stands(Place::Committee, acting) && reached).then_some(Reader::Committee)
                }
                Role::Judge => {
                    let judge = registers.judge_of(acting)?;
                    let votes = it.review.ballot.as_ref().is_some_and(|it| it.attending.contains(&judge));
                    match it.review.recusals.contains_key(&judge) {
                        true => None,
                        false if stands(Place::Panel, acting) => Some(Reader::Judge),
                        false => (votes || stands(Place::Chair, acting)).then_some(Reader::Elector),
                    }
                }
                Role::DisciplineWitness => {
                    let witness = it.review.meeting.is_some() && stands(Place::ApprovingAuthority, acting);
                    witness.then_some(Reader::Witness)
                }
                Role::CertificateIssuer => {
                    let awarded = it.stage == Stage::FinalApproved && !it.award_publicity;
                    let reached =
                        it.filing.is_some() || it.certificate.is_some() || it.award_published || awarded;
                    (reached && stands(Place::IssuingUnit, acting)).then_some(Reader::Issuer)
                }
                Role::ProvincialAdministrator => Some(Reader::Province),
                Role::Auditor => Some(Reader::Auditor),
                Role::SystemAdministrator | Role::ReportJob => None,
            }
        })
        .collect();
    readers.relations = stood;
    readers.relations.sort_unstable();
    readers.relations.dedup();
    readers
}

/// Whether one of these roles may know of the thing at all.
pub fn may_read(state: &AnyState, roles: &[Acting], registers: &Registers) -> bool {
    roles.iter().any(|acting| things::known_to(state, acting, registers))
}

/// Whom of a meeting's judges these roles read: the most of what each does.
pub fn judges_seen(
    state: &AnyState,
    roles: &[Acting],
    registers: &Registers,
    today: NaiveDate,
) -> things::Judges {
    let seen = roles.iter().map(|acting| things::judges_seen_by(state, acting, registers, today));
    seen.fold(things::Judges::Nobody, things::Judges::with)
}

/// A value of a class as these readers see it: the best of what each of them sees.
pub fn shown(value: Value, class: Class, readers: &[Reader], meeting: Meeting) -> Option<Value> {
    let sights = readers.iter().map(|reader| sight(class, *reader));
    let seen = sights.map(|sight| match sight {
        Sight::Full => Part::Whole,
        Sight::Opened if meeting >= Meeting::Open => Part::Whole,
        Sight::Declared if meeting == Meeting::Declared => Part::Whole,
        Sight::DeclaredSum if meeting == Meeting::Declared => Part::Sum,
        Sight::Masked => Part::Masked,
        Sight::Opened | Sight::Declared | Sight::DeclaredSum | Sight::Never => Part::Nothing,
    });
    match seen.max().unwrap_or(Part::Nothing) {
        Part::Whole => Some(open(value)),
        Part::Sum => Some(sum(open(value))),
        Part::Masked if class == Class::Name => Some(mask_name(open(value))),
        Part::Masked => Some(mask(open(value))),
        Part::Nothing => None,
    }
}

/// How much of a value is seen now, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Nothing,
    Masked,
    Sum,
    Whole,
}

/// A score sheet as one item, with its points added up; a single number is its own sum.
fn sum(value: Value) -> Value {
    let Value::Array(items) = value else { return value };
    let points = items.iter().filter_map(|item| Hundredths::deserialize(item.get("score")?).ok());
    let points = points.fold(0_i64, |sum, points| sum.saturating_add(points.0));
    serde_json::json!([{"item": "合计", "score": Hundredths(points)}])
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

/// What is about a natural person in other aggregates than the declaration: in clear for the person, numbers masked for the others,
/// and for whoever reads as an auditor alone the name of a certificate's holder too.
pub fn person_fields(
    state: &AnyState,
    reader: Option<PersonId>,
    roles: &[Acting],
    view: &mut serde_json::Map<String, Value>,
) {
    let own = reader.is_some() && reader == state.subject();
    if own {
        return;
    }
    let audits =
        matches!(state, AnyState::Certificate(_)) && roles.iter().all(|acting| acting.role == Role::Auditor);
    if audits && let Some(name) = view.get_mut("name") {
        *name = mask_name(open(name.take()));
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

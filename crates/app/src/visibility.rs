//! Who may see what: the one place where an answer is cut down to its reader.

use serde_json::{Map, Value};
use zhicheng_domain::action::{FieldType, Place};
use zhicheng_domain::context::Approval;
use zhicheng_domain::private::{ERASED, PRIVATE, SEALED};
use zhicheng_domain::values::Role;
use zhicheng_domain::{Acting, Actor, AnyState, Context, Known, Registers};

/// Whether one of these roles may know of the thing at all.
pub(crate) fn may_read(state: &AnyState, roles: &[Acting], registers: &Registers) -> bool {
    let known = Known::default();
    let context = Context {
        actor: Actor::Anonymous,
        now: chrono::DateTime::UNIX_EPOCH,
        seed: [0; 16],
        registers,
        known: &known,
        approval: Approval::NotGiven,
    };
    let AnyState::Declaration(declaration) = state else { return !roles.is_empty() };
    roles.iter().any(|acting| {
        if state.stands(Place::Owner, acting, &context) {
            return true;
        }
        if declaration.submitted.is_none() {
            return false;
        }
        match acting.role {
            Role::ProvincialAdministrator | Role::Auditor => true,
            Role::Applicant | Role::SystemAdministrator | Role::ReportJob => false,
            Role::EmployerOperator
            | Role::SuperiorReviewer
            | Role::AuthorityReviewer
            | Role::SchemeReviewer
            | Role::SpecialSchemeReviewer
            | Role::CommitteeOperator
            | Role::Judge
            | Role::DisciplineWitness
            | Role::CertificateIssuer => {
                let places = [
                    Place::Employer,
                    Place::Holder,
                    Place::Committee,
                    Place::FinalOrganisation,
                    Place::Panel,
                ];
                places.iter().any(|place| state.stands(*place, acting, &context))
                    || declaration.route.iter().any(|node| acting.organisation == Some(node.id))
            }
        }
    })
}

/// Private values in clear: `{"$private": x}` becomes `x`, what is sealed or erased becomes null.
pub(crate) fn open(value: Value) -> Value {
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
            Value::Object(
                members.into_iter().map(|(name, member)| (name, open(member))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(open).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

/// The type of an aggregate's state.
pub(crate) fn aggregate_of(state: &AnyState) -> &'static str {
    state.aggregate()
}

/// A field's type on the wire.
pub(crate) const fn field_type(of: FieldType) -> &'static str {
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

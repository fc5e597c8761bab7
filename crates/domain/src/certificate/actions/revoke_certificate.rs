//! 证书撤销 Revoke certificate: with a reason, by two persons; the number is not used again (seed 002 人 1.19; seed 003
//! 七(一); T63). From here also for certificates that were imported and have no declaration.

use crate::action::{ActionSpec, FieldType, Place, Proof, Start, admit, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::{Certificate, Event};
use crate::context::{Context, Stop};
use crate::declaration::{self, Declaration};
use crate::ids::CertificateId;
use crate::input::{Checks, OPINION_CHARS_MAX};
use crate::label::label;
use crate::private::Private;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeCertificate {
    /// 撤销原因.
    pub reason: String,
    /// 撤销依据.
    pub basis: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "revoke-certificate",
    label: label("证书撤销", "Revoke certificate"),
    by: &[
        by(Role::CertificateIssuer, Place::IssuingUnit),
        by(Role::ProvincialAdministrator, Place::Anywhere),
    ],
    from: Start::Stages(&["numbered", "generated", "reported"]),
    to: &["revoked"],
    proof: Proof::SecondPerson,
    form: &[
        required("reason", "撤销原因", FieldType::LongText),
        optional("basis", "撤销依据", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Revokes it, and with it the declaration.
pub fn decide(
    input: &RevokeCertificate,
    it: &Certificate,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let why = Grounds::of(&input.reason, input.basis.as_deref())?;
    let outcome = Outcome::of(Event::Revoked { basis: why.basis.clone(), reason: why.reason.clone() });
    let Some(declaration_id) = it.declaration else {
        context.second_person()?;
        return Ok(outcome);
    };
    let of: &Declaration = context.load(declaration_id)?;
    admit(of, &declaration::actions::revoke_certificate::SPEC, context)?;
    context.second_person()?;
    let revoked = declaration::Event::CertificateRevoked {
        basis: why.basis,
        certificate_id: CertificateId(id),
        reason: why.reason,
    };
    let ended = declaration::actions::end(Outcome::of(revoked), of, declaration_id.0);
    Ok(outcome.including::<Declaration>(declaration_id, ended))
}

/// Why a certificate or a filing is taken back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grounds {
    /// 依据.
    pub(crate) basis: Private<Option<String>>,
    /// 原因.
    pub(crate) reason: Private<String>,
}

impl Grounds {
    /// From an input with `reason` and `basis`.
    pub(crate) fn of(reason: &str, basis: Option<&str>) -> Result<Self, Stop> {
        let mut checks = Checks::new();
        let reason = checks.reason("/reason", reason);
        let basis = basis
            .filter(|basis| !basis.trim().is_empty())
            .map(|basis| checks.paragraph("/basis", basis, OPINION_CHARS_MAX));
        checks.done()?;
        Ok(Self { basis: Private::Known(basis), reason: Private::Known(reason) })
    }
}

//! 生成电子证书 Generate e-certificate: the province only; the event holds all that the paper is rendered from
//! (seed 002 人 1.29; X-14; T60).

use super::issue_certificate::{HolderUnknown, not_blacklisted};
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::certificate::{self, Certificate, Status};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// Kinds of material that hold the photo on the certificate.
pub const PHOTO_KINDS: &[&str] = &["photo", "照片"];

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateECertificate {
    /// 发文文号.
    pub document_number: String,
}

impl GenerateECertificate {
    /// What can be said of it whatever it is done to; answers the number in its one spelling.
    pub(crate) fn checked(&self) -> Result<String, Stop> {
        let mut checks = Checks::new();
        let document_number = checks.document_number("/document_number", &self.document_number);
        checks.done()?;
        Ok(document_number)
    }
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "generate-e-certificate",
    label: label("生成电子证书", "Generate e-certificate"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&[Stage::CertificateIssued.name()]),
    to: &[Stage::ECertificateGenerated.name()],
    forward: Forward::Yes,
    form: &[required("document_number", "发文文号", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Generates it. Holds and revocation are asked for again.
pub fn decide(
    input: &GenerateECertificate,
    it: &Declaration,
    _: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let document_number = input.checked()?;
    let (Some(subject), Some(issued)) = (&it.subject, &it.certificate) else {
        return Err(common::NotFound.into());
    };
    not_blacklisted(subject, context)?;
    let certificate: &Certificate = context.load(issued.id)?;
    let Some(face) = &certificate.face else { return Err(common::NotFound.into()) };
    if certificate.status() == Status::Revoked {
        let stage = certificate.stage_label().to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    if face.name.known().is_none() {
        return Err(HolderUnknown.into());
    }
    let photo = it.submitted.as_ref().and_then(|content| {
        content.materials.iter().rfind(|material| PHOTO_KINDS.contains(&material.kind.as_str()))
    });
    let generated = certificate::Event::EGenerated {
        digest: None,
        document_number: document_number.clone(),
        face: face.clone(),
        photo_digest: Private::Known(photo.map(|photo| photo.digest.clone())),
        template_version: None,
    };
    Ok(Outcome::of(Event::ECertificateGenerated { certificate_id: issued.id, document_number })
        .also::<Certificate>(issued.id, generated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    const ACT: &str = "generate-e-certificate";

    #[test]
    fn the_certificate_holds_what_is_printed() {
        let mut hunan = Hunan::new();
        let case = hunan.issued();
        let province = hunan.province;
        hunan.act(province, "declaration", case, ACT, json!({"document_number": "湘人社发[2023]9号"}));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::ECertificateGenerated);
        let certificate = hunan.world.get::<Certificate>(it.certificate.unwrap().id);
        assert_eq!(certificate.document_number.as_deref(), Some("湘人社发〔2023〕9号"));
        assert_eq!(certificate.stage(), Some("generated"));
        assert_eq!(certificate.face.unwrap().name.known().map(String::as_str), Some("刘·𠮷"));
    }

    #[test]
    fn only_the_province_generates_and_only_under_a_document_number() {
        let mut hunan = Hunan::new();
        let case = hunan.issued();
        let issuer = hunan.staff("另一发证", "certificate-issuer", hunan.department);
        let input = json!({"document_number": "湘人社发〔2023〕9号"});
        assert_eq!(hunan.refused(issuer, "declaration", case, ACT, input.clone()).code, "not-allowed");
        let province = hunan.province;
        let refused = hunan.refused(province, "declaration", case, ACT, json!({"document_number": "9号"}));
        assert_eq!(refused.problems[0].code, "document-number-format");
        hunan.held(case);
        assert_eq!(hunan.refused(province, "declaration", case, ACT, input).code, "declaration-held");
    }
}

//! 证书报送人社部 Report certificate: sent once generated; `reported` when the ministry has acknowledged it
//! (seed 002 人 1.18; T62).

use crate::action::{ActionSpec, Forward, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::Certificate;
use crate::certificate::actions::report_certificate::enter;
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportCertificate {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "report-certificate",
    label: label("证书报送人社部", "Report certificate"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&[Stage::ECertificateGenerated.name()]),
    forward: Forward::Yes,
    ..ActionSpec::DEFAULT
};

/// Sends it, and says so on the certificate.
pub fn decide(_: &ReportCertificate, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(issued) = &it.certificate else { return Err(common::NotFound.into()) };
    let certificate: &Certificate = context.load(issued.id)?;
    let reported = enter(certificate, context)?;
    Ok(Outcome::of(Event::CertificateReported { certificate_id: issued.id })
        .also::<Certificate>(issued.id, reported))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{Aggregate, StreamId};
    use crate::certificate::{self, ReportState};
    use crate::declaration::values::TitleRef;
    use crate::private::Private;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn it_is_reported_when_the_ministry_has_accepted_it() {
        for from_the_certificate in [false, true] {
            let mut hunan = Hunan::new();
            let case = hunan.certified();
            let certificate = hunan.world.get::<Declaration>(case).certificate.unwrap().id;
            let province = hunan.province;
            if from_the_certificate {
                hunan.act(province, "certificate", certificate.0, "report-certificate", json!({}));
            } else {
                hunan.act(province, "declaration", case, "report-certificate", json!({}));
            }
            let sent = hunan.world.get::<Declaration>(case);
            assert_eq!(sent.stage, Stage::ECertificateGenerated);
            assert_eq!(sent.certificate.unwrap().report_state, Some("sent"));
            let input = json!({"outcome": "accepted", "receipt_number": "R-2023-1"});
            hunan.act(province, "certificate", certificate.0, "record-acknowledgement", input);
            assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::Reported);
            let certificate = hunan.world.get::<Certificate>(certificate);
            assert_eq!(certificate.stage(), Some("reported"));
            assert_eq!(certificate.receipt_number.as_deref(), Some("R-2023-1"));
        }
    }

    #[test]
    fn what_the_ministry_sent_back_is_sent_again() {
        let mut hunan = Hunan::new();
        let case = hunan.certified();
        let certificate = hunan.world.get::<Declaration>(case).certificate.unwrap().id;
        let province = hunan.province;
        let answer = json!({"outcome": "rejected", "message": "身份证号与姓名不符"});
        let early =
            hunan.refused(province, "certificate", certificate.0, "record-acknowledgement", answer.clone());
        assert_eq!(early.code, "not-reported");
        hunan.act(province, "declaration", case, "report-certificate", json!({}));
        let twice = hunan.refused(province, "declaration", case, "report-certificate", json!({}));
        assert_eq!(twice.code, "already-reported");
        hunan.act(province, "certificate", certificate.0, "record-acknowledgement", answer);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ECertificateGenerated);
        hunan.act(province, "declaration", case, "report-certificate", json!({}));
        let state = hunan.world.get::<Certificate>(certificate).report_state;
        assert_eq!(state, Some(ReportState::Sent));
    }

    #[test]
    fn a_title_unknown_to_the_ministry_is_mapped_first() {
        let mut hunan = Hunan::new();
        let case = hunan.certified();
        let certificate = hunan.world.get::<Declaration>(case).certificate.unwrap().id;
        let mut face = hunan.world.get::<Certificate>(certificate).face.unwrap();
        face.title = TitleRef { ministry_code: None, name: "实验副教授".into() };
        let printed = certificate::Event::EGenerated {
            digest: None,
            document_number: "湘人社发〔2023〕9号".into(),
            face,
            photo_digest: Private::Known(None),
            template_version: None,
        };
        hunan.world.given(StreamId::of::<Certificate>(certificate), printed, None);
        let province = hunan.province;
        let refused = hunan.refused(province, "declaration", case, "report-certificate", json!({}));
        assert_eq!(refused.code, "ministry-code-missing");
        let title = json!({"series": "01", "level": "associate_senior", "name": "实验副教授", "ministry_code": "0102"});
        hunan.create(Who::Account(province), "title", title);
        hunan.act(province, "declaration", case, "report-certificate", json!({}));
    }
}

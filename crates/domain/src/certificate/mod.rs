//! 证书 A certificate: what it says, whether it is valid, and what the ministry answered (seed 002 人 1.17 to 1.20, 1.29).
//! One that was imported has no declaration.

pub mod actions;
mod face;

pub use face::{Face, Origin};

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context, in_shanghai};
use crate::ids::{CertificateId, DeclarationId, PersonId};
use crate::label::{Named, named};
use crate::private::Private;
use chrono::{DateTime, NaiveDate, Utc};

named! {
    /// 证书状态.
    Status {
        Valid = "valid", "有效", "Valid";
        Revoked = "revoked", "已撤销", "Revoked";
    }
}

named! {
    /// 上报状态.
    ReportState {
        Sent = "sent", "已上报", "Sent";
        Accepted = "accepted", "已接收", "Accepted";
        Rejected = "rejected", "被退回", "Rejected";
    }
}

named! {
    /// 回执结果.
    AcknowledgementOutcome {
        Accepted = "accepted", "接收", "Accepted";
        Rejected = "rejected", "退回", "Rejected";
    }
}

impl From<AcknowledgementOutcome> for ReportState {
    fn from(outcome: AcknowledgementOutcome) -> Self {
        match outcome {
            AcknowledgementOutcome::Accepted => Self::Accepted,
            AcknowledgementOutcome::Rejected => Self::Rejected,
        }
    }
}

events! {
    /// What happens to a certificate.
    pub enum Event of "certificate" {
        /// 证书发放: its number was taken in the same append (T59).
        Issued { certificate_id: CertificateId, declaration_id: Option<DeclarationId>, face: Face, name_hash: String, #[serde(default, skip_serializing_if = "Option::is_none")] origin: Option<Box<Origin>>, person_id: PersonId } = "issued",
        /// 生成电子证书: all that the paper is rendered from (T60).
        EGenerated { digest: Option<String>, document_number: String, face: Face, photo_digest: Private<Option<String>>, template_version: Option<String> } = "e_generated",
        /// 证书报送人社部: sent under the ministry's code of the title (T62).
        Reported { ministry_code: String } = "reported",
        /// The ministry's answer (T62).
        ReportAcknowledged { message: Private<Option<String>>, outcome: AcknowledgementOutcome, receipt_number: Option<String> } = "report_acknowledged" version "2",
        /// 证书撤销 (T63), or with its filing (T57).
        Revoked { basis: Private<Option<String>>, reason: Private<String> } = "revoked",
        /// The person's key was destroyed.
        PersonErased = "person_erased",
    }
}

named! {
    /// Where a certificate stands.
    Stage {
        /// It has its number.
        Numbered = "numbered", "已编号", "Numbered";
        /// Its electronic form can be fetched.
        Generated = "generated", "电子证书已生成", "Generated";
        /// The ministry has accepted it.
        Reported = "reported", "已报送人社部", "Reported";
        /// It no longer holds.
        Revoked = "revoked", "已撤销", "Revoked";
    }
}

/// Why and when a certificate was revoked.
#[derive(Debug, Clone, PartialEq)]
pub struct Revocation {
    /// 依据.
    pub basis: Private<Option<String>>,
    /// The day.
    pub on: NaiveDate,
    /// 原因.
    pub reason: Private<String>,
}

/// A certificate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Certificate {
    /// Its id; none before it was issued.
    pub id: Option<CertificateId>,
    /// The declaration it came of; none where it was imported.
    pub declaration: Option<DeclarationId>,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// What it says.
    pub face: Option<Face>,
    /// Where it comes from; none where it was imported.
    pub origin: Option<Box<Origin>>,
    /// Keyed hash of [`name_text`]: the public check answers number and name even after erasure.
    pub name_hash: String,
    /// When it was issued.
    pub issued_at: Option<DateTime<Utc>>,
    /// 发文文号, once generated.
    pub document_number: Option<String>,
    /// When its electronic form was generated.
    pub generated_at: Option<DateTime<Utc>>,
    /// SHA-256 of the photo on it, where there is one.
    pub photo_digest: Private<Option<String>>,
    /// What came of reporting it; none before.
    pub report_state: Option<ReportState>,
    /// The ministry's code of the title, under which it was reported last.
    pub ministry_code: Option<String>,
    /// When it was reported last.
    pub reported_at: Option<DateTime<Utc>>,
    /// When the ministry answered that report.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// 回执 number.
    pub receipt_number: Option<String>,
    /// Why the ministry sent it back.
    pub report_message: Private<Option<String>>,
    /// Its revocation, where there is one.
    pub revocation: Option<Revocation>,
    /// Whether the person's key is gone.
    pub erased: bool,
}

/// What the keyed hash of the public check is made of. The number is part of it, so that certificates of one name do
/// not show as such.
pub fn name_text(number: &str, name: &str) -> String {
    format!("certificate:{number}:{}", name.trim())
}

impl Certificate {
    /// 有效 or 已撤销.
    pub const fn status(&self) -> Status {
        if self.revocation.is_some() { Status::Revoked } else { Status::Valid }
    }

    /// Whether it was issued to the holder whose [`name_text`] has this keyed hash.
    pub fn names(&self, name_hash: &str) -> bool {
        self.id.is_some() && self.name_hash == name_hash
    }

    /// Where it stands; nowhere before it was issued.
    pub fn at(&self) -> Option<Stage> {
        self.id?;
        Some(match (&self.revocation, self.report_state, &self.document_number) {
            (Some(_), _, _) => Stage::Revoked,
            (None, Some(ReportState::Accepted), _) => Stage::Reported,
            (None, _, Some(_)) => Stage::Generated,
            (None, _, None) => Stage::Numbered,
        })
    }
}

impl Aggregate for Certificate {
    const TYPE: &'static str = "certificate";
    const COLLECTION: &'static str = "certificates";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.at().map(Stage::name)
    }

    fn stage_label(&self) -> &'static str {
        self.at().map_or("", |stage| stage.label().zh)
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let issues = || self.face.as_ref().is_some_and(|face| acting.at(face.issuing_organisation.id));
        place == Place::Owner && self.person.is_some() && acting.person == self.person
            || place == Place::IssuingUnit && issues()
    }

    fn subject(&self) -> Option<PersonId> {
        self.person
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> serde_json::Value {
        let Some(face) = &self.face else { return serde_json::Value::Null };
        serde_json::json!({
            "certificate_number": face.certificate_number, "declaration_id": self.declaration, "status": self.status(),
            "status_label": self.status().label().zh, "report_state": self.report_state, "name": face.name, "title": face.title.name,
            "level": face.level, "mode": face.mode, "series": face.series, "specialty": face.specialty,
            "employer_name": face.employer_name, "acquired_on": face.acquired_on, "issuing_organisation": face.issuing_organisation,
            "printed_name": face.printed_name, "document_number": self.document_number, "receipt_number": self.receipt_number,
            "report_message": self.report_message, "revoked_on": self.revocation.as_ref().map(|it| it.on),
        })
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Issued { certificate_id, declaration_id, face, name_hash, origin, person_id } => {
                self.origin.clone_from(origin);
                self.id = Some(*certificate_id);
                self.issued_at = Some(stamp.time);
                self.declaration = *declaration_id;
                self.person = Some(*person_id);
                self.face = Some(face.clone());
                name_hash.clone_into(&mut self.name_hash);
            }
            Event::EGenerated { digest: _, document_number, face, photo_digest, template_version: _ } => {
                self.document_number = Some(document_number.clone());
                self.generated_at = Some(stamp.time);
                self.face = Some(face.clone());
                photo_digest.clone_into(&mut self.photo_digest);
            }
            Event::Reported { ministry_code } => {
                self.report_state = Some(ReportState::Sent);
                self.ministry_code = Some(ministry_code.clone());
                self.reported_at = Some(stamp.time);
                self.acknowledged_at = None;
                // what was answered was answered to the report before
                (self.receipt_number, self.report_message) = Default::default();
            }
            Event::ReportAcknowledged { message, outcome, receipt_number } => {
                self.report_state = Some((*outcome).into());
                self.acknowledged_at = Some(stamp.time);
                receipt_number.clone_into(&mut self.receipt_number);
                message.clone_into(&mut self.report_message);
            }
            Event::Revoked { basis, reason } => {
                self.revocation = Some(Revocation {
                    basis: basis.clone(),
                    on: in_shanghai(stamp.time).date_naive(),
                    reason: reason.clone(),
                });
            }
            Event::PersonErased => {
                self.erased = true;
                self.photo_digest = Private::Erased;
                self.report_message = Private::Erased;
                if let Some(phone) = self.origin.as_mut().and_then(|origin| origin.phone.as_mut()) {
                    *phone = Private::Erased;
                }
                if let Some(face) = &mut self.face {
                    face.name = Private::Erased;
                    face.id_number = Private::Erased;
                }
                if let Some(revocation) = &mut self.revocation {
                    revocation.basis = Private::Erased;
                    revocation.reason = Private::Erased;
                }
            }
        }
    }
}

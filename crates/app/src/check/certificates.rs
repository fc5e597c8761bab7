//! Certificates: their numbers, and that nobody has one who should not.

use super::{Check, Checked, Look, Seen, System, ready};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::declaration::{self, Declaration, Stage};
use zhicheng_domain::{AnyEvent, certificate, certificate_number_pool};

/// Numbers are given once. What was issued with a declaration is told in three streams, which must say the same.
pub(super) struct Numbers {
    checked: Checked,
    numbers: BTreeMap<String, Given>,
}

/// Who says what of one number.
#[derive(Default)]
struct Given {
    certificate: Option<uuid::Uuid>,
    pool: Option<uuid::Uuid>,
    declaration: Option<uuid::Uuid>,
    /// Entered with a certificate from before the system: no pool, no declaration.
    imported: bool,
}

impl Numbers {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Numbers), numbers: BTreeMap::new() }
    }

    fn given(
        &mut self,
        number: &str,
        position: i64,
        certificate: uuid::Uuid,
        place: impl FnOnce(&mut Given) -> &mut Option<uuid::Uuid>,
    ) {
        let given = place(self.numbers.entry(number.to_owned()).or_default());
        if given.replace(certificate).is_some() {
            self.checked.fault(format!("编号 {number} 在位置 {position} 又发了一次"));
        }
    }
}

impl Look for Numbers {
    fn before(&mut self, seen: &Seen<'_>, _: &AnyState) {
        let position = seen.event.position;
        if let AnyEvent::Certificate(certificate::Event::Issued {
            certificate_id,
            face,
            declaration_id,
            ..
        }) = seen.fact
        {
            let number = &face.certificate_number;
            self.given(number, position, certificate_id.0, |given| {
                given.imported = declaration_id.is_none();
                &mut given.certificate
            });
        }
        if let AnyEvent::NumberPool(certificate_number_pool::Event::NumberTaken {
            certificate_id,
            number,
            ..
        }) = seen.fact
        {
            self.given(number, position, certificate_id.0, |given| &mut given.pool);
        }
        if let AnyEvent::Declaration(declaration::Event::CertificateIssued {
            certificate_id,
            certificate_number,
            ..
        }) = seen.fact
        {
            self.given(certificate_number, position, certificate_id.0, |given| &mut given.declaration);
        }
    }

    fn finish<'a>(mut self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        for (number, given) in &self.numbers {
            let alike = given.pool == given.certificate && given.declaration == given.certificate;
            let holds = given.certificate.is_some() && (alike || given.imported);
            self.checked.expect(holds, || format!("编号 {number} 在申报、证书、编号池中说法不一"));
        }
        ready(self.checked)
    }
}

/// At the moment of issue: filed or approved finally, and nothing that was ever decided against the holder stands.
pub(super) struct Certificates {
    checked: Checked,
}

impl Certificates {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Certificates) }
    }
}

impl Look for Certificates {
    fn before(&mut self, seen: &Seen<'_>, state: &AnyState) {
        let AnyEvent::Declaration(declaration::Event::CertificateIssued { certificate_number, .. }) =
            seen.fact
        else {
            return;
        };
        let against = state.get::<Declaration>().and_then(against);
        self.checked.expect(against.is_none(), || {
            let (at, why) = (seen.event.position, against.unwrap_or_default());
            format!("位置 {at} 的证书 {certificate_number}：{why}")
        });
    }

    fn finish<'a>(self: Box<Self>, _: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        ready(self.checked)
    }
}

/// What stands against a certificate; nothing where it may be issued.
fn against(it: &Declaration) -> Option<&'static str> {
    let review = &it.review;
    if it.certificate.is_some() {
        return Some("已经有一份证书");
    }
    if review.tally().is_some_and(|tally| !tally.passed) {
        return Some("表决未通过");
    }
    if review.cut.as_ref().is_some_and(|cut| !cut.kept) {
        return Some("超出职数或通过比例");
    }
    if review.declared.is_some_and(|declared| !declared.passed) {
        return Some("宣布的结果是未通过");
    }
    if !it.objections.is_empty() || it.objection_upheld {
        return Some("异议未了结或成立");
    }
    match it.stage {
        Stage::Filed if it.filing.is_some() && review.declared.is_some() => None,
        Stage::Filed => Some("没有备案或没有宣布结果"),
        Stage::FinalApproved if it.award_publicity && !it.award_published => Some("初定、认定结果尚未公示"),
        Stage::FinalApproved => None,
        Stage::Draft
        | Stage::EmployerReview
        | Stage::ReturnedToApplicant
        | Stage::EmployerFailed
        | Stage::EmployerPublicityDue
        | Stage::EmployerPublicity
        | Stage::EmployerPublicityEnded
        | Stage::EmployerPublicityFailed
        | Stage::Recommendation
        | Stage::SuperiorReview
        | Stage::ReturnedToSubordinate
        | Stage::SuperiorFailed
        | Stage::QualificationReview
        | Stage::QualificationFailed
        | Stage::Qualified
        | Stage::SchemeSubmitted
        | Stage::SchemeApproved
        | Stage::JudgesDrawn
        | Stage::MaterialReviewed
        | Stage::MaterialReviewFailed
        | Stage::Scoring
        | Stage::OpinionGiven
        | Stage::Balloting
        | Stage::VotePassed
        | Stage::VoteFailed
        | Stage::ResultPublicity
        | Stage::ResultPublicityPassed
        | Stage::ObjectionUpheld
        | Stage::FilingRequested
        | Stage::CertificateIssued
        | Stage::ECertificateGenerated
        | Stage::Reported
        | Stage::Revoked
        | Stage::Withdrawn
        | Stage::Abandoned
        | Stage::FilingCancelled
        | Stage::Lapsed => Some("尚未备案，也没有终审通过"),
    }
}

//! 取消备案 Cancel filing: it was found afterwards that the employer had not reviewed or published; a certificate falls
//! with it (seed 003 四(二)3; N26; T57).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::actions::revoke_certificate::Grounds;
use crate::certificate::{self, Certificate};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::scheme::{self, Scheme};
use crate::values::{Mode, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// contract.md, `cancel-filing`: awards are not put on file.
    NothingFiled = Rule "nothing-filed", "没有备案", "初定、认定不经备案，不能取消备案；如需取消，请撤销证书。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelFiling {
    /// 取消原因.
    pub reason: String,
    /// 取消依据.
    pub basis: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "cancel-filing",
    label: label("取消备案", "Cancel filing"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&[
        Stage::Filed.name(),
        Stage::CertificateIssued.name(),
        Stage::ECertificateGenerated.name(),
        Stage::Reported.name(),
    ]),
    to: &[Stage::FilingCancelled.name()],
    form: &[
        required("reason", "取消原因", FieldType::LongText),
        optional("basis", "取消依据", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Cancels it, and revokes the certificate in the same append; its scheme is told.
pub fn decide(input: &CancelFiling, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Grounds { basis, reason } = Grounds::of(&input.reason, input.basis.as_deref())?;
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    match subject.mode {
        Mode::Review => {}
        Mode::InitialGrant | Mode::Recognition | Mode::Examination => return Err(NothingFiled.into()),
    }
    let cancelled = Outcome::of(Event::FilingCancelled { basis: basis.clone(), reason: reason.clone() });
    let outcome = match &it.certificate {
        None => cancelled,
        Some(issued) => cancelled
            .and(Event::CertificateRevoked {
                basis: basis.clone(),
                certificate_id: issued.id,
                reason: reason.clone(),
            })
            .also::<Certificate>(issued.id, certificate::Event::Revoked { basis, reason }),
    };
    let outcome = match super::scheme_of(it, context)? {
        Some(scheme) => {
            let declaration_id = DeclarationId(id);
            outcome.also::<Scheme>(scheme, scheme::Event::FilingCancelled { declaration_id })
        }
        None => outcome,
    };
    Ok(super::end(outcome, it, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Status;
    use crate::world::given::AwardTerms;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    const ACT: &str = "cancel-filing";

    #[test]
    fn the_certificate_falls_with_the_filing() {
        let mut hunan = Hunan::new();
        let case = hunan.certified();
        let province = hunan.province;
        hunan.act(province, "declaration", case, ACT, json!({"reason": "单位未公示。", "basis": "四(二)3"}));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::FilingCancelled);
        let certificate = hunan.world.get::<Certificate>(it.certificate.unwrap().id);
        assert_eq!(certificate.status(), Status::Revoked);
    }

    #[test]
    fn before_a_certificate_only_the_filing_goes() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let province = hunan.province;
        assert_eq!(
            hunan.refused(province, "declaration", case, ACT, json!({"reason": " "})).code,
            "reason-required"
        );
        hunan.act(province, "declaration", case, ACT, json!({"reason": "单位未公示。"}));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::FilingCancelled);
    }

    #[test]
    fn an_award_has_no_filing() {
        let mut hunan = Hunan::new();
        let case = hunan.award_certified(AwardTerms::NoPublicity);
        let province = hunan.province;
        let refused = hunan.refused(province, "declaration", case, ACT, json!({"reason": "误。"}));
        assert_eq!(refused.code, "nothing-filed");
    }
}

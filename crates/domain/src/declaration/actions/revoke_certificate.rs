//! 证书撤销 Revoke certificate: a granted title is taken away, with a reason and by two persons
//! (seed 002 人 1.19; seed 003 七(一); N24; T63).

use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::certificate::actions::revoke_certificate::Grounds;
use crate::certificate::{self, Certificate};
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
pub struct RevokeCertificate {
    /// 撤销原因.
    pub reason: String,
    /// 撤销依据.
    pub basis: Option<String>,
}

/// The action as data. It stays possible under a hold.
pub const SPEC: ActionSpec = ActionSpec {
    name: "revoke-certificate",
    label: label("证书撤销", "Revoke certificate"),
    by: &[
        by(Role::CertificateIssuer, Place::IssuingUnit),
        by(Role::ProvincialAdministrator, Place::Anywhere),
    ],
    from: Start::Stages(&[
        Stage::CertificateIssued.name(),
        Stage::ECertificateGenerated.name(),
        Stage::Reported.name(),
    ]),
    to: &[Stage::Revoked.name()],
    proof: Proof::SecondPerson,
    form: &[
        required("reason", "撤销原因", FieldType::LongText),
        optional("basis", "撤销依据", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Revokes it; the number is not used again.
pub fn decide(
    input: &RevokeCertificate,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let Grounds { basis, reason } = Grounds::of(&input.reason, input.basis.as_deref())?;
    let Some(issued) = &it.certificate else { return Err(common::NotFound.into()) };
    context.second_person()?;
    let revoked = certificate::Event::Revoked { basis: basis.clone(), reason: reason.clone() };
    let outcome = Outcome::of(Event::CertificateRevoked { basis, certificate_id: issued.id, reason })
        .also::<Certificate>(issued.id, revoked);
    Ok(super::end(outcome, it, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Status;
    use crate::context::Approval;
    use crate::world::hunan::Hunan;
    use crate::world::{Done, Who};
    use serde_json::json;

    const ACT: &str = "revoke-certificate";

    #[test]
    fn two_persons_revoke_it_from_either_side() {
        for from_the_certificate in [false, true] {
            let mut hunan = Hunan::new();
            let case = hunan.certified();
            let certificate = hunan.world.get::<Declaration>(case).certificate.unwrap().id;
            let (aggregate, id) =
                if from_the_certificate { ("certificate", certificate.0) } else { ("declaration", case) };
            let input = json!({"reason": "学历造假。", "basis": "七(一)"});
            let who = Who::Account(hunan.province);
            let alone = hunan.world.send(who, aggregate, id, ACT, input.clone(), Approval::NotGiven);
            assert_eq!(alone, Ok(Done::SecondPersonNeeded));
            assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ECertificateGenerated);
            hunan
                .world
                .send(
                    who,
                    aggregate,
                    id,
                    ACT,
                    input.clone(),
                    Approval::Given { asked_by: hunan.province, asked_as: None },
                )
                .unwrap();
            assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::Revoked);
            assert_eq!(hunan.world.get::<Certificate>(certificate).status(), Status::Revoked);
            let twice = hunan.world.act(who, aggregate, id, ACT, input).unwrap_err();
            assert_eq!(twice.code, "stage-refused");
            hunan.draft(hunan.applicant);
        }
    }

    #[test]
    fn a_reason_is_part_of_it_and_only_issuer_or_province_may() {
        let mut hunan = Hunan::new();
        let case = hunan.certified();
        let province = hunan.province;
        let refused = hunan.refused(province, "declaration", case, ACT, json!({"reason": ""}));
        assert_eq!(refused.code, "reason-required");
        let stranger = hunan.issuer(hunan.changsha, "0100");
        let refused = hunan.refused(stranger, "declaration", case, ACT, json!({"reason": "误。"}));
        assert_eq!(refused.code, "not-allowed");
        hunan.held(case);
        hunan.act(province, "declaration", case, ACT, json!({"reason": "学历造假。"}));
    }
}

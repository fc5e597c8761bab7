//! 证书发放 Issue certificate: the issuing unit gives the next number of its pool; number, certificate and declaration
//! change in one append, so no number is ever void (seed 002 人 1.16, 1.17; T59).

use super::start_result_publicity::award_publicity;
use crate::action::{ActionSpec, Forward, Place, Start, by};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::certificate::{self, Certificate, Face, Origin};
use crate::certificate_number_pool::{NumberPool, PoolKey, number_claim};
use crate::context::{Context, Stop, in_shanghai};
use crate::declaration::{Declaration, Event, Stage, Subject};
use crate::ids::{CertificateId, DeclarationId};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::registers::paths::Node;
use crate::values::{Hold, Mode, Role};
use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T58: an award of a batch with publicity waits for it.
    AwardPublicityMissing = Rule "award-publicity-missing", "尚未公示", "该批次的初定、认定结果须先公示无异议，才能发放证书。";
    /// A certificate names a person.
    HolderUnknown = Rule "holder-unknown", "缺少持证人信息", "申报人的姓名和身份证号已清除，不能办理证书。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueCertificate {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "issue-certificate",
    label: label("证书发放", "Issue certificate"),
    by: &[by(Role::CertificateIssuer, Place::IssuingUnit)],
    from: Start::Stages(&[Stage::Filed.name(), Stage::FinalApproved.name()]),
    to: &[Stage::CertificateIssued.name()],
    forward: Forward::Yes,
    ..ActionSpec::DEFAULT
};

/// Issues it.
pub fn decide(_: &IssueCertificate, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    not_blacklisted(subject, context)?;
    if it.stage == Stage::FinalApproved && !it.award_published && award_publicity(it, context)? {
        return Err(AwardPublicityMissing.into());
    }
    let acquired_on = acquired_on(it).ok_or(common::NotFound)?;
    let issuing = it.issuing_unit(context).ok_or(common::ReferenceRefused { what: "发证单位" })?;
    let Some(name) = subject.name.known() else { return Err(HolderUnknown.into()) };
    let registers = context.registers;
    let (rank, series, year) = (subject.level.rank(), &subject.series.code, acquired_on.year());
    let key = PoolKey::of(rank, series, year, subject.mode, issuing, registers)?;
    let numbers: &NumberPool = context.load(key.stream())?;
    let (certificate_id, declaration_id) = (CertificateId(context.fresh_id(0)), DeclarationId(id));
    let (number, taken) = numbers.take(&key, issuing, certificate_id, Some(declaration_id), context)?;
    let number = number.to_string();
    let issuing_organisation =
        Node { id: issuing, name: registers.node_name(issuing).unwrap_or_default().to_owned() };
    let face = Face {
        acquired_on,
        certificate_number: number.clone(),
        employer_name: subject.employer.name.clone(),
        filing_number: it.filing.as_ref().map(|(filing_number, _)| filing_number.clone()),
        id_number: subject.id_number.clone(),
        issuing_organisation: issuing_organisation.clone(),
        level: subject.level,
        mode: subject.mode,
        name: subject.name.clone(),
        printed_name: printed_name(it, subject, context),
        series: subject.series.clone(),
        specialty: subject.specialty.clone(),
        title: subject.title.clone(),
    };
    let name_hash = context.keyed_hash(&certificate::name_text(&number, name))?.to_owned();
    let issued = certificate::Event::Issued {
        certificate_id,
        declaration_id: Some(declaration_id),
        face,
        name_hash,
        origin: origin(it, subject),
        person_id: subject.person,
    };
    let outcome = Outcome::of(Event::CertificateIssued {
        acquired_on,
        certificate_id,
        certificate_number: number.clone(),
        issuing_organisation,
    })
    .also::<Certificate>(certificate_id, issued)
    .take(number_claim(&number), StreamId::of::<Certificate>(certificate_id));
    Ok(taken.into_iter().fold(outcome, |outcome, event| outcome.also::<NumberPool>(key.stream(), event)))
}

/// Nobody on the blacklist gets a certificate, even where the hold has not come yet (T59).
pub(super) fn not_blacklisted(subject: &Subject, context: &Context<'_>) -> Result<(), Stop> {
    if context.registers.blacklisted(subject.person, context.today()) {
        let holds = crate::label::Named::label(Hold::Blacklist).zh.to_owned();
        return Err(common::DeclarationHeld { holds }.into());
    }
    Ok(())
}

/// What the lists of certificates show of the declaration.
fn origin(it: &Declaration, subject: &Subject) -> Option<Box<Origin>> {
    Some(Box::new(Origin {
        declaration_no: subject.declaration_no.clone(),
        employer_id: subject.employer.id.into(),
        final_organisation: it.final_organisation.as_ref()?.node.clone(),
        id_number_hash: subject.id_number_hash.clone(),
        kind: subject.kind,
        phone: subject.phone.clone(),
        region: subject.employer.region.clone(),
        route: it.route.iter().map(|node| node.id).collect(),
        uscc: subject.employer.uscc.clone(),
        year: subject.year,
    }))
}

/// Vote day + 5 working days as it was declared (N05); for 初定 and 认定 the day of the final approval.
fn acquired_on(it: &Declaration) -> Option<NaiveDate> {
    if let Some(declared) = it.review.declared {
        return Some(declared.acquired_on);
    }
    let approval = it.steps.iter().rev().find(|step| {
        step.action == "review-by-superior" && step.result == Some("pass") && !step.rolled_back
    })?;
    Some(in_shanghai(approval.handled_at).date_naive())
}

/// The committee's name, or what the accepting agency has printed (seed 002 人 1.3).
fn printed_name(it: &Declaration, subject: &Subject, context: &Context<'_>) -> String {
    let Some(chosen) = &it.final_organisation else { return String::new() };
    match subject.mode {
        Mode::Review | Mode::Examination => chosen.node.name.clone(),
        Mode::InitialGrant | Mode::Recognition => it
            .accepting_agency(context)
            .map_or_else(|| chosen.node.name.clone(), |agency| agency.printed_name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acceptance_agency::{self, AcceptanceAgency};
    use crate::aggregate::Aggregate;
    use crate::certificate::Status;
    use crate::certificate_number_pool as pool;
    use crate::person::Person;
    use crate::private::Private;
    use crate::world::given::AwardTerms;
    use crate::world::hunan::Hunan;
    use crate::world::{Who, World};
    use serde_json::json;

    const ACT: &str = "issue-certificate";

    fn pool_of(hunan: &Hunan, prefix: &str) -> (Uuid, NumberPool) {
        let found = hunan.world.states.iter().find_map(|(stream, state)| {
            let pool = state.get::<NumberPool>().filter(|pool| pool.prefix == prefix)?;
            Some((stream.id, pool.clone()))
        });
        found.expect("the pool is there")
    }

    #[test]
    fn the_number_goes_on_certificate_pool_and_declaration_at_once() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let issuer = hunan.issuer(hunan.department, "0000");
        hunan.act(issuer, "declaration", case, ACT, json!({}));
        let it = hunan.world.get::<Declaration>(case);
        let reference = it.certificate.unwrap();
        assert_eq!(it.stage, Stage::CertificateIssued);
        assert_eq!(reference.number, "A01231000000000001");
        assert_eq!(reference.acquired_on.to_string(), "2023-10-23", "vote day and five working days");
        let certificate = hunan.world.get::<Certificate>(reference.id);
        let face = certificate.face.clone().unwrap();
        assert_eq!(face.certificate_number, reference.number);
        assert_eq!(face.printed_name, "省成建制升格认定高校教师系列职称高评会");
        assert_eq!(face.filing_number.as_deref(), Some("湘人社函〔2023〕118号"));
        assert_eq!((certificate.status(), certificate.stage()), (Status::Valid, Some("numbered")));
        assert_eq!(certificate.declaration, Some(DeclarationId(case)));
        let (_, numbers) = pool_of(&hunan, "A0123100000000");
        assert_eq!((numbers.last, numbers.taken, numbers.remaining()), (1, 1, 99), "it filled itself");
        let holder = hunan.world.claims.get(&number_claim(&reference.number)).unwrap();
        assert_eq!(*holder, StreamId::of::<Certificate>(reference.id));
    }

    #[test]
    fn the_next_one_gets_the_next_number_even_after_a_revocation() {
        let mut hunan = Hunan::new();
        let first = hunan.filed();
        let issuer = hunan.issuer(hunan.department, "0000");
        hunan.act(issuer, "declaration", first, ACT, json!({}));
        hunan.act(issuer, "declaration", first, "revoke-certificate", json!({"reason": "学历造假。"}));
        let second = hunan.filed_of_another("张三");
        hunan.act(issuer, "declaration", second, ACT, json!({}));
        let number = hunan.world.get::<Declaration>(second).certificate.unwrap().number;
        assert_eq!(number, "A01231000000000002");
    }

    #[test]
    fn entered_ranges_come_before_the_pools_own_and_imported_numbers_are_passed_over() {
        let mut hunan = Hunan::new();
        let issuer = hunan.issuer(hunan.department, "0000");
        let range = json!({
            "level": "senior", "series": "01", "year": 2023, "mode": "review", "organisation_id": hunan.department,
            "from": 41, "to": 42,
        });
        hunan.create(Who::Account(hunan.province), "certificate_number_range", range);
        let imported = StreamId::of::<Certificate>(hunan.world.fresh());
        for number in ["A01231000000000042", "A01231000000000043"] {
            hunan.world.claims.insert(number_claim(number), imported);
        }
        let numbers: Vec<String> = ["张三", "李四"]
            .into_iter()
            .map(|name| {
                let case = hunan.filed_of_another(name);
                hunan.act(issuer, "declaration", case, ACT, json!({}));
                hunan.world.get::<Declaration>(case).certificate.unwrap().number
            })
            .collect();
        assert_eq!(numbers, ["A01231000000000041", "A01231000000000044"]);
        let (_, numbers) = pool_of(&hunan, "A0123100000000");
        assert_eq!(numbers.ranges, [(41, 42), (43, 142)]);
    }

    #[test]
    fn the_last_number_raises_the_alarm_and_after_it_there_is_none() {
        let mut hunan = Hunan::new();
        let issuer = hunan.issuer(hunan.department, "0000");
        let range = json!({
            "level": "senior", "series": "01", "year": 2023, "mode": "review", "organisation_id": hunan.department,
            "from": 9999, "to": 9999,
        });
        hunan.create(Who::Account(hunan.province), "certificate_number_range", range);
        let last = hunan.filed();
        hunan.act(issuer, "declaration", last, ACT, json!({}));
        let (stream, numbers) = pool_of(&hunan, "A0123100000000");
        assert_eq!(numbers.stage(), Some("exhausted"));
        let alarms = hunan.world.log.iter().filter(|logged| {
            logged.stream.id == stream && logged.event.name() == "certificate_number_pool.exhausted"
        });
        assert_eq!(alarms.count(), 1);
        let next = hunan.filed_of_another("张三");
        let refused = hunan.refused(issuer, "declaration", next, ACT, json!({}));
        assert_eq!(refused.code, "numbers-exhausted");
    }

    #[test]
    fn a_run_of_imported_numbers_asks_where_to_go_on() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let issuer = hunan.issuer(hunan.department, "0000");
        let imported = StreamId::of::<Certificate>(hunan.world.fresh());
        for serial in 1..=pool::SKIPS_MAX {
            hunan.world.claims.insert(number_claim(&format!("A0123100000000{serial:04}")), imported);
        }
        let mut more = hunan.clone();
        more.act(issuer, "declaration", case, ACT, json!({}));
        let number = more.world.get::<Declaration>(case).certificate.unwrap().number;
        assert_eq!(number, format!("A0123100000000{:04}", pool::SKIPS_MAX + 1));
        let beyond = number_claim(&format!("A0123100000000{:04}", pool::SKIPS_MAX + 1));
        hunan.world.claims.insert(beyond, imported);
        let refused = hunan.refused(issuer, "declaration", case, ACT, json!({}));
        assert_eq!(refused.code, "numbers-in-use");
    }

    #[test]
    fn an_award_is_acquired_on_the_day_of_its_final_approval() {
        let mut hunan = Hunan::new();
        let case = hunan.award_certified(AwardTerms::NoPublicity);
        let reference = hunan.world.get::<Declaration>(case).certificate.unwrap();
        assert_eq!(reference.acquired_on.to_string(), "2023-06-02");
        assert_eq!(reference.number, "C01233010000000001");
        let face = hunan.world.get::<Certificate>(reference.id).face.unwrap();
        assert_eq!((face.printed_name.as_str(), face.filing_number), ("长沙市职称工作办公室", None));
    }

    #[test]
    fn an_award_of_a_batch_with_publicity_waits_for_it() {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::Publicity);
        let issuer = hunan.issuer(hunan.changsha, "0100");
        let refused = hunan.refused(issuer, "declaration", case, ACT, json!({}));
        assert_eq!(refused.code, "award-publicity-missing");
        let mut hunan = Hunan::new();
        let certified = hunan.award_certified(AwardTerms::Publicity);
        let reference = hunan.world.get::<Declaration>(certified).certificate.unwrap();
        assert_eq!(reference.acquired_on.to_string(), "2023-06-02", "not the day of the publicity");
    }

    #[test]
    fn only_the_unit_that_the_committee_names_issues_and_nobody_under_a_hold() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let stranger = hunan.issuer(hunan.changsha, "0100");
        assert_eq!(hunan.refused(stranger, "declaration", case, ACT, json!({})).code, "not-allowed");
        let issuer = hunan.issuer(hunan.department, "0000");
        hunan.held(case);
        assert_eq!(hunan.refused(issuer, "declaration", case, ACT, json!({})).code, "declaration-held");
    }

    #[test]
    fn what_is_under_way_at_an_agency_that_ended_is_finished() {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::NoPublicity);
        let agencies = &hunan.world.registers.acceptance_agencies;
        let agency = agencies.iter().map(|(id, _)| id).next().unwrap();
        let ended = acceptance_agency::Event::Deregistered { reason: "机构改革。".into() };
        hunan.world.given(StreamId::of::<AcceptanceAgency>(agency), ended, None);
        let issuer = hunan.issuer(hunan.changsha, "0100");
        hunan.act(issuer, "declaration", case, ACT, json!({}));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::CertificateIssued);
    }

    #[test]
    fn nobody_on_the_blacklist_is_certified() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let issuer = hunan.issuer(hunan.department, "0000");
        let person = hunan.world.get::<Declaration>(case).subject.unwrap().person;
        let number = hunan.world.get::<Person>(person).id_number.known().unwrap().clone();
        let entry = json!({"id_number": number, "reason": "论文造假。"});
        hunan.create(Who::Account(hunan.province), "blacklist_entry", entry);
        assert_eq!(hunan.refused(issuer, "declaration", case, ACT, json!({})).code, "declaration-held");
    }

    #[test]
    fn after_erasure_the_certificate_still_answers_number_and_name() {
        let mut hunan = Hunan::new();
        let case = hunan.issued();
        let reference = hunan.world.get::<Declaration>(case).certificate.unwrap();
        let before = hunan.world.get::<Certificate>(reference.id);
        let erased = certificate::Event::PersonErased;
        hunan.world.given(StreamId::of::<Certificate>(reference.id), erased, None);
        let after = hunan.world.get::<Certificate>(reference.id);
        assert_eq!(after.name_hash, before.name_hash);
        assert_eq!(after.face.unwrap().name, Private::Erased);
        let asked = certificate::name_text(&reference.number, " 刘·𠮷 ");
        assert_eq!(before.name_hash, World::keyed_hash(&asked));
    }

    #[test]
    fn a_unit_without_a_code_cannot_issue() {
        let mut hunan = Hunan::new();
        let case = hunan.filed();
        let issuer = hunan.staff("发证", "certificate-issuer", hunan.department);
        let refused = hunan.refused(issuer, "declaration", case, ACT, json!({}));
        assert_eq!(refused.code, "issuing-code-missing");
    }
}

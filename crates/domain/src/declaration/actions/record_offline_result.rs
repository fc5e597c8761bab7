//! 线下录入评审结果 Record offline result: of a review held outside the system, with the papers that prove it
//! (seed 002 单 1.2.5; X-22; T48).

use super::judging;
use crate::account::RoleGrant;
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::actions::open_ballot::QuorumMissing;
use crate::declaration::values::Sheet;
use crate::declaration::{Declaration, Event, Stage};
use crate::hundredths::Hundredths;
use crate::ids::{MaterialId, NodeId, PersonId};
use crate::input::Checks;
use crate::label::label;
use crate::material::StoredMaterial;
use crate::refusal::{common, refusals};
use crate::scheme::Terms;
use crate::values::{Medium, Role};
use crate::vote;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most papers of one result.
pub const EVIDENCE_MAX: usize = 50;

refusals! {
    /// outside the system is not left out.
    EvidenceMissing = Rule "evidence-missing", "缺少线下评审材料", "请上传抽取记录、签到表、会议记录和表决票，再录入结果。";
    /// T48: not before the day that the scheme was approved for.
    ReviewAhead { opens_on: NaiveDate } = Rule "review-ahead", "尚未开评", "核准的开评日期为{opens_on}，开评后才能录入结果。";
    /// T48: only where the scheme that was approved says so.
    SchemeIsOnline = Rule "scheme-online", "方案为线上评审", "该评审方案核准为线上评审，不能直接录入结果。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordOfflineResult {
    /// 评委会人数.
    pub size: u32,
    /// 到会人数.
    pub attending: u32,
    /// 同意票数.
    pub agree: u32,
    /// 材料分.
    pub material_score: Option<Hundredths>,
    /// 面试分.
    pub interview_score: Option<Hundredths>,
    /// Draw record, attendance, minutes and vote sheets.
    pub evidence: Vec<MaterialId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-offline-result",
    label: label("线下录入评审结果", "Record offline result"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&[Stage::SchemeApproved.name()]),
    to: &[Stage::VotePassed.name(), Stage::VoteFailed.name()],
    forward: Forward::Yes,
    form: &[
        required("size", "评委会人数", FieldType::Integer),
        required("attending", "到会人数", FieldType::Integer),
        required("agree", "同意票数", FieldType::Integer),
        optional("material_score", "材料分", FieldType::Text),
        optional("interview_score", "面试分", FieldType::Text),
        required("evidence", "抽取记录、签到表、会议记录、表决票", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Records it. Two thirds hold outside the system too.
pub fn decide(
    input: &RecordOfflineResult,
    it: &Declaration,
    _: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    if it.review.medium != Some(Medium::Offline) {
        return Err(SchemeIsOnline.into());
    }
    let committee = it.committee().and_then(|id| Some((id, context.registers.committees.get(id)?)));
    let Some((committee_id, committee)) = committee else { return Err(common::NotFound.into()) };
    if !committee.valid_on(context.today()) {
        return Err(crate::scheme::CommitteeExpired { name: committee.name.clone() }.into());
    }
    let terms = judging::terms(it, context)?;
    let RecordOfflineResult { size, attending, agree, material_score, interview_score, evidence } = input;
    let mut checks = Checks::new();
    checks.ensure(size % 2 == 1, "/size", "size-even", "评委人数须为单数。");
    let least = committee.size;
    let message = format!("评委人数不得少于核准的{least}人。");
    checks.ensure(*size >= least, "/size", "size-too-small", message);
    checks.ensure(attending <= size, "/attending", "out-of-range", "到会人数不能多于评委会人数。");
    checks.ensure(agree <= attending, "/agree", "out-of-range", "同意票数不能多于到会人数。");
    check_score(&mut checks, *material_score, terms, Sheet::Material, "/material_score");
    check_score(&mut checks, *interview_score, terms, Sheet::Interview, "/interview_score");
    let within = evidence.len() <= EVIDENCE_MAX;
    checks.ensure(within, "/evidence", "too-many", format!("材料不超过{EVIDENCE_MAX}件。"));
    let mut seen = BTreeSet::new();
    for (index, id) in evidence.iter().enumerate().take(EVIDENCE_MAX) {
        checks.ensure(seen.insert(*id), &format!("/evidence/{index}"), "repeated", "材料重复。");
    }
    checks.done()?;
    check_evidence(evidence, committee_id, context)?;
    if let Some(opens_on) = it.review.opens_on.filter(|opens_on| context.today() < *opens_on) {
        return Err(ReviewAhead { opens_on }.into());
    }
    if !vote::quorum(*attending, *size) {
        let (attending, needed, size) = (*attending as usize, vote::threshold(*size), *size);
        return Err(QuorumMissing { attending, needed, size }.into());
    }
    Ok(Outcome::of(Event::OfflineResultRecorded {
        agree: *agree,
        attending: *attending,
        evidence: evidence.clone(),
        interview_score: *interview_score,
        material_score: *material_score,
        passed: vote::passes(*agree, *attending),
        size: *size,
    }))
}

/// A sheet's score is at most the sum of its items' maxima; one that the scheme does not have has none.
fn check_score(checks: &mut Checks, score: Option<Hundredths>, terms: &Terms, sheet: Sheet, pointer: &str) {
    let Some(score) = score else { return };
    let max = Hundredths(terms.items(sheet).map(|item| item.max.0).sum());
    let fits = (Hundredths::default()..=max).contains(&score);
    checks.ensure(fits, pointer, "score-out-of-range", format!("分数应在0到{max}之间。"));
}

/// The papers are the office's own: nobody's private files.
fn check_evidence(evidence: &[MaterialId], office: NodeId, context: &Context<'_>) -> Result<(), Stop> {
    if evidence.is_empty() {
        return Err(EvidenceMissing.refusal().at("/evidence").into());
    }
    let stored = context.load_all::<StoredMaterial>(evidence.iter().map(|id| id.0))?;
    let of_office = |person: PersonId| {
        let accounts = &context.registers.accounts;
        accounts.iter().any(|(_, account)| {
            let at = |grant: &RoleGrant| {
                grant.role == Role::CommitteeOperator && grant.organisation_id == Some(office)
            };
            account.person == Some(person) && account.roles.iter().any(at)
        })
    };
    let own = |material: &StoredMaterial| {
        material.file.is_some() && material.declaration.is_none() && material.person.is_some_and(of_office)
    };
    match stored.iter().position(|material| !own(material)) {
        Some(index) => {
            Err(common::ReferenceRefused { what: "材料" }.refusal().at(&format!("/evidence/{index}")).into())
        }
        None => Ok(()),
    }
}

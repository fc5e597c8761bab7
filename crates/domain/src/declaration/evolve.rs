//! How each event changes a declaration. Total: an event of the log is a fact.

use super::events::Event;
use super::notices;
use super::operations::{leave_scheme, operation, undo};
use super::outside::Telling;
use super::stage::Stage;
use super::state::{
    Ballot, Body, CertificateRef, Content, Cut, Declaration, Declared, OfflineResult, OperationKind, Opinion,
    Panel, Publicity, Published, Returned, Review, ScoreSheet, Step, Subject, Tally, anchor_of,
};
use super::values::{HandledBy, ReturnItem, Sheet};
use crate::aggregate::Stamp;
use crate::certificate::AcknowledgementOutcome;
use crate::context::in_shanghai;
use crate::private::Private;
use crate::registers::paths::Node;
use crate::values::{Hold, NodeType};
use std::sync::Arc;

/// 未通过原因 of whoever passed the vote and found no post or place within the ratio (contract.md, The cut).
pub(super) const QUOTA_CUT: &str = "quota-cut";
/// The same in words.
const QUOTA_CUT_REASON: &str = "表决通过，但超出核准职数或通过比例";

/// Applies one event.
pub(super) fn evolve(it: &mut Declaration, event: &Event, stamp: &Stamp) {
    it.version += 1;
    let telling = Telling::of(event, it);
    add(&mut it.tellings, telling);
    if let Some(notice) = notices::of(event, telling, it, stamp) {
        add(&mut it.told, notice);
    }
    match event {
        Event::Drafted {
            account_id,
            declaration_id,
            declaration_no,
            employer,
            id_number,
            id_number_hash,
            kind,
            level,
            mode,
            name,
            person_id,
            phone,
            series,
            specialty,
            title,
            year,
        } => {
            it.id = Some(*declaration_id);
            it.subject = Some(Box::new(Subject {
                account: *account_id,
                person: *person_id,
                name: name.clone(),
                id_number: id_number.clone(),
                id_number_hash: id_number_hash.clone(),
                phone: phone.clone(),
                declaration_no: declaration_no.clone(),
                year: *year,
                mode: *mode,
                level: *level,
                series: series.clone(),
                specialty: specialty.clone(),
                title: title.clone(),
                kind: *kind,
                employer: employer.clone(),
            }));
            it.arrived_at = stamp.time;
        }
        Event::DraftSaved { final_organisation, sections } => {
            it.edited_at = Some(stamp.time);
            let draft = Arc::make_mut(&mut it.draft);
            for (key, body) in sections {
                draft.sections.insert(*key, Arc::new(body.map_ref(Body::of)));
            }
            if final_organisation.is_some() {
                it.final_organisation.clone_from(final_organisation);
            }
        }
        Event::MaterialAttached { material } => {
            it.edited_at = Some(stamp.time);
            let draft = Arc::make_mut(&mut it.draft);
            draft.materials.retain(|other| other.id != material.id);
            draft.materials.push(material.clone());
        }
        Event::MaterialRemoved { material_id } => {
            it.edited_at = Some(stamp.time);
            Arc::make_mut(&mut it.draft).materials.retain(|material| material.id != *material_id);
        }
        Event::Submitted { batch_id, path, pledge_version: _ } => {
            it.submitted_at = Some(stamp.time);
            submitted(it, stamp, "submit", path, *batch_id);
        }
        Event::Resubmitted { answers: _, batch_id, path, pledge_version: _ } => {
            submitted(it, stamp, "submit", path, *batch_id);
        }
        Event::Withdrawn { reason } => {
            step(it, stamp, "withdraw", None, None, reason.clone());
            it.quota = None;
            to(it, stamp, Stage::Withdrawn);
        }
        Event::Abandoned => {
            step(it, stamp, "abandon", None, None, Private::Known(None));
            it.quota = None;
            to(it, stamp, Stage::Abandoned);
        }
        Event::Lapsed => {
            step(it, stamp, "lapse", None, None, Private::Known(None));
            it.quota = None;
            it.objections.clear();
            to(it, stamp, Stage::Lapsed);
        }
        Event::EmployerReviewPassed { handling, publicity_still_valid, responsibility_card: _ } => {
            handled(it, stamp, "review-by-employer", "pass", handling);
            it.employer_acted = true;
            let next =
                if *publicity_still_valid { Stage::Recommendation } else { Stage::EmployerPublicityDue };
            to(it, stamp, next);
        }
        Event::ReturnedToApplicant { by, correct_by, correction_days, items, opinion } => {
            let relayed = it.stage == Stage::ReturnedToSubordinate;
            let action = if relayed { "relay-return" } else { "review-by-employer" };
            let words = match opinion {
                Private::Known(text) => Private::Known(Some(text.clone())),
                Private::Sealed(text) => Private::Sealed(text.clone()),
                Private::Erased => Private::Erased,
            };
            step(it, stamp, action, it.holder(), Some("return"), words);
            if !relayed {
                it.return_count += 1;
            }
            it.employer_acted = true;
            let old_faults = it.returned.take().map(|returned| returned.old_faults).unwrap_or_default();
            it.returned = Some(Returned {
                by: by.clone(),
                opinion: opinion.clone(),
                items: items.clone(),
                correction_days: *correction_days,
                relay_by: None,
                correct_by: Some(*correct_by),
                old_faults,
            });
            tell(it, items);
            it.route.clear();
            to(it, stamp, Stage::ReturnedToApplicant);
        }
        Event::EmployerReviewFailed { handling } => {
            handled(it, stamp, "review-by-employer", "fail", handling);
            it.employer_acted = true;
            it.quota = None;
            to(it, stamp, Stage::EmployerFailed);
        }
        Event::EmployerPublicityStarted { ends_on, provisional, round_id, starts_on, working_days: _ } => {
            step(it, stamp, "start-employer-publicity", it.holder(), None, Private::Known(None));
            it.publicity = Some(Publicity {
                round: *round_id,
                starts_on: *starts_on,
                ends_on: *ends_on,
                provisional: *provisional,
            });
            it.objection_upheld = false;
            to(it, stamp, Stage::EmployerPublicity);
        }
        Event::PublicityReckoned { ends_on, provisional, round_id } => {
            for publicity in [&mut it.publicity, &mut it.result_publicity].into_iter().flatten() {
                if publicity.round == *round_id {
                    (publicity.ends_on, publicity.provisional) = (*ends_on, *provisional);
                }
            }
        }
        Event::EmployerPublicityEnded => to(it, stamp, Stage::EmployerPublicityEnded),
        Event::EmployerPublicityPassed { reason } => {
            step(it, stamp, "record-employer-publicity-result", it.holder(), Some("passed"), reason.clone());
            it.published = published(it);
            to(it, stamp, Stage::Recommendation);
        }
        Event::EmployerPublicityFailed { reason } => {
            step(it, stamp, "record-employer-publicity-result", it.holder(), Some("failed"), reason.clone());
            it.quota = None;
            it.objections.clear();
            to(it, stamp, Stage::EmployerPublicityFailed);
        }
        Event::EmployerPublicityVoided { reason: _, round_id: _ } => {
            it.publicity = None;
            it.published = None;
            it.objections.clear();
            it.holds.remove(&Hold::Objection);
            if matches!(
                it.stage,
                Stage::EmployerPublicity | Stage::EmployerPublicityEnded | Stage::Recommendation
            ) {
                to(it, stamp, Stage::EmployerPublicityDue);
            }
        }
        Event::Recommended { next, opinion, quota } => {
            step(it, stamp, "recommend", it.holder(), Some("pass"), opinion.clone());
            it.quota.clone_from(quota);
            it.route.push(next.superior.clone());
            let stage = match next.node_type {
                NodeType::Committee => Stage::QualificationReview,
                NodeType::Agency | NodeType::Employer => Stage::SuperiorReview,
            };
            to(it, stamp, stage);
        }
        Event::SuperiorReviewPassed { handling, next } => {
            handled(it, stamp, "review-by-superior", "pass", handling);
            it.route.push(next.superior.clone());
            to(it, stamp, Stage::SuperiorReview);
        }
        Event::ForwardedToCommittee { handling, next } => {
            handled(it, stamp, "review-by-superior", "pass", handling);
            it.route.push(next.superior.clone());
            to(it, stamp, Stage::QualificationReview);
        }
        Event::FinalApproved { award_publicity, handling } => {
            it.award_publicity = *award_publicity;
            handled(it, stamp, "review-by-superior", "pass", handling);
            operation(it, stamp, "review-by-superior", OperationKind::FinalApproval);
            to(it, stamp, Stage::FinalApproved);
        }
        Event::SuperiorReviewFailed { handling } => {
            handled(it, stamp, "review-by-superior", "fail", handling);
            it.quota = None;
            to(it, stamp, Stage::SuperiorFailed);
        }
        Event::ReturnedToSubordinate {
            by,
            correction_days,
            handling,
            items,
            old_faults,
            opinion,
            relay_by,
            to: _,
        } => {
            let action = if it.stage == Stage::QualificationReview {
                "review-qualification"
            } else {
                "review-by-superior"
            };
            handled(it, stamp, action, "return", handling);
            it.return_count += 1;
            it.returned = Some(Returned {
                by: by.clone(),
                opinion: opinion.clone(),
                items: items.clone(),
                correction_days: *correction_days,
                relay_by: Some(*relay_by),
                correct_by: None,
                old_faults: old_faults.clone(),
            });
            tell(it, items);
            it.route.pop();
            to(it, stamp, Stage::ReturnedToSubordinate);
        }
        Event::ReturnRelayed { opinion, relay_by, to: _ } => {
            step(it, stamp, "relay-return", it.holder(), Some("return"), opinion.clone());
            if let Some(returned) = &mut it.returned {
                returned.relay_by = Some(*relay_by);
            }
            it.route.pop();
            to(it, stamp, Stage::ReturnedToSubordinate);
        }
        Event::CommitteeTransferred { batch_id, from, path, quota, reason: _, to: committee } => {
            step(it, stamp, "transfer-committee", it.holder(), None, Private::Known(None));
            it.transferred_from = Some(from.clone());
            it.batch = Some(*batch_id);
            it.quota.clone_from(quota);
            path.clone_into(&mut it.path);
            if let Some(chosen) = &mut it.final_organisation {
                chosen.node = committee.clone();
                chosen.batch_id = *batch_id;
            }
            if matches!(it.stage, Stage::QualificationReview | Stage::Qualified) {
                if let Some(last) = it.route.last_mut() {
                    *last = committee.clone();
                }
                it.operations.clear();
                to(it, stamp, Stage::QualificationReview);
            }
        }
        Event::QualificationPassed { handling } => {
            handled(it, stamp, "review-qualification", "pass", handling);
            operation(it, stamp, "review-qualification", OperationKind::Qualification);
            to(it, stamp, Stage::Qualified);
        }
        Event::QualificationFailed { handling } => {
            handled(it, stamp, "review-qualification", "fail", handling);
            operation(it, stamp, "review-qualification", OperationKind::Qualification);
            to(it, stamp, Stage::QualificationFailed);
        }
        Event::SchemeSubmitted { scheme_id } => {
            it.review = Review { scheme: Some(*scheme_id), ..Review::default() };
            to(it, stamp, Stage::SchemeSubmitted);
        }
        Event::SchemeApproved { medium, opens_on, scheme_id: _, scoring } => {
            it.review.medium = Some(*medium);
            scoring.clone_into(&mut it.review.scoring);
            it.review.opens_on = Some(*opens_on);
            to(it, stamp, Stage::SchemeApproved);
        }
        Event::SchemeRejected { scheme_id: _ } => {
            it.review = Review::default();
            to(it, stamp, Stage::Qualified);
        }
        Event::JudgesDrawn { meeting_id } => {
            it.review.meeting = Some(*meeting_id);
            to(it, stamp, Stage::JudgesDrawn);
        }
        Event::PanelAssigned { chair_id, group, judge_ids, leader_id, meeting_id, reviewer_id } => {
            it.review.meeting = Some(*meeting_id);
            it.review.panel = Some(Panel {
                group: *group,
                chair: *chair_id,
                leader: *leader_id,
                reviewer: *reviewer_id,
                judges: judge_ids.clone(),
            });
        }
        Event::InterviewNotified { notice } => it.review.notice = Some(notice.clone()),
        Event::JudgeRecused { ground, judge_id } => {
            it.review.recusals.insert(*judge_id, ground.clone());
        }
        Event::MaterialReviewPassed { judge_id, opinion } => {
            step(it, stamp, "review-material", it.holder(), Some("pass"), opinion.clone());
            it.review.material_review = Some((*judge_id, true));
            operation(it, stamp, "review-material", OperationKind::MaterialReview);
            to(it, stamp, Stage::MaterialReviewed);
        }
        Event::MaterialReviewFailed { judge_id, opinion } => {
            step(it, stamp, "review-material", it.holder(), Some("fail"), opinion.clone());
            it.review.material_review = Some((*judge_id, false));
            operation(it, stamp, "review-material", OperationKind::MaterialReview);
            to(it, stamp, Stage::MaterialReviewFailed);
        }
        Event::MaterialScored { items, judge_id, locked } => {
            let sheet =
                ScoreSheet { items: items.clone(), absent: false, locked: *locked, version: it.version };
            scored(it, stamp, "score-material", (Sheet::Material, *judge_id), sheet);
        }
        Event::InterviewScored { absent, items, judge_id, locked } => {
            let sheet =
                ScoreSheet { items: items.clone(), absent: *absent, locked: *locked, version: it.version };
            scored(it, stamp, "score-interview", (Sheet::Interview, *judge_id), sheet);
        }
        Event::GroupOpinionGiven { conclusion, judge_id, opinion } => {
            step(it, stamp, "give-opinion", it.holder(), Some(conclusion.name()), Private::Known(None));
            it.review.group_opinion = Some(Opinion {
                judge: *judge_id,
                conclusion: *conclusion,
                opinion: opinion.clone(),
                version: it.version,
            });
            operation(it, stamp, "give-opinion", OperationKind::GroupOpinion);
            to(it, stamp, Stage::OpinionGiven);
        }
        Event::BallotOpened { attending, round_id, size } => {
            it.review.ballot = Some(Ballot {
                round: *round_id,
                attending: attending.clone(),
                size: *size,
                tally: None,
                annulled: None,
            });
            step(it, stamp, "open-ballot", it.holder(), None, Private::Known(None));
            operation(it, stamp, "open-ballot", OperationKind::Ballot);
            to(it, stamp, Stage::Balloting);
        }
        Event::VoteCast { .. } => {}
        Event::BallotClosed { agree, attending, disagree, passed, round_id: _, voters: _ } => {
            step(it, stamp, "close-ballot", it.holder(), None, Private::Known(None));
            let tally = Tally {
                attending: *attending,
                agree: *agree,
                disagree: *disagree,
                passed: *passed,
                vote_on: in_shanghai(stamp.time).date_naive(),
            };
            if let Some(ballot) = &mut it.review.ballot {
                ballot.tally = Some(tally);
            }
            operation(it, stamp, "close-ballot", OperationKind::Ballot);
            to(it, stamp, if *passed { Stage::VotePassed } else { Stage::VoteFailed });
        }
        Event::CommitteeOpinionGiven { conclusion, judge_id, opinion } => {
            step(it, stamp, "give-opinion", it.holder(), Some(conclusion.name()), Private::Known(None));
            it.review.committee_opinion = Some(Opinion {
                judge: *judge_id,
                conclusion: *conclusion,
                opinion: opinion.clone(),
                version: it.version,
            });
            operation(it, stamp, "give-opinion", OperationKind::CommitteeOpinion);
        }
        Event::OfflineResultRecorded {
            agree,
            attending,
            evidence,
            interview_score,
            material_score,
            passed,
            size,
        } => {
            step(it, stamp, "record-offline-result", it.holder(), None, Private::Known(None));
            it.review.offline = Some(OfflineResult {
                tally: Tally {
                    attending: *attending,
                    agree: *agree,
                    disagree: attending.saturating_sub(*agree),
                    passed: *passed,
                    vote_on: in_shanghai(stamp.time).date_naive(),
                },
                size: *size,
                material_score: *material_score,
                interview_score: *interview_score,
                evidence: evidence.clone(),
            });
            to(it, stamp, if *passed { Stage::VotePassed } else { Stage::VoteFailed });
        }
        Event::CutApplied { kept, meeting_id: _, quota, rank } => {
            it.review.cut = Some(Cut { kept: *kept, rank: *rank });
            quota.clone_into(&mut it.quota);
            if !*kept {
                it.review.failure_reason =
                    Some((QUOTA_CUT.to_owned(), Private::Known(QUOTA_CUT_REASON.to_owned())));
                to(it, stamp, Stage::VoteFailed);
            }
        }
        Event::CutVoided { meeting_id: _ } => {
            let was_cut = it.review.cut.take().is_some_and(|cut| !cut.kept);
            if was_cut {
                it.review.failure_reason = None;
                to(it, stamp, Stage::VotePassed);
            }
        }
        Event::ResultDeclared { acquired_on, meeting_id, passed, vote_on } => {
            it.review.meeting = Some(*meeting_id);
            step(it, stamp, "declare-results", it.holder(), None, Private::Known(None));
            it.review.declared =
                Some(Declared { passed: *passed, vote_on: *vote_on, acquired_on: *acquired_on });
        }
        Event::MeetingAnnulled { meeting_id: _ } => {
            for step in it.steps.iter_mut().filter(|step| step.is_of_meeting()) {
                step.rolled_back = true;
            }
            step(it, stamp, "annul", it.holder(), None, Private::Known(None));
            leave_scheme(it);
            it.operations.retain(|operation| operation.kind == OperationKind::Qualification);
            to(it, stamp, Stage::Qualified);
        }
        Event::FailureReasonRecorded { category, reason } => {
            it.review.failure_reason = Some((category.clone(), reason.clone()));
        }
        Event::ResultPublicityStarted {
            ends_on,
            late: _,
            provisional,
            round_id,
            starts_on,
            working_days: _,
        } => {
            step(it, stamp, "start-result-publicity", it.holder(), None, Private::Known(None));
            it.result_publicity = Some(Publicity {
                round: *round_id,
                starts_on: *starts_on,
                ends_on: *ends_on,
                provisional: *provisional,
            });
            it.operations.clear();
            to(it, stamp, Stage::ResultPublicity);
        }
        Event::ResultPublicityPassed { reason } => {
            step(it, stamp, "record-result-publicity", it.holder(), Some("passed"), reason.clone());
            if it.review.declared.is_some() {
                to(it, stamp, Stage::ResultPublicityPassed);
            } else {
                it.award_published = true;
                to(it, stamp, Stage::FinalApproved);
            }
        }
        Event::ResultPublicityFailed { reason } => {
            step(it, stamp, "record-result-publicity", it.holder(), Some("failed"), reason.clone());
            to(it, stamp, Stage::ObjectionUpheld);
        }
        Event::ObjectionRaised { content: _, evidence: _, objection_id, source: _ } => {
            it.objections.insert(*objection_id);
            it.holds.insert(Hold::Objection);
        }
        Event::ObjectionDismissed { finding: _, objection_id } => {
            it.objections.remove(objection_id);
            if it.objections.is_empty() && !it.objection_upheld {
                it.holds.remove(&Hold::Objection);
            }
        }
        Event::ObjectionUpheld { finding: _, objection_id } => {
            it.objections.remove(objection_id);
            if it.publicity_running() {
                it.objection_upheld = true;
            } else {
                it.objections.clear();
                it.holds.remove(&Hold::Objection);
                to(it, stamp, Stage::ObjectionUpheld);
            }
        }
        Event::FilingRequested { filing_authority, late: _ } => {
            step(it, stamp, "request-filing", it.holder(), None, Private::Known(None));
            it.filing_authority = filing_authority.clone().map(Arc::new);
            to(it, stamp, Stage::FilingRequested);
        }
        Event::Filed { early: _, filed_on, filing_number, opinion } => {
            step(it, stamp, "review-filing", acting_node(stamp), Some("pass"), opinion.clone());
            it.filing = Some((filing_number.clone(), *filed_on));
            to(it, stamp, Stage::Filed);
        }
        Event::FilingRejected { opinion } => {
            step(it, stamp, "review-filing", acting_node(stamp), Some("fail"), opinion.clone());
            to(it, stamp, Stage::ResultPublicityPassed);
        }
        Event::FilingCancelled { .. } => {
            step(it, stamp, "cancel-filing", acting_node(stamp), None, Private::Known(None));
            to(it, stamp, Stage::FilingCancelled);
        }
        Event::CertificateIssued {
            acquired_on,
            certificate_id,
            certificate_number,
            issuing_organisation,
        } => {
            step(
                it,
                stamp,
                "issue-certificate",
                Some(issuing_organisation.clone()),
                None,
                Private::Known(None),
            );
            it.certificate = Some(CertificateRef {
                id: *certificate_id,
                number: certificate_number.clone(),
                acquired_on: *acquired_on,
                issuing: issuing_organisation.clone(),
                document_number: None,
                report_state: None,
            });
            it.operations.clear();
            to(it, stamp, Stage::CertificateIssued);
        }
        Event::ECertificateGenerated { certificate_id: _, document_number } => {
            step(it, stamp, "generate-e-certificate", acting_node(stamp), None, Private::Known(None));
            if let Some(certificate) = &mut it.certificate {
                certificate.document_number = Some(document_number.clone());
            }
            to(it, stamp, Stage::ECertificateGenerated);
        }
        Event::CertificateReported { certificate_id: _ } => {
            step(it, stamp, "report-certificate", acting_node(stamp), None, Private::Known(None));
            if let Some(certificate) = &mut it.certificate {
                certificate.report_state = Some("sent");
            }
        }
        Event::ReportAcknowledged { message: _, outcome, receipt_number: _ } => {
            if let Some(certificate) = &mut it.certificate {
                certificate.report_state = Some(outcome.name());
            }
            match outcome {
                AcknowledgementOutcome::Accepted => to(it, stamp, Stage::Reported),
                AcknowledgementOutcome::Rejected => {}
            }
        }
        Event::CertificateRevoked { .. } => {
            step(it, stamp, "revoke-certificate", acting_node(stamp), None, Private::Known(None));
            if it.stage != Stage::FilingCancelled {
                to(it, stamp, Stage::Revoked);
            }
        }
        // It was the latest one when this was decided: nothing else is ever undone.
        Event::OperationRolledBack { action: _, ground, operation: _, reason: _ } => {
            step(it, stamp, "rollback", acting_node(stamp), None, Private::Known(None));
            undo(it, stamp, ground.as_deref());
        }
        Event::Held { hold, source: _ } => {
            it.holds.insert(*hold);
        }
        Event::HoldLifted { hold } => {
            it.holds.remove(hold);
        }
        Event::PersonErased => it.erased = true,
    }
}

pub(super) fn to(it: &mut Declaration, stamp: &Stamp, stage: Stage) {
    it.stage = stage;
    it.arrived_at = stamp.time;
}

fn acting_node(stamp: &Stamp) -> Option<Node> {
    let actor = stamp.actor.as_ref()?;
    Some(Node { id: actor.organisation_id?, name: actor.organisation_name.clone().unwrap_or_default() })
}

fn step(
    it: &mut Declaration,
    stamp: &Stamp,
    action: &'static str,
    organisation: Option<Node>,
    result: Option<&'static str>,
    opinion: Private<Option<String>>,
) {
    let organisation = organisation
        .map(|it_is| shared(it.steps.iter().rev().filter_map(|step| step.organisation.as_ref()), &it_is));
    let actor = stamp
        .actor
        .as_ref()
        .map(|it_is| shared(it.steps.iter().rev().filter_map(|step| step.actor.as_ref()), it_is));
    let step = Step {
        action,
        at: it.stage,
        organisation,
        actor,
        arrived_at: it.arrived_at,
        handled_at: stamp.time,
        result,
        opinion,
        items: None,
        paper_consistent: None,
        rolled_back: false,
        version: it.version,
    };
    add(&mut it.steps, step);
}

/// What is known already, or it as something new: thousands of cases lie in memory, and each is handled again and again by the
/// same few.
fn shared<'a, T: Clone + PartialEq + 'a>(known: impl IntoIterator<Item = &'a Arc<T>>, it: &T) -> Arc<T> {
    known.into_iter().find(|known| ***known == *it).map_or_else(|| Arc::new(it.clone()), Arc::clone)
}

/// Adds one to a list without room for more: a state is copied before it changes, so the room would be twice what is needed.
fn add<T>(list: &mut Vec<T>, it: T) {
    list.reserve_exact(1);
    list.push(it);
}

fn handled(
    it: &mut Declaration,
    stamp: &Stamp,
    action: &'static str,
    result: &'static str,
    handling: &HandledBy,
) {
    step(it, stamp, action, it.holder(), Some(result), handling.opinion.clone());
    if let Some(step) = it.steps.last_mut() {
        step.paper_consistent = handling.paper_consistent;
    }
}

fn submitted(
    it: &mut Declaration,
    stamp: &Stamp,
    action: &'static str,
    path: &crate::registers::paths::PathSnapshot,
    batch: crate::ids::BatchId,
) {
    step(it, stamp, action, None, None, Private::Known(None));
    it.submissions += 1;
    it.amended = it.submitted.as_deref().map(|before| it.draft.changed_since(before)).unwrap_or_default();
    it.submitted = Some(Arc::clone(&it.draft));
    it.batch = Some(batch);
    path.clone_into(&mut it.path);
    it.route = it.subject.iter().map(|subject| subject.employer.node()).collect();
    it.returned = None;
    it.employer_acted = false;
    to(it, stamp, Stage::EmployerReview);
}

/// Remembers which parts a return named.
fn tell(it: &mut Declaration, items: &Private<Vec<ReturnItem>>) {
    if let Some(step) = it.steps.last_mut() {
        step.items = Some(Arc::new(items.clone()));
    }
    let parts = items.known().into_iter().flatten().map(|item| anchor_of(&item.anchor).to_owned());
    it.faults_told.extend(parts);
}

/// What counts for an earlier publicity staying valid, of the content as of the last submission.
pub(super) fn published(it: &Declaration) -> Option<Published> {
    let content: &Content = it.submitted.as_deref()?;
    let subject = it.subject.as_ref()?;
    Some(Published {
        sections: content
            .sections
            .iter()
            .filter(|(key, _)| key.is_published())
            .map(|(key, body)| (*key, Arc::clone(body)))
            .collect(),
        kind: subject.kind,
        title: subject.title.clone(),
    })
}

fn scored(
    it: &mut Declaration,
    stamp: &Stamp,
    action: &'static str,
    key: (Sheet, crate::ids::JudgeId),
    sheet: ScoreSheet,
) {
    step(it, stamp, action, it.holder(), None, Private::Known(None));
    it.review.sheets.insert(key, sheet);
    operation(it, stamp, action, OperationKind::Score(key.0, key.1));
    if it.stage != Stage::Scoring {
        to(it, stamp, Stage::Scoring);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::sitting::Sitting;

    #[test]
    fn who_acted_and_where_is_kept_once() {
        let sitting = Sitting::assigned(1, |_| {});
        let it = sitting.candidate(0);
        let kept = |step: &Step| step.organisation.clone();
        for (one, other) in it.steps.iter().filter_map(kept).zip(it.steps.iter().filter_map(kept).skip(1)) {
            assert_eq!(one == other, Arc::ptr_eq(&one, &other), "{one:?} {other:?}");
        }
        let actors: Vec<_> = it.steps.iter().filter_map(|step| step.actor.as_ref()).collect();
        for one in &actors {
            for other in &actors {
                assert_eq!(one == other, Arc::ptr_eq(one, other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_list_has_no_room_to_spare() {
        let mut list = vec![1, 2, 3, 4];
        add(&mut list, 5);
        assert_eq!((list.len(), list.capacity()), (5, 5));
    }
}

//! What a history may hold: which action brings which events, on the thing that it addresses and on others, and so which deeds
//! of a log are legal under the rules (reliability.md, Checks).
//!
//! A decision is not stored, only what came of it. [`is_legal`] finds an action that explains what a command did to a stream: one
//! that brings these events, from the stage in which the thing stood and to the one in which it stands now, in a role that its
//! SPEC names, and not in spite of a hold. For what was done to a declaration by an action on another thing the stages from
//! which that action's rules take it are listed here.
//!
//! What that does not prove: that whoever acted stood in the relation that the SPEC wants (their own employer's case, their own
//! panel's candidate), that dates and numbers in the events are what the rules made of the input, and that no rule with facts from
//! elsewhere refused it (calendars, batches, blacklists, a second person). Those need the state of everything else at that moment;
//! what is cheap to prove of them across things has checks of its own.

use crate::action::{ActionSpec, Forward, Proof, Start};
use crate::aggregate::{ActorKind, ActorStamp, AnyState};

/// An action and the events that it may bring, any of them and any number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brings {
    /// The aggregate type that it addresses.
    pub aggregate: &'static str,
    /// Its name.
    pub action: &'static str,
    /// Events of the thing addressed.
    pub own: &'static [&'static str],
    /// Events of other things.
    pub others: &'static [On],
}

/// An event that an action brings upon another thing than the one that it addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct On {
    /// The event.
    pub event: &'static str,
    /// The stages of the other from which the action's rules take it; empty where any.
    pub stages: &'static [&'static str],
}

/// What one command did to one stream.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The aggregate type of the stream.
    pub aggregate: &'a str,
    /// The names of its events, in order.
    pub events: &'a [&'static str],
    /// Who did it.
    pub actor: Option<&'a ActorStamp>,
    /// How it stood before.
    pub before: Standing,
    /// The stage after.
    pub after: Option<&'static str>,
}

/// How a thing stands, as far as every action asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it was created.
    pub exists: bool,
    /// Its stage.
    pub stage: Option<&'static str>,
    /// Whether a hold refuses steps forward.
    pub held: bool,
}

impl Standing {
    /// That of a state.
    pub fn of(state: &AnyState) -> Self {
        Self { exists: state.exists(), stage: state.stage(), held: state.holds().is_some() }
    }
}

/// Why nothing explains a deed: the first thing that no action which is left allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// No action brings these events together.
    #[error("没有一个动作会带来 {}", events.join("、"))]
    Events {
        /// The events.
        events: Vec<&'static str>,
    },
    /// Not from this stage.
    #[error("{} 不能从环节“{stage}”作出", events.join("、"))]
    From {
        /// The events.
        events: Vec<&'static str>,
        /// The stage before.
        stage: &'static str,
    },
    /// Not to this stage.
    #[error("{} 不能到环节“{stage}”", events.join("、"))]
    To {
        /// The events.
        events: Vec<&'static str>,
        /// The stage after.
        stage: &'static str,
    },
    /// Not by this actor.
    #[error("{} 不由“{actor}”作出", events.join("、"))]
    By {
        /// The events.
        events: Vec<&'static str>,
        /// The role, or who else.
        actor: &'static str,
    },
    /// Under a hold.
    #[error("{} 在暂停期间作出", events.join("、"))]
    Held {
        /// The events.
        events: Vec<&'static str>,
    },
}

/// Where there is nothing yet.
const NOWHERE: &str = "无";

/// Asking for an operation that a second person must approve: what came of a decision on another thing, and no action of its own.
const REQUESTED: &str = "approval.requested";

/// Whether an action explains a deed.
///
/// # Errors
/// [`Illegal`], with the first condition on which all that remained failed.
pub fn is_legal(deed: &Deed<'_>) -> Result<(), Illegal> {
    let events = || deed.events.to_vec();
    if deed.events == [REQUESTED] && !deed.before.exists {
        return Ok(());
    }
    let explained = BRINGS.iter().filter_map(|brings| explain(brings, deed));
    let mut left: Vec<Explained> = explained.collect();
    if left.is_empty() {
        return Err(Illegal::Events { events: events() });
    }
    left.retain(|it| it.starts(deed.before));
    if left.is_empty() {
        let stage = deed.before.stage.unwrap_or(NOWHERE);
        return Err(Illegal::From { events: events(), stage });
    }
    left.retain(|it| it.leads(deed));
    if left.is_empty() {
        return Err(Illegal::To { events: events(), stage: deed.after.unwrap_or(NOWHERE) });
    }
    left.retain(|it| it.is_taken_by(deed.actor));
    if left.is_empty() {
        return Err(Illegal::By { events: events(), actor: name_of(deed.actor) });
    }
    left.retain(|it| !deed.before.held || it.passes_holds());
    if left.is_empty() {
        return Err(Illegal::Held { events: events() });
    }
    Ok(())
}

/// An action that brings the events of a deed.
struct Explained {
    brings: &'static Brings,
    spec: &'static ActionSpec,
    how: How,
}

/// How it came upon the stream.
enum How {
    /// The action addressed it.
    Addressed,
    /// It came along, from one of these stages; none: from any.
    Along(Vec<&'static [&'static str]>),
}

fn explain(brings: &'static Brings, deed: &Deed<'_>) -> Option<Explained> {
    let spec = AnyState::specs(brings.aggregate).iter().find(|spec| spec.name == brings.action)?;
    let addressed =
        brings.aggregate == deed.aggregate && deed.events.iter().all(|event| brings.own.contains(event));
    if addressed {
        return Some(Explained { brings, spec, how: How::Addressed });
    }
    let along = |event: &&'static str| brings.others.iter().find(|on| on.event == *event);
    let found: Option<Vec<&On>> = deed.events.iter().map(along).collect();
    let stages = found?.iter().map(|on| on.stages).filter(|stages| !stages.is_empty()).collect();
    Some(Explained { brings, spec, how: How::Along(stages) })
}

impl Explained {
    fn starts(&self, before: Standing) -> bool {
        match &self.how {
            How::Addressed => match self.spec.from {
                Start::Nothing => !before.exists,
                Start::Any => before.exists,
                Start::Stages(stages) => before.stage.is_some_and(|stage| stages.contains(&stage)),
            },
            How::Along(all) => {
                all.iter().all(|stages| before.stage.is_some_and(|stage| stages.contains(&stage)))
            }
        }
    }

    fn leads(&self, deed: &Deed<'_>) -> bool {
        match self.how {
            How::Addressed if self.spec.from == Start::Nothing && self.spec.to.is_empty() => true,
            How::Addressed => {
                deed.after == deed.before.stage
                    || deed.after.is_some_and(|stage| self.spec.to.contains(&stage))
            }
            How::Along(_) => true,
        }
    }

    fn is_taken_by(&self, actor: Option<&ActorStamp>) -> bool {
        let Some(actor) = actor else { return false };
        match (actor.kind, actor.role) {
            (ActorKind::System, _) => {
                self.spec.by.is_empty() || BY_SYSTEM_TOO.contains(&(self.brings.aggregate, self.spec.name))
            }
            (ActorKind::Account, Some(role)) => self.spec.by.iter().any(|by| by.role == role),
            (ActorKind::Account, None) => self.spec.proof == Proof::Nothing,
        }
    }

    fn passes_holds(&self) -> bool {
        match self.how {
            How::Addressed => self.spec.forward == Forward::No,
            // its own rules ask, candidate by candidate
            How::Along(_) => true,
        }
    }
}

fn name_of(actor: Option<&ActorStamp>) -> &'static str {
    match actor.map(|actor| (actor.kind, actor.role)) {
        None => "无人",
        Some((ActorKind::System, _)) => "系统",
        Some((ActorKind::Account, None)) => "未登录者",
        Some((ActorKind::Account, Some(role))) => role.name(),
    }
}

/// What the system does although accounts may too: the first start, and closing a batch on its day.
const BY_SYSTEM_TOO: &[(&str, &str)] =
    &[("batch", "close"), ("organisation", "create"), ("specialty", "create"), ("title", "create")];

/// A declaration in its committee's work (`review_meeting::in_review`).
const IN_REVIEW: &[&str] = &[
    "scheme_submitted",
    "scheme_approved",
    "judges_drawn",
    "material_reviewed",
    "material_review_failed",
    "scoring",
    "opinion_given",
    "balloting",
    "vote_passed",
    "vote_failed",
];
/// Voted on.
const VOTED: &[&str] = &["vote_passed", "vote_failed"];
/// On whom was voted, and whose materials failed before.
const DECLARED: &[&str] = &["vote_passed", "vote_failed", "material_review_failed"];
/// In its employer's publicity, or over without a result.
pub(crate) const EMPLOYER_PUBLICITY: &[&str] = &["employer_publicity", "employer_publicity_ended"];
/// While objections are looked into (contract.md, `resolve-objection`).
const CONTESTABLE: &[&str] = &[
    "employer_publicity",
    "employer_publicity_ended",
    "result_publicity",
    "result_publicity_passed",
    "filing_requested",
];

const fn brings(
    aggregate: &'static str,
    action: &'static str,
    own: &'static [&'static str],
    others: &'static [On],
) -> Brings {
    Brings { aggregate, action, own, others }
}

/// On another thing, whatever its stage.
const fn any(event: &'static str) -> On {
    On { event, stages: &[] }
}

/// On another thing in one of these stages.
const fn at(event: &'static str, stages: &'static [&'static str]) -> On {
    On { event, stages }
}

/// Every action with what it brings. A ballot is handed in without an event; an approval's operation is explained by itself.
#[rustfmt::skip]
pub const BRINGS: &[Brings] = &[
    brings("acceptance_agency", "amend", &["acceptance_agency.amended"], &[]),
    brings("acceptance_agency", "create", &["acceptance_agency.created"], &[]),
    brings("acceptance_agency", "deregister", &["acceptance_agency.deregistered"], &[]),
    brings("account", "change-password", &["account.password_changed"], &[]),
    brings("account", "create", &["account.registered", "account.role_granted"], &[any("person.registered")]),
    brings("account", "create-first", &["account.registered", "account.role_granted"], &[]),
    brings("account", "grant-role", &["account.role_granted"], &[]),
    brings("account", "mark-read", &["account.notice_read"], &[]),
    brings("account", "resume", &["account.resumed"], &[]),
    brings("account", "revoke-role", &["account.role_revoked"], &[]),
    brings("account", "suspend", &["account.suspended"], &[]),
    brings("approval", "approve", &["approval.approved", "approval.person_erased"], &[]),
    brings("approval", "decline", &["approval.declined"], &[]),
    brings("approval", "expire", &["approval.expired"], &[]),
    brings("batch", "close", &["batch.closed"], &[]),
    brings("batch", "create", &["batch.created"], &[]),
    brings("batch", "extend", &["batch.extended"], &[]),
    brings("batch", "open", &["batch.opened"], &[]),
    brings("blacklist_entry", "amend", &["blacklist_entry.amended"], &[]),
    brings("blacklist_entry", "create", &["blacklist_entry.created"], &[]),
    brings("blacklist_entry", "expire", &["blacklist_entry.expired"], &[]),
    brings("blacklist_entry", "lift", &["blacklist_entry.lifted"], &[]),
    brings("certificate", "record-acknowledgement", &["certificate.report_acknowledged"], &[at("declaration.report_acknowledged", &["e_certificate_generated"])]),
    brings("certificate", "report-certificate", &["certificate.reported"], &[at("declaration.certificate_reported", &["e_certificate_generated"])]),
    brings("certificate", "revoke-certificate", &["certificate.revoked"], &[at("declaration.certificate_revoked", &["certificate_issued", "e_certificate_generated", "reported"]), any("objection.closed"), any("quota_ledger.released")]),
    brings("certificate_number_range", "create", &["certificate_number_range.created"], &[any("certificate_number_pool.extended"), any("certificate_number_pool.opened")]),
    brings("committee", "amend", &["committee.amended"], &[]),
    brings("committee", "create", &["committee.created"], &[]),
    brings("committee", "deregister", &["committee.deregistered"], &[]),
    brings("committee", "renew", &["committee.renewed"], &[]),
    brings("committee", "resume", &["committee.resumed"], &[]),
    brings("committee", "set-fees", &["committee.fees_set"], &[]),
    brings("committee", "set-forming-units", &["committee.forming_units_set"], &[]),
    brings("committee", "set-specialties", &["committee.specialties_set"], &[]),
    brings("committee", "suspend", &["committee.suspended"], &[]),
    brings("declaration", "abandon", &["declaration.abandoned"], &[any("objection.closed"), any("quota_ledger.released")]),
    brings("declaration", "attach-material", &["declaration.material_attached"], &[any("material.attached")]),
    brings("declaration", "cancel-filing", &["declaration.certificate_revoked", "declaration.filing_cancelled"], &[any("certificate.revoked"), any("objection.closed"), any("quota_ledger.released"), any("scheme.filing_cancelled")]),
    brings("declaration", "cast-vote", &[], &[]),
    brings("declaration", "close-ballot", &["declaration.ballot_closed", "declaration.vote_cast"], &[]),
    brings("declaration", "create", &["declaration.drafted"], &[]),
    brings("declaration", "end-publicity", &["declaration.employer_publicity_ended"], &[]),
    brings("declaration", "generate-e-certificate", &["declaration.e_certificate_generated"], &[any("certificate.e_generated")]),
    brings("declaration", "give-opinion", &["declaration.committee_opinion_given", "declaration.group_opinion_given"], &[]),
    brings("declaration", "hold-when-blacklisted", &["declaration.held"], &[]),
    brings("declaration", "issue-certificate", &["declaration.certificate_issued"], &[any("certificate.issued"), any("certificate_number_pool.exhausted"), any("certificate_number_pool.extended"), any("certificate_number_pool.number_taken"), any("certificate_number_pool.opened")]),
    brings("declaration", "lapse", &["declaration.lapsed"], &[any("objection.closed"), any("publicity_round.voided"), any("quota_ledger.released")]),
    brings("declaration", "lift-blacklist-hold", &["declaration.hold_lifted"], &[]),
    brings("declaration", "open-ballot", &["declaration.ballot_opened"], &[]),
    brings("declaration", "raise-objection", &["declaration.objection_raised"], &[any("objection.raised"), any("publicity_round.objection_raised"), any("scheme.objection_raised")]),
    brings("declaration", "recommend", &["declaration.recommended"], &[any("quota_ledger.released"), any("quota_ledger.reserved")]),
    brings("declaration", "record-employer-publicity-result", &["declaration.employer_publicity_failed", "declaration.employer_publicity_passed"], &[any("objection.closed"), any("publicity_round.results_recorded"), any("quota_ledger.released")]),
    brings("declaration", "record-failure-reason", &["declaration.failure_reason_recorded"], &[]),
    brings("declaration", "record-offline-result", &["declaration.offline_result_recorded"], &[]),
    brings("declaration", "record-result-publicity", &["declaration.result_publicity_failed", "declaration.result_publicity_passed"], &[any("objection.closed"), any("publicity_round.results_recorded"), any("quota_ledger.released"), any("scheme.publicity_recorded")]),
    brings("declaration", "relay-return", &["declaration.return_relayed", "declaration.returned_to_applicant"], &[]),
    brings("declaration", "relay-when-due", &["declaration.return_relayed", "declaration.returned_to_applicant"], &[]),
    brings("declaration", "remove-material", &["declaration.material_removed"], &[]),
    brings("declaration", "report-certificate", &["declaration.certificate_reported"], &[any("certificate.reported")]),
    brings("declaration", "request-filing", &["declaration.filing_requested"], &[any("scheme.filing_requested")]),
    brings("declaration", "resolve-objection", &["declaration.objection_dismissed", "declaration.objection_upheld"], &[any("objection.closed"), any("objection.dismissed"), any("objection.upheld"), any("publicity_round.results_recorded"), any("quota_ledger.released"), any("scheme.filing_dropped"), any("scheme.objection_upheld")]),
    brings("declaration", "review-by-employer", &["declaration.employer_publicity_voided", "declaration.employer_review_failed", "declaration.employer_review_passed", "declaration.returned_to_applicant"], &[any("objection.closed"), any("publicity_round.voided"), any("quota_ledger.released")]),
    brings("declaration", "review-by-superior", &["declaration.final_approved", "declaration.forwarded_to_committee", "declaration.returned_to_subordinate", "declaration.superior_review_failed", "declaration.superior_review_passed"], &[any("objection.closed"), any("quota_ledger.released")]),
    brings("declaration", "review-filing", &["declaration.filed", "declaration.filing_rejected"], &[any("scheme.filing_reviewed")]),
    brings("declaration", "review-material", &["declaration.material_review_failed", "declaration.material_review_passed"], &[]),
    brings("declaration", "review-qualification", &["declaration.qualification_failed", "declaration.qualification_passed", "declaration.returned_to_subordinate"], &[any("objection.closed"), any("quota_ledger.released")]),
    brings("declaration", "revoke-certificate", &["declaration.certificate_revoked"], &[any("certificate.revoked"), any("objection.closed"), any("quota_ledger.released")]),
    brings("declaration", "rollback", &["declaration.cut_voided", "declaration.operation_rolled_back"], &[at("declaration.cut_voided", VOTED), any("quota_ledger.cut_voided"), any("quota_ledger.reserved"), any("review_meeting.candidate_reopened"), any("scheme.participant_left")]),
    brings("declaration", "save-draft", &["declaration.draft_saved"], &[]),
    brings("declaration", "score-interview", &["declaration.interview_scored"], &[]),
    brings("declaration", "score-material", &["declaration.material_scored"], &[]),
    brings("declaration", "start-employer-publicity", &["declaration.employer_publicity_started"], &[any("publicity_round.started")]),
    brings("declaration", "start-result-publicity", &["declaration.result_publicity_started"], &[any("publicity_round.started")]),
    brings("declaration", "submit", &["declaration.resubmitted", "declaration.submitted"], &[]),
    brings("declaration", "transfer-committee", &["declaration.committee_transferred"], &[any("quota_ledger.released"), any("quota_ledger.reserved")]),
    brings("declaration", "withdraw", &["declaration.withdrawn"], &[any("objection.closed"), any("quota_ledger.released")]),
    brings("employer", "add-operator", &["employer.operator_added"], &[any("account.registered"), any("account.role_granted"), any("person.registered")]),
    brings("employer", "amend-registration", &["employer.registration_amended"], &[]),
    brings("employer", "create", &["employer.created"], &[any("account.registered"), any("account.role_granted"), any("person.registered")]),
    brings("employer", "hand-over", &["employer.operator_handed_over"], &[any("account.role_granted"), any("account.role_revoked")]),
    brings("employer", "resume", &["employer.resumed"], &[]),
    brings("employer", "suspend", &["employer.suspended"], &[]),
    brings("installation", "begin", &["installation.begun"], &[]),
    brings("installation", "move-clock", &["installation.clock_moved"], &[]),
    brings("issuing_code", "amend", &["issuing_code.amended"], &[]),
    brings("issuing_code", "create", &["issuing_code.created"], &[]),
    brings("issuing_code", "deregister", &["issuing_code.deregistered"], &[]),
    brings("job", "advance", &["job.advanced", "job.finished", "job.reverted", "job.undone"], &[]),
    brings("job", "cancel", &["job.cancelled"], &[]),
    brings("job", "create", &["job.started"], &[]),
    brings("job", "resume", &["job.resumed"], &[]),
    brings("job", "settle", &["job.advanced", "job.settled"], &[]),
    brings("job", "suspend", &["job.suspended"], &[]),
    brings("job", "undo", &["job.undo_started"], &[]),
    brings("judge", "amend", &["judge.amended"], &[]),
    brings("judge", "create", &["judge.created"], &[any("account.role_granted")]),
    brings("judge", "disqualify", &["judge.disqualified"], &[any("account.role_revoked")]),
    brings("judge", "renew", &["judge.renewed"], &[]),
    brings("material", "store", &["material.stored"], &[]),
    brings("objection", "accept", &["objection.accepted"], &[]),
    brings("objection", "refuse", &["objection.refused"], &[at("declaration.objection_dismissed", CONTESTABLE)]),
    brings("objection", "resolve", &["objection.dismissed", "objection.upheld"], &[at("declaration.objection_dismissed", CONTESTABLE), at("declaration.objection_upheld", CONTESTABLE), any("objection.closed"), any("publicity_round.results_recorded"), any("quota_ledger.released"), any("scheme.filing_dropped"), any("scheme.objection_upheld")]),
    brings("organisation", "amend", &["organisation.amended"], &[]),
    brings("organisation", "create", &["organisation.created"], &[]),
    brings("organisation", "deregister", &["organisation.deregistered"], &[]),
    brings("path_edge", "amend", &["path_edge.amended"], &[]),
    brings("path_edge", "confirm", &["path_edge.confirmed"], &[]),
    brings("path_edge", "create", &["path_edge.created"], &[]),
    brings("path_edge", "decline", &["path_edge.declined"], &[]),
    brings("path_edge", "deregister", &["path_edge.deregistered"], &[]),
    brings("person", "erase", &["person.erased"], &[any("account.person_erased"), any("approval.person_erased"), any("blacklist_entry.person_erased"), any("certificate.person_erased"), any("declaration.person_erased"), any("job.person_erased"), any("judge.person_erased"), any("material.person_erased"), any("objection.person_erased")]),
    brings("person", "tell-erased", &[], &[any("account.person_erased"), any("approval.person_erased"), any("blacklist_entry.person_erased"), any("certificate.person_erased"), any("declaration.person_erased"), any("job.person_erased"), any("judge.person_erased"), any("material.person_erased"), any("objection.person_erased")]),
    brings("publicity_round", "create", &["publicity_round.started"], &[at("declaration.employer_publicity_started", &["employer_publicity_due"]), at("declaration.result_publicity_started", &["vote_passed", "final_approved"])]),
    brings("publicity_round", "reckon-anew", &["publicity_round.period_reckoned"], &[at("declaration.publicity_reckoned", &["employer_publicity", "employer_publicity_ended", "result_publicity"])]),
    brings("publicity_round", "record-result", &["publicity_round.results_recorded"], &[at("declaration.employer_publicity_failed", EMPLOYER_PUBLICITY), at("declaration.employer_publicity_passed", EMPLOYER_PUBLICITY), at("declaration.result_publicity_failed", &["result_publicity"]), at("declaration.result_publicity_passed", &["result_publicity"]), any("objection.closed"), any("quota_ledger.released"), any("scheme.publicity_recorded")]),
    brings("publicity_round", "void", &["publicity_round.voided"], &[at("declaration.employer_publicity_voided", &["employer_publicity", "employer_publicity_ended", "recommendation"]), any("objection.closed")]),
    brings("quota_application", "amend", &["quota_application.amended"], &[]),
    brings("quota_application", "create", &["quota_application.created"], &[]),
    brings("quota_application", "forward", &["quota_application.forwarded"], &[]),
    brings("quota_application", "review", &["quota_application.approved", "quota_application.failed"], &[any("quota_ledger.approved")]),
    brings("quota_application", "submit", &["quota_application.submitted"], &[]),
    brings("review_meeting", "annul", &["review_meeting.annulled"], &[at("declaration.meeting_annulled", IN_REVIEW), any("quota_ledger.cut_voided"), any("scheme.annulled")]),
    brings("review_meeting", "apply-cut", &["review_meeting.cut_applied"], &[at("declaration.cut_applied", &["vote_passed"]), any("quota_ledger.cut_applied")]),
    brings("review_meeting", "assign", &["review_meeting.panels_assigned"], &[at("declaration.panel_assigned", IN_REVIEW)]),
    brings("review_meeting", "cast-votes", &[], &[]),
    brings("review_meeting", "close", &["review_meeting.closed"], &[]),
    brings("review_meeting", "close-ballots", &["review_meeting.ballots_closed"], &[at("declaration.ballot_closed", &["balloting"]), at("declaration.vote_cast", &["balloting"])]),
    brings("review_meeting", "commit-seed", &["review_meeting.seed_committed"], &[]),
    brings("review_meeting", "create", &["review_meeting.created"], &[any("scheme.meeting_called")]),
    brings("review_meeting", "declare-recusal", &["review_meeting.judge_recused"], &[at("declaration.judge_recused", IN_REVIEW)]),
    brings("review_meeting", "declare-results", &["review_meeting.results_declared"], &[at("declaration.result_declared", DECLARED), any("scheme.results_declared")]),
    brings("review_meeting", "draw", &["review_meeting.judges_drawn"], &[at("declaration.judges_drawn", &["scheme_approved"])]),
    brings("review_meeting", "open-ballots", &["review_meeting.ballots_opened"], &[at("declaration.ballot_opened", &["opinion_given"])]),
    brings("review_meeting", "record-attendance", &["review_meeting.attendance_recorded"], &[]),
    brings("review_meeting", "record-reply", &["review_meeting.reply_recorded"], &[]),
    brings("review_meeting", "replace-judge", &["review_meeting.judge_replaced"], &[]),
    brings("review_meeting", "reveal-seed", &["review_meeting.seed_revealed"], &[]),
    brings("review_meeting", "send-interview-notices", &["review_meeting.interview_notices_sent"], &[at("declaration.interview_notified", &["judges_drawn", "material_reviewed", "scoring"])]),
    brings("scheme", "amend", &["scheme.amended"], &[]),
    brings("scheme", "create", &["scheme.created"], &[]),
    brings("scheme", "request-filing", &["scheme.filing_requested"], &[at("declaration.filing_requested", &["result_publicity_passed"])]),
    brings("scheme", "review", &["scheme.approved", "scheme.rejected"], &[at("declaration.scheme_approved", &["scheme_submitted"]), at("declaration.scheme_rejected", &["scheme_submitted"])]),
    brings("scheme", "review-filing", &["scheme.filing_reviewed"], &[at("declaration.filed", &["filing_requested"]), at("declaration.filing_rejected", &["filing_requested"])]),
    brings("scheme", "submit", &["scheme.submitted"], &[at("declaration.scheme_submitted", &["qualified"])]),
    brings("specialty", "amend", &["specialty.amended"], &[]),
    brings("specialty", "create", &["specialty.created"], &[]),
    brings("specialty", "remove", &["specialty.removed"], &[]),
    brings("title", "amend", &["title.amended"], &[]),
    brings("title", "create", &["title.created"], &[]),
    brings("title", "remove", &["title.removed"], &[]),
    brings("working_calendar", "publish-year", &["working_calendar.year_published"], &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyEvent;
    use crate::values::Role;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_is_listed_once_and_every_event_is_brought_by_one() {
        let listed: Vec<(&str, &str)> = BRINGS.iter().map(|it| (it.aggregate, it.action)).collect();
        let distinct: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(distinct.len(), listed.len(), "none twice");
        let actions: BTreeSet<(&str, &str)> = AnyState::TYPES
            .iter()
            .flat_map(|(aggregate, _)| AnyState::specs(aggregate).iter().map(|spec| (*aggregate, spec.name)))
            .collect();
        assert_eq!(distinct, actions);
        let own = BRINGS.iter().flat_map(|it| it.own).copied();
        let others = BRINGS.iter().flat_map(|it| it.others).map(|on| on.event);
        let brought: BTreeSet<&str> = own.chain(others).chain([REQUESTED]).collect();
        let events: BTreeSet<&str> =
            AnyEvent::NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert_eq!(brought, events);
    }

    fn by(role: Role) -> ActorStamp {
        ActorStamp {
            kind: ActorKind::Account,
            account_id: None,
            role: Some(role),
            organisation_id: None,
            organisation_name: None,
        }
    }

    fn judged(
        event: &'static str,
        before: &'static str,
        after: &'static str,
        role: Role,
        held: bool,
    ) -> Result<(), Illegal> {
        let actor = by(role);
        is_legal(&Deed {
            aggregate: "declaration",
            events: &[event],
            actor: Some(&actor),
            before: Standing { exists: true, stage: Some(before), held },
            after: Some(after),
        })
    }

    #[test]
    fn a_deed_needs_an_action_a_stage_a_role_and_no_hold() {
        let recommended = "declaration.recommended";
        let (from, to, operator) = ("recommendation", "superior_review", Role::EmployerOperator);
        assert_eq!(judged(recommended, from, to, operator, false), Ok(()));
        assert_eq!(
            judged(recommended, "draft", to, operator, false),
            Err(Illegal::From { events: vec![recommended], stage: "draft" })
        );
        assert_eq!(
            judged(recommended, from, "filed", operator, false),
            Err(Illegal::To { events: vec![recommended], stage: "filed" })
        );
        assert_eq!(
            judged(recommended, from, to, Role::Applicant, false),
            Err(Illegal::By { events: vec![recommended], actor: "applicant" })
        );
        assert_eq!(
            judged(recommended, from, to, operator, true),
            Err(Illegal::Held { events: vec![recommended] })
        );
        let along = "declaration.scheme_approved";
        assert_eq!(judged(along, "scheme_submitted", "scheme_approved", Role::SchemeReviewer, true), Ok(()));
        assert!(judged(along, "qualified", "scheme_approved", Role::SchemeReviewer, false).is_err());
        let together = ["declaration.recommended", "declaration.withdrawn"];
        let deed = Deed {
            aggregate: "declaration",
            events: &together,
            actor: None,
            before: Standing { exists: true, stage: Some(from), held: false },
            after: Some(to),
        };
        assert_eq!(is_legal(&deed), Err(Illegal::Events { events: together.to_vec() }));
    }
}

//! Who may know of the things around a case (domain.md 1.8). Reference data (employers, paths, committees, batches, trees, the
//! calendar) is for everybody who holds a role; all else is for those whom it concerns, by the organisation at which the
//! role is held, and for the provincial administrator and the auditor as far as the matrix goes.

use super::matrix::Class;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::action::Place;
use zhicheng_domain::context::Approval;
use zhicheng_domain::ids::{DeclarationId, JudgeId};
use zhicheng_domain::job::actions::undo::TRANSFER;
use zhicheng_domain::scheme::Scheme;
use zhicheng_domain::values::Role;
use zhicheng_domain::{Acting, Actor, AnyState, Context, Known, Registers};

/// Members of a review meeting that tell who judges.
const JUDGES_OF_A_MEETING: &[&str] = &["drawn", "substitutes", "replies", "chair_id", "groups", "attending"];

/// Whether this role may know of the thing; a declaration has rules of its own.
pub fn known_to(state: &AnyState, acting: &Acting, registers: &Registers) -> bool {
    let known = Known::default();
    let context = Context {
        actor: Actor::Anonymous,
        now: chrono::DateTime::UNIX_EPOCH,
        seed: [0; 16],
        registers,
        known: &known,
        approval: Approval::NotGiven,
    };
    let stands = |place| state.stands(place, acting, &context);
    let role = acting.role;
    let province = role == Role::ProvincialAdministrator;
    let inspects = province || role == Role::Auditor;
    match state {
        AnyState::Declaration(it) => !super::readers(it, std::slice::from_ref(acting), registers).is_empty(),
        AnyState::Employer(_)
        | AnyState::Organisation(_)
        | AnyState::PathEdge(_)
        | AnyState::Committee(_)
        | AnyState::Batch(_)
        | AnyState::AcceptanceAgency(_)
        | AnyState::Specialty(_)
        | AnyState::Title(_)
        | AnyState::WorkingCalendar(_)
        | AnyState::Installation(_) => true,
        AnyState::Account(_) => stands(Place::Owner) || role == Role::SystemAdministrator,
        AnyState::Person(_) | AnyState::StoredMaterial(_) => stands(Place::Owner) || province,
        AnyState::IssuingCode(_) | AnyState::NumberRange(_) | AnyState::NumberPool(_) => {
            stands(Place::IssuingUnit) || inspects
        }
        AnyState::Certificate(_) => {
            stands(Place::Owner)
                || (stands(Place::IssuingUnit) && role == Role::CertificateIssuer)
                || role == Role::AuthorityReviewer
                || inspects
        }
        AnyState::PublicityRound(_) => {
            (stands(Place::Employer) && role == Role::EmployerOperator)
                || matches!(
                    role,
                    Role::SuperiorReviewer
                        | Role::AuthorityReviewer
                        | Role::CommitteeOperator
                        | Role::DisciplineWitness
                )
                || inspects
        }
        AnyState::Objection(_) => {
            let handles =
                matches!(role, Role::EmployerOperator | Role::CommitteeOperator | Role::AuthorityReviewer);
            (stands(Place::Holder) && handles) || province
        }
        AnyState::QuotaApplication(_) => {
            stands(Place::Employer)
                || stands(Place::ReviewingOrganisation)
                || role == Role::AuthorityReviewer
                || inspects
        }
        AnyState::QuotaLedger(_) => {
            stands(Place::Employer)
                || matches!(role, Role::SuperiorReviewer | Role::AuthorityReviewer)
                || inspects
        }
        AnyState::Judge(_) => {
            stands(Place::Owner) || (stands(Place::Committee) && role == Role::CommitteeOperator) || province
        }
        AnyState::Scheme(_) => {
            stands(Place::Committee)
                || stands(Place::ApprovingAuthority)
                || matches!(
                    role,
                    Role::SchemeReviewer | Role::SpecialSchemeReviewer | Role::AuthorityReviewer
                )
                || inspects
        }
        AnyState::ReviewMeeting(_) => {
            (stands(Place::Committee) && role == Role::CommitteeOperator)
                || (stands(Place::ApprovingAuthority) && role == Role::DisciplineWitness)
                || (role == Role::Judge && (stands(Place::Panel) || stands(Place::Chair)))
                || inspects
        }
        AnyState::BlacklistEntry(_) => {
            stands(Place::Owner)
                || matches!(role, Role::AuthorityReviewer | Role::DisciplineWitness)
                || inspects
        }
        // a transfer is undone by the province, whoever there started it
        AnyState::Job(it) => {
            stands(Place::Owner)
                || role == Role::SystemAdministrator
                || (province && it.order.as_ref().is_some_and(|order| order.action == TRANSFER))
        }
        AnyState::Approval(it) => {
            let asked = it.request.as_ref().is_some_and(|request| request.by == acting.account);
            asked || stands(Place::Approver) || inspects
        }
    }
}

/// Whom of a meeting's judges somebody reads, by id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judges {
    /// Nobody.
    Nobody,
    /// These: a judge reads their own group.
    Own(BTreeSet<JudgeId>),
    /// Everybody, substitutes included.
    All,
}

impl Judges {
    /// What both read.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nobody, seen) | (seen, Self::Nobody) => seen,
            (Self::Own(these), Self::Own(those)) => Self::Own(these.into_iter().chain(those).collect()),
        }
    }
}

/// Whom of a meeting's judges this role reads: its office and its two witnesses all of them; from the opening day the chair too, and
/// a judge the own group, before it themselves alone;
/// the province all once the results are declared. A scheme hears its results from the chair, whom its office reads there. Other
/// things name no judges: all is read there.
pub fn judges_seen_by(state: &AnyState, acting: &Acting, registers: &Registers, today: NaiveDate) -> Judges {
    if let Some(scheme) = state.get::<Scheme>() {
        let office = acting.role == Role::CommitteeOperator
            && scheme.committee.is_some_and(|committee| acting.at(committee));
        return if office { Judges::All } else { Judges::Nobody };
    }
    let AnyState::ReviewMeeting(meeting) = state else { return Judges::All };
    let known = Known::default();
    let context = Context {
        actor: Actor::Anonymous,
        now: chrono::DateTime::UNIX_EPOCH,
        seed: [0; 16],
        registers,
        known: &known,
        approval: Approval::NotGiven,
    };
    let all_if = |sees: bool| if sees { Judges::All } else { Judges::Nobody };
    let ahead = meeting.opens_on.is_none_or(|opens_on| today < opens_on);
    match acting.role {
        Role::Judge if ahead => Judges::Own(
            registers
                .judge_of(acting)
                .filter(|_| stands_there(state, acting, &context))
                .into_iter()
                .collect(),
        ),
        Role::CommitteeOperator => all_if(state.stands(Place::Committee, acting, &context)),
        Role::DisciplineWitness => {
            let witnessed = meeting.witnesses.iter().any(|witness| witness.account == acting.account);
            all_if(witnessed && state.stands(Place::ApprovingAuthority, acting, &context))
        }
        Role::Judge if state.stands(Place::Chair, acting, &context) => Judges::All,
        Role::Judge if state.stands(Place::Panel, acting, &context) => {
            let Some(judge) = registers.judge_of(acting) else { return Judges::Nobody };
            let groups = meeting.groups.iter().filter(|group| group.judge_ids.contains(&judge));
            let together = groups.flat_map(|group| group.judge_ids.iter().copied());
            Judges::Own(together.chain([judge]).collect())
        }
        Role::ProvincialAdministrator => all_if(meeting.declared),
        Role::Judge
        | Role::Applicant
        | Role::EmployerOperator
        | Role::SuperiorReviewer
        | Role::AuthorityReviewer
        | Role::SchemeReviewer
        | Role::SpecialSchemeReviewer
        | Role::CertificateIssuer
        | Role::SystemAdministrator
        | Role::Auditor
        | Role::ReportJob => Judges::Nobody,
    }
}

/// Whether a judge has a seat in the meeting.
fn stands_there(state: &AnyState, acting: &Acting, context: &Context<'_>) -> bool {
    [Place::Chair, Place::Panel].into_iter().any(|place| state.stands(place, acting, context))
}

/// Takes away of a meeting who judges, as far as that is not read; what names nobody who is read goes whole.
pub fn without_judges(view: &mut Map<String, Value>, seen: &Judges) {
    let own = match seen {
        Judges::All => return,
        Judges::Nobody => {
            view.retain(|name, _| !JUDGES_OF_A_MEETING.contains(&name.as_str()));
            return;
        }
        Judges::Own(own) => own,
    };
    let reads = |id: &Value| own.iter().any(|judge| json!(judge) == *id);
    for name in JUDGES_OF_A_MEETING {
        match view.get_mut(*name) {
            Some(Value::Array(items)) => items.retain(|item| match item.get("judge_ids") {
                Some(Value::Array(group)) => group.iter().any(reads),
                Some(_) | None => reads(item.get("judge_id").unwrap_or(item)),
            }),
            Some(single) if !reads(single) => *single = Value::Null,
            Some(_) | None => {}
        }
    }
}

/// The judges that a meeting's view still names as drawn or next in order, for their names.
pub fn judges_named(view: &Map<String, Value>) -> Vec<Uuid> {
    let lists = ["drawn", "substitutes"].iter().filter_map(|name| view.get(*name)?.as_array());
    lists.flatten().filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// What somebody in a publicity round is shown of it: when it runs, where to complain, and what came of it for their own
/// declarations; neither who else is in it nor what came of it for them.
pub fn own_part(view: &mut Map<String, Value>, own: &[DeclarationId]) {
    const SHARED: &[&str] = &[
        "kind",
        "organisation",
        "complaint_department",
        "complaint_phone",
        "starts_on",
        "working_days",
        "ends_on",
        "provisional",
        "position",
    ];
    let own: Vec<Value> = own.iter().map(|id| json!(id)).collect();
    let kept = |member: Option<Value>, names: &dyn Fn(&Value) -> bool| match member {
        Some(Value::Array(items)) => items.into_iter().filter(names).collect::<Vec<_>>(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))
        | None => Vec::new(),
    };
    let ids = kept(view.remove("declaration_ids"), &|id| own.contains(id));
    let results =
        kept(view.remove("results"), &|it| it.get("declaration_id").is_some_and(|id| own.contains(id)));
    let running = results.iter().any(|it| it.get("result").is_none_or(Value::is_null));
    view.retain(|name, _| SHARED.contains(&name.as_str()));
    view.insert("stage".into(), if running { "running" } else { "closed" }.into());
    view.insert("declaration_ids".into(), ids.into());
    view.insert("results".into(), results.into());
}

/// The case that a thing belongs to, and the class of data it is there: who reads that class of the case may know of the
/// thing too.
pub fn case_of(state: &AnyState) -> Option<(DeclarationId, Class)> {
    match state {
        AnyState::Certificate(it) => it.declaration.map(|case| (case, Class::Certificate)),
        AnyState::Objection(it) => it.against.as_ref().map(|against| (against.declaration, Class::Objection)),
        AnyState::Declaration(_)
        | AnyState::Account(_)
        | AnyState::Person(_)
        | AnyState::Employer(_)
        | AnyState::Organisation(_)
        | AnyState::PathEdge(_)
        | AnyState::Committee(_)
        | AnyState::Batch(_)
        | AnyState::AcceptanceAgency(_)
        | AnyState::Specialty(_)
        | AnyState::Title(_)
        | AnyState::StoredMaterial(_)
        | AnyState::IssuingCode(_)
        | AnyState::NumberRange(_)
        | AnyState::NumberPool(_)
        | AnyState::PublicityRound(_)
        | AnyState::QuotaApplication(_)
        | AnyState::QuotaLedger(_)
        | AnyState::Judge(_)
        | AnyState::Scheme(_)
        | AnyState::ReviewMeeting(_)
        | AnyState::BlacklistEntry(_)
        | AnyState::WorkingCalendar(_)
        | AnyState::Approval(_)
        | AnyState::Job(_)
        | AnyState::Installation(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicheng_domain::ids::{AccountId, CommitteeId, NodeId};

    const REFERENCE: &[&str] = &[
        "employer",
        "organisation",
        "path_edge",
        "committee",
        "batch",
        "acceptance_agency",
        "specialty",
        "title",
        "working_calendar",
        "installation",
    ];

    /// What somebody with this role, held somewhere else, knows of beside reference data.
    fn beside_reference(role: Role) -> Vec<&'static str> {
        let acting = Acting {
            account: AccountId(uuid::Uuid::from_u128(1)),
            person: None,
            role,
            organisation: Some(NodeId(uuid::Uuid::from_u128(2))),
        };
        let registers = Registers::default();
        let (mut known, mut reference) = (Vec::new(), Vec::new());
        for (aggregate, _) in AnyState::TYPES {
            let state = AnyState::new(aggregate).unwrap();
            if known_to(&state, &acting, &registers) {
                let into = if REFERENCE.contains(aggregate) { &mut reference } else { &mut known };
                into.push(*aggregate);
            }
        }
        assert_eq!(reference.len(), REFERENCE.len(), "{role:?} reads reference data");
        known
    }

    #[test]
    fn who_stands_elsewhere_knows_of_reference_data_alone() {
        for role in
            [Role::Applicant, Role::EmployerOperator, Role::Judge, Role::CertificateIssuer, Role::ReportJob]
        {
            assert_eq!(beside_reference(role), Vec::<&str>::new(), "{role:?}");
        }
        assert_eq!(beside_reference(Role::SystemAdministrator), ["account", "job"]);
        assert_eq!(beside_reference(Role::CommitteeOperator), ["publicity_round"]);
        assert_eq!(beside_reference(Role::SchemeReviewer), ["scheme"]);
    }

    #[test]
    fn a_scheme_names_the_chair_who_declared_its_results_to_its_office_alone() {
        let committee = CommitteeId(uuid::Uuid::from_u128(2));
        let scheme = Scheme { committee: Some(committee), ..Scheme::default() };
        let state = AnyState::Scheme(std::sync::Arc::new(scheme));
        let seen = |role, at: u128| {
            let organisation = Some(NodeId(uuid::Uuid::from_u128(at)));
            let acting =
                Acting { account: AccountId(uuid::Uuid::from_u128(1)), person: None, role, organisation };
            judges_seen_by(&state, &acting, &Registers::default(), NaiveDate::MAX)
        };
        assert_eq!(seen(Role::CommitteeOperator, 2), Judges::All);
        for (role, at) in
            [(Role::CommitteeOperator, 3), (Role::AuthorityReviewer, 3), (Role::SchemeReviewer, 3)]
        {
            assert_eq!(seen(role, at), Judges::Nobody, "{role}");
        }
    }

    #[test]
    fn the_auditor_inspects_what_names_neither_persons_nor_judges() {
        let known = beside_reference(Role::Auditor);
        for hidden in ["person", "material", "account", "objection", "judge", "declaration", "job"] {
            assert!(!known.contains(&hidden), "{hidden}");
        }
        assert!(known.contains(&"review_meeting") && known.contains(&"quota_ledger"));
    }
}

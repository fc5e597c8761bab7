//! 评委 A judge: one person's seat in one committee, for a term of at most three years (seed 002 单 1.4.1; Order 40
//! Art. 10). Draws, panels and ballots name judges by this id, never by person.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::declaration::values::Coded;
use crate::ids::{AccountId, CommitteeId, EmployerId, JudgeId, PersonId};
use crate::private::Private;
use chrono::NaiveDate;

events! {
    /// What happens to a judge.
    pub enum Event of "judge" {
        /// 入库: the account got the role in the same append.
        Created {
            account_id: AccountId, committee_id: CommitteeId, employer_id: EmployerId, employer_name: String, judge_id: JudgeId, person_id: PersonId,
            specialties: Vec<Coded>, term_from: NaiveDate, term_to: NaiveDate,
        } = "created",
        /// The employer or the specialties changed.
        Amended { employer_id: EmployerId, employer_name: String, specialties: Vec<Coded> } = "amended",
        /// 续聘 for a further term.
        Renewed { term_from: NaiveDate, term_to: NaiveDate } = "renewed",
        /// 取消评委资格: the role was taken back in the same append.
        Disqualified { reason: Private<String> } = "disqualified",
        /// The key of its person was destroyed.
        PersonErased = "person_erased",
    }
}

/// A judge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judge {
    /// Its id; none before creation.
    pub id: Option<JudgeId>,
    /// The committee.
    pub committee: Option<CommitteeId>,
    /// Whose seat it is.
    pub account: Option<AccountId>,
    /// The person: nobody judges their own case.
    pub person: Option<PersonId>,
    /// 所在单位: candidates of it are not theirs to judge.
    pub employer: Option<EmployerId>,
    /// What the employer was called then.
    pub employer_name: String,
    /// Specialty codes.
    pub specialties: Vec<String>,
    /// What the specialties were called then, in the same order.
    pub specialty_names: Vec<String>,
    /// First day of the latest term.
    pub term_from: Option<NaiveDate>,
    /// Last day of the latest term.
    pub term_to: Option<NaiveDate>,
    /// Terms before the latest, first and last day; the present one is among them while a renewal lies ahead.
    pub earlier_terms: Vec<(NaiveDate, NaiveDate)>,
    /// 取消资格.
    pub disqualified: bool,
    /// Whether its person was erased.
    pub erased: bool,
}

impl Judge {
    /// Whether it may be drawn on this day: within a term and not disqualified (TM12).
    pub fn serves_on(&self, day: NaiveDate) -> bool {
        let latest = self.term_from.zip(self.term_to);
        let mut terms = self.earlier_terms.iter().copied().chain(latest);
        !self.disqualified && !self.erased && terms.any(|(from, to)| from <= day && day <= to)
    }

    fn employ(&mut self, employer: EmployerId, name: &str, specialties: &[Coded]) {
        self.employer = Some(employer);
        name.clone_into(&mut self.employer_name);
        self.specialties = specialties.iter().map(|it| it.code.clone()).collect();
        self.specialty_names = specialties.iter().map(|it| it.name.clone()).collect();
    }
}

/// The claim that keeps a person to one seat in a committee: two seats would be two votes.
pub fn seat_claim(committee: CommitteeId, person: PersonId) -> String {
    format!("judge:seat:{committee}:{person}")
}

impl Aggregate for Judge {
    const TYPE: &'static str = "judge";
    const COLLECTION: &'static str = "judges";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| if self.disqualified { "disqualified" } else { "active" })
    }

    fn stage_label(&self) -> &'static str {
        if self.disqualified { "已取消资格" } else { "有效" }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        match place {
            Place::Committee => self.committee.is_some_and(|id| acting.at(id)),
            Place::Owner => acting.person.is_some() && acting.person == self.person,
            Place::Anywhere
            | Place::Employer
            | Place::Holder
            | Place::FinalOrganisation
            | Place::Panel
            | Place::Reviewer
            | Place::GroupLeader
            | Place::Chair
            | Place::ChairOrGroupLeader
            | Place::ApprovingAuthority
            | Place::IssuingUnit
            | Place::ReviewingOrganisation
            | Place::Superior
            | Place::Subordinate
            | Place::BatchHolder
            | Place::Approver => false,
        }
    }

    fn subject(&self) -> Option<PersonId> {
        self.person
    }

    fn person_erased() -> Option<Event> {
        Some(Event::PersonErased)
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({
            "committee_id": self.committee, "account_id": self.account, "employer_id": self.employer,
            "specialties": self.specialties, "term_from": self.term_from, "term_to": self.term_to,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created {
                account_id,
                committee_id,
                employer_id,
                employer_name,
                judge_id,
                person_id,
                specialties,
                term_from,
                term_to,
            } => {
                self.id = Some(*judge_id);
                self.committee = Some(*committee_id);
                self.account = Some(*account_id);
                self.person = Some(*person_id);
                self.employ(*employer_id, employer_name, specialties);
                self.term_from = Some(*term_from);
                self.term_to = Some(*term_to);
            }
            Event::Amended { employer_id, employer_name, specialties } => {
                self.employ(*employer_id, employer_name, specialties);
            }
            Event::Renewed { term_from, term_to } => {
                self.earlier_terms.extend(self.term_from.zip(self.term_to));
                self.term_from = Some(*term_from);
                self.term_to = Some(*term_to);
            }
            Event::Disqualified { .. } => self.disqualified = true,
            Event::PersonErased => self.erased = true,
        }
    }
}

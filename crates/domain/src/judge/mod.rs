//! 评委 A judge: one account's seat in one committee, for a term (seed 002 单 1.4.1; Order 40 Art. 10).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::{AccountId, CommitteeId, EmployerId, JudgeId};
use chrono::NaiveDate;

events! {
    /// What happens to a judge.
    pub enum Event of "judge" {
        /// 入库.
        Created {
            account_id: AccountId, committee_id: CommitteeId, employer_id: EmployerId, judge_id: JudgeId, specialties: Vec<String>,
            term_from: NaiveDate, term_to: NaiveDate,
        } = "created",
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
    /// 所在单位: candidates of it are not theirs to judge.
    pub employer: Option<EmployerId>,
    /// Specialty codes.
    pub specialties: Vec<String>,
    /// First day of the term.
    pub term_from: Option<NaiveDate>,
    /// Last day of the term.
    pub term_to: Option<NaiveDate>,
    /// 取消资格.
    pub disqualified: bool,
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

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Committee && self.committee.is_some_and(|id| acting.at(id))
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
                judge_id,
                specialties,
                term_from,
                term_to,
            } => {
                self.id = Some(*judge_id);
                self.committee = Some(*committee_id);
                self.account = Some(*account_id);
                self.employer = Some(*employer_id);
                specialties.clone_into(&mut self.specialties);
                self.term_from = Some(*term_from);
                self.term_to = Some(*term_to);
            }
        }
    }
}

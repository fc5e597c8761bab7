//! 职数申报 A quota application: an employer asks for places of one kind at one level; its superior reviews, special kinds go
//! on to the province (seed 002 单 1.5; seed 003 三(二); N19). What is approved goes into the ledger in the same append.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::QuotaApplicationId;
use crate::label::{Named, named};
use crate::registers::paths::Node;
use crate::values::{Level, QuotaKind};

events! {
    /// What happens to a quota application.
    pub enum Event of "quota_application" {
        /// It was entered as a draft.
        Created { application_id: QuotaApplicationId, employer: Node, grounds: Option<String>, kind: QuotaKind, level: Level, number: u32, year: i32 } = "created",
        /// Its number or grounds changed.
        Amended { grounds: Option<String>, number: u32 } = "amended",
        /// 提交: to any of these.
        Submitted { reviewers: Vec<Node> } = "submitted",
        /// 上报 a special kind to the province.
        Forwarded { by: Option<Node>, opinion: Option<String>, reviewers: Vec<Node> } = "forwarded",
        /// 审核通过: so many places. `late` where the superior reviewed after the batch's day (N13).
        Approved { approved: u32, by: Option<Node>, #[serde(default, skip_serializing_if = "std::ops::Not::not")] late: bool, opinion: Option<String> } = "approved",
        /// 审核不通过; `late` as above.
        Failed { by: Option<Node>, #[serde(default, skip_serializing_if = "std::ops::Not::not")] late: bool, opinion: String } = "failed",
    }
}

named! {
    /// Where a quota application stands.
    Stage {
        Draft = "draft", "暂存", "Draft";
        Submitted = "submitted", "待审核", "Submitted";
        Forwarded = "forwarded", "待省级审核", "Forwarded to the province";
        Approved = "approved", "审核通过", "Approved";
        Failed = "failed", "审核不通过", "Failed";
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// For whom.
    pub employer: Node,
    /// For which year.
    pub year: i32,
    /// At which level.
    pub level: Level,
    /// Of which kind.
    pub kind: QuotaKind,
    /// How many places.
    pub number: u32,
    /// Why; special kinds must say.
    pub grounds: Option<String>,
}

/// A quota application.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuotaApplication {
    /// Its id; none before creation.
    pub id: Option<QuotaApplicationId>,
    /// What is asked for; none before creation.
    pub request: Option<Request>,
    /// Where it stands; none before creation.
    pub stage: Option<Stage>,
    /// Who may review it now.
    pub reviewers: Vec<Node>,
    /// How many places were approved, once they were.
    pub approved: Option<u32>,
    /// The latest reviewer's opinion.
    pub opinion: Option<String>,
    /// Whether it was reviewed after the day on which reviews were to be done (N13).
    pub late: bool,
}

impl Aggregate for QuotaApplication {
    const TYPE: &'static str = "quota_application";
    const COLLECTION: &'static str = "quota-applications";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.stage.map(Stage::name)
    }

    fn stage_label(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.label().zh)
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let asks = || self.request.as_ref().is_some_and(|request| acting.at(request.employer.id));
        place == Place::Employer && asks()
            || place == Place::ReviewingOrganisation
                && self.reviewers.iter().any(|reviewer| acting.at(reviewer.id))
    }

    fn view(&self) -> serde_json::Value {
        let request = self.request.as_ref();
        serde_json::json!({
            "employer_id": request.map(|it| it.employer.id), "employer_name": request.map(|it| &it.employer.name),
            "year": request.map(|it| it.year), "level": request.map(|it| it.level), "kind": request.map(|it| it.kind),
            "number": request.map(|it| it.number), "grounds": request.and_then(|it| it.grounds.as_ref()),
            "reviewers": self.reviewers, "approved": self.approved, "opinion": self.opinion, "late": self.late,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { application_id, employer, grounds, kind, level, number, year } => {
                self.id = Some(*application_id);
                self.stage = Some(Stage::Draft);
                self.request = Some(Request {
                    employer: employer.clone(),
                    year: *year,
                    level: *level,
                    kind: *kind,
                    number: *number,
                    grounds: grounds.clone(),
                });
            }
            Event::Amended { grounds, number } => {
                if let Some(request) = &mut self.request {
                    grounds.clone_into(&mut request.grounds);
                    request.number = *number;
                }
            }
            Event::Submitted { reviewers } => {
                self.stage = Some(Stage::Submitted);
                reviewers.clone_into(&mut self.reviewers);
            }
            Event::Forwarded { by: _, opinion, reviewers } => {
                self.stage = Some(Stage::Forwarded);
                reviewers.clone_into(&mut self.reviewers);
                opinion.clone_into(&mut self.opinion);
            }
            Event::Approved { approved, by: _, late, opinion } => {
                self.late = *late;
                self.stage = Some(Stage::Approved);
                self.approved = Some(*approved);
                opinion.clone_into(&mut self.opinion);
            }
            Event::Failed { by: _, late, opinion } => {
                self.late = *late;
                self.stage = Some(Stage::Failed);
                self.opinion = Some(opinion.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! 公示 A publicity round: one announcement that covers many declarations, of an employer (seed 001 第三步; seed 003
//! 四(二)2) or of results (seed 003 六(一)). What is said of a person stands with that person's declaration only.

pub mod actions;
pub mod period;

pub use period::{CODES, Period, PublicityNotEnded, over};

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::{DeclarationId, NodeId, ObjectionId, PublicityRoundId};
use crate::label::named;
use crate::registers::paths::Node;
use crate::values::{PublicityKind, PublicityResult};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a round announces beside its period; where to complain is part of it (seed 003 四(二)2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// 投诉受理部门.
    pub complaint_department: String,
    /// 投诉受理电话.
    pub complaint_phone: String,
    /// 单位联系人; rounds of results name none.
    pub contact: Option<String>,
    /// 单位联系电话; rounds of results name none.
    pub phone: Option<String>,
}

/// The result for one declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// The declaration.
    pub declaration_id: DeclarationId,
    /// 公示结果.
    pub result: PublicityResult,
}

events! {
    /// What happens to a publicity round.
    pub enum Event of "publicity_round" {
        /// 新增公示 (T12, T49).
        Started {
            announcement: Announcement, by: Node, declaration_ids: Vec<DeclarationId>, kind: PublicityKind, period: Period, round_id: PublicityRoundId,
            #[serde(default, skip_serializing_if = "Option::is_none")] year: Option<i32>,
        } = "started",
        /// 公示结果保存 for these declarations (T15, T16, T53).
        ResultsRecorded { results: Vec<Recorded> } = "results_recorded",
        /// 截止日期重新计算: a provisional last day was reckoned anew when the calendar of its year was published.
        PeriodReckoned { ends_on: NaiveDate, provisional: bool } = "period_reckoned",
        /// 异议登记: an objection was lodged against one of its declarations (T13, T50); its texts stand with the person.
        ObjectionRaised { declaration_id: DeclarationId, objection_id: ObjectionId } = "objection_raised",
        /// It no longer counts for these declarations (T17).
        Voided { declaration_ids: Vec<DeclarationId> } = "voided",
    }
}

named! {
    /// What came of a round for one declaration.
    Standing {
        Running = "running", "公示中", "Running";
        Passed = "passed", "通过", "Passed";
        Failed = "failed", "不通过", "Failed";
        Voided = "voided", "公示作废", "Voided";
    }
}

/// A publicity round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicityRound {
    /// Its id; none before creation.
    pub id: Option<PublicityRoundId>,
    /// Of an employer or of results; none before creation.
    pub kind: Option<PublicityKind>,
    /// The employer, the committee or the final organisation that publishes.
    pub by: Option<Node>,
    /// What it announces.
    pub announcement: Announcement,
    /// When it runs; none before creation.
    pub period: Option<Period>,
    /// 年度 of its declarations, of several the latest; rounds of before it was told have none.
    pub year: Option<i32>,
    /// Each declaration with what came of it, in the order in which they were named.
    pub declarations: Vec<(DeclarationId, Standing)>,
    /// 异议数: how many objections were lodged in it, whatever became of them; those of before it was told are not among them.
    pub objections: u32,
}

impl PublicityRound {
    /// What came of it for a declaration; none where the round does not name it.
    pub fn standing(&self, declaration: DeclarationId) -> Option<Standing> {
        self.declarations.iter().find(|(id, _)| *id == declaration).map(|(_, standing)| *standing)
    }

    /// The last day, inclusive.
    pub fn ends_on(&self) -> Option<NaiveDate> {
        self.period.map(|period| period.ends_on)
    }

    fn set(&mut self, declaration: DeclarationId, to: Standing) {
        if let Some((_, standing)) = self.declarations.iter_mut().find(|(id, _)| *id == declaration) {
            *standing = to;
        }
    }
}

impl Aggregate for PublicityRound {
    const TYPE: &'static str = "publicity_round";
    const COLLECTION: &'static str = "publicity-rounds";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| {
            let running = self.declarations.iter().any(|(_, standing)| *standing == Standing::Running);
            if running { "running" } else { "closed" }
        })
    }

    fn stage_label(&self) -> &'static str {
        match self.stage() {
            Some("running") => "公示中",
            Some(_) => "已保存结果",
            None => "",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        let by: Option<NodeId> = self.by.as_ref().map(|by| by.id);
        let publishes = by.is_some() && acting.organisation == by;
        let fits = match self.kind {
            Some(PublicityKind::Employer) => place == Place::Employer,
            Some(PublicityKind::Result) => matches!(place, Place::Committee | Place::FinalOrganisation),
            None => false,
        };
        fits && publishes
    }

    fn view(&self) -> serde_json::Value {
        let period = self.period;
        let results: Vec<_> = self
            .declarations
            .iter()
            .map(|(id, standing)| {
                let result = (*standing != Standing::Running).then_some(standing);
                serde_json::json!({"declaration_id": id, "result": result})
            })
            .collect();
        let declaration_ids: Vec<DeclarationId> = self.declarations.iter().map(|(id, _)| *id).collect();
        serde_json::json!({
            "kind": self.kind, "declaration_ids": declaration_ids, "organisation": self.by,
            "contact": self.announcement.contact, "phone": self.announcement.phone,
            "complaint_department": self.announcement.complaint_department,
            "complaint_phone": self.announcement.complaint_phone,
            "starts_on": period.map(|it| it.starts_on), "working_days": period.map(|it| it.working_days),
            "ends_on": period.map(|it| it.ends_on), "provisional": period.map(|it| it.provisional),
            "results": results, "objections": self.objections,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Started { announcement, by, declaration_ids, kind, period, round_id, year } => {
                self.id = Some(*round_id);
                self.kind = Some(*kind);
                self.by = Some(by.clone());
                announcement.clone_into(&mut self.announcement);
                self.period = Some(*period);
                self.year = *year;
                self.declarations = declaration_ids.iter().map(|id| (*id, Standing::Running)).collect();
            }
            Event::ResultsRecorded { results } => {
                for recorded in results {
                    let standing = match recorded.result {
                        PublicityResult::Passed => Standing::Passed,
                        PublicityResult::Failed => Standing::Failed,
                    };
                    self.set(recorded.declaration_id, standing);
                }
            }
            Event::PeriodReckoned { ends_on, provisional } => {
                if let Some(period) = &mut self.period {
                    (period.ends_on, period.provisional) = (*ends_on, *provisional);
                }
            }
            Event::ObjectionRaised { .. } => self.objections = self.objections.saturating_add(1),
            Event::Voided { declaration_ids } => {
                for id in declaration_ids {
                    self.set(*id, Standing::Voided);
                }
            }
        }
    }
}

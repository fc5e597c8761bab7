//! 年度批次 An annual batch: when a committee or an accepting agency takes declarations, and on what terms
//! (seed 002 单 1.4.2; seed 003 二). Year and series change the rules: what they change is data here.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::hundredths::{Hundredths, as_numbers};
use crate::ids::{BatchId, NodeId};
use crate::values::{Level, Mode};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The terms of a batch. All dates are whole days of Asia/Shanghai, inclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// 评审结果 of 初定 and 认定 is published before the certificate.
    pub award_publicity: bool,
    /// The batch ends by itself on this day.
    pub closes_on: NaiveDate,
    /// 业绩截止 (N12).
    pub cut_off_on: NaiveDate,
    /// 材料报送截止 (N10).
    pub hand_in_until: NaiveDate,
    /// The committee or the organisation that takes the declarations.
    pub holder_id: NodeId,
    /// Levels it takes.
    pub levels: Vec<Level>,
    /// How the titles are acquired.
    pub mode: Mode,
    /// 申报开始.
    pub opens_on: NaiveDate,
    /// 职数 must be free for public institutions (N15, N17).
    pub quota_required: bool,
    /// 职数审核截止 by the units' superiors: later reviews are marked as late (N13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_review_until: Option<NaiveDate>,
    /// Reservations may reach approved number times this.
    pub recommendation_factor: Hundredths,
    /// Kinds of material that a submission must have.
    pub required_materials: Vec<String>,
    /// 特殊情况职数上报省级截止: later ones are refused (N14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_quota_until: Option<NaiveDate>,
    /// 申报截止.
    pub submit_until: NaiveDate,
    /// The year.
    pub year: i32,
}

/// The most by which more may be recommended than places were approved.
pub const RECOMMENDATION_FACTOR_MAX: Hundredths = Hundredths::whole(10);

events! {
    /// What happens to a batch.
    pub enum Event of "batch" {
        /// It was entered as a draft.
        Created { batch_id: BatchId, terms: Terms } = "created",
        /// 开放申报.
        Opened = "opened",
        /// 延期: with a reason, for everyone alike.
        Extended {
            hand_in_until: Option<NaiveDate>, #[serde(default, skip_serializing_if = "Option::is_none")] quota_review_until: Option<NaiveDate>, reason: String,
            #[serde(default, skip_serializing_if = "Option::is_none")] special_quota_until: Option<NaiveDate>, submit_until: Option<NaiveDate>,
        } = "extended",
        /// 终结: by hand, or by the system on its last day.
        Closed { reason: Option<String> } = "closed",
    }
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Not yet visible to applicants.
    #[default]
    Draft,
    /// Taking declarations, or working on them.
    Open,
    /// Over.
    Closed,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// An annual batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Its id; none before creation.
    pub id: Option<BatchId>,
    /// Its terms; none before creation.
    pub terms: Option<Terms>,
    /// Where it stands.
    pub stage: Stage,
}

impl Batch {
    /// Whether a first submission is in time on this day.
    pub fn takes_submissions_on(&self, day: NaiveDate) -> bool {
        self.stage == Stage::Open
            && self.terms.as_ref().is_some_and(|terms| terms.opens_on <= day && day <= terms.submit_until)
    }

    /// Whether material may still arrive, and be sent back, on this day (N10, X-17).
    pub fn takes_material_on(&self, day: NaiveDate) -> bool {
        self.stage == Stage::Open && self.terms.as_ref().is_some_and(|terms| day <= terms.hand_in_until)
    }

    /// Whether its last day is over, so that it ends by itself.
    pub fn is_over_on(&self, day: NaiveDate) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.closes_on < day)
    }

    /// Whether drafts for this year, mode and level may be started.
    pub fn takes(&self, year: i32, mode: Mode, level: Level) -> bool {
        self.stage == Stage::Open
            && self.terms.as_ref().is_some_and(|terms| {
                terms.year == year && terms.mode == mode && terms.levels.contains(&level)
            })
    }

    /// The last day that the batches of a year and level set for work on quotas, drafts aside: an employer's places are of
    /// no one committee, so the latest day counts. None where no batch that controls quotas sets one.
    pub fn last_quota_day(
        batches: &crate::registers::Register<Self>,
        (year, level): (i32, Level),
        day: impl Fn(&Terms) -> Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        batches
            .iter()
            .filter(|(_, it)| it.stage != Stage::Draft)
            .filter_map(|(_, it)| it.terms.as_ref())
            .filter(|terms| terms.quota_required && terms.year == year && terms.levels.contains(&level))
            .filter_map(day)
            .max()
    }

    /// The batch of this holder for a declaration, where one is open.
    pub fn of(
        batches: &crate::registers::Register<Self>,
        holder: NodeId,
        year: i32,
        mode: Mode,
        level: Level,
    ) -> Option<&Self> {
        batches
            .iter()
            .filter(|(_, it)| {
                it.takes(year, mode, level)
                    && it.terms.as_ref().is_some_and(|terms| terms.holder_id == holder)
            })
            .min_by_key(|(id, _)| *id)
            .map(|(_, it)| it)
    }
}

impl Aggregate for Batch {
    const TYPE: &'static str = "batch";
    const COLLECTION: &'static str = "batches";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        match self.stage {
            Stage::Draft => "待开放",
            Stage::Open => "已开放",
            Stage::Closed => "已终结",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::BatchHolder
            && self.terms.as_ref().is_some_and(|terms| acting.organisation == Some(terms.holder_id))
    }

    fn view(&self) -> serde_json::Value {
        as_numbers(serde_json::to_value(&self.terms).unwrap_or_default(), &["recommendation_factor"])
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { batch_id, terms } => {
                self.id = Some(*batch_id);
                self.terms = Some(terms.clone());
            }
            Event::Opened => self.stage = Stage::Open,
            Event::Extended {
                hand_in_until,
                quota_review_until,
                reason: _,
                special_quota_until,
                submit_until,
            } => {
                if let Some(terms) = &mut self.terms {
                    terms.hand_in_until = hand_in_until.unwrap_or(terms.hand_in_until);
                    terms.quota_review_until = quota_review_until.or(terms.quota_review_until);
                    terms.special_quota_until = special_quota_until.or(terms.special_quota_until);
                    terms.submit_until = submit_until.unwrap_or(terms.submit_until);
                }
            }
            Event::Closed { .. } => self.stage = Stage::Closed,
        }
    }
}

//! 评委会 A committee: what it may review, until when, who approved it and who issues its certificates (seed 002 人 1.10).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::declaration::values::Coded;
use crate::hundredths::{Hundredths, as_numbers};
use crate::ids::{CommitteeId, OrganisationId};
use crate::label::named;
use crate::registers::paths::Node;
use crate::values::Rank;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

named! {
    /// What decides how early a scheme must be filed (N06, N07).
    Category {
        UniversityHospital = "university_hospital", "高校、医院", "University or hospital";
        Other = "other", "其他", "Other";
    }
}

events! {
    /// What happens to a committee.
    pub enum Event of "committee" {
        /// It was approved and entered.
        Created {
            approved_by_id: OrganisationId, category: Category, committee_id: CommitteeId, issuing_organisation_id: OrganisationId, level: Rank,
            name: String, series: String, size: u32, size_consent: Option<String>, specialties: Vec<String>, valid_from: NaiveDate, valid_to: NaiveDate,
        } = "created",
        /// Its name, size, category, authority or issuer changed.
        Amended {
            approved_by_id: OrganisationId, category: Category, issuing_organisation_id: OrganisationId, name: String, size: u32, size_consent: Option<String>,
        } = "amended",
        /// 重新核准备案 for a further period (N33).
        Renewed { valid_from: NaiveDate, valid_to: NaiveDate } = "renewed",
        /// 评审专业 changed; none means by series.
        SpecialtiesSet { specialties: Vec<Coded> } = "specialties_set",
        /// 组建单位 changed.
        FormingUnitsSet { units: Vec<Node> } = "forming_units_set",
        /// 缴费标准 changed (N35).
        FeesSet { fees: Vec<Fee> } = "fees_set",
        /// 停用.
        Suspended { reason: String } = "suspended",
        /// 恢复.
        Resumed = "resumed",
        /// 注销: no new declaration; those under way finish on their snapshot.
        Deregistered { reason: String } = "deregistered",
    }
}

/// 缴费标准: what is paid for and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Yuan.
    pub amount: Hundredths,
    /// 缴费项目.
    pub item: String,
}

/// A period for which a committee was approved, first and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

/// A committee.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Committee {
    /// Its id; none before creation.
    pub id: Option<CommitteeId>,
    /// Its name.
    pub name: String,
    /// Its level.
    pub rank: Option<Rank>,
    /// Series code: exactly one (Order 40 Art. 6).
    pub series: String,
    /// Specialty codes; empty means by series.
    pub specialties: Vec<String>,
    /// How many members a meeting draws.
    pub size: u32,
    /// Who consented to a smaller size.
    pub size_consent: Option<String>,
    /// University or hospital, or other.
    pub category: Option<Category>,
    /// 核准备案机关.
    pub approved_by: Option<OrganisationId>,
    /// 发证单位.
    pub issuing_organisation: Option<OrganisationId>,
    /// First day of its latest period of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of its latest period of validity.
    pub valid_to: Option<NaiveDate>,
    /// Periods before the latest; the present one is among them while a renewal lies ahead.
    pub earlier_periods: Vec<Period>,
    /// 组建单位.
    pub forming_units: Vec<Node>,
    /// 缴费标准.
    pub fees: Vec<Fee>,
    /// Why it is suspended, while it is.
    pub suspended: Option<String>,
    /// Whether it was deregistered.
    pub deregistered: bool,
}

impl Committee {
    /// Whether it may act on this day (N33).
    pub fn valid_on(&self, day: NaiveDate) -> bool {
        let approved = self.latest_period().is_some_and(|period| period.contains(day))
            || self.earlier_periods.iter().any(|period| period.contains(day));
        approved && self.suspended.is_none() && !self.deregistered
    }

    /// The period for which it was last approved; none before creation.
    pub fn latest_period(&self) -> Option<Period> {
        Some(Period { from: self.valid_from?, to: self.valid_to? })
    }

    /// Whether it reviews this series and specialty.
    pub fn can_review(&self, series: &str, specialty: &str) -> bool {
        self.series == series
            && (self.specialties.is_empty() || self.specialties.iter().any(|it| it == specialty))
    }
}

/// Whether the one who acts does so at the authority that approved a committee.
pub(crate) fn approved_by(committee: CommitteeId, acting: &Acting, context: &Context<'_>) -> bool {
    let authority = context.registers.committees.get(committee).and_then(|it| it.approved_by);
    authority.is_some_and(|authority| acting.at(authority))
}

impl Aggregate for Committee {
    const TYPE: &'static str = "committee";
    const COLLECTION: &'static str = "committees";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| match (self.deregistered, &self.suspended) {
            (true, _) => "deregistered",
            (false, Some(_)) => "suspended",
            (false, None) => "active",
        })
    }

    fn stage_label(&self) -> &'static str {
        match (self.deregistered, &self.suspended) {
            (true, _) => "已注销",
            (false, Some(_)) => "已停用",
            (false, None) => "有效",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::Committee && self.id.is_some_and(|id| acting.at(id))
            || place == Place::ApprovingAuthority && self.approved_by.is_some_and(|id| acting.at(id))
    }

    fn view(&self) -> serde_json::Value {
        let view = serde_json::json!({
            "name": self.name, "level": self.rank, "series": self.series, "specialties": self.specialties,
            "size": self.size, "size_consent": self.size_consent, "category": self.category,
            "approved_by_id": self.approved_by, "issuing_organisation_id": self.issuing_organisation,
            "valid_from": self.valid_from, "valid_to": self.valid_to, "forming_units": self.forming_units, "fees": self.fees,
        });
        as_numbers(view, &["amount"])
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created {
                approved_by_id,
                category,
                committee_id,
                issuing_organisation_id,
                level,
                name,
                series,
                size,
                size_consent,
                specialties,
                valid_from,
                valid_to,
            } => {
                self.id = Some(*committee_id);
                name.clone_into(&mut self.name);
                self.rank = Some(*level);
                series.clone_into(&mut self.series);
                specialties.clone_into(&mut self.specialties);
                self.size = *size;
                size_consent.clone_into(&mut self.size_consent);
                self.category = Some(*category);
                self.approved_by = Some(*approved_by_id);
                self.issuing_organisation = Some(*issuing_organisation_id);
                self.valid_from = Some(*valid_from);
                self.valid_to = Some(*valid_to);
            }
            Event::Amended {
                approved_by_id,
                category,
                issuing_organisation_id,
                name,
                size,
                size_consent,
            } => {
                self.approved_by = Some(*approved_by_id);
                self.category = Some(*category);
                self.issuing_organisation = Some(*issuing_organisation_id);
                name.clone_into(&mut self.name);
                self.size = *size;
                size_consent.clone_into(&mut self.size_consent);
            }
            Event::Renewed { valid_from, valid_to } => {
                self.earlier_periods.extend(self.latest_period());
                self.valid_from = Some(*valid_from);
                self.valid_to = Some(*valid_to);
            }
            Event::SpecialtiesSet { specialties } => {
                self.specialties = specialties.iter().map(|it| it.code.clone()).collect();
            }
            Event::FormingUnitsSet { units } => units.clone_into(&mut self.forming_units),
            Event::FeesSet { fees } => fees.clone_into(&mut self.fees),
            Event::Suspended { reason } => self.suspended = Some(reason.clone()),
            Event::Resumed => self.suspended = None,
            Event::Deregistered { .. } => self.deregistered = true,
        }
    }
}

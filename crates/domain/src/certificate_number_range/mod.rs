//! 证书编号段 A range of certificate numbers that the province entered ahead (seed 002 人 1.16; X-13). Its numbers lie in
//! the pool that the issuing unit takes them from.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::registers::paths::Node;
use crate::values::{Mode, Rank};
use uuid::Uuid;

events! {
    /// What happens to a range of numbers.
    pub enum Event of "certificate_number_range" {
        /// 批量生成证号.
        Created {
            from: u16, level: Rank, mode: Mode, organisation: Node, pool_id: Uuid, prefix: String, range_id: Uuid, series: String, to: u16, year: i32,
        } = "created",
    }
}

/// What was entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// 开始序号.
    pub from: u16,
    /// 级别.
    pub level: Rank,
    /// 取得方式.
    pub mode: Mode,
    /// 发证单位.
    pub organisation: Node,
    /// The pool's stream.
    pub pool: Uuid,
    /// What the numbers have in common.
    pub prefix: String,
    /// 系列.
    pub series: String,
    /// 结束序号.
    pub to: u16,
    /// 年度 of acquisition.
    pub year: i32,
}

/// A range of certificate numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberRange {
    /// What was entered; none before creation.
    pub entered: Option<Entered>,
}

impl Aggregate for NumberRange {
    const TYPE: &'static str = "certificate_number_range";
    const COLLECTION: &'static str = "certificate-number-ranges";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.entered.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        None
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::IssuingUnit && self.entered.as_ref().is_some_and(|it| acting.at(it.organisation.id))
    }

    fn view(&self) -> serde_json::Value {
        let Some(it) = &self.entered else { return serde_json::Value::Null };
        serde_json::json!({
            "level": it.level, "series": it.series, "year": it.year, "mode": it.mode, "organisation_id": it.organisation.id,
            "from": it.from, "to": it.to, "prefix": it.prefix,
        })
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created {
                from,
                level,
                mode,
                organisation,
                pool_id,
                prefix,
                range_id: _,
                series,
                to,
                year,
            } => {
                self.entered = Some(Entered {
                    from: *from,
                    level: *level,
                    mode: *mode,
                    organisation: organisation.clone(),
                    pool: *pool_id,
                    prefix: prefix.clone(),
                    series: series.clone(),
                    to: *to,
                    year: *year,
                });
            }
        }
    }
}

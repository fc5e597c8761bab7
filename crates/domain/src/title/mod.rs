//! 职称树 A title: its series, its level, and the ministry's code for it (seed 002 人 1.2).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::values::Level;

events! {
    /// What happens to a title.
    pub enum Event of "title" {
        /// It was entered.
        Created { level: Level, ministry_code: Option<String>, name: String, series: String } = "created",
        /// Its name or the ministry's code was corrected.
        Amended { ministry_code: Option<String>, name: String } = "amended",
        /// 删除: it is no longer offered.
        Removed = "removed",
    }
}

/// A title.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Title {
    /// 职称级别; none before creation.
    pub level: Option<Level>,
    /// 职称名称.
    pub name: String,
    /// Series code.
    pub series: String,
    /// 对应人社部职称.
    pub ministry_code: Option<String>,
    /// Whether it is no longer offered.
    pub removed: bool,
}

/// The claim that keeps a title from being entered twice.
pub fn title_claim(series: &str, level: Level, name: &str) -> String {
    format!("title:{series}:{level}:{name}")
}

impl Aggregate for Title {
    const TYPE: &'static str = "title";
    const COLLECTION: &'static str = "titles";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.level.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.exists().then_some(if self.removed { "removed" } else { "active" })
    }

    fn stage_label(&self) -> &'static str {
        if self.removed { "已删除" } else { "有效" }
    }

    fn stands(&self, _: Place, _: &Acting, _: &Context<'_>) -> bool {
        false
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"series": self.series, "level": self.level, "name": self.name, "ministry_code": self.ministry_code})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { level, ministry_code, name, series } => {
                self.level = Some(*level);
                name.clone_into(&mut self.name);
                series.clone_into(&mut self.series);
                ministry_code.clone_into(&mut self.ministry_code);
            }
            Event::Amended { ministry_code, name } => {
                name.clone_into(&mut self.name);
                ministry_code.clone_into(&mut self.ministry_code);
            }
            Event::Removed => self.removed = true,
        }
    }
}

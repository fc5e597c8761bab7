//! 职称专业 A node of the specialty tree: a series at the top, its specialties below (seed 002 人 1.1).
//! Declarations keep code and name of their time; what is removed is only no longer offered.

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};

events! {
    /// What happens to a node of the specialty tree.
    pub enum Event of "specialty" {
        /// It was entered; a node without parent is a series.
        Created { code: String, name: String, parent: Option<String> } = "created",
        /// Its name was corrected.
        Amended { name: String } = "amended",
        /// 删除栏目: it is no longer offered.
        Removed = "removed",
    }
}

/// A node of the specialty tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Specialty {
    /// 专业代码; empty before creation. Two digits for a series.
    pub code: String,
    /// 专业学科名称.
    pub name: String,
    /// The series' code; empty for a series itself.
    pub series: String,
    /// Whether it is no longer offered.
    pub removed: bool,
}

/// The claim that makes a code unique.
pub fn code_claim(code: &str) -> String {
    format!("specialty:code:{code}")
}

impl Aggregate for Specialty {
    const TYPE: &'static str = "specialty";
    const COLLECTION: &'static str = "specialties";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        !self.code.is_empty()
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
        let parent = (!self.series.is_empty()).then_some(&self.series);
        serde_json::json!({"parent": parent, "code": self.code, "name": self.name})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { code, name, parent } => {
                code.clone_into(&mut self.code);
                name.clone_into(&mut self.name);
                self.series = parent.clone().unwrap_or_default();
            }
            Event::Amended { name } => name.clone_into(&mut self.name),
            Event::Removed => self.removed = true,
        }
    }
}

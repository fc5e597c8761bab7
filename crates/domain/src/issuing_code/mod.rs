//! 发证单位编码 The four digits by which an issuing unit stands in certificate numbers: usually the last four of its region
//! (seed 002 人 1.9; domain.md 4.7).

pub mod actions;

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::context::{Acting, Context};
use crate::ids::OrganisationId;
use crate::input::Checks;

/// Digits of a code.
pub const CODE_DIGITS: usize = 4;

events! {
    /// What happens to an issuing code.
    pub enum Event of "issuing_code" {
        /// It was entered.
        Created { code: String, organisation_id: OrganisationId, organisation_name: String } = "created",
        /// Another code for the same organisation, from the next number on.
        Amended { code: String } = "amended",
        /// 注销: no further number carries it.
        Deregistered { reason: String } = "deregistered",
    }
}

/// An issuing code.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IssuingCode {
    /// Whose it is; none before creation.
    pub organisation: Option<OrganisationId>,
    /// What the organisation was called then.
    pub organisation_name: String,
    /// Four digits.
    pub code: String,
    /// Whether it was deregistered.
    pub deregistered: bool,
}

/// The claim that makes a code unique. It is never given back: numbers issued under it exist for ever, and the same
/// code in other hands would repeat them.
pub fn code_claim(code: &str) -> String {
    format!("issuing-code:{code}")
}

/// The claim that keeps an organisation to one code.
pub fn organisation_claim(organisation: OrganisationId) -> String {
    format!("issuing-code:organisation:{organisation}")
}

/// A code in its one form.
fn check_code(checks: &mut Checks, code: &str) -> String {
    let code = checks.parsed("/code", crate::codes::text::code(code));
    let fits = code.len() == CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    checks.ensure(fits, "/code", "issuing-code-invalid", format!("发证单位编码为{CODE_DIGITS}位数字。"));
    code
}

impl Aggregate for IssuingCode {
    const TYPE: &'static str = "issuing_code";
    const COLLECTION: &'static str = "issuing-codes";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.organisation.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.organisation.map(|_| if self.deregistered { "deregistered" } else { "active" })
    }

    fn stage_label(&self) -> &'static str {
        if self.deregistered { "已注销" } else { "有效" }
    }

    fn stands(&self, place: Place, acting: &Acting, _: &Context<'_>) -> bool {
        place == Place::IssuingUnit && self.organisation.is_some_and(|id| acting.at(id))
    }

    fn view(&self) -> serde_json::Value {
        serde_json::json!({"organisation_id": self.organisation, "code": self.code})
    }

    fn evolve(&mut self, event: &Event, _: &Stamp) {
        match event {
            Event::Created { code, organisation_id, organisation_name } => {
                self.organisation = Some(*organisation_id);
                organisation_name.clone_into(&mut self.organisation_name);
                code.clone_into(&mut self.code);
            }
            Event::Amended { code } => code.clone_into(&mut self.code),
            Event::Deregistered { .. } => self.deregistered = true,
        }
    }
}

//! Checks on the values of an input: all problems of a request are told at once, each with its field.

use crate::codes::Problem;
use crate::codes::document_number::DocumentNumber;
use crate::codes::id_number::{self, IdNumber};
use crate::codes::password::PasswordPolicy;
use crate::codes::phone::Phone;
use crate::codes::username::Username;
use crate::codes::{region, text, uscc::Uscc};
use crate::context::Stop;
use crate::refusal::{FieldProblem, Kind, Refusal, common};

/// The longest name of anything, in characters.
pub const NAME_CHARS_MAX: usize = 100;
/// The longest opinion, reason or finding, in characters.
pub const OPINION_CHARS_MAX: usize = 2_000;

/// Collects the problems of one input.
#[derive(Debug, Default)]
pub struct Checks {
    problems: Vec<FieldProblem>,
    malformed: bool,
}

impl Checks {
    /// No problem so far.
    pub const fn new() -> Self {
        Self { problems: Vec::new(), malformed: false }
    }

    /// Notes a problem.
    pub fn problem(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(pointer, code, message));
    }

    /// Notes a member that does not have the form of the command: the whole input is malformed then, not invalid.
    pub fn malformed(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.problem(pointer, code, message);
        self.malformed = true;
    }

    /// Takes over the problems that reading a part of the input met, with the part's pointer before theirs.
    pub fn absorb(&mut self, pointer: &str, refusal: Refusal) {
        self.malformed |= refusal.kind == Kind::Malformed;
        self.problems.extend(
            refusal
                .problems
                .into_iter()
                .map(|problem| FieldProblem { pointer: format!("{pointer}{}", problem.pointer), ..problem }),
        );
    }

    /// Notes the problem, where there is one, and goes on with the value or its default.
    pub fn parsed<T: Default>(&mut self, pointer: &str, parsed: Result<T, Problem>) -> T {
        parsed.unwrap_or_else(|problem| {
            self.problem(pointer, problem.code, problem.sentence);
            T::default()
        })
    }

    /// A condition on a field.
    pub fn ensure(&mut self, holds: bool, pointer: &str, code: &'static str, message: impl Into<String>) {
        if !holds {
            self.problem(pointer, code, message);
        }
    }

    /// A line that must not be empty, at most `max` characters, trimmed.
    pub fn text(&mut self, pointer: &str, value: &str, max: usize) -> String {
        self.parsed(pointer, text::line(value, max))
    }

    /// One or several paragraphs that must not be empty, at most `max` characters, trimmed.
    pub fn paragraph(&mut self, pointer: &str, value: &str, max: usize) -> String {
        self.parsed(pointer, text::paragraph(value, max))
    }

    /// A name of a person or a thing.
    pub fn name(&mut self, pointer: &str, value: &str) -> String {
        self.text(pointer, value, NAME_CHARS_MAX)
    }

    /// A reason that is part of the operation.
    pub fn reason(&mut self, pointer: &str, value: &str) -> String {
        if value.trim().is_empty() {
            self.problem(pointer, "reason-required", "请填写原因。");
            return String::new();
        }
        self.paragraph(pointer, value, OPINION_CHARS_MAX)
    }

    /// An opinion that may be left out; an empty one counts as left out.
    pub fn opinion(&mut self, pointer: &str, value: Option<&str>) -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(self.paragraph(pointer, value, OPINION_CHARS_MAX))
    }

    /// A resident ID number (domain.md 4.2), upper-case X.
    pub fn id_number(&mut self, pointer: &str, value: &str) -> String {
        self.parsed(pointer, IdNumber::parse(value).map(|it| it.as_str().to_owned()))
    }

    /// A unified social credit code (domain.md 4.1).
    pub fn uscc(&mut self, pointer: &str, value: &str) -> String {
        self.parsed(pointer, Uscc::parse(value).map(|it| it.as_str().to_owned()))
    }

    /// A mobile or landline number (domain.md 4.3).
    pub fn phone(&mut self, pointer: &str, value: &str) -> String {
        self.parsed(pointer, Phone::parse(value).map(|it| it.as_str().to_owned()))
    }

    /// A region of Hunan by its GB/T 2260 code (domain.md 4.4).
    pub fn region(&mut self, pointer: &str, value: &str) -> String {
        self.parsed(pointer, region::parse(value).map(|it| it.code.to_owned()))
    }

    /// 备案文号 or 发文文号 (domain.md 4.8), in its one spelling.
    pub fn document_number(&mut self, pointer: &str, value: &str) -> String {
        self.parsed(pointer, DocumentNumber::parse(value).map(|it| it.to_string()))
    }

    /// A user name. It stands in the log in clear for ever, so it may not be somebody's ID number.
    pub fn username(&mut self, pointer: &str, value: &str) -> String {
        let name = self.parsed(pointer, Username::parse(value).map(|it| it.as_str().to_owned()));
        if !id_number::written_in(&name).is_empty() {
            self.problem(
                pointer,
                "username-id-number",
                "用户名不能含有身份证号：它会显示给他人，并永久留存。请另取用户名，例如姓名的拼音。",
            );
        }
        name
    }

    /// A password of this user, by the staff policy (reliability.md, Security).
    pub fn password(&mut self, pointer: &str, username: &str, value: &str) {
        let Ok(username) = Username::parse(username) else { return };
        if let Err(problem) = PasswordPolicy::default().check(value, &username) {
            self.problem(pointer, problem.code, problem.sentence);
        }
    }

    /// Whether anything was noted so far.
    pub fn clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Refuses with all that was noted. One missing reason is refused as `reason-required`.
    pub fn done(self) -> Result<(), Stop> {
        if self.problems.is_empty() {
            return Ok(());
        }
        if self.malformed {
            return Err(Stop::Refused(Refusal {
                problems: self.problems,
                ..common::MalformedInput.refusal()
            }));
        }
        let only_reason = self.problems.iter().all(|problem| problem.code == "reason-required");
        let base =
            if only_reason { common::ReasonRequired.refusal() } else { common::InvalidInput.refusal() };
        Err(Stop::Refused(Refusal { problems: self.problems, ..base }))
    }
}

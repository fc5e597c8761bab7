//! 剧本 Stories: a course of events as commands, with aliases in place of ids, and the events that must come of them.
//!
//! A story is files of JSON lines. `commands.jsonl` holds one command a line ([`Line`]): who acts, on what, with which
//! input; `$name` stands for an id that an earlier line saved, `$name.path` for a part of what that thing shows.
//! `events.jsonl` holds what was appended ([`Cast::transcribe`]), `rows/` what the read tables show of it
//! ([`Cast::retell`]). Nothing in them differs from one run to the next, so the same story is held against the rules
//! alone, against the log and its tables, and serves as a demonstration.

pub mod cast;
mod transcript;
mod upload;

pub use cast::{Cast, References};
pub use transcript::Happened;
pub use upload::Upload;

use crate::aggregate::AnyState;
use crate::refusal::Refusal;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// One command of a story.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What happens, for whoever reads the story.
    #[serde(default)]
    pub note: Option<String>,
    /// Moves the clock there first; every step of the system that is due then is taken.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// Who acts: an account, or a judge. Left out: nobody signed in.
    #[serde(default, rename = "as")]
    pub by: Option<String>,
    /// The role acted in, `role@organisation` or `role`, where an account has several that fit.
    #[serde(default)]
    pub acting_as: Option<String>,
    /// The collection, as in URLs.
    pub collection: String,
    /// What is acted on; left out where it is created.
    #[serde(default)]
    pub id: Option<String>,
    /// The name by which later lines know what is created.
    #[serde(default)]
    pub save: Option<String>,
    /// The action; left out: `create`.
    #[serde(default = "create")]
    pub action: String,
    /// Its input.
    #[serde(default = "nothing")]
    pub input: Value,
    /// The code of the refusal, where the rules must say no.
    #[serde(default)]
    pub refused: Option<String>,
    /// The codes of what the refusal names, where the story says them: the checks that failed, in their order.
    #[serde(default)]
    pub problems: Option<Vec<String>>,
    /// The name of the approval that waits for a second person afterwards.
    #[serde(default)]
    pub awaits: Option<String>,
}

fn create() -> String {
    "create".to_owned()
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

impl Line {
    /// The type of the aggregate acted on.
    ///
    /// # Errors
    /// [`Fault::CollectionUnknown`].
    pub fn aggregate(&self) -> Result<&'static str, Fault> {
        let found = AnyState::TYPES.iter().find(|(_, collection)| *collection == self.collection);
        found
            .map(|(aggregate, _)| *aggregate)
            .ok_or_else(|| Fault::CollectionUnknown(self.collection.clone()))
    }

    /// Holds what came of the command against what the story says.
    ///
    /// # Errors
    /// [`Fault::Refused`], [`Fault::NotRefused`], [`Fault::RefusedOtherwise`], [`Fault::ProblemsDiffer`].
    pub fn expect_refusal(&self, refusal: Option<&Refusal>) -> Result<(), Fault> {
        match (&self.refused, refusal) {
            (None, None) => Ok(()),
            (Some(code), None) => Err(Fault::NotRefused { code: code.clone() }),
            (Some(code), Some(refusal)) if code == refusal.code => {
                let named: Vec<&str> = refusal.problems.iter().map(|problem| problem.code.as_str()).collect();
                match &self.problems {
                    Some(problems) if *problems != named => {
                        let named = named.join(", ");
                        Err(Fault::ProblemsDiffer { problems: problems.join(", "), named })
                    }
                    Some(_) | None => Ok(()),
                }
            }
            (Some(code), Some(refusal)) => {
                Err(Fault::RefusedOtherwise { code: code.clone(), refusal: Box::new(refusal.clone()) })
            }
            (None, Some(refusal)) => Err(Fault::Refused(Box::new(refusal.clone()))),
        }
    }
}

/// A story: its commands in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The lines with their numbers in the file, from 1.
    pub lines: Vec<(usize, Line)>,
}

impl Story {
    /// Reads a `commands.jsonl`; empty lines separate its parts.
    ///
    /// # Errors
    /// [`Fault::Malformed`] with the number of the line.
    pub fn parse(text: &str) -> Result<Self, StoryError> {
        let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
        let lines = lines.map(|(number, text)| match serde_json::from_str(text) {
            Ok(line) => Ok((number, line)),
            Err(error) => Err(StoryError { line: number, fault: Fault::Malformed(error) }),
        });
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }
}

/// A story does not go as it says.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the story")]
pub struct StoryError {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a line of a story.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is no line of a story.
    #[error("is no line of a story")]
    Malformed(#[source] serde_json::Error),
    /// There is no such collection.
    #[error("there is no collection {0}")]
    CollectionUnknown(String),
    /// Nothing was saved under this name, or it has no such part.
    #[error("{0} stands for nothing")]
    ReferenceUnknown(String),
    /// This is nobody's role.
    #[error("{0} is no role")]
    RoleUnknown(String),
    /// Only PDF files are uploaded in stories.
    #[error("{0} is no PDF")]
    NotPdf(String),
    /// Nobody can act as this.
    #[error("{0} is no account")]
    NobodyThere(String),
    /// The clock stands later than the line says.
    #[error("the clock stands at {now} already")]
    ClockBackwards {
        /// What it shows.
        now: DateTime<Utc>,
    },
    /// The rules turned it down.
    #[error("was refused: {} {} {:?}", .0.code, .0.detail, .0.problems)]
    Refused(Box<Refusal>),
    /// The rules let it pass.
    #[error("had to be refused with {code}")]
    NotRefused {
        /// The code that was expected.
        code: String,
    },
    /// The rules turned it down for another reason.
    #[error("had to be refused with {code}, not with {}: {} {:?}", .refusal.code, .refusal.detail, .refusal.problems)]
    RefusedOtherwise {
        /// The code that was expected.
        code: String,
        /// Why it was.
        refusal: Box<Refusal>,
    },
    /// The rules turned it down with this code, and not for these problems.
    #[error("had to name {problems}, not {named}")]
    ProblemsDiffer {
        /// What was expected.
        problems: String,
        /// What the refusal names.
        named: String,
    },
    /// A second person is asked for and the line says nothing of it, or the other way round.
    #[error("the second person: the line and the rules differ")]
    SecondPerson,
    /// What plays it failed.
    #[error("could not be carried out")]
    Player(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    /// At a line.
    pub fn at(self, line: usize) -> StoryError {
        StoryError { line, fault: self }
    }
}

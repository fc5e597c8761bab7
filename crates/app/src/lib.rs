//! The use cases: who may, load, decide, append, list, history. Everything that the API and the console can do is here;
//! the rules are in `domain`, and nothing but [`App::execute`] changes state.

mod app;
mod approvals;
mod ballots;
mod caller;
mod error;
mod execute;
mod first_start;
mod history;
mod load;
mod paths;
mod read;
mod readiness;
mod registry;
mod sealing;
mod secrets;
mod sign_in;
mod sourced;
mod upload;
mod visibility;

pub use app::{App, OpenError, Parts, WallClock};
pub use caller::{ActingAs, Caller, REAUTHENTICATION_MINUTES, Signed};
pub use error::Error;
pub use execute::{ATTEMPTS_MAX, Done, Receipt, Request};
pub use first_start::{ADMIN, DEPARTMENT};
pub use history::LOG_PAGE_EVENTS_MAX;
pub use load::Held;
pub use paths::{LOOKUP_ANSWERS_MAX, Lookup, PathQuestion, Side};
pub use read::Object;
pub use readiness::Readiness;
pub use registry::Registry;
pub use sealing::{OpenWithVault, SUBJECT_MEMBER};
pub use sourced::{Sourced, SourcedEvent};
pub use upload::{Download, Uploaded};
pub use zhicheng_vault::SessionId;

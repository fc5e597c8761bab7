//! The use cases: who may, load, decide, append, list, history. Everything that the API and the console can do is here;
//! the rules are in `domain`, and nothing but [`App::execute`] changes state.

mod app;
mod caller;
mod error;
mod execute;
mod first_start;
mod load;
mod read;
mod readiness;
mod registry;
mod sealing;
mod secrets;
mod sign_in;
mod visibility;

pub use app::{App, OpenError, Parts, WallClock};
pub use caller::{ActingAs, Caller, REAUTHENTICATION_MINUTES, Signed};
pub use error::Error;
pub use execute::{ATTEMPTS_MAX, Receipt, Request};
pub use first_start::{ADMIN, DEPARTMENT};
pub use load::Held;
pub use read::Object;
pub use readiness::Readiness;
pub use registry::Registry;
pub use sealing::{OpenWithVault, SUBJECT_MEMBER};
pub use zhicheng_vault::SessionId;

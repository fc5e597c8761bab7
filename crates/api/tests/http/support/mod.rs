//! What the tests stand on: a whole system over HTTP, the organisations of the seeds in it, and one way to be refused.

mod answer;
mod call;
mod clock;
mod hunan;
mod system;

pub use answer::{Answer, names};
pub use hunan::{PASSWORD, complete_sections, id_number, new_account, publicity, specialty, submission};
pub use system::System;

//! 编码 Codes: the numbers and codes that people type, each parsed once into a type that is trusted from then on.
//!
//! Every `parse` takes text as it was typed, brings it into its one stored form and answers a [`Problem`] when the
//! value is refused. Types that stand in events read back whatever an event holds: a stored fact is never refused by
//! a later rule, so their `Deserialize` does not check, and what is derived from them is an `Option`.

use schemars::JsonSchema;
use serde::Serialize;

pub mod certificate_number;
pub mod degree;
pub mod document_number;
pub mod education;
pub mod id_number;
pub mod password;
pub mod phone;
pub mod region;
pub mod sex;
pub mod text;
pub mod uscc;
pub mod username;

pub use certificate_number::{CertificateNumber, Hunan18};
pub use degree::Degree;
pub use document_number::DocumentNumber;
pub use education::Education;
pub use id_number::IdNumber;
pub use password::PasswordPolicy;
pub use phone::{Landline, Mobile, Phone};
pub use region::Region;
pub use sex::Sex;
pub use uscc::Uscc;
pub use username::Username;

/// Why a value was refused: what every parser of this module answers.
///
/// The sentence says what is wrong and what to do, and never repeats the value: it may be an ID number, and
/// problems are logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, thiserror::Error)]
#[error("{sentence}")]
pub struct Problem {
    /// Stable, kebab-case, for programs: `id-number-check-digit`.
    pub code: &'static str,
    /// Chinese, for the person who typed the value.
    pub sentence: String,
}

impl Problem {
    /// A problem with its stable code and its Chinese sentence.
    pub fn new(code: &'static str, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }
}

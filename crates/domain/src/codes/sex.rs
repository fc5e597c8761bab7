//! 性别 Sex, GB/T 2261.1 (domain.md 4.9).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sex as GB/T 2261.1 codes it; on the ID number it is the parity of the seventeenth digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 0 未知的性别.
    Unknown,
    /// 1 男性.
    Male,
    /// 2 女性.
    Female,
    /// 9 未说明的性别.
    Unstated,
}

impl Sex {
    /// All of them, in the order of the standard.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Male, Self::Female, Self::Unstated];

    /// The digit of the standard.
    pub fn code(self) -> char {
        match self {
            Self::Unknown => '0',
            Self::Male => '1',
            Self::Female => '2',
            Self::Unstated => '9',
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "未知",
            Self::Male => "男",
            Self::Female => "女",
            Self::Unstated => "未说明",
        }
    }

    /// From the digit of the standard.
    pub fn from_code(code: char) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_digits_of_the_standard() {
        let codes: String = Sex::ALL.into_iter().map(Sex::code).collect();
        assert_eq!(codes, "0129");
        for sex in Sex::ALL {
            assert_eq!(Sex::from_code(sex.code()), Some(sex));
        }
        assert_eq!(Sex::from_code('3'), None);
    }
}

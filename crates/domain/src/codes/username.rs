//! 用户名 Account names: what a person signs in with.
//!
//! Unique over all accounts without regard to case, by a claim on [`Username::claim_key`]: `Zhang.San` and `zhang.san`
//! would be taken for one another.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, text};

/// Shortest account name, in characters; two Chinese characters are a name.
pub const USERNAME_CHARS_MIN: usize = 2;
/// Longest account name, in characters.
pub const USERNAME_CHARS_MAX: usize = 64;

/// An account name: letters of any script, digits, and `.`, `_`, `-`, `@` between or after them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Takes a name as it was typed: trimmed, full-width digits and letters made half-width; case is kept.
    ///
    /// # Errors
    /// `username-length`, `username-character`, `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let name = text::code(typed)?;
        if !(USERNAME_CHARS_MIN..=USERNAME_CHARS_MAX).contains(&name.chars().count()) {
            return Err(Problem::new(
                "username-length",
                format!("用户名应为{USERNAME_CHARS_MIN}至{USERNAME_CHARS_MAX}个字符，请修改"),
            ));
        }
        let begins_well = name.chars().next().is_some_and(char::is_alphanumeric);
        let fits =
            |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '@');
        if !begins_well || !name.chars().all(fits) {
            return Err(Problem::new(
                "username-character",
                "用户名应以文字或数字开头，只能含文字、数字和 . _ - @，请修改",
            ));
        }
        Ok(Self(name))
    }

    /// The name as the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under which it is unique, and found at sign-in: in lower case.
    pub fn claim_key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_names_that_people_choose() {
        for name in ["admin", "张三", "zhang.san_01", "13800000000", "li-si@example.cn", "阿依古丽"] {
            assert_eq!(Username::parse(&format!(" {name}　")).unwrap().as_str(), name);
        }
        assert_eq!(Username::parse("ａｄｍｉｎ").unwrap().as_str(), "admin");
    }

    #[test]
    fn is_the_same_account_in_any_case() {
        assert_eq!(Username::parse("Zhang.San").unwrap().claim_key(), "zhang.san");
    }

    #[test]
    fn refuses_what_cannot_be_told_apart_or_typed() {
        for name in ["-admin", ".a", "a b", "a/b", "a<b", "admin\u{200b}x", "a'; --"] {
            assert_eq!(Username::parse(name).unwrap_err().code, "username-character", "{name}");
        }
        for name in ["", "a", &"a".repeat(65)] {
            assert_eq!(Username::parse(name).unwrap_err().code, "username-length", "{name}");
        }
        assert_eq!(Username::parse("ad\0min").unwrap_err().code, "text-has-nul");
    }
}

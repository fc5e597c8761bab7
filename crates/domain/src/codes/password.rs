//! 密码策略 Password policy: what a new password must be (reliability.md, Security).
//!
//! Two profiles, a setting: 等保 level three asks for complexity and age and is the default for staff; ASVS 5.0 asks
//! for length. Both refuse what everybody tries first. A password is taken as it is, without trimming or folding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, Username};

/// Shortest password under [`PasswordPolicy::Complexity`], in characters.
pub const COMPLEX_CHARS_MIN: usize = 8;
/// Shortest password under [`PasswordPolicy::Length`], in characters.
pub const LONG_CHARS_MIN: usize = 12;
/// Longest password, in characters: enough for a sentence, little enough to hash.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// How many of the four classes (lower case, upper case, digits, others) a complex password mixes.
pub const CLASSES_MIN: usize = 3;
/// Days after which a password under [`PasswordPolicy::Complexity`] must be changed.
pub const COMPLEX_AGE_DAYS_MAX: u32 = 90;

/// What passes for complex and is tried first; in lower case, compared without regard to case.
const COMMON: [&str; 60] = [
    "1234567890ab",
    "123456789abc",
    "123456abc",
    "12345678a",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz!qaz",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "1qaz@wsx",
    "123qwe!@#",
    "123qweasd",
    "123qweasdzxc",
    "5201314aa",
    "a123456!",
    "a12345678",
    "a1234567890",
    "aa123456",
    "aa123456!",
    "aa123456.",
    "aa123456@",
    "aa12345678",
    "aaa123456",
    "abc123!@#",
    "abc12345",
    "abc123456",
    "abc@1234",
    "abc@12345",
    "abcd1234",
    "abcd@1234",
    "abcd1234!",
    "admin123",
    "admin1234",
    "admin123456",
    "admin@123",
    "admin@1234",
    "admin@123456",
    "asd123456",
    "changeme123",
    "hunan@123",
    "iloveyou1",
    "p@ssw0rd",
    "p@ssw0rd123",
    "pass@123",
    "passw0rd",
    "passw0rd!",
    "password1",
    "password123",
    "password@123",
    "qaz123456",
    "qq123456",
    "qwe123456",
    "qwer1234",
    "qwer@1234",
    "qwerty123",
    "root@123",
    "welcome@123",
    "woaini1314",
    "zhicheng123",
];

/// Which passwords are accepted, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    /// 等保三级: at least eight characters of at least three classes, changed every ninety days. The staff default.
    #[default]
    Complexity,
    /// ASVS 5.0: at least twelve characters, any of them, no forced change.
    Length,
}

impl PasswordPolicy {
    /// Whether a new password may be taken by the account of that name.
    ///
    /// # Errors
    /// `password-too-short`, `password-too-long`, `password-has-nul`, `password-too-simple`,
    /// `password-is-username`, `password-common`.
    pub fn check(self, password: &str, username: &Username) -> Result<(), Problem> {
        let length = password.chars().count();
        let shortest = self.chars_min();
        if length < shortest {
            return Err(Problem::new("password-too-short", format!("密码至少{shortest}个字符，请加长")));
        }
        if length > PASSWORD_CHARS_MAX {
            return Err(Problem::new(
                "password-too-long",
                format!("密码最多{PASSWORD_CHARS_MAX}个字符，请缩短"),
            ));
        }
        if password.contains('\0') {
            return Err(Problem::new("password-has-nul", "密码含有空字符（NUL），请重新填写"));
        }
        if self == Self::Complexity && classes(password) < CLASSES_MIN {
            return Err(Problem::new(
                "password-too-simple",
                "密码应含大写字母、小写字母、数字、其他字符中的至少三类，请修改",
            ));
        }
        let folded = password.to_lowercase();
        let name = username.claim_key();
        if folded == name {
            return Err(Problem::new("password-is-username", "密码不能与用户名相同，请修改"));
        }
        if COMMON.contains(&folded.as_str()) || is_one_character(&folded) {
            return Err(Problem::new("password-common", "这个密码过于常见，容易被猜中，请换一个"));
        }
        Ok(())
    }

    /// Shortest password accepted, in characters.
    pub fn chars_min(self) -> usize {
        match self {
            Self::Complexity => COMPLEX_CHARS_MIN,
            Self::Length => LONG_CHARS_MIN,
        }
    }

    /// Days after which a password must be changed; none where it may stay.
    pub fn age_days_max(self) -> Option<u32> {
        match self {
            Self::Complexity => Some(COMPLEX_AGE_DAYS_MAX),
            Self::Length => None,
        }
    }
}

/// How many of the four classes occur. Chinese characters have no case and count as others.
fn classes(password: &str) -> usize {
    let is_other = |character: char| {
        !(character.is_lowercase() || character.is_uppercase() || character.is_ascii_digit())
    };
    [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|character| character.is_ascii_digit()),
        password.chars().any(is_other),
    ]
    .into_iter()
    .filter(|occurs| *occurs)
    .count()
}

fn is_one_character(password: &str) -> bool {
    let mut characters = password.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: PasswordPolicy, password: &str) -> Result<(), &'static str> {
        let username = Username::parse("ZhangSan").unwrap();
        policy.check(password, &username).map_err(|problem| problem.code)
    }

    #[test]
    fn asks_staff_for_three_classes_of_four() {
        for password in ["Yueyang2023", "yueyang-2023", "YUEYANG-2023", "Yueyang-", "岳阳楼yueyang1"] {
            assert_eq!(check(PasswordPolicy::Complexity, password), Ok(()), "{password}");
        }
        for password in ["yueyang2023", "YUEYANGLOU", "20230901", "岳阳楼记岳阳楼记"] {
            assert_eq!(check(PasswordPolicy::Complexity, password), Err("password-too-simple"), "{password}");
        }
    }

    #[test]
    fn asks_for_eight_characters_and_at_most_so_many() {
        assert_eq!(check(PasswordPolicy::Complexity, "Yue-202"), Err("password-too-short"));
        assert_eq!(check(PasswordPolicy::Complexity, "Yue-2023"), Ok(()));
        assert_eq!(check(PasswordPolicy::Complexity, &format!("Yue-2{}", "湘".repeat(123))), Ok(()));
        assert_eq!(
            check(PasswordPolicy::Complexity, &format!("Yue-2{}", "湘".repeat(124))),
            Err("password-too-long")
        );
        assert_eq!(check(PasswordPolicy::Complexity, "Yue-2023\0"), Err("password-has-nul"));
    }

    #[test]
    fn refuses_the_username_in_any_case() {
        assert_eq!(check(PasswordPolicy::Complexity, "1-zHaNgSaN"), Ok(()));
    }

    #[test]
    fn refuses_what_everybody_tries_first() {
        for password in ["P@ssw0rd", "Aa123456!", "Admin@123"] {
            assert_eq!(check(PasswordPolicy::Complexity, password), Err("password-common"), "{password}");
        }
        assert_eq!(check(PasswordPolicy::Length, "aaaaaaaaaaaaaa"), Err("password-common"));
    }

    #[test]
    fn asks_only_for_length_where_the_policy_says_so() {
        assert_eq!(check(PasswordPolicy::Length, "洞庭湖上秋月满君山一点青"), Ok(()));
        assert_eq!(check(PasswordPolicy::Length, "dongtinghu!"), Err("password-too-short"));
        assert_eq!(PasswordPolicy::default().age_days_max(), Some(90));
        assert_eq!(PasswordPolicy::Length.age_days_max(), None);
    }

    #[test]
    fn lists_common_passwords_in_lower_case_once() {
        for (index, common) in COMMON.iter().enumerate() {
            assert_eq!(*common, common.to_lowercase());
            assert!(!COMMON[index + 1..].contains(common), "{common}");
        }
    }
}

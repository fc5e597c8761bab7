//! 统一社会信用代码 Unified social credit code, GB 32100-2015 (domain.md 4.1).
//!
//! Eighteen characters: registration authority, class of organisation, six digits of the registrar's region, nine of the
//! organisation code (GB 11714), check character.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, text};

/// Length of a code, in characters.
pub const CHARS: usize = 18;

/// The characters in use, in the order of their values 0 to 30; I, O, S, V and Z are not among them.
const CHARACTERS: [u8; 31] = *b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; CHARS - 1] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// First two characters and what they stand for; not complete, so an unknown pair is not refused.
const CLASSES: [(&str, &str); 12] = [
    ("11", "机关"),
    ("12", "事业单位"),
    ("13", "编办直接管理机构编制的群众团体"),
    ("31", "律师事务所"),
    ("34", "司法鉴定机构"),
    ("51", "社会团体"),
    ("52", "民办非企业单位"),
    ("53", "基金会"),
    ("91", "企业"),
    ("92", "个体工商户"),
    ("93", "农民专业合作社"),
    ("Y1", "其他"),
];

/// A unified social credit code in upper case. Made by [`Uscc::parse`] it is valid; read from an event it is what the
/// event holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Uscc(String);

/// Why a unified social credit code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// It holds a NUL.
    #[error("统一社会信用代码含有空字符（NUL），请删除后重新填写")]
    Nul,
    /// Not eighteen characters.
    #[error("统一社会信用代码应为18位，现为{found}位，请核对")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character that is not in use; I, O, S, V and Z are refused rather than guessed to be 1, 0, 5, U or 2.
    #[error("统一社会信用代码第{position}位不是有效字符（不使用字母I、O、S、V、Z），请核对")]
    Character {
        /// From 1.
        position: usize,
    },
    /// The registrar's region, places 3 to 8, is not made of digits.
    #[error("统一社会信用代码第3至8位（登记机关行政区划码）应为数字，请核对")]
    Region,
    /// The last character does not fit the others.
    #[error("统一社会信用代码校验位不正确，请逐位核对")]
    CheckCharacter,
}

impl UsccError {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nul => "text-has-nul",
            Self::Length { .. } => "uscc-length",
            Self::Character { .. } => "uscc-character",
            Self::Region => "uscc-region",
            Self::CheckCharacter => "uscc-check-character",
        }
    }
}

impl From<UsccError> for Problem {
    fn from(error: UsccError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl Uscc {
    /// Takes a code as it was typed: trimmed, full-width made half-width, upper case, then checked.
    ///
    /// # Errors
    /// A [`Problem`] with a code of [`UsccError`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        Ok(Self::try_parse(typed)?)
    }

    /// As [`parse`](Self::parse), with the reason as a type.
    ///
    /// # Errors
    /// The first of the faults of [`UsccError`], in the order in which they stand there.
    pub fn try_parse(typed: &str) -> Result<Self, UsccError> {
        let mut code = text::code(typed).map_err(|_| UsccError::Nul)?;
        code.make_ascii_uppercase();
        check(&code)?;
        Ok(Self(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Something to look at that is no reason to refuse: the organisation code inside does not fit its own check
    /// character. Old codes are like that.
    pub fn warning(&self) -> Option<Problem> {
        let inner = self.organisation_code()?;
        (organisation_check_character(inner)? != *inner.as_bytes().last()?).then(|| {
            Problem::new(
                "uscc-organisation-code",
                "统一社会信用代码第9至17位（组织机构代码）校验位不符，请对照登记证书核对",
            )
        })
    }

    /// 事业单位 Whether a public institution holds it, by its first two characters: quota dual control applies by
    /// default (domain.md 4.1, rule N15).
    pub fn is_public_institution(&self) -> bool {
        self.0.starts_with("12")
    }

    /// What the first two characters stand for, where known.
    pub fn class_name(&self) -> Option<&'static str> {
        CLASSES.iter().find(|(prefix, _)| self.0.starts_with(prefix)).map(|(_, name)| *name)
    }

    /// Region of the registrar, GB/T 2260; not always where the organisation is.
    pub fn region_code(&self) -> Option<&str> {
        self.0.get(2..8)
    }

    /// The organisation code (GB 11714) inside, places 9 to 17.
    pub fn organisation_code(&self) -> Option<&str> {
        self.0.get(8..17)
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn check(code: &str) -> Result<(), UsccError> {
    let found = code.chars().count();
    if found != CHARS {
        return Err(UsccError::Length { found });
    }
    if let Some(index) = code.chars().position(|character| value(character).is_none()) {
        return Err(UsccError::Character { position: index + 1 });
    }
    if !code.get(2..8).is_some_and(|region| region.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(UsccError::Region);
    }
    if code.bytes().last() != Some(check_character(code)) {
        return Err(UsccError::CheckCharacter);
    }
    Ok(())
}

/// `(31 - sum mod 31) mod 31`; the second `mod` is for a sum without remainder, whose character is `0`.
fn check_character(code: &str) -> u8 {
    let sum: usize =
        code.chars().zip(WEIGHTS).map(|(character, weight)| value(character).unwrap_or(0) * weight).sum();
    CHARACTERS[(31 - sum % 31) % 31]
}

fn value(character: char) -> Option<usize> {
    CHARACTERS.iter().position(|known| char::from(*known) == character)
}

/// GB 11714: letters count from A = 10, `11 - sum mod 11`, ten is written X and eleven 0.
fn organisation_check_character(code: &str) -> Option<u8> {
    let mut sum = 0;
    for (character, weight) in code.chars().zip(ORGANISATION_WEIGHTS) {
        sum += character.to_digit(36)? * weight;
    }
    Some(match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => CHARACTERS[digit as usize],
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REGISTERED: [&str; 4] =
        ["91350100M000100Y43", "914403001922038216", "9144030071526726XG", "91330100799655058B"];
    const FIXTURES: [(&str, &str); 6] = [
        ("1243060044590001XM", "事业单位"),
        ("91430602MA4L00011A", "企业"),
        ("11430000006123458L", "机关"),
        ("52430100MJJ123450P", "民办非企业单位"),
        ("12430100MB1F00022F", "事业单位"),
        ("91430181MA7X000343", "企业"),
    ];

    #[test]
    fn takes_registered_codes_and_both_ends_of_the_check() {
        for code in REGISTERED.into_iter().chain(["91430602MA4L000180", "91430602MA4L00008Y"]) {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn knows_the_class_of_the_fixtures_and_warns_of_none() {
        for (code, class) in FIXTURES {
            let code = Uscc::parse(code).unwrap();
            assert_eq!(code.class_name(), Some(class));
            assert_eq!(code.is_public_institution(), class == "事业单位");
            assert_eq!(code.warning(), None, "{code}");
        }
        for code in REGISTERED {
            assert_eq!(Uscc::parse(code).unwrap().warning(), None, "{code}");
        }
    }

    #[test]
    fn warns_of_an_organisation_code_that_does_not_fit_but_takes_the_code() {
        let outer = "91430602MA4L00019";
        let code = format!("{outer}{}", char::from(check_character(outer)));
        assert_eq!(Uscc::parse(&code).unwrap().warning().unwrap().code, "uscc-organisation-code");
    }

    #[test]
    fn takes_apart_region_and_organisation_code() {
        let code = Uscc::parse(" １２４３０６００４４５９０００１xm ").unwrap();
        assert_eq!(code.region_code(), Some("430600"));
        assert_eq!(code.organisation_code(), Some("44590001X"));
    }

    #[test]
    fn refuses_with_the_reason() {
        for (code, reason) in [
            ("91350100M000100Y4Z", UsccError::Character { position: 18 }),
            ("91350100M000100Y44", UsccError::CheckCharacter),
            ("91350100MO00100Y43", UsccError::Character { position: 10 }),
            ("9135O100M000100Y43", UsccError::Character { position: 5 }),
            ("91A50100M000100Y43", UsccError::Region),
            ("91350100M000100Y4", UsccError::Length { found: 17 }),
            ("湘", UsccError::Length { found: 1 }),
            ("\0", UsccError::Nul),
        ] {
            assert_eq!(Uscc::try_parse(code), Err(reason), "{code}");
            assert_eq!(Uscc::parse(code).unwrap_err().code, reason.code());
        }
    }

    #[test]
    fn reads_from_an_event_whatever_it_holds() {
        let stored: Uscc = serde_json::from_str("\"湘\"").unwrap();
        assert_eq!((stored.region_code(), stored.organisation_code(), stored.warning()), (None, None, None));
    }

    proptest! {
        #[test]
        fn notices_one_wrong_character(
            head in "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}",
            place in 0_usize..17,
            shift in 1_usize..31,
        ) {
            let code = format!("{head}{}", char::from(check_character(&head)));
            prop_assert!(Uscc::parse(&code).is_ok());
            let mut wrong = code.into_bytes();
            let old = value(char::from(wrong[place])).unwrap();
            wrong[place] = CHARACTERS[(old + shift) % 31];
            prop_assert!(Uscc::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }

        #[test]
        fn never_panics(typed in "\\PC{0,24}") {
            let _ = Uscc::parse(&typed);
            let stored = Uscc(typed);
            let _ = (stored.warning(), stored.class_name(), stored.region_code());
        }
    }
}

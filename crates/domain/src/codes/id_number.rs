//! 公民身份号码 Resident ID number, GB 11643-1999 (domain.md 4.2).
//!
//! Eighteen characters: address code of six digits as it was when the number was given, birth date, sequence of three
//! (odd for men, even for women), check character. The address code is *not* compared with today's regions: abolished
//! counties and other provinces are valid; only its province must exist.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, Sex, text};

/// Length of a number, in characters.
pub const CHARS: usize = 18;
/// Length of a number as it was given out until 1999.
const FORMER_CHARS: usize = 15;
/// Years in which somebody may be born whose number is written down.
const YEARS: RangeInclusive<i32> = 1850..=2100;
/// Youngest declarant, in completed years (domain.md 4.2).
pub const AGE_YEARS_MIN: u32 = 16;
/// Oldest declarant, in completed years (domain.md 4.2).
pub const AGE_YEARS_MAX: u32 = 100;

/// First two digits in use; 71, 81, 82 and 83 are Taiwan, Hong Kong, Macao and the residence permit for Taiwan.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];
const WEIGHTS: [u32; CHARS - 1] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: [u8; 11] = *b"10X98765432";

/// A resident ID number, `X` in upper case.
///
/// Made by [`IdNumber::parse`], it is valid. Read from an event it is whatever the event holds, unchecked, which is why
/// [`birth_date`](Self::birth_date) and [`sex`](Self::sex) may be absent; [`recheck`](Self::recheck) tells. `Debug`
/// shows it masked, so that it cannot reach a log in clear; there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct IdNumber(String);

/// Why an ID number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// It holds a NUL.
    #[error("身份证号含有空字符（NUL），请删除后重新填写")]
    Nul,
    /// The number of fifteen digits that was given out until 1999.
    #[error("15位旧身份证号不能用于申报，请填写18位身份证号")]
    FifteenDigits,
    /// Not eighteen characters.
    #[error("身份证号应为18位，现为{found}位，请核对")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// Something else than a digit, or than a digit or X in the last place.
    #[error("身份证号第{position}位不是有效字符：前17位应为数字，末位应为数字或X，请核对")]
    Character {
        /// From 1.
        position: usize,
    },
    /// The first two digits are no province.
    #[error("身份证号前两位不是有效的省级代码，请核对")]
    Province,
    /// No such day in the calendar.
    #[error("身份证号中的出生日期不存在，请核对")]
    BirthDate,
    /// The last character does not fit the others: most often a slip of the finger.
    #[error("身份证号校验位不正确，请逐位核对")]
    CheckDigit,
    /// Born after today.
    #[error("身份证号中的出生日期晚于今天，请核对")]
    NotYetBorn,
    /// Younger than [`AGE_YEARS_MIN`].
    #[error("申报人须年满16周岁，按身份证号计算为{age}周岁，请核对")]
    TooYoung {
        /// Completed years.
        age: u32,
    },
    /// Older than [`AGE_YEARS_MAX`].
    #[error("按身份证号计算年龄为{age}周岁，超过100周岁，请核对")]
    TooOld {
        /// Completed years.
        age: u32,
    },
}

impl IdNumberError {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nul => "text-has-nul",
            Self::FifteenDigits => "id-number-fifteen-digits",
            Self::Length { .. } => "id-number-length",
            Self::Character { .. } => "id-number-character",
            Self::Province => "id-number-province",
            Self::BirthDate => "id-number-birth-date",
            Self::CheckDigit => "id-number-check-digit",
            Self::NotYetBorn => "id-number-not-yet-born",
            Self::TooYoung { .. } => "id-number-too-young",
            Self::TooOld { .. } => "id-number-too-old",
        }
    }
}

impl From<IdNumberError> for Problem {
    fn from(error: IdNumberError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl IdNumber {
    /// Takes a number as it was typed: trimmed, full-width made half-width, `x` made `X`, then checked.
    ///
    /// # Errors
    /// A [`Problem`] with a code of [`IdNumberError`]; the age is not looked at, see [`check_age`](Self::check_age).
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        Ok(Self::try_parse(typed)?)
    }

    /// As [`parse`](Self::parse), with the reason as a type.
    ///
    /// # Errors
    /// The first of the faults of [`IdNumberError`], in the order in which they stand there.
    pub fn try_parse(typed: &str) -> Result<Self, IdNumberError> {
        let mut number = text::code(typed).map_err(|_| IdNumberError::Nul)?;
        number.make_ascii_uppercase();
        check(&number)?;
        Ok(Self(number))
    }

    /// Whether a number that was read from an event is one that [`parse`](Self::parse) would take.
    ///
    /// # Errors
    /// As [`try_parse`](Self::try_parse).
    pub fn recheck(&self) -> Result<(), IdNumberError> {
        check(&self.0)
    }

    /// The number in clear, for sealing, for the keyed hash and for readers who are cleared for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The birth date in the number.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        birth_date(&self.0)
    }

    /// The sex in the number: the parity of the seventeenth digit.
    pub fn sex(&self) -> Option<Sex> {
        let digit = char::from(*self.0.as_bytes().get(16)?).to_digit(10)?;
        Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
    }

    /// Completed years (周岁) on a day; none before birth.
    pub fn age_on(&self, day: NaiveDate) -> Option<u32> {
        day.years_since(self.birth_date()?)
    }

    /// Whether a declarant of that number may exist today: born, and 16 to 100 years old (domain.md 4.2).
    ///
    /// # Errors
    /// [`IdNumberError::NotYetBorn`], [`IdNumberError::TooYoung`], [`IdNumberError::TooOld`]; and
    /// [`IdNumberError::BirthDate`] for an unchecked number without a date.
    pub fn check_age(&self, today: NaiveDate) -> Result<u32, IdNumberError> {
        let born = self.birth_date().ok_or(IdNumberError::BirthDate)?;
        let age = today.years_since(born).ok_or(IdNumberError::NotYetBorn)?;
        if age < AGE_YEARS_MIN {
            return Err(IdNumberError::TooYoung { age });
        }
        if age > AGE_YEARS_MAX {
            return Err(IdNumberError::TooOld { age });
        }
        Ok(age)
    }

    /// What lists show: the first four and the last four characters, `4306**********0013`.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IdNumber({})", self.masked())
    }
}

/// Masks an identity number of any kind: the first four and the last four characters stay of eight hidden ones or
/// more, nothing of a shorter one.
pub fn masked(number: &str) -> String {
    const SHOWN: usize = 4;
    let characters: Vec<char> = number.chars().collect();
    let length = characters.len();
    let hidden = if length >= 4 * SHOWN { SHOWN..length - SHOWN } else { 0..length };
    characters
        .into_iter()
        .enumerate()
        .map(|(index, character)| if hidden.contains(&index) { '*' } else { character })
        .collect()
}

/// Whether these eighteen characters are the number of somebody who lives or lived. Numbers of other kinds (a unified social credit
/// code is as long) may pass every other test; the year of birth tells them apart.
pub fn is_of_somebody(number: &str) -> bool {
    IdNumber::parse(number).is_ok_and(|it| it.birth_date().is_some_and(|day| YEARS.contains(&day.year())))
}

/// The ID numbers that stand in a text, of eighteen characters and the older ones of fifteen digits; an `x` is made `X`. Digits before
/// or after make it another number, letters do not.
pub fn written_in(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().map(text::half_width).collect();
    let mut found = Vec::new();
    let mut rest = characters.as_slice();
    while let Some(start) = rest.iter().position(char::is_ascii_digit) {
        rest = rest.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|character| character.is_ascii_digit()).count();
        let (digits, behind) = rest.split_at(length);
        let mut number: String = digits.iter().collect();
        if length == CHARS - 1 && matches!(behind.first(), Some('x' | 'X')) {
            number.push('X');
        }
        if is_of_somebody(&number) || is_of_somebody_once(&number) {
            found.push(number);
        }
        rest = behind;
    }
    found
}

/// Whether these fifteen digits may be a number as it was given out until 1999: without check character, the year in two digits.
fn is_of_somebody_once(number: &str) -> bool {
    let (Some(region), Some(day)) = (number.get(..6), number.get(6..12)) else { return false };
    number.len() == FORMER_CHARS
        && PROVINCES.iter().any(|province| region.starts_with(province))
        && birth_date(&format!("{region}19{day}")).is_some()
}

fn check(number: &str) -> Result<(), IdNumberError> {
    let found = number.chars().count();
    if found == 15 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IdNumberError::FifteenDigits);
    }
    if found != CHARS {
        return Err(IdNumberError::Length { found });
    }
    for (index, character) in number.chars().enumerate() {
        let fits = character.is_ascii_digit() || (character == 'X' && index == CHARS - 1);
        if !fits {
            return Err(IdNumberError::Character { position: index + 1 });
        }
    }
    if !PROVINCES.iter().any(|province| number.starts_with(province)) {
        return Err(IdNumberError::Province);
    }
    if birth_date(number).is_none() {
        return Err(IdNumberError::BirthDate);
    }
    if !number.ends_with(check_character(number)) {
        return Err(IdNumberError::CheckDigit);
    }
    Ok(())
}

/// The check character of the seventeen digits in front (GB 11643-1999): their weighted sum modulo 11, looked up.
pub fn check_character(digits: &str) -> char {
    let sum: u32 =
        digits.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')) * weight).sum();
    char::from(CHECK_CHARACTERS[(sum % 11) as usize])
}

fn birth_date(number: &str) -> Option<NaiveDate> {
    let digits = number.get(6..14)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        digits.get(..4)?.parse().ok()?,
        digits.get(4..6)?.parse().ok()?,
        digits.get(6..)?.parse().ok()?,
    )?;
    (date.year() > 0).then_some(date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn takes_the_examples_of_the_standard_and_of_hunan() {
        for (number, born, sex) in [
            ("11010519491231002X", day(1949, 12, 31), Sex::Female),
            ("440524188001010014", day(1880, 1, 1), Sex::Male),
            ("430602199001010013", day(1990, 1, 1), Sex::Male),
            ("43060219900101003X", day(1990, 1, 1), Sex::Male),
            ("430102198506150028", day(1985, 6, 15), Sex::Female),
            ("430102199602290017", day(1996, 2, 29), Sex::Male),
        ] {
            let parsed = IdNumber::parse(number).unwrap();
            assert_eq!(parsed.as_str(), number);
            assert_eq!(parsed.birth_date(), Some(born));
            assert_eq!(parsed.sex(), Some(sex), "{number}");
        }
    }

    #[test]
    fn takes_what_is_typed_full_width_or_with_a_small_x() {
        assert_eq!(IdNumber::parse(" 43060219900101003x ").unwrap().as_str(), "43060219900101003X");
        assert_eq!(
            IdNumber::parse("４３０６０２１９９００１０１００３ｘ").unwrap().as_str(),
            "43060219900101003X"
        );
    }

    #[test]
    fn refuses_with_the_reason() {
        for (number, reason) in [
            ("430102199902290019", IdNumberError::BirthDate),
            ("430602900101001", IdNumberError::FifteenDigits),
            ("", IdNumberError::Length { found: 0 }),
            ("4306021990010100134", IdNumberError::Length { found: 19 }),
            ("43060219900101A013", IdNumberError::Character { position: 15 }),
            ("X30602199001010013", IdNumberError::Character { position: 1 }),
            ("43060219900101𠮷013", IdNumberError::Character { position: 15 }),
            ("990602199001010013", IdNumberError::Province),
            ("430602199013010013", IdNumberError::BirthDate),
            ("430602199001010014", IdNumberError::CheckDigit),
            ("43060219900101001X", IdNumberError::CheckDigit),
            ("430602199001010013\0", IdNumberError::Nul),
        ] {
            assert_eq!(IdNumber::try_parse(number), Err(reason), "{number}");
            assert_eq!(IdNumber::parse(number).unwrap_err().code, reason.code());
        }
    }

    #[test]
    fn takes_abolished_counties_and_other_provinces() {
        for prefix in
            ["430122", "430124", "430221", "430521", "431121", "810000", "820000", "830000", "540000"]
        {
            let digits = format!("{prefix}19900101001");
            let number = format!("{digits}{}", check_character(&digits));
            IdNumber::parse(&number).unwrap();
        }
    }

    #[test]
    fn counts_the_age_from_sixteen_to_a_hundred() {
        let person = IdNumber::parse("430102199602290017").unwrap();
        assert_eq!(person.check_age(day(2012, 2, 28)), Err(IdNumberError::TooYoung { age: 15 }));
        assert_eq!(person.check_age(day(2012, 2, 29)), Ok(16));
        assert_eq!(person.check_age(day(2097, 2, 28)), Ok(100));
        assert_eq!(person.check_age(day(2097, 3, 1)), Err(IdNumberError::TooOld { age: 101 }));
        assert_eq!(person.check_age(day(1996, 2, 28)), Err(IdNumberError::NotYetBorn));
        assert_eq!(person.age_on(day(1996, 2, 28)), None);
    }

    #[test]
    fn finds_the_numbers_that_are_written_in_a_text() {
        for (text, numbers) in [
            ("身份证号430602199001010013，请核对", &["430602199001010013"][..]),
            ("id43060219900101003x", &["43060219900101003X"]),
            ("４３０６０２１９９００１０１００１３", &["430602199001010013"]),
            ("430602900101001和430602199001010013", &["430602900101001", "430602199001010013"]),
            ("4306021990010100139", &[]),
            ("430602199001010014", &[]),
            ("430602901301001", &[]),
            ("13800000000", &[]),
            ("湘人社函〔2023〕1号", &[]),
            // a unified social credit code of digits alone
            ("124300004448752319", &[]),
        ] {
            assert_eq!(written_in(text), numbers, "{text}");
        }
    }

    #[test]
    fn shows_the_first_and_the_last_four() {
        let person = IdNumber::parse("430602199001010013").unwrap();
        assert_eq!(person.masked(), "4306**********0013");
        assert_eq!(format!("{person:?}"), "IdNumber(4306**********0013)");
        assert_eq!(masked("E12345678"), "*********");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn reads_from_an_event_whatever_it_holds() {
        let stored: IdNumber = serde_json::from_str("\"已清除\"").unwrap();
        assert_eq!(stored.birth_date(), None);
        assert_eq!(stored.sex(), None);
        assert!(stored.recheck().is_err());
        assert_eq!(serde_json::to_string(&stored).unwrap(), "\"已清除\"");
    }

    proptest! {
        #[test]
        fn never_panics_and_never_changes_twice(typed in "\\PC{0,24}") {
            if let Ok(number) = IdNumber::parse(&typed) {
                prop_assert_eq!(IdNumber::parse(number.as_str()).unwrap(), number);
            }
            let stored = IdNumber(typed);
            let _ = (stored.birth_date(), stored.sex(), stored.masked(), stored.recheck());
        }

        #[test]
        fn notices_one_wrong_digit(days in 0_i64..40_000, sequence in 0_u32..1000, place in 0_usize..17, shift in 1_u8..10) {
            let born = day(1900, 1, 1) + chrono::Days::new(days as u64);
            let digits = format!("430602{}{sequence:03}", born.format("%Y%m%d"));
            let number = format!("{digits}{}", check_character(&digits));
            prop_assert!(IdNumber::parse(&number).is_ok());
            let mut wrong = number.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + shift) % 10;
            prop_assert!(IdNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }
    }
}

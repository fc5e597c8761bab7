//! 文号 Document numbers: 备案文号 and 发文文号, `湘人社函〔2023〕118号` (domain.md 4.8).
//!
//! Issuing body in short, year in tortoise-shell brackets (U+3014, U+3015), serial, 号. People type any bracket that
//! their keyboard has; stored and searched is the right one.

use std::fmt;

use super::{Problem, text};

/// Earliest year accepted.
pub const YEAR_MIN: u16 = 1949;
/// Latest year accepted.
pub const YEAR_MAX: u16 = 2199;
/// Longest short name of an issuing body, in characters.
pub const ISSUER_CHARS_MAX: usize = 20;

/// Issuing bodies seen in the sources, for suggestions; others are accepted.
pub const KNOWN_ISSUERS: [&str; 8] =
    ["湘人社函", "湘人社发", "湘人社规", "湘职改办", "湘发改价费规", "湘纪发", "人社厅发", "人社部发"];

/// A document number, taken apart. It is written and sent as its text ([`fmt::Display`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentNumber {
    /// Issuing body in short, 湘人社函.
    pub issuer: String,
    /// Year of the document.
    pub year: u16,
    /// Serial in that year, from 1.
    pub serial: u32,
}

impl DocumentNumber {
    /// Takes a number as it was typed: any brackets, full-width digits, blanks inside, leading zeros.
    ///
    /// # Errors
    /// `document-number-format`, `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let normal: String = normalise_brackets(&text::code(typed)?)
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        take_apart(&normal).ok_or_else(|| {
            Problem::new(
                "document-number-format",
                "文号应如“湘人社函〔2023〕118号”：发文机关代字、〔年份〕、序号，请核对",
            )
        })
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}〔{}〕{}号", self.issuer, self.year, self.serial)
    }
}

/// A text with all the brackets that are used for years made tortoise-shell ones. For searches, on both sides: parts of
/// a number are searched too, so it need not be one.
pub fn normalise_brackets(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '[' | '(' | '［' | '（' | '【' | '{' | '｛' | '﹝' | '〖' => '〔',
            ']' | ')' | '］' | '）' | '】' | '}' | '｝' | '﹞' | '〗' => '〕',
            other => other,
        })
        .collect()
}

fn take_apart(number: &str) -> Option<DocumentNumber> {
    let (issuer, rest) = number.split_once('〔')?;
    let (year, rest) = rest.split_once('〕')?;
    let serial = rest.strip_suffix('号')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let issuer_fits = !issuer.is_empty()
        && issuer.chars().count() <= ISSUER_CHARS_MAX
        && issuer.chars().all(|character| character.is_alphanumeric() && !character.is_ascii_digit());
    if !issuer_fits || year.len() != 4 || !digits(year) || !digits(serial) {
        return None;
    }
    let year = year.parse().ok().filter(|year| (YEAR_MIN..=YEAR_MAX).contains(year))?;
    let serial = serial.parse().ok().filter(|serial| *serial > 0)?;
    Some(DocumentNumber { issuer: issuer.to_owned(), year, serial })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stores_one_number_typed_in_many_ways() {
        for typed in [
            "湘人社函〔2023〕118号",
            "湘人社函[2023]118号",
            "湘人社函（2023）118号",
            "湘人社函(2023) 118 号",
            "湘人社函【２０２３】０１１８号",
            " 湘人社函［2023］118号　",
        ] {
            assert_eq!(DocumentNumber::parse(typed).unwrap().to_string(), "湘人社函〔2023〕118号", "{typed}");
        }
    }

    #[test]
    fn takes_every_family_seen() {
        for issuer in KNOWN_ISSUERS.into_iter().chain(["国办发明电"]) {
            let number = DocumentNumber::parse(&format!("{issuer}〔2022〕16号")).unwrap();
            assert_eq!((number.issuer.as_str(), number.year, number.serial), (issuer, 2022, 16));
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for typed in [
            "",
            "湘人社函",
            "湘人社函〔2023〕号",
            "湘人社函〔23〕118号",
            "〔2023〕118号",
            "湘人社函〔2023〕118",
            "湘人社函〔2023〕0号",
            "湘人社函〔1023〕1号",
            "湘人社函〔2023〕99999999999号",
            "湘人社函〕2023〔118号",
            "湘2〔2023〕1号",
        ] {
            assert_eq!(DocumentNumber::parse(typed).unwrap_err().code, "document-number-format", "{typed}");
        }
    }

    #[test]
    fn makes_parts_of_a_number_searchable() {
        assert_eq!(normalise_brackets("函[2023]"), normalise_brackets("函（2023）"));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(issuer in "[一-龥]{1,20}", year in YEAR_MIN..=YEAR_MAX, serial in 1_u32..) {
            let number = DocumentNumber { issuer, year, serial };
            prop_assert_eq!(DocumentNumber::parse(&number.to_string()).unwrap(), number);
        }
    }
}

//! 电话 Telephone numbers: the mobile of a person, the landline of a unit or of a complaint desk (domain.md 4.3).
//!
//! Stored in one form (`13800000000`, `0731-82211234-801`), so that two spellings of one number are equal.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, text};

/// Area codes of Hunan and where they ring.
pub const HUNAN_AREA_CODES: [(&str, &str); 12] = [
    ("0730", "岳阳"),
    ("0731", "长沙、株洲、湘潭"),
    ("0734", "衡阳"),
    ("0735", "郴州"),
    ("0736", "常德"),
    ("0737", "益阳"),
    ("0738", "娄底"),
    ("0739", "邵阳"),
    ("0743", "湘西"),
    ("0744", "张家界"),
    ("0745", "怀化"),
    ("0746", "永州"),
];

/// A telephone number of either kind, for fields that take both: the contact and the complaint line of a publicity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phone {
    /// 手机.
    Mobile(Mobile),
    /// 座机.
    Landline(Landline),
}

/// A mobile number of the mainland: eleven digits. `Debug` shows it masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Mobile(String);

/// A landline number: area code, number and perhaps an extension, joined by hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Landline(String);

impl Phone {
    /// Takes a number as it was typed; one that begins with 0 is a landline.
    ///
    /// # Errors
    /// As [`Mobile::parse`] and [`Landline::parse`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if compact(typed)?.starts_with('0') {
            Ok(Self::Landline(Landline::parse(typed)?))
        } else {
            Ok(Self::Mobile(Mobile::parse(typed)?))
        }
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mobile(mobile) => mobile.as_str(),
            Self::Landline(landline) => landline.as_str(),
        }
    }

    /// What lists show.
    pub fn masked(&self) -> String {
        match self {
            Self::Mobile(mobile) => mobile.masked(),
            Self::Landline(landline) => landline.masked(),
        }
    }
}

impl Mobile {
    /// Takes a number as it was typed: blanks and hyphens between the digits and `+86` in front are dropped.
    ///
    /// # Errors
    /// `mobile-format` unless eleven digits remain of which the first is 1 and the second 3 to 9; `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let mut number = compact(typed)?.replace('-', "");
        if let Some(national) = number.strip_prefix("+86") {
            number = national.to_owned();
        }
        let bytes = number.as_bytes();
        let fits = bytes.len() == 11
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] == b'1'
            && (b'3'..=b'9').contains(&bytes[1]);
        if !fits {
            return Err(Problem::new("mobile-format", "手机号码应为11位数字，以13至19开头，请核对"));
        }
        Ok(Self(number))
    }

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What lists show: `138****0000`.
    pub fn masked(&self) -> String {
        match (self.0.get(..3), self.0.get(7..)) {
            (Some(head), Some(tail)) if self.0.is_ascii() => format!("{head}****{tail}"),
            _ => "*".repeat(self.0.chars().count()),
        }
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mobile({})", self.masked())
    }
}

impl Landline {
    /// Takes a number as it was typed, with or without hyphens. The area code is cut off as the numbering plan has it,
    /// three digits for 010 and 02x and four elsewhere, wherever the hyphen stood; what follows a second hyphen is the
    /// extension.
    ///
    /// # Errors
    /// `landline-format` unless it is an area code, seven or eight digits, and an extension of at most six;
    /// `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        landline(&compact(typed)?).map(Self).ok_or_else(|| {
            Problem::new(
                "landline-format",
                "固定电话应为区号加7至8位号码，如0731-82211234，分机号写在最后，请核对",
            )
        })
    }

    /// The stored form, `0731-82211234` or `0731-82211234-801`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it rings, for the area codes of Hunan.
    pub fn area_name(&self) -> Option<&'static str> {
        let (area, _) = self.0.split_once('-')?;
        HUNAN_AREA_CODES.iter().find(|(code, _)| *code == area).map(|(_, name)| *name)
    }

    /// What lists show: area code and last four digits, `0731-****1234`, without the extension.
    pub fn masked(&self) -> String {
        let mut parts = self.0.split('-');
        let (area, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let last_four = number.len().checked_sub(4).and_then(|start| number.get(start..));
        match last_four {
            Some(last_four) => format!("{area}-****{last_four}"),
            None => "*".repeat(self.0.chars().count()),
        }
    }
}

/// Without blanks; hyphens of every width made the plain one.
fn compact(typed: &str) -> Result<String, Problem> {
    let folded = text::code(typed)?;
    Ok(folded
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            '－' | '—' | '–' | '‐' | '‑' | '−' => '-',
            '＋' => '+',
            other => other,
        })
        .collect())
}

fn landline(typed: &str) -> Option<String> {
    let parts: Vec<&str> = typed.split('-').collect();
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let (digits, extension) = match parts.as_slice() {
        [whole] => ((*whole).to_owned(), None),
        // an area code has at most four digits: more in front of a single hyphen is the whole number
        [whole, extension] if whole.len() > 4 => ((*whole).to_owned(), Some(*extension)),
        [area, number] => (format!("{area}{number}"), None),
        [area, number, extension] => (format!("{area}{number}"), Some(*extension)),
        _ => return None,
    };
    let area_length = if digits.starts_with("01") || digits.starts_with("02") { 3 } else { 4 };
    let (area, number) = digits.split_at_checked(area_length)?;
    if !area.starts_with('0') || area.starts_with("00") || !(7..=8).contains(&number.len()) {
        return None;
    }
    match extension {
        Some(extension) if extension.len() > 6 => None,
        Some(extension) => Some(format!("{area}-{number}-{extension}")),
        None => Some(format!("{area}-{number}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_one_mobile_in_many_spellings() {
        for typed in
            ["13800000000", " 138 0000 0000", "138-0000-0000", "+86 13800000000", "１３８００００００００"]
        {
            let mobile = Mobile::parse(typed).unwrap();
            assert_eq!(mobile.as_str(), "13800000000");
            assert_eq!(mobile.masked(), "138****0000");
            assert_eq!(format!("{mobile:?}"), "Mobile(138****0000)");
        }
    }

    #[test]
    fn refuses_what_is_no_mobile() {
        for typed in ["", "12800000000", "1380000000", "138000000000", "23800000000", "1380000000a", "湘"] {
            assert_eq!(Mobile::parse(typed).unwrap_err().code, "mobile-format", "{typed}");
        }
    }

    #[test]
    fn stores_a_landline_in_one_form() {
        for (typed, stored) in [
            ("0731-82211234", "0731-82211234"),
            ("073182211234", "0731-82211234"),
            ("0731 8221 1234", "0731-82211234"),
            ("0731－82211234—801", "0731-82211234-801"),
            ("073182211234-801", "0731-82211234-801"),
            ("0730-8123456", "0730-8123456"),
            ("010-12345678", "010-12345678"),
            ("02012345678", "020-12345678"),
        ] {
            assert_eq!(Landline::parse(typed).unwrap().as_str(), stored, "{typed}");
        }
    }

    #[test]
    fn refuses_what_is_no_landline() {
        for typed in [
            "",
            "82211234",
            "0731-822112",
            "0731-822112345",
            "0731-82211234-1234567",
            "0731--82211234",
            "-",
            "0000-1234567",
        ] {
            assert_eq!(Landline::parse(typed).unwrap_err().code, "landline-format", "{typed}");
        }
    }

    #[test]
    fn knows_the_area_codes_of_hunan() {
        assert_eq!(Landline::parse("0743-8222222").unwrap().area_name(), Some("湘西"));
        assert_eq!(Landline::parse("010-12345678").unwrap().area_name(), None);
        assert_eq!(Landline::parse("0731-82211234-801").unwrap().masked(), "0731-****1234");
    }

    #[test]
    fn tells_the_kind_by_the_first_digit() {
        assert!(matches!(Phone::parse("0731-82211234").unwrap(), Phone::Landline(_)));
        assert!(matches!(Phone::parse("13800000000").unwrap(), Phone::Mobile(_)));
        assert_eq!(Phone::parse("13800000000\0").unwrap_err().code, "text-has-nul");
    }

    proptest! {
        #[test]
        fn never_panics_and_never_changes_twice(typed in "\\PC{0,24}|[0-9-]{5,20}") {
            if let Ok(phone) = Phone::parse(&typed) {
                prop_assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
            }
            let _ = (Mobile(typed.clone()).masked(), Landline(typed).masked());
        }
    }
}

//! 证书编号 Certificate numbers (domain.md 4.7).
//!
//! Hunan's have eighteen characters: level letter, series (2), year (2), mode (1), issuing unit (8), serial (4);
//! `A08231000000000001`. Certificates imported from before may carry any other form.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Problem, text};

/// Length of a number, in characters.
pub const CHARS: usize = 18;
/// First serial of a pool.
pub const SERIAL_MIN: u16 = 1;
/// Last serial of a pool (level, series, year, mode and unit): here it is exhausted and someone must be told.
pub const SERIAL_MAX: u16 = 9999;
/// First year of acquisition that two digits can say.
pub const YEAR_MIN: u16 = 2000;
/// Last year of acquisition that two digits can say.
pub const YEAR_MAX: u16 = 2099;
/// Longest imported number, in characters.
pub const LEGACY_CHARS_MAX: usize = 64;
/// Unit code of the province; only the province may use it, which is for the caller to know.
pub const PROVINCE_UNIT_CODE: &str = "00000000";

/// A certificate number of Hunan's form or an imported one.
///
/// It is written and sent as its text; reading never fails, what has not Hunan's form is [`Legacy`](Self::Legacy).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateNumber {
    /// Eighteen characters.
    Hunan18(Hunan18),
    /// As it stood on the old certificate.
    Legacy(String),
}

/// A number of eighteen characters, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hunan18 {
    level: char,
    series: String,
    year: u16,
    mode: char,
    unit: String,
    serial: u16,
}

impl Hunan18 {
    /// Builds a number.
    ///
    /// * `level`: `A` senior, `B` intermediate, `C` junior;
    /// * `series`: two digits, from the table of certificate codes of the series;
    /// * `year`: of acquisition, four digits, [`YEAR_MIN`] to [`YEAR_MAX`];
    /// * `mode`: `1` 评审, `2` 考试, `3` 认定 and 初定 (domain.md 2.2);
    /// * `unit`: issuing unit, four to eight digits, padded right with 0;
    /// * `serial`: [`SERIAL_MIN`] to [`SERIAL_MAX`].
    ///
    /// # Errors
    /// `certificate-number-level`, `-series`, `-year`, `-mode`, `-unit`, `-serial`.
    pub fn build(
        level: char,
        series: &str,
        year: u16,
        mode: char,
        unit: &str,
        serial: u16,
    ) -> Result<Self, Problem> {
        if !matches!(level, 'A'..='C') {
            return Err(Problem::new("certificate-number-level", "证书编号的级别应为A、B或C"));
        }
        if series.len() != 2 || !is_digits(series) {
            return Err(Problem::new("certificate-number-series", "证书编号的系列代码应为2位数字"));
        }
        if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
            return Err(Problem::new("certificate-number-year", "证书编号的取得年份应在2000至2099年之间"));
        }
        if !matches!(mode, '1'..='3') {
            return Err(Problem::new(
                "certificate-number-mode",
                "证书编号的取得方式应为1（评审）、2（考试）或3（认定）",
            ));
        }
        if !(SERIAL_MIN..=SERIAL_MAX).contains(&serial) {
            return Err(Problem::new(
                "certificate-number-serial",
                "证书编号的序号应在0001至9999之间，号段用尽请联系省厅",
            ));
        }
        let unit = pad_unit_code(unit)?;
        Ok(Self { level, series: series.to_owned(), year, mode, unit, serial })
    }

    /// Reads a number as it was typed, letters in any case.
    ///
    /// # Errors
    /// `certificate-number-format`, those of [`build`](Self::build), `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let mut number = text::code(typed)?;
        number.make_ascii_uppercase();
        Self::take_apart(&number).unwrap_or_else(|| {
            Err(Problem::new("certificate-number-format", "证书编号应为18位：1位级别字母加17位数字，请核对"))
        })
    }

    fn take_apart(number: &str) -> Option<Result<Self, Problem>> {
        if number.len() != CHARS || !is_digits(number.get(1..)?) {
            return None;
        }
        Some(Self::build(
            number.chars().next()?,
            number.get(1..3)?,
            YEAR_MIN + number.get(3..5)?.parse::<u16>().ok()?,
            number.chars().nth(5)?,
            number.get(6..14)?,
            number.get(14..)?.parse().ok()?,
        ))
    }

    /// `A`, `B` or `C`.
    pub fn level(&self) -> char {
        self.level
    }

    /// Two digits.
    pub fn series(&self) -> &str {
        &self.series
    }

    /// Year of acquisition, four digits.
    pub fn year(&self) -> u16 {
        self.year
    }

    /// `1`, `2` or `3`.
    pub fn mode(&self) -> char {
        self.mode
    }

    /// Eight digits.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// From 1 to 9999.
    pub fn serial(&self) -> u16 {
        self.serial
    }

    /// Whether the issuing unit is the province.
    pub fn is_by_province(&self) -> bool {
        self.unit == PROVINCE_UNIT_CODE
    }

    /// What numbers of one pool have in common: all but the serial, fourteen characters.
    pub fn pool(&self) -> String {
        format!("{}{}{:02}{}{}", self.level, self.series, self.year % 100, self.mode, self.unit)
    }

    /// The next number of the pool; none after the last.
    pub fn next(&self) -> Option<Self> {
        (self.serial < SERIAL_MAX).then(|| Self { serial: self.serial + 1, ..self.clone() })
    }
}

impl fmt::Display for Hunan18 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{:04}", self.pool(), self.serial)
    }
}

impl CertificateNumber {
    /// Takes a number as it was typed or imported: Hunan's form where it has it, else as it is.
    ///
    /// # Errors
    /// `text-empty`, `text-too-long`, `text-has-control`, `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if let Ok(number) = Hunan18::parse(typed) {
            return Ok(Self::Hunan18(number));
        }
        Ok(Self::Legacy(text::line(&text::code(typed)?, LEGACY_CHARS_MAX)?))
    }
}

impl From<Hunan18> for CertificateNumber {
    fn from(number: Hunan18) -> Self {
        Self::Hunan18(number)
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hunan18(number) => number.fmt(formatter),
            Self::Legacy(number) => formatter.write_str(number),
        }
    }
}

impl Serialize for CertificateNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CertificateNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = String::deserialize(deserializer)?;
        // a text that parsing would change stays as it is: what an event holds is read, not corrected
        Ok(match Hunan18::take_apart(&stored) {
            Some(Ok(number)) => Self::Hunan18(number),
            Some(Err(_)) | None => Self::Legacy(stored),
        })
    }
}

impl JsonSchema for CertificateNumber {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CertificateNumber".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "证书编号: eighteen characters of Hunan's form, or an imported number as it stood on the certificate.",
        })
    }
}

/// The eight digits of an issuing unit from its code of four to eight: `0602` becomes `06020000`.
///
/// # Errors
/// `certificate-number-unit`.
pub fn pad_unit_code(code: &str) -> Result<String, Problem> {
    if !(4..=8).contains(&code.len()) || !is_digits(code) {
        return Err(Problem::new(
            "certificate-number-unit",
            "发证单位编码应为4至8位数字，请核对发证单位编码配置",
        ));
    }
    Ok(format!("{code:0<8}"))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn builds_the_examples_of_the_source() {
        for (unit, number) in
            [("0000", "A08231000000000001"), ("0100", "A08231010000000001"), ("0602", "A08231060200000001")]
        {
            let built = Hunan18::build('A', "08", 2023, '1', unit, 1).unwrap();
            assert_eq!(built.to_string(), number);
            assert_eq!(Hunan18::parse(number).unwrap(), built);
            assert_eq!(built.is_by_province(), unit == "0000");
        }
    }

    #[test]
    fn takes_a_number_apart() {
        let number = Hunan18::parse(" b０５243060200000042 ").unwrap();
        assert_eq!(
            (number.level(), number.series(), number.year(), number.mode(), number.unit(), number.serial()),
            ('B', "05", 2024, '3', "06020000", 42)
        );
        assert_eq!(number.pool(), "B0524306020000");
    }

    #[test]
    fn stops_at_9999() {
        let last = Hunan18::build('C', "01", 2023, '3', "0602", SERIAL_MAX).unwrap();
        assert_eq!(last.next(), None);
        let before = Hunan18::build('C', "01", 2023, '3', "0602", 9998).unwrap();
        assert_eq!(before.next(), Some(last));
        for serial in [0, 10_000] {
            let refused = Hunan18::build('C', "01", 2023, '3', "0602", serial).unwrap_err();
            assert_eq!(refused.code, "certificate-number-serial");
        }
    }

    #[test]
    fn refuses_with_the_part_that_is_wrong() {
        for (number, code) in [
            ("D08231000000000001", "certificate-number-level"),
            ("A08234000000000001", "certificate-number-mode"),
            ("A08231000000000000", "certificate-number-serial"),
            ("A0823100000000001", "certificate-number-format"),
            ("A0823100000000000X", "certificate-number-format"),
            ("湘A08231000000001", "certificate-number-format"),
        ] {
            assert_eq!(Hunan18::parse(number).unwrap_err().code, code, "{number}");
        }
        let build = |series, year, unit| Hunan18::build('A', series, year, '1', unit, 1).unwrap_err().code;
        assert_eq!(build("8", 2023, "0000"), "certificate-number-series");
        assert_eq!(build("08", 1999, "0000"), "certificate-number-year");
        assert_eq!(build("08", 2100, "0000"), "certificate-number-year");
        assert_eq!(build("08", 2023, "060"), "certificate-number-unit");
    }

    #[test]
    fn keeps_an_old_number_as_it_stood() {
        let old = CertificateNumber::parse(" 湘职改 B0812345 ").unwrap();
        assert_eq!(old, CertificateNumber::Legacy("湘职改 B0812345".into()));
        assert_eq!(CertificateNumber::parse(" ").unwrap_err().code, "text-empty");
        let read: CertificateNumber = serde_json::from_str("\"a08231000000000001\"").unwrap();
        assert_eq!(read, CertificateNumber::Legacy("a08231000000000001".into()));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            level in "[A-C]", series in "[0-9]{2}", year in YEAR_MIN..=YEAR_MAX,
            mode in "[1-3]", unit in "[0-9]{4,8}", serial in SERIAL_MIN..=SERIAL_MAX,
        ) {
            let first = |text: &str| text.chars().next().unwrap();
            let number = Hunan18::build(first(&level), &series, year, first(&mode), &unit, serial).unwrap();
            let text = number.to_string();
            prop_assert_eq!(text.len(), CHARS);
            prop_assert_eq!(Hunan18::parse(&text).unwrap(), number.clone());
            let sent = serde_json::to_string(&CertificateNumber::from(number.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<CertificateNumber>(&sent).unwrap(), number.into());
        }

        #[test]
        fn never_panics_on_what_is_typed(typed in "\\PC{0,20}") {
            let _ = (Hunan18::parse(&typed), CertificateNumber::parse(&typed));
        }
    }
}

//! What a field of a section may hold: each type knows its bounds and the one form in which it is stored.

use crate::codes::education::Education as EducationCode;
use crate::codes::{Degree, Phone, Problem, Region, region, text};
use crate::hundredths::Hundredths;
use crate::input::Checks;
use crate::reference::{ethnic_groups, political_statuses, series};
use chrono::{Datelike, NaiveDate};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The earliest year that a date of a form may lie in.
pub const YEAR_MIN: i32 = 1900;
/// The latest year that a date of a form may lie in.
pub const YEAR_MAX: i32 = 2199;
/// The largest count of a form: words of a book, position among authors, hours.
pub const COUNT_MAX: u32 = 100_000_000;

/// A field's value: checked, and brought into its stored form.
pub trait Field {
    /// Notes what is wrong with it; leaves it as it is stored.
    fn check(&mut self, pointer: &str, checks: &mut Checks);

    /// Whether nothing was typed: an optional field is left out then.
    fn blank(&self) -> bool {
        false
    }

    /// Whether it is left out of the stored form.
    fn absent(&self) -> bool {
        false
    }
}

impl<T: Field> Field for Option<T> {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        if self.as_ref().is_some_and(Field::blank) {
            *self = None;
        }
        if let Some(value) = self {
            value.check(pointer, checks);
        }
    }

    fn absent(&self) -> bool {
        self.is_none()
    }
}

/// One line of at most `MAX` characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Line<MAX> {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        self.0 = checks.text(pointer, &self.0, MAX);
    }

    fn blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// Paragraphs of at most `MAX` characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paragraphs<const MAX: usize>(pub String);

impl<const MAX: usize> Field for Paragraphs<MAX> {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        self.0 = checks.paragraph(pointer, &self.0, MAX);
    }

    fn blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

macro_rules! texts {
    ($($type:ident $name:literal),+) => { $(
        impl<const MAX: usize> JsonSchema for $type<MAX> {
            fn schema_name() -> Cow<'static, str> {
                format!(concat!($name, "_{}"), MAX).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "maxLength": MAX})
            }
        }
    )+ };
}
texts!(Line "Line", Paragraphs "Paragraphs");

impl Field for NaiveDate {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        let message = format!("日期应在{YEAR_MIN}年至{YEAR_MAX}年之间。");
        checks.ensure((YEAR_MIN..=YEAR_MAX).contains(&self.year()), pointer, "date-out-of-range", message);
    }
}

/// A year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Year(pub i32);

impl Field for Year {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        let message = format!("年度应在{YEAR_MIN}至{YEAR_MAX}之间。");
        checks.ensure((YEAR_MIN..=YEAR_MAX).contains(&self.0), pointer, "year-out-of-range", message);
    }
}

impl Field for u32 {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        let message = format!("数值不能超过{COUNT_MAX}。");
        checks.ensure(*self <= COUNT_MAX, pointer, "out-of-range", message);
    }
}

impl Field for Hundredths {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        checks.ensure(self.0 >= 0, pointer, "out-of-range", "数值不能为负数。");
    }
}

impl Field for bool {
    fn check(&mut self, _: &str, _: &mut Checks) {}
}

/// Declares codes that are looked up when they are sent and stored as text: `Type "doc" parse;`.
macro_rules! codes {
    ($($(#[$doc:meta])* $type:ident => $parse:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $type(pub String);

        impl Field for $type {
            fn check(&mut self, pointer: &str, checks: &mut Checks) {
                let parse: fn(&str) -> Result<String, Problem> = $parse;
                self.0 = checks.parsed(pointer, parse(&self.0));
            }
            fn blank(&self) -> bool {
                self.0.trim().is_empty()
            }
        }
    )+ };
}

codes! {
    /// 学历, GB/T 4658.
    EducationLevel => |typed| EducationCode::parse(typed).map(|it| it.code.to_owned());
    /// 学位, GB/T 6864.
    DegreeCode => |typed| Degree::parse(typed).map(|it| it.code);
    /// 民族, GB/T 3304.
    EthnicGroup => |typed| known(typed, ethnic_groups::ethnic_group, "民族代码不在GB/T 3304中，请从列表中选择");
    /// 政治面貌, GB/T 4762.
    PoliticalStatus => |typed| known(typed, political_statuses::political_status, "政治面貌代码不在GB/T 4762中，请从列表中选择");
    /// 系列 by its code.
    SeriesCode => |typed| known(typed, |code| series::by_code(code).map(|it| it.name), "没有这个系列，请从列表中选择");
    /// 联系电话.
    PhoneNumber => |typed| Phone::parse(typed).map(|it| it.as_str().to_owned());
    /// 统筹区, GB/T 2260.
    RegionCode => |typed| region::parse(typed).map(|it: &Region| it.code.to_owned());
    /// 电子邮箱: one `@` between two parts without blanks; whether it exists is not asked.
    Email => email;
}

fn known(
    typed: &str,
    name: fn(&str) -> Option<&'static str>,
    sentence: &'static str,
) -> Result<String, Problem> {
    let code = text::code(typed)?;
    match name(&code) {
        Some(_) => Ok(code),
        None => Err(Problem::new("unknown-value", sentence)),
    }
}

/// The longest address, in characters (RFC 5321).
const EMAIL_CHARS_MAX: usize = 254;

fn email(typed: &str) -> Result<String, Problem> {
    let address = text::line(&text::code(typed)?, EMAIL_CHARS_MAX)?;
    let fits = address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && !address.chars().any(char::is_whitespace)
    });
    if fits {
        Ok(address)
    } else {
        Err(Problem::new("email-format", "电子邮箱格式不正确，请核对"))
    }
}

/// The most values of a field that holds several.
pub const VALUES_MAX: usize = 20;

impl<T: Field> Field for Vec<T> {
    fn check(&mut self, pointer: &str, checks: &mut Checks) {
        checks.ensure(
            self.len() <= VALUES_MAX,
            pointer,
            "too-many",
            format!("最多填写{VALUES_MAX}项，请删减。"),
        );
        for (index, value) in self.iter_mut().enumerate().take(VALUES_MAX) {
            value.check(&format!("{pointer}/{index}"), checks);
        }
    }

    fn blank(&self) -> bool {
        self.is_empty()
    }
}

/// Closed sets of values need no check beyond being read.
macro_rules! choices {
    ($($type:ty),+ $(,)?) => { $(
        impl $crate::declaration::sections::field::Field for $type {
            fn check(&mut self, _: &str, _: &mut $crate::input::Checks) {}
        }
    )+ };
}
pub(super) use choices;

choices!(crate::values::Level, crate::values::Mode, crate::values::Nature, crate::ids::MaterialId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_parts_without_blanks() {
        for good in ["liu.ji@example.com", "ａ@example.com"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in ["liu", "@example.com", "liu@", "liu@com", "l iu@example.com", "a@b@example.com"] {
            assert_eq!(email(bad).unwrap_err().code, "email-format", "{bad}");
        }
    }
}

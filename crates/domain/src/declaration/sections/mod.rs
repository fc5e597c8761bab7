//! 申报内容 The sections of the form: what each may hold (domain.md 5.8; contract.md, `submit`).
//!
//! A section is sent whole. It is read into its type, so that an unknown member or a wrong type is malformed and a
//! value that cannot be is invalid, each with its pointer; what is stored is the type's own form: trimmed texts, codes
//! in one spelling, optional fields that were left blank left out. No stored value is a floating-point number.
//! Name, ID number, sex and birth date are the person's and stand in no section.

pub mod assessments;
pub mod awards;
pub mod basic;
pub mod books;
pub mod continuing_education;
pub mod current_title;
pub mod declaration;
pub mod education;
pub mod employment;
pub mod exception_grounds;
pub mod field;
pub mod grassroots_service;
pub mod language_computer;
pub mod outcomes;
pub mod papers;
pub mod patents;
pub mod projects;
pub mod rewards_discipline;
pub mod self_report;
pub mod specialty_practice;

use super::state::Content;
use super::values::SectionKey;
use crate::action::parse_input;
use crate::context::Stop;
use crate::input::Checks;
use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The most entries of a section that is a list.
pub const ENTRIES_MAX: usize = 200;

/// A section, or one entry of a section that is a list.
pub trait Entry: Serialize + DeserializeOwned + JsonSchema {
    /// Notes what is wrong with it; leaves it as it is stored.
    fn check(&mut self, pointer: &str, checks: &mut Checks);
    /// Whether nothing was filled in.
    fn empty(&self) -> bool;
}

/// Declares a section's type from its fields; `rule` adds what holds between them.
macro_rules! section {
    (
        $(#[$doc:meta])* $type:ident { $($(#[$fdoc:meta])* $field:ident: $ftype:ty,)+ }
        $(rule $rule:expr;)?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $type {
            $($(#[$fdoc])*
            #[serde(skip_serializing_if = "crate::declaration::sections::field::Field::absent")]
            pub $field: $ftype,)+
        }
        impl $crate::declaration::sections::Entry for $type {
            fn check(&mut self, pointer: &str, checks: &mut $crate::input::Checks) {
                $($crate::declaration::sections::field::Field::check(
                    &mut self.$field, &format!("{pointer}/{}", stringify!($field)), checks,
                );)+
                $(let rule: fn(&Self, &str, &mut $crate::input::Checks) = $rule;
                rule(self, pointer, checks);)?
            }
            fn empty(&self) -> bool {
                $($crate::declaration::sections::field::Field::absent(&self.$field) &&)+ true
            }
        }
    };
}
use section;

/// What is done with the type of a section, once for each section.
trait Visitor {
    type Answer;
    /// A section that is one object.
    fn one<T: Entry>(self) -> Self::Answer;
    /// A section that is a list of entries.
    fn list<T: Entry>(self) -> Self::Answer;
    /// 个人承诺, which is written by `submit` alone.
    fn pledge(self) -> Self::Answer;
}

/// The one place that says which type a section has.
fn visit<V: Visitor>(key: SectionKey, visitor: V) -> V::Answer {
    match key {
        SectionKey::Basic => visitor.one::<basic::Basic>(),
        SectionKey::Declaration => visitor.one::<declaration::Wishes>(),
        SectionKey::CurrentTitle => visitor.one::<current_title::CurrentTitle>(),
        SectionKey::Education => visitor.list::<education::Education>(),
        SectionKey::Employment => visitor.list::<employment::Employment>(),
        SectionKey::ContinuingEducation => visitor.list::<continuing_education::ContinuingEducation>(),
        SectionKey::LanguageComputer => visitor.list::<language_computer::LanguageComputer>(),
        SectionKey::Papers => visitor.list::<papers::Paper>(),
        SectionKey::Books => visitor.list::<books::Book>(),
        SectionKey::Projects => visitor.list::<projects::Project>(),
        SectionKey::Patents => visitor.list::<patents::Patent>(),
        SectionKey::Awards => visitor.list::<awards::Award>(),
        SectionKey::Outcomes => visitor.list::<outcomes::Outcome>(),
        SectionKey::GrassrootsService => visitor.list::<grassroots_service::GrassrootsService>(),
        SectionKey::SpecialtyPractice => visitor.list::<specialty_practice::SpecialtyPractice>(),
        SectionKey::RewardsDiscipline => visitor.list::<rewards_discipline::RewardOrDiscipline>(),
        SectionKey::ExceptionGrounds => visitor.list::<exception_grounds::ExceptionGround>(),
        SectionKey::SelfReport => visitor.one::<self_report::SelfReport>(),
        SectionKey::Assessments => visitor.list::<assessments::Assessment>(),
        SectionKey::Pledge => visitor.pledge(),
    }
}

/// Checks a section's body and answers it in the form in which it is stored.
pub fn check(key: SectionKey, body: &Value, pointer: &str, checks: &mut Checks) -> Value {
    visit(key, Check { body, pointer, checks })
}

/// The JSON Schema of a section's body; none of the pledge, which is not sent as a section.
pub fn schema(key: SectionKey, generator: &mut SchemaGenerator) -> Option<Schema> {
    visit(key, Describe { generator })
}

struct Check<'a> {
    body: &'a Value,
    pointer: &'a str,
    checks: &'a mut Checks,
}

impl Check<'_> {
    fn entry<T: Entry>(&mut self, body: &Value, pointer: &str) -> Value {
        let mut entry: T = match parse_input(body) {
            Ok(entry) => entry,
            Err(Stop::Refused(refusal)) => {
                self.checks.absorb(pointer, refusal);
                return Value::Null;
            }
            Err(Stop::Need(_) | Stop::SecondPerson) => return Value::Null,
        };
        entry.check(pointer, self.checks);
        self.checks.ensure(!entry.empty(), pointer, "entry-empty", "这一条没有填写任何内容，请填写或删除。");
        serde_json::to_value(&entry).unwrap_or_default()
    }
}

impl Visitor for Check<'_> {
    type Answer = Value;

    fn one<T: Entry>(mut self) -> Value {
        let (body, pointer) = (self.body, self.pointer);
        self.entry::<T>(body, pointer)
    }

    fn list<T: Entry>(mut self) -> Value {
        let (body, pointer) = (self.body, self.pointer);
        let Value::Array(entries) = body else {
            self.checks.malformed(pointer, "wrong-type", "类型不符合接口要求。");
            return Value::Null;
        };
        if entries.len() > ENTRIES_MAX {
            self.checks.problem(pointer, "too-many", format!("最多填写{ENTRIES_MAX}条，请删减。"));
            return Value::Null;
        }
        let entries = entries.iter().enumerate();
        entries.map(|(index, body)| self.entry::<T>(body, &format!("{pointer}/{index}"))).collect()
    }

    fn pledge(self) -> Value {
        let message = "个人承诺在提交时签署，不能单独保存。";
        self.checks.problem(self.pointer, "section-by-submit", message);
        Value::Null
    }
}

struct Describe<'a> {
    generator: &'a mut SchemaGenerator,
}

impl Visitor for Describe<'_> {
    type Answer = Option<Schema>;

    fn one<T: Entry>(self) -> Option<Schema> {
        Some(self.generator.subschema_for::<T>())
    }

    fn list<T: Entry>(self) -> Option<Schema> {
        let entry = self.generator.subschema_for::<T>();
        Some(schemars::json_schema!({"type": "array", "items": entry, "maxItems": ENTRIES_MAX}))
    }

    fn pledge(self) -> Option<Schema> {
        None
    }
}

/// A period must not end before it begins.
fn in_order(checks: &mut Checks, pointer: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
    if let (Some(from), Some(to)) = (from, to) {
        checks.ensure(from <= to, pointer, "ends-before-start", "结束日期不能早于开始日期。");
    }
}

/// A dated achievement, for the cut-off (N12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Where it stands: `section/index`.
    pub anchor: String,
    /// Its date.
    pub on: NaiveDate,
}

/// Sections whose entries are achievements, each with the fields that date them, the one that counts first.
const DATED: &[(SectionKey, &[&str])] = &[
    (SectionKey::Papers, &["published_on"]),
    (SectionKey::Books, &["published_on"]),
    (SectionKey::Projects, &["to", "from"]),
    (SectionKey::Patents, &["granted_on", "applied_on"]),
    (SectionKey::Awards, &["awarded_on"]),
    (SectionKey::Outcomes, &["achieved_on"]),
];

/// Every dated achievement of the content, and the education on which the declaration rests (seed 003 二(三), N12).
pub fn achievements(content: &Content) -> Vec<Dated> {
    let entries = |key: SectionKey| match content.section(key) {
        Some(Value::Array(entries)) => entries,
        Some(_) | None => Vec::new(),
    };
    let dated = |key: SectionKey, index: usize, entry: &Value, fields: &[&str]| {
        let texts = fields.iter().filter_map(|field| entry.get(field).and_then(Value::as_str));
        let on = texts.filter_map(|text| text.parse::<NaiveDate>().ok()).next()?;
        Some(Dated { anchor: format!("{key}/{index}"), on })
    };
    let results = DATED.iter().flat_map(|(key, fields)| {
        let dated = |(index, entry): (usize, Value)| dated(*key, index, &entry, fields);
        entries(*key).into_iter().enumerate().filter_map(dated)
    });
    let basis = entries(SectionKey::Education)
        .into_iter()
        .enumerate()
        .filter(|(_, entry)| entry.get("is_basis").and_then(Value::as_bool) == Some(true))
        .filter_map(|(index, entry)| dated(SectionKey::Education, index, &entry, &["to"]));
    results.chain(basis).collect()
}

#[cfg(test)]
mod tests;

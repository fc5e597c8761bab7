//! 学历 Education, GB/T 4658-2006 (domain.md 4.9).
//!
//! Two digits: the kind of schooling, and how it ended. Only 毕业 counts for eligibility.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, text};

/// How far schooling went, lowest first, so that rules can say "at least 大专" (domain.md 2.2, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attainment {
    /// 其他.
    Other,
    /// 小学.
    Primary,
    /// 初中.
    JuniorMiddle,
    /// 普通高中.
    SeniorMiddle,
    /// 中专, 职业高中, 技工学校.
    SecondaryVocational,
    /// 大专.
    College,
    /// 本科.
    Undergraduate,
    /// 研究生班.
    PostgraduateClass,
    /// 硕士研究生.
    Master,
    /// 博士研究生.
    Doctor,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// 毕业.
    Graduated,
    /// 结业.
    Completed,
    /// 肄业.
    Left,
    /// The code is a heading of the standard and does not say.
    Unstated,
}

/// A code of the standard with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Education {
    /// Two digits.
    pub code: &'static str,
    /// 大学本科毕业.
    pub name: &'static str,
    /// How far it went.
    pub attainment: Attainment,
    /// How it ended.
    pub ending: Ending,
}

impl Education {
    /// The education of a code, as it was typed.
    ///
    /// # Errors
    /// `education-code-unknown`, `text-has-nul`.
    pub fn parse(typed: &str) -> Result<&'static Self, Problem> {
        Self::by_code(&text::code(typed)?)
            .ok_or_else(|| Problem::new("education-code-unknown", "学历代码不在GB/T 4658中，请从列表中选择"))
    }

    /// The education of a code.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        EDUCATIONS.iter().find(|education| education.code == code)
    }

    /// Whether it counts for eligibility: 毕业, neither 结业 nor 肄业, and no heading.
    pub fn counts_as_graduated(&self) -> bool {
        match self.ending {
            Ending::Graduated => true,
            Ending::Completed | Ending::Left | Ending::Unstated => false,
        }
    }
}

const fn entry(code: &'static str, name: &'static str, attainment: Attainment, ending: Ending) -> Education {
    Education { code, name, attainment, ending }
}

/// The whole standard, in the order of its codes.
pub static EDUCATIONS: [Education; 40] = {
    use Attainment::*;
    use Ending::*;
    [
        entry("10", "研究生教育", PostgraduateClass, Unstated),
        entry("11", "博士研究生毕业", Doctor, Graduated),
        entry("12", "博士研究生结业", Doctor, Completed),
        entry("13", "博士研究生肄业", Doctor, Left),
        entry("14", "硕士研究生毕业", Master, Graduated),
        entry("15", "硕士研究生结业", Master, Completed),
        entry("16", "硕士研究生肄业", Master, Left),
        entry("17", "研究生班毕业", PostgraduateClass, Graduated),
        entry("18", "研究生班结业", PostgraduateClass, Completed),
        entry("19", "研究生班肄业", PostgraduateClass, Left),
        entry("20", "大学本科教育", Undergraduate, Unstated),
        entry("21", "大学本科毕业", Undergraduate, Graduated),
        entry("22", "大学本科结业", Undergraduate, Completed),
        entry("23", "大学本科肄业", Undergraduate, Left),
        // graduates of the classes of the 1970s, counted as 大专
        entry("28", "大学普通班毕业", College, Graduated),
        entry("30", "大学专科教育", College, Unstated),
        entry("31", "大学专科毕业", College, Graduated),
        entry("32", "大学专科结业", College, Completed),
        entry("33", "大学专科肄业", College, Left),
        entry("40", "中等职业教育", SecondaryVocational, Unstated),
        entry("41", "中等专科毕业", SecondaryVocational, Graduated),
        entry("42", "中等专科结业", SecondaryVocational, Completed),
        entry("43", "中等专科肄业", SecondaryVocational, Left),
        entry("44", "职业高中毕业", SecondaryVocational, Graduated),
        entry("45", "职业高中结业", SecondaryVocational, Completed),
        entry("46", "职业高中肄业", SecondaryVocational, Left),
        entry("47", "技工学校毕业", SecondaryVocational, Graduated),
        entry("48", "技工学校结业", SecondaryVocational, Completed),
        entry("49", "技工学校肄业", SecondaryVocational, Left),
        entry("60", "普通高级中学教育", SeniorMiddle, Unstated),
        entry("61", "普通高中毕业", SeniorMiddle, Graduated),
        entry("62", "普通高中结业", SeniorMiddle, Completed),
        entry("63", "普通高中肄业", SeniorMiddle, Left),
        entry("70", "初级中学教育", JuniorMiddle, Unstated),
        entry("71", "初中毕业", JuniorMiddle, Graduated),
        entry("73", "初中肄业", JuniorMiddle, Left),
        entry("80", "小学教育", Primary, Unstated),
        entry("81", "小学毕业", Primary, Graduated),
        entry("83", "小学肄业", Primary, Left),
        entry("90", "其他", Other, Unstated),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_graduates() {
        let graduated: Vec<&str> = EDUCATIONS
            .iter()
            .filter(|education| education.counts_as_graduated())
            .map(|education| education.code)
            .collect();
        assert_eq!(graduated, ["11", "14", "17", "21", "28", "31", "41", "44", "47", "61", "71", "81"]);
        for education in &EDUCATIONS {
            assert_eq!(
                education.name.ends_with("毕业"),
                education.counts_as_graduated(),
                "{}",
                education.code
            );
            assert_eq!(education.name.ends_with("结业"), education.ending == Ending::Completed);
            assert_eq!(education.name.ends_with("肄业"), education.ending == Ending::Left);
        }
    }

    #[test]
    fn orders_by_how_far_it_went() {
        let attainment = |code| Education::by_code(code).unwrap().attainment;
        assert!(attainment("11") > attainment("14"));
        assert!(attainment("14") > attainment("21"));
        assert!(attainment("21") > attainment("31"));
        assert!(attainment("31") > attainment("41"));
        assert!(attainment("28") == attainment("31"));
    }

    #[test]
    fn finds_by_code() {
        assert!(EDUCATIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(Education::parse(" ２１").unwrap().name, "大学本科毕业");
        for unknown in ["", "01", "08", "24", "72", "99"] {
            assert_eq!(Education::parse(unknown).unwrap_err().code, "education-code-unknown");
        }
    }
}

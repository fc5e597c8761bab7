//! 学位 Academic degree, GB/T 6864-2003 (domain.md 4.9).
//!
//! Three digits: the class, and the discipline. The list of disciplines has grown since the standard was printed
//! (专业学位, 艺术学), so the class must be known and the discipline need not be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, text};

/// 学科门类 Disciplines of the standard by their two digits.
pub const DISCIPLINES: [(&str, &str); 12] = [
    ("01", "哲学"),
    ("02", "经济学"),
    ("03", "法学"),
    ("04", "教育学"),
    ("05", "文学"),
    ("06", "历史学"),
    ("07", "理学"),
    ("08", "工学"),
    ("09", "农学"),
    ("10", "医学"),
    ("11", "军事学"),
    ("12", "管理学"),
];

/// Class of a degree, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DegreeClass {
    /// 1xx 名誉博士: an honour, below all others because it proves no study.
    HonoraryDoctor,
    /// 4xx 学士.
    Bachelor,
    /// 3xx 硕士.
    Master,
    /// 2xx 博士.
    Doctor,
}

impl DegreeClass {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::HonoraryDoctor => "名誉博士",
            Self::Bachelor => "学士",
            Self::Master => "硕士",
            Self::Doctor => "博士",
        }
    }
}

/// A degree code, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Degree {
    /// Its class.
    pub class: DegreeClass,
    /// Three digits.
    pub code: String,
}

impl Degree {
    /// The degree of a code, as it was typed.
    ///
    /// # Errors
    /// `degree-code-unknown` unless it is three digits of which the first is 1 to 4; `text-has-nul`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let code = text::code(typed)?;
        let three_digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        let class = match code.bytes().next().filter(|_| three_digits) {
            Some(b'1') => DegreeClass::HonoraryDoctor,
            Some(b'2') => DegreeClass::Doctor,
            Some(b'3') => DegreeClass::Master,
            Some(b'4') => DegreeClass::Bachelor,
            _ => {
                return Err(Problem::new(
                    "degree-code-unknown",
                    "学位代码应为GB/T 6864的3位数字，首位为1至4，请从列表中选择",
                ));
            }
        };
        Ok(Self { class, code })
    }

    /// Name of the discipline, where the standard has it.
    pub fn discipline(&self) -> Option<&'static str> {
        let digits = self.code.get(1..)?;
        DISCIPLINES.iter().find(|(code, _)| *code == digits).map(|(_, name)| *name)
    }

    /// 工学硕士, or 硕士 where the discipline is not known.
    pub fn name(&self) -> String {
        format!("{}{}", self.discipline().unwrap_or_default(), self.class.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_class_and_discipline() {
        for (code, name) in [
            ("201", "哲学博士"),
            ("207", "理学博士"),
            ("208", "工学博士"),
            ("212", "管理学博士"),
            ("308", "工学硕士"),
            ("401", "哲学学士"),
            ("345", "硕士"),
        ] {
            assert_eq!(Degree::parse(code).unwrap().name(), name);
        }
    }

    #[test]
    fn orders_the_classes() {
        assert!(DegreeClass::Doctor > DegreeClass::Master);
        assert!(DegreeClass::Master > DegreeClass::Bachelor);
        assert!(DegreeClass::Bachelor > DegreeClass::HonoraryDoctor);
    }

    #[test]
    fn refuses_the_codes_of_a_wrong_list_in_circulation() {
        for code in ["", "4", "001", "011", "021", "508", "4081", "４0a"] {
            assert_eq!(Degree::parse(code).unwrap_err().code, "degree-code-unknown", "{code}");
        }
    }
}

//! 职称系列 The 27 title series (domain.md 4.6) and their two digits in certificate numbers (4.7).

use schemars::JsonSchema;
use serde::Serialize;

/// A title series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Series {
    /// Two digits: its number in the ministry's table.
    pub code: &'static str,
    /// 高等学校教师.
    pub name: &'static str,
    /// Its two digits in a certificate number: by default its code. Which Hunan uses is not established, so this
    /// is the seed of a table, to be confirmed before the first certificate.
    pub certificate_code: &'static str,
    /// Its class in the older GB/T 8561, where known; numbers issued before may carry it (`B08` for engineering).
    pub older_code: Option<&'static str>,
}

const fn series(code: &'static str, name: &'static str, older_code: Option<&'static str>) -> Series {
    Series { code, name, certificate_code: code, older_code }
}

/// The series of a code.
pub fn by_code(code: &str) -> Option<&'static Series> {
    SERIES.iter().find(|series| series.code == code)
}

/// All series, in the order of the ministry's table.
pub static SERIES: [Series; 27] = [
    series("01", "高等学校教师", Some("01")),
    series("02", "哲学社会科学研究人员", None),
    series("03", "自然科学研究人员", None),
    series("04", "卫生技术人员", None),
    series("05", "工程技术人员", Some("08")),
    series("06", "农业技术人员", None),
    series("07", "新闻专业人员", None),
    series("08", "出版专业人员", None),
    series("09", "图书资料专业人员", None),
    series("10", "文物博物专业人员", None),
    series("11", "档案专业人员", None),
    series("12", "工艺美术专业人员", None),
    series("13", "技工院校教师", None),
    series("14", "体育专业人员", None),
    series("15", "翻译专业人员", None),
    series("16", "播音主持专业人员", None),
    series("17", "会计人员", None),
    series("18", "统计专业人员", None),
    series("19", "经济专业人员", None),
    series("20", "实验技术人才", None),
    series("21", "中等职业学校教师", None),
    series("22", "中小学教师", None),
    series("23", "艺术专业人员", None),
    series("24", "公共法律服务专业人员", None),
    series("25", "船舶专业技术人员", None),
    series("26", "民用航空飞行技术人员", None),
    series("27", "审计专业人员", None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_the_series_from_1_to_27() {
        for (index, series) in SERIES.iter().enumerate() {
            assert_eq!(series.code, format!("{:02}", index + 1));
            assert_eq!(series.certificate_code, series.code);
            assert_eq!(by_code(series.code), Some(series));
        }
        assert_eq!(by_code("05").map(|series| series.name), Some("工程技术人员"));
        assert_eq!(by_code("28"), None);
    }

    #[test]
    fn remembers_that_engineers_were_class_08() {
        assert_eq!(by_code("05").and_then(|series| series.older_code), Some("08"));
    }
}

//! 职称树 Titles of each series by level, with the ministry's code where it is known (domain.md 4.6).
//!
//! The last two digits of a ministry code are no level: the mapping is data. Codes of series 08 to 27 are not
//! established; an administrator adds them.

use schemars::JsonSchema;
use serde::Serialize;

/// A title of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Title {
    /// Two digits, see [`super::series`].
    pub series: &'static str,
    /// Branch of the series (医, 药, 护, 技), where it has several.
    pub branch: Option<&'static str>,
    /// `full_senior`, `associate_senior`, `intermediate`, `assistant` or `technician`.
    pub level: &'static str,
    /// 教授.
    pub name: &'static str,
    /// 对应人社部职称 Four digits of the ministry's table of 2024.
    pub ministry_code: Option<&'static str>,
    /// Three digits of GB/T 8561, which still stand in old files; for imports.
    pub older_code: Option<&'static str>,
}

/// All titles of a series, highest level first within each branch.
pub fn of_series(series: &str) -> impl Iterator<Item = &'static Title> {
    TITLES.iter().filter(move |title| title.series == series)
}

/// The titles that may be declared in a series at a level.
pub fn at_level(series: &str, level: &str) -> impl Iterator<Item = &'static Title> {
    of_series(series).filter(move |title| title.level == level)
}

const fn title(
    series: &'static str,
    branch: Option<&'static str>,
    level: &'static str,
    name: &'static str,
    ministry_code: Option<&'static str>,
    older_code: Option<&'static str>,
) -> Title {
    Title { series, branch, level, name, ministry_code, older_code }
}

const FULL_SENIOR: &str = "full_senior";
const ASSOCIATE_SENIOR: &str = "associate_senior";
const INTERMEDIATE: &str = "intermediate";
const ASSISTANT: &str = "assistant";
const TECHNICIAN: &str = "technician";

/// Every title, in the order of series, branch and level.
pub static TITLES: [Title; 185] = [
    title("01", None, FULL_SENIOR, "教授", Some("0101"), Some("011")),
    title("01", None, ASSOCIATE_SENIOR, "副教授", Some("0102"), None),
    title("01", None, INTERMEDIATE, "讲师", Some("0103"), None),
    title("01", None, ASSISTANT, "助教", Some("0104"), None),
    title("02", None, FULL_SENIOR, "研究员", Some("0201"), None),
    title("02", None, ASSOCIATE_SENIOR, "副研究员", Some("0202"), None),
    title("02", None, INTERMEDIATE, "助理研究员", Some("0203"), None),
    title("02", None, ASSISTANT, "研究实习员", Some("0204"), None),
    title("03", None, FULL_SENIOR, "研究员", Some("0301"), None),
    title("03", None, ASSOCIATE_SENIOR, "副研究员", Some("0302"), None),
    title("03", None, INTERMEDIATE, "助理研究员", Some("0303"), None),
    title("03", None, ASSISTANT, "研究实习员", Some("0304"), None),
    title("04", Some("医"), FULL_SENIOR, "主任医师", Some("0401"), None),
    title("04", Some("医"), ASSOCIATE_SENIOR, "副主任医师", Some("0402"), None),
    title("04", Some("医"), INTERMEDIATE, "主治医师", Some("0403"), None),
    title("04", Some("医"), INTERMEDIATE, "主管医师", Some("0403"), None),
    title("04", Some("医"), ASSISTANT, "医师", Some("0404"), None),
    title("04", Some("医"), TECHNICIAN, "医士", Some("0405"), None),
    title("04", Some("药"), FULL_SENIOR, "主任药师", Some("0411"), None),
    title("04", Some("药"), ASSOCIATE_SENIOR, "副主任药师", Some("0412"), None),
    title("04", Some("药"), INTERMEDIATE, "主管药师", Some("0413"), None),
    title("04", Some("药"), ASSISTANT, "药师", Some("0414"), None),
    title("04", Some("药"), TECHNICIAN, "药士", Some("0415"), None),
    title("04", Some("护"), FULL_SENIOR, "主任护师", Some("0421"), None),
    title("04", Some("护"), ASSOCIATE_SENIOR, "副主任护师", Some("0422"), None),
    title("04", Some("护"), INTERMEDIATE, "主管护师", Some("0423"), None),
    title("04", Some("护"), ASSISTANT, "护师", Some("0424"), None),
    title("04", Some("护"), TECHNICIAN, "护士", Some("0425"), None),
    title("04", Some("技"), FULL_SENIOR, "主任技师", Some("0431"), None),
    title("04", Some("技"), ASSOCIATE_SENIOR, "副主任技师", Some("0432"), None),
    title("04", Some("技"), INTERMEDIATE, "主管技师", Some("0433"), None),
    title("04", Some("技"), ASSISTANT, "技师", Some("0434"), None),
    title("04", Some("技"), TECHNICIAN, "技士", Some("0435"), None),
    title("05", None, FULL_SENIOR, "正高级工程师", Some("0501"), None),
    title("05", None, ASSOCIATE_SENIOR, "高级工程师", Some("0502"), Some("082")),
    title("05", None, INTERMEDIATE, "工程师", Some("0503"), Some("083")),
    title("05", None, ASSISTANT, "助理工程师", Some("0504"), Some("084")),
    title("05", None, TECHNICIAN, "技术员", Some("0505"), Some("085")),
    title("06", Some("农艺"), FULL_SENIOR, "正高级农艺师", Some("0601"), None),
    title("06", Some("农艺"), ASSOCIATE_SENIOR, "高级农艺师", Some("0602"), None),
    title("06", Some("农艺"), INTERMEDIATE, "农艺师", Some("0603"), None),
    title("06", Some("农艺"), ASSISTANT, "助理农艺师", Some("0604"), None),
    title("06", Some("农艺"), TECHNICIAN, "农业技术员", Some("0605"), None),
    title("06", Some("畜牧"), FULL_SENIOR, "正高级畜牧师", Some("0606"), None),
    title("06", Some("畜牧"), ASSOCIATE_SENIOR, "高级畜牧师", Some("0607"), None),
    title("06", Some("畜牧"), INTERMEDIATE, "畜牧师", Some("0608"), None),
    title("06", Some("畜牧"), ASSISTANT, "助理畜牧师", Some("0609"), None),
    title("06", Some("兽医"), FULL_SENIOR, "正高级兽医师", Some("0610"), None),
    title("06", Some("兽医"), ASSOCIATE_SENIOR, "高级兽医师", Some("0611"), None),
    title("06", Some("兽医"), INTERMEDIATE, "兽医师", Some("0612"), None),
    title("06", Some("兽医"), ASSISTANT, "助理兽医师", Some("0613"), None),
    title("06", Some("推广"), FULL_SENIOR, "农业技术推广研究员", Some("0614"), None),
    title("07", Some("记者"), FULL_SENIOR, "高级记者", Some("0701"), None),
    title("07", Some("记者"), ASSOCIATE_SENIOR, "主任记者", Some("0702"), None),
    title("07", Some("记者"), INTERMEDIATE, "记者", Some("0703"), None),
    title("07", Some("记者"), ASSISTANT, "助理记者", Some("0704"), None),
    title("07", Some("编辑"), FULL_SENIOR, "高级编辑", Some("0705"), None),
    title("07", Some("编辑"), ASSOCIATE_SENIOR, "主任编辑", Some("0706"), None),
    title("07", Some("编辑"), INTERMEDIATE, "编辑", Some("0707"), None),
    title("07", Some("编辑"), ASSISTANT, "助理编辑", Some("0708"), None),
    title("08", None, FULL_SENIOR, "编审", Some("0801"), None),
    title("08", None, ASSOCIATE_SENIOR, "副编审", None, None),
    title("08", None, INTERMEDIATE, "编辑", None, None),
    title("08", None, ASSISTANT, "助理编辑", None, None),
    title("09", None, FULL_SENIOR, "研究馆员", None, None),
    title("09", None, ASSOCIATE_SENIOR, "副研究馆员", None, None),
    title("09", None, INTERMEDIATE, "馆员", None, None),
    title("09", None, ASSISTANT, "助理馆员", None, None),
    title("09", None, TECHNICIAN, "管理员", None, None),
    title("10", None, FULL_SENIOR, "研究馆员", None, None),
    title("10", None, ASSOCIATE_SENIOR, "副研究馆员", None, None),
    title("10", None, INTERMEDIATE, "馆员", None, None),
    title("10", None, ASSISTANT, "助理馆员", None, None),
    title("11", None, FULL_SENIOR, "研究馆员", None, None),
    title("11", None, ASSOCIATE_SENIOR, "副研究馆员", None, None),
    title("11", None, INTERMEDIATE, "馆员", None, None),
    title("11", None, ASSISTANT, "助理馆员", None, None),
    title("11", None, TECHNICIAN, "管理员", None, None),
    title("12", None, FULL_SENIOR, "正高级工艺美术师", None, None),
    title("12", None, ASSOCIATE_SENIOR, "高级工艺美术师", None, None),
    title("12", None, INTERMEDIATE, "工艺美术师", None, None),
    title("12", None, ASSISTANT, "助理工艺美术师", None, None),
    title("12", None, TECHNICIAN, "工艺美术员", None, None),
    title("13", Some("理论"), FULL_SENIOR, "正高级讲师", None, None),
    title("13", Some("理论"), ASSOCIATE_SENIOR, "高级讲师", None, None),
    title("13", Some("理论"), INTERMEDIATE, "讲师", None, None),
    title("13", Some("理论"), ASSISTANT, "助理讲师", None, None),
    title("13", Some("实习指导"), FULL_SENIOR, "正高级实习指导教师", None, None),
    title("13", Some("实习指导"), ASSOCIATE_SENIOR, "高级实习指导教师", None, None),
    title("13", Some("实习指导"), INTERMEDIATE, "一级实习指导教师", None, None),
    title("13", Some("实习指导"), ASSISTANT, "二级实习指导教师", None, None),
    title("13", Some("实习指导"), TECHNICIAN, "三级实习指导教师", None, None),
    title("14", Some("教练"), FULL_SENIOR, "国家级教练", None, None),
    title("14", Some("教练"), ASSOCIATE_SENIOR, "高级教练", None, None),
    title("14", Some("教练"), INTERMEDIATE, "中级教练", None, None),
    title("14", Some("教练"), ASSISTANT, "初级教练", None, None),
    title("15", None, FULL_SENIOR, "译审", None, None),
    title("15", None, ASSOCIATE_SENIOR, "一级翻译", None, None),
    title("15", None, INTERMEDIATE, "二级翻译", None, None),
    title("15", None, ASSISTANT, "三级翻译", None, None),
    title("16", None, FULL_SENIOR, "播音指导", None, None),
    title("16", None, ASSOCIATE_SENIOR, "主任播音员主持人", None, None),
    title("16", None, INTERMEDIATE, "一级播音员主持人", None, None),
    title("16", None, ASSISTANT, "二级播音员主持人", None, None),
    title("17", None, FULL_SENIOR, "正高级会计师", None, None),
    title("17", None, ASSOCIATE_SENIOR, "高级会计师", None, None),
    title("17", None, INTERMEDIATE, "会计师", None, None),
    title("17", None, ASSISTANT, "助理会计师", None, None),
    title("18", None, FULL_SENIOR, "正高级统计师", None, None),
    title("18", None, ASSOCIATE_SENIOR, "高级统计师", None, None),
    title("18", None, INTERMEDIATE, "统计师", None, None),
    title("18", None, ASSISTANT, "助理统计师", None, None),
    title("19", None, FULL_SENIOR, "正高级经济师", None, None),
    title("19", None, ASSOCIATE_SENIOR, "高级经济师", None, None),
    title("19", None, INTERMEDIATE, "经济师", None, None),
    title("19", None, ASSISTANT, "助理经济师", None, None),
    title("19", Some("人力资源管理"), FULL_SENIOR, "正高级人力资源管理师", None, None),
    title("19", Some("人力资源管理"), ASSOCIATE_SENIOR, "高级人力资源管理师", None, None),
    title("19", Some("人力资源管理"), INTERMEDIATE, "人力资源管理师", None, None),
    title("19", Some("人力资源管理"), ASSISTANT, "助理人力资源管理师", None, None),
    title("19", Some("知识产权"), FULL_SENIOR, "正高级知识产权师", None, None),
    title("19", Some("知识产权"), ASSOCIATE_SENIOR, "高级知识产权师", None, None),
    title("19", Some("知识产权"), INTERMEDIATE, "知识产权师", None, None),
    title("19", Some("知识产权"), ASSISTANT, "助理知识产权师", None, None),
    title("20", None, FULL_SENIOR, "正高级实验师", None, None),
    title("20", None, ASSOCIATE_SENIOR, "高级实验师", None, None),
    title("20", None, INTERMEDIATE, "实验师", None, None),
    title("20", None, ASSISTANT, "助理实验师", None, None),
    title("20", None, TECHNICIAN, "实验员", None, None),
    title("21", Some("文化/专业"), FULL_SENIOR, "正高级讲师", None, None),
    title("21", Some("文化/专业"), ASSOCIATE_SENIOR, "高级讲师", None, None),
    title("21", Some("文化/专业"), INTERMEDIATE, "讲师", None, None),
    title("21", Some("文化/专业"), ASSISTANT, "助理讲师", None, None),
    title("21", Some("实习指导"), FULL_SENIOR, "正高级实习指导教师", None, None),
    title("21", Some("实习指导"), ASSOCIATE_SENIOR, "高级实习指导教师", None, None),
    title("21", Some("实习指导"), INTERMEDIATE, "一级实习指导教师", None, None),
    title("21", Some("实习指导"), ASSISTANT, "二级实习指导教师", None, None),
    title("21", Some("实习指导"), TECHNICIAN, "三级实习指导教师", None, None),
    title("22", None, FULL_SENIOR, "正高级教师", None, None),
    title("22", None, ASSOCIATE_SENIOR, "高级教师", None, None),
    title("22", None, INTERMEDIATE, "一级教师", None, None),
    title("22", None, ASSISTANT, "二级教师", None, None),
    title("22", None, TECHNICIAN, "三级教师", None, None),
    title("23", Some("演员"), FULL_SENIOR, "一级演员", None, None),
    title("23", Some("演员"), ASSOCIATE_SENIOR, "二级演员", None, None),
    title("23", Some("演员"), INTERMEDIATE, "三级演员", None, None),
    title("23", Some("演员"), ASSISTANT, "四级演员", None, None),
    title("23", Some("编剧"), FULL_SENIOR, "一级编剧", None, None),
    title("23", Some("编剧"), ASSOCIATE_SENIOR, "二级编剧", None, None),
    title("23", Some("编剧"), INTERMEDIATE, "三级编剧", None, None),
    title("23", Some("编剧"), ASSISTANT, "四级编剧", None, None),
    title("23", Some("导演"), FULL_SENIOR, "一级导演", None, None),
    title("23", Some("导演"), ASSOCIATE_SENIOR, "二级导演", None, None),
    title("23", Some("导演"), INTERMEDIATE, "三级导演", None, None),
    title("23", Some("导演"), ASSISTANT, "四级导演", None, None),
    title("23", Some("美术师"), FULL_SENIOR, "一级美术师", None, None),
    title("23", Some("美术师"), ASSOCIATE_SENIOR, "二级美术师", None, None),
    title("23", Some("美术师"), INTERMEDIATE, "三级美术师", None, None),
    title("23", Some("美术师"), ASSISTANT, "四级美术师", None, None),
    title("24", Some("公证"), FULL_SENIOR, "一级公证员", None, None),
    title("24", Some("公证"), ASSOCIATE_SENIOR, "二级公证员", None, None),
    title("24", Some("公证"), INTERMEDIATE, "三级公证员", None, None),
    title("24", Some("公证"), ASSISTANT, "四级公证员", None, None),
    title("24", Some("律师"), FULL_SENIOR, "一级律师", None, None),
    title("24", Some("律师"), ASSOCIATE_SENIOR, "二级律师", None, None),
    title("24", Some("律师"), INTERMEDIATE, "三级律师", None, None),
    title("24", Some("律师"), ASSISTANT, "四级律师", None, None),
    title("25", Some("驾驶"), FULL_SENIOR, "正高级船长", None, None),
    title("25", Some("驾驶"), ASSOCIATE_SENIOR, "高级船长", None, None),
    title("25", Some("驾驶"), INTERMEDIATE, "中级驾驶员", None, None),
    title("25", Some("驾驶"), ASSISTANT, "助理驾驶员", None, None),
    title("25", Some("驾驶"), TECHNICIAN, "驾驶员", None, None),
    title("25", Some("轮机"), FULL_SENIOR, "正高级轮机长", None, None),
    title("25", Some("轮机"), ASSOCIATE_SENIOR, "高级轮机长", None, None),
    title("25", Some("轮机"), INTERMEDIATE, "中级轮机员", None, None),
    title("25", Some("轮机"), ASSISTANT, "助理轮机员", None, None),
    title("25", Some("轮机"), TECHNICIAN, "轮机员", None, None),
    title("26", None, FULL_SENIOR, "正高级飞行员", None, None),
    title("26", None, ASSOCIATE_SENIOR, "一级飞行员", None, None),
    title("26", None, INTERMEDIATE, "二级飞行员", None, None),
    title("26", None, ASSISTANT, "三级飞行员", None, None),
    title("27", None, FULL_SENIOR, "正高级审计师", None, None),
    title("27", None, ASSOCIATE_SENIOR, "高级审计师", None, None),
    title("27", None, INTERMEDIATE, "审计师", None, None),
    title("27", None, ASSISTANT, "助理审计师", None, None),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::series::SERIES;

    fn ministry_codes(series: &str, branch: Option<&str>) -> Vec<&'static str> {
        of_series(series)
            .filter(|title| title.branch == branch)
            .filter_map(|title| title.ministry_code)
            .collect()
    }

    #[test]
    fn names_each_title_of_a_series_once() {
        for (index, title) in TITLES.iter().enumerate() {
            let repeated = TITLES[index + 1..]
                .iter()
                .any(|other| other.series == title.series && other.name == title.name);
            assert!(!repeated, "{} {}", title.series, title.name);
            assert!(SERIES.iter().any(|series| series.code == title.series), "{}", title.name);
        }
    }

    #[test]
    fn has_the_three_upper_levels_and_assistant_in_every_series() {
        for series in &SERIES {
            for level in [FULL_SENIOR, ASSOCIATE_SENIOR, INTERMEDIATE, ASSISTANT] {
                assert!(at_level(series.code, level).next().is_some(), "{} {level}", series.name);
            }
        }
    }

    #[test]
    fn carries_the_codes_of_the_ministry() {
        assert_eq!(ministry_codes("01", None), ["0101", "0102", "0103", "0104"]);
        assert_eq!(ministry_codes("04", Some("护")), ["0421", "0422", "0423", "0424", "0425"]);
        assert_eq!(ministry_codes("06", Some("兽医")), ["0610", "0611", "0612", "0613"]);
        assert_eq!(ministry_codes("06", Some("推广")), ["0614"]);
        assert_eq!(ministry_codes("07", Some("编辑")), ["0705", "0706", "0707", "0708"]);
        assert_eq!(ministry_codes("08", None), ["0801"]);
        let all: Vec<&str> = TITLES.iter().filter_map(|title| title.ministry_code).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn offers_the_lecturer_in_three_series() {
        let series: Vec<&str> =
            TITLES.iter().filter(|title| title.name == "讲师").map(|title| title.series).collect();
        assert_eq!(series, ["01", "13", "21"]);
    }
}

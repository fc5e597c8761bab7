//! 职称专业 Specialties of each series, a first set that an administrator extends (人 1.1).
//!
//! The national table has no specialties; these are the usual ones of Hunan's committees. A code is the series and a
//! number in it.

use schemars::JsonSchema;
use serde::Serialize;

/// A specialty of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Specialty {
    /// Four digits: series, number in it.
    pub code: &'static str,
    /// 给排水工程.
    pub name: &'static str,
}

impl Specialty {
    /// The series it belongs to: the first two digits.
    pub fn series(&self) -> &'static str {
        self.code.get(..2).unwrap_or_default()
    }
}

/// The specialties of a series, in the order of their codes.
pub fn of_series(series: &str) -> impl Iterator<Item = &'static Specialty> {
    SPECIALTIES.iter().filter(move |specialty| specialty.series() == series)
}

/// The specialty of a code.
pub fn by_code(code: &str) -> Option<&'static Specialty> {
    SPECIALTIES
        .binary_search_by(|specialty| specialty.code.cmp(code))
        .ok()
        .and_then(|index| SPECIALTIES.get(index))
}

/// Every specialty, in the order of their codes.
pub static SPECIALTIES: [Specialty; 233] = [
    Specialty { code: "0101", name: "哲学" },
    Specialty { code: "0102", name: "理论经济学" },
    Specialty { code: "0103", name: "应用经济学" },
    Specialty { code: "0104", name: "法学" },
    Specialty { code: "0105", name: "马克思主义理论" },
    Specialty { code: "0106", name: "教育学" },
    Specialty { code: "0107", name: "心理学" },
    Specialty { code: "0108", name: "体育学" },
    Specialty { code: "0109", name: "中国语言文学" },
    Specialty { code: "0110", name: "外国语言文学" },
    Specialty { code: "0111", name: "新闻传播学" },
    Specialty { code: "0112", name: "历史学" },
    Specialty { code: "0113", name: "数学" },
    Specialty { code: "0114", name: "物理学" },
    Specialty { code: "0115", name: "化学" },
    Specialty { code: "0116", name: "生物学" },
    Specialty { code: "0117", name: "力学" },
    Specialty { code: "0118", name: "机械工程" },
    Specialty { code: "0119", name: "材料科学与工程" },
    Specialty { code: "0120", name: "电气工程" },
    Specialty { code: "0121", name: "电子科学与技术" },
    Specialty { code: "0122", name: "信息与通信工程" },
    Specialty { code: "0123", name: "控制科学与工程" },
    Specialty { code: "0124", name: "计算机科学与技术" },
    Specialty { code: "0125", name: "软件工程" },
    Specialty { code: "0126", name: "土木工程" },
    Specialty { code: "0127", name: "化学工程与技术" },
    Specialty { code: "0128", name: "环境科学与工程" },
    Specialty { code: "0129", name: "农学" },
    Specialty { code: "0130", name: "医学" },
    Specialty { code: "0131", name: "管理科学与工程" },
    Specialty { code: "0132", name: "工商管理" },
    Specialty { code: "0133", name: "公共管理" },
    Specialty { code: "0134", name: "艺术学" },
    Specialty { code: "0135", name: "思想政治教育" },
    Specialty { code: "0201", name: "哲学" },
    Specialty { code: "0202", name: "经济学" },
    Specialty { code: "0203", name: "法学" },
    Specialty { code: "0204", name: "社会学" },
    Specialty { code: "0205", name: "文学" },
    Specialty { code: "0206", name: "历史学" },
    Specialty { code: "0207", name: "管理学" },
    Specialty { code: "0301", name: "数学" },
    Specialty { code: "0302", name: "物理学" },
    Specialty { code: "0303", name: "化学" },
    Specialty { code: "0304", name: "地球科学" },
    Specialty { code: "0305", name: "生物学" },
    Specialty { code: "0306", name: "农业科学" },
    Specialty { code: "0307", name: "医学科学" },
    Specialty { code: "0308", name: "工程科学" },
    Specialty { code: "0401", name: "内科学" },
    Specialty { code: "0402", name: "外科学" },
    Specialty { code: "0403", name: "妇产科学" },
    Specialty { code: "0404", name: "儿科学" },
    Specialty { code: "0405", name: "中医学" },
    Specialty { code: "0406", name: "口腔医学" },
    Specialty { code: "0407", name: "公共卫生" },
    Specialty { code: "0408", name: "全科医学" },
    Specialty { code: "0409", name: "药学" },
    Specialty { code: "0410", name: "中药学" },
    Specialty { code: "0411", name: "护理学" },
    Specialty { code: "0412", name: "医学检验技术" },
    Specialty { code: "0413", name: "医学影像技术" },
    Specialty { code: "0414", name: "康复医学治疗技术" },
    Specialty { code: "0501", name: "建筑设计" },
    Specialty { code: "0502", name: "建筑工程" },
    Specialty { code: "0503", name: "结构工程" },
    Specialty { code: "0504", name: "给排水工程" },
    Specialty { code: "0505", name: "暖通工程" },
    Specialty { code: "0506", name: "建筑电气" },
    Specialty { code: "0507", name: "市政工程" },
    Specialty { code: "0508", name: "道路与桥梁工程" },
    Specialty { code: "0509", name: "水利水电工程" },
    Specialty { code: "0510", name: "环境工程" },
    Specialty { code: "0511", name: "电气工程" },
    Specialty { code: "0512", name: "电力工程" },
    Specialty { code: "0513", name: "机械工程" },
    Specialty { code: "0514", name: "电子信息工程" },
    Specialty { code: "0515", name: "通信工程" },
    Specialty { code: "0516", name: "计算机应用" },
    Specialty { code: "0517", name: "自动化" },
    Specialty { code: "0518", name: "化工工程" },
    Specialty { code: "0519", name: "冶金工程" },
    Specialty { code: "0520", name: "采矿工程" },
    Specialty { code: "0521", name: "地质工程" },
    Specialty { code: "0522", name: "测绘工程" },
    Specialty { code: "0523", name: "交通运输工程" },
    Specialty { code: "0524", name: "轻工工程" },
    Specialty { code: "0525", name: "纺织工程" },
    Specialty { code: "0526", name: "食品工程" },
    Specialty { code: "0527", name: "林业工程" },
    Specialty { code: "0528", name: "安全工程" },
    Specialty { code: "0529", name: "标准计量与质量" },
    Specialty { code: "0530", name: "特种设备" },
    Specialty { code: "0601", name: "农学" },
    Specialty { code: "0602", name: "园艺" },
    Specialty { code: "0603", name: "植物保护" },
    Specialty { code: "0604", name: "土壤肥料" },
    Specialty { code: "0605", name: "种子" },
    Specialty { code: "0606", name: "农业机械化" },
    Specialty { code: "0607", name: "农业资源环境" },
    Specialty { code: "0608", name: "畜牧" },
    Specialty { code: "0609", name: "兽医" },
    Specialty { code: "0610", name: "水产" },
    Specialty { code: "0611", name: "农业技术推广" },
    Specialty { code: "0701", name: "文字记者" },
    Specialty { code: "0702", name: "摄影记者" },
    Specialty { code: "0703", name: "广播电视记者" },
    Specialty { code: "0704", name: "新闻编辑" },
    Specialty { code: "0705", name: "新媒体编辑" },
    Specialty { code: "0801", name: "图书编辑" },
    Specialty { code: "0802", name: "期刊编辑" },
    Specialty { code: "0803", name: "音像电子网络编辑" },
    Specialty { code: "0804", name: "美术编辑" },
    Specialty { code: "0805", name: "技术编辑" },
    Specialty { code: "0806", name: "校对" },
    Specialty { code: "0901", name: "文献资源建设" },
    Specialty { code: "0902", name: "读者服务" },
    Specialty { code: "0903", name: "古籍保护与整理" },
    Specialty { code: "0904", name: "数字图书馆" },
    Specialty { code: "1001", name: "文物保护" },
    Specialty { code: "1002", name: "考古" },
    Specialty { code: "1003", name: "博物馆学" },
    Specialty { code: "1004", name: "文物鉴定" },
    Specialty { code: "1101", name: "档案管理" },
    Specialty { code: "1102", name: "档案保护技术" },
    Specialty { code: "1103", name: "档案信息化" },
    Specialty { code: "1104", name: "档案编研" },
    Specialty { code: "1201", name: "湘绣" },
    Specialty { code: "1202", name: "陶瓷" },
    Specialty { code: "1203", name: "雕刻" },
    Specialty { code: "1204", name: "竹编" },
    Specialty { code: "1205", name: "工艺美术设计" },
    Specialty { code: "1301", name: "机械加工" },
    Specialty { code: "1302", name: "电工电子" },
    Specialty { code: "1303", name: "汽车维修" },
    Specialty { code: "1304", name: "计算机" },
    Specialty { code: "1305", name: "烹饪" },
    Specialty { code: "1306", name: "数控实习指导" },
    Specialty { code: "1307", name: "焊接实习指导" },
    Specialty { code: "1401", name: "田径" },
    Specialty { code: "1402", name: "游泳" },
    Specialty { code: "1403", name: "体操" },
    Specialty { code: "1404", name: "球类" },
    Specialty { code: "1405", name: "举重" },
    Specialty { code: "1406", name: "射击" },
    Specialty { code: "1407", name: "武术" },
    Specialty { code: "1501", name: "英语" },
    Specialty { code: "1502", name: "日语" },
    Specialty { code: "1503", name: "法语" },
    Specialty { code: "1504", name: "俄语" },
    Specialty { code: "1505", name: "德语" },
    Specialty { code: "1506", name: "西班牙语" },
    Specialty { code: "1507", name: "阿拉伯语" },
    Specialty { code: "1508", name: "朝鲜语" },
    Specialty { code: "1601", name: "播音" },
    Specialty { code: "1602", name: "主持" },
    Specialty { code: "1701", name: "企业会计" },
    Specialty { code: "1702", name: "行政事业会计" },
    Specialty { code: "1703", name: "财务管理" },
    Specialty { code: "1801", name: "国民经济统计" },
    Specialty { code: "1802", name: "企业统计" },
    Specialty { code: "1803", name: "社会统计" },
    Specialty { code: "1901", name: "工商管理" },
    Specialty { code: "1902", name: "农业经济" },
    Specialty { code: "1903", name: "财政税收" },
    Specialty { code: "1904", name: "金融" },
    Specialty { code: "1905", name: "保险" },
    Specialty { code: "1906", name: "运输经济" },
    Specialty { code: "1907", name: "旅游经济" },
    Specialty { code: "1908", name: "建筑与房地产经济" },
    Specialty { code: "1909", name: "人力资源管理" },
    Specialty { code: "1910", name: "知识产权" },
    Specialty { code: "2001", name: "物理实验" },
    Specialty { code: "2002", name: "化学实验" },
    Specialty { code: "2003", name: "生物实验" },
    Specialty { code: "2004", name: "工程实验" },
    Specialty { code: "2005", name: "计算机实验" },
    Specialty { code: "2006", name: "医学实验" },
    Specialty { code: "2101", name: "语文" },
    Specialty { code: "2102", name: "数学" },
    Specialty { code: "2103", name: "英语" },
    Specialty { code: "2104", name: "思想政治" },
    Specialty { code: "2105", name: "计算机应用" },
    Specialty { code: "2106", name: "机电技术" },
    Specialty { code: "2107", name: "汽车运用与维修" },
    Specialty { code: "2108", name: "护理" },
    Specialty { code: "2109", name: "学前教育" },
    Specialty { code: "2110", name: "会计事务" },
    Specialty { code: "2111", name: "实习指导" },
    Specialty { code: "2201", name: "语文" },
    Specialty { code: "2202", name: "数学" },
    Specialty { code: "2203", name: "英语" },
    Specialty { code: "2204", name: "道德与法治" },
    Specialty { code: "2205", name: "物理" },
    Specialty { code: "2206", name: "化学" },
    Specialty { code: "2207", name: "生物" },
    Specialty { code: "2208", name: "历史" },
    Specialty { code: "2209", name: "地理" },
    Specialty { code: "2210", name: "信息科技" },
    Specialty { code: "2211", name: "音乐" },
    Specialty { code: "2212", name: "体育与健康" },
    Specialty { code: "2213", name: "美术" },
    Specialty { code: "2214", name: "综合实践" },
    Specialty { code: "2215", name: "心理健康" },
    Specialty { code: "2216", name: "小学教育" },
    Specialty { code: "2217", name: "学前教育" },
    Specialty { code: "2218", name: "特殊教育" },
    Specialty { code: "2301", name: "戏剧表演" },
    Specialty { code: "2302", name: "戏曲表演" },
    Specialty { code: "2303", name: "音乐表演" },
    Specialty { code: "2304", name: "舞蹈表演" },
    Specialty { code: "2305", name: "编剧" },
    Specialty { code: "2306", name: "导演" },
    Specialty { code: "2307", name: "作曲" },
    Specialty { code: "2308", name: "指挥" },
    Specialty { code: "2309", name: "美术" },
    Specialty { code: "2310", name: "舞台技术" },
    Specialty { code: "2311", name: "群众文化" },
    Specialty { code: "2401", name: "公证" },
    Specialty { code: "2402", name: "律师" },
    Specialty { code: "2403", name: "司法鉴定" },
    Specialty { code: "2501", name: "船舶驾驶" },
    Specialty { code: "2502", name: "轮机" },
    Specialty { code: "2503", name: "船舶电子电气" },
    Specialty { code: "2601", name: "飞行驾驶" },
    Specialty { code: "2602", name: "飞行领航" },
    Specialty { code: "2603", name: "飞行通信" },
    Specialty { code: "2604", name: "飞行机械" },
    Specialty { code: "2701", name: "财政审计" },
    Specialty { code: "2702", name: "企业审计" },
    Specialty { code: "2703", name: "固定资产投资审计" },
    Specialty { code: "2704", name: "信息系统审计" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::series::SERIES;

    #[test]
    fn gives_every_series_at_least_two() {
        for series in &SERIES {
            assert!(of_series(series.code).count() >= 2, "{}", series.name);
        }
        assert_eq!(
            SERIES.iter().map(|series| of_series(series.code).count()).sum::<usize>(),
            SPECIALTIES.len()
        );
    }

    #[test]
    fn finds_by_code() {
        assert!(SPECIALTIES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for specialty in &SPECIALTIES {
            assert_eq!(specialty.code.len(), 4);
            assert_eq!(by_code(specialty.code), Some(specialty));
        }
        assert_eq!(by_code("0599"), None);
    }

    #[test]
    fn names_what_universities_and_engineers_declare() {
        let named = |series, name| of_series(series).any(|specialty| specialty.name == name);
        for name in ["计算机科学与技术", "土木工程", "教育学"] {
            assert!(named("01", name), "{name}");
        }
        for name in ["给排水工程", "建筑工程", "环境工程", "电气工程"] {
            assert!(named("05", name), "{name}");
        }
    }
}

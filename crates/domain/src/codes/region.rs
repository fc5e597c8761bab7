//! 行政区划 Regions: province, prefectures and county-level units of Hunan (GB/T 2260), and the statistical zones that
//! are none of them but may be a 统筹区 (domain.md 4.4).

use schemars::JsonSchema;
use serde::Serialize;

use super::{Problem, text};
use crate::reference::regions::REGIONS;

/// Code of 湖南省.
pub const PROVINCE_CODE: &str = "430000";

/// What a region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    /// 省.
    Province,
    /// 市、州.
    Prefecture,
    /// 县、市、区.
    County,
    /// 统计用开发区: codes 71 to 79 of a prefecture; not in GB/T 2260.
    StatisticalZone,
}

/// A region with its code and its full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Region {
    /// Six digits.
    pub code: &'static str,
    /// Full name, 岳阳楼区.
    pub name: &'static str,
    /// What it is.
    pub kind: RegionKind,
}

impl Region {
    /// 发证单位编码 What the issuing code of an organisation there usually is: the last four digits (domain.md 4.4,
    /// 人 1.9). 长沙市 `0100`, 岳阳楼区 `0602`, the province `0000`.
    pub fn issuing_code(&self) -> &'static str {
        self.code.get(2..).unwrap_or_default()
    }

    /// The region above: of a county or zone its prefecture, of a prefecture the province.
    pub fn parent(&self) -> Option<&'static Region> {
        match self.kind {
            RegionKind::Province => None,
            RegionKind::Prefecture => by_code(PROVINCE_CODE),
            RegionKind::County | RegionKind::StatisticalZone => {
                by_code(&format!("{}00", self.code.get(..4)?))
            }
        }
    }

    /// The regions right below, zones included, in the order of their codes.
    pub fn children(&'static self) -> impl Iterator<Item = &'static Region> {
        REGIONS.iter().filter(move |region| region.parent().is_some_and(|parent| parent.code == self.code))
    }

    /// Name from the prefecture down, 岳阳市岳阳楼区, for where the name alone could be taken for another.
    pub fn full_name(&self) -> String {
        match self.parent() {
            Some(parent) if parent.kind == RegionKind::Prefecture && !self.name.starts_with(parent.name) => {
                format!("{}{}", parent.name, self.name)
            }
            _ => self.name.to_owned(),
        }
    }
}

/// The region of that code, as it was typed.
///
/// # Errors
/// `region-unknown`, `text-has-nul`.
pub fn parse(typed: &str) -> Result<&'static Region, Problem> {
    by_code(&text::code(typed)?)
        .ok_or_else(|| Problem::new("region-unknown", "行政区划代码不在湖南省区划表中，请从列表中选择"))
}

/// The region of a code.
pub fn by_code(code: &str) -> Option<&'static Region> {
    REGIONS.binary_search_by(|region| region.code.cmp(code)).ok().and_then(|index| REGIONS.get(index))
}

/// The region of a full name; the names of the table are all different.
pub fn by_name(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.name == name)
}

/// The regions whose code begins with, or whose name contains, what is being typed.
pub fn search<'query>(query: &'query str) -> impl Iterator<Item = &'static Region> + 'query {
    REGIONS.iter().filter(move |region| region.code.starts_with(query) || region.name.contains(query))
}

/// All regions of a kind, in the order of their codes.
pub fn of_kind(kind: RegionKind) -> impl Iterator<Item = &'static Region> {
    REGIONS.iter().filter(move |region| region.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_fourteen_prefectures_and_their_counties() {
        let counted: Vec<(&str, usize)> = of_kind(RegionKind::Prefecture)
            .map(|prefecture| {
                (
                    prefecture.code,
                    prefecture.children().filter(|child| child.kind == RegionKind::County).count(),
                )
            })
            .collect();
        assert_eq!(
            counted,
            [
                ("430100", 9),
                ("430200", 9),
                ("430300", 5),
                ("430400", 12),
                ("430500", 12),
                ("430600", 9),
                ("430700", 9),
                ("430800", 4),
                ("430900", 6),
                ("431000", 11),
                ("431100", 11),
                ("431200", 12),
                ("431300", 5),
                ("433100", 8),
            ]
        );
        assert_eq!(of_kind(RegionKind::County).count(), 122);
        assert_eq!(of_kind(RegionKind::Province).count(), 1);
    }

    #[test]
    fn keeps_the_statistical_zones_apart() {
        for zone in of_kind(RegionKind::StatisticalZone) {
            assert!((71..=79).contains(&zone.code[4..].parse::<u32>().unwrap()), "{}", zone.code);
        }
        for county in of_kind(RegionKind::County) {
            assert!(!(71..=79).contains(&county.code[4..].parse::<u32>().unwrap()), "{}", county.code);
        }
        assert_eq!(by_code("430671").unwrap().kind, RegionKind::StatisticalZone);
    }

    #[test]
    fn finds_by_code_and_by_name() {
        assert!(REGIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for region in &REGIONS {
            assert_eq!(by_code(region.code), Some(region));
            assert_eq!(by_name(region.name), Some(region));
            assert_eq!(region.parent().is_none(), region.kind == RegionKind::Province);
        }
        assert_eq!(by_name("祁阳市").unwrap().code, "431181");
        assert_eq!(by_code("430122"), None);
        assert_eq!(parse(" ４３０６０２").unwrap().name, "岳阳楼区");
        assert_eq!(parse("110000").unwrap_err().code, "region-unknown");
        assert_eq!(search("岳阳").count(), 4);
    }

    #[test]
    fn gives_the_issuing_code_and_the_full_name() {
        for (code, issuing, name) in [
            ("430000", "0000", "湖南省"),
            ("430100", "0100", "长沙市"),
            ("430602", "0602", "岳阳市岳阳楼区"),
            ("433101", "3101", "湘西土家族苗族自治州吉首市"),
            ("430671", "0671", "岳阳市屈原管理区"),
        ] {
            let region = by_code(code).unwrap();
            assert_eq!(region.issuing_code(), issuing);
            assert_eq!(region.full_name(), name);
        }
    }
}

//! 专利标准 Patents, software and standards (domain.md 5.8 no. 11).

use super::field::{Line, Paragraphs, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 类型.
    PatentKind {
        Invention = "invention", "发明专利", "Invention";
        UtilityModel = "utility_model", "实用新型", "Utility model";
        Design = "design", "外观设计", "Design";
        Software = "software", "软件著作权", "Software";
        Standard = "standard", "标准", "Standard";
        Other = "other", "其他", "Other";
    }
}
choices!(PatentKind);

super::section! {
    /// A patent, a software or a standard.
    Patent {
        /// 类型.
        kind: Option<PatentKind>,
        /// 名称.
        name: Option<Line<300>>,
        /// 号.
        number: Option<Line<100>>,
        /// 申请日.
        applied_on: Option<NaiveDate>,
        /// 授权日.
        granted_on: Option<NaiveDate>,
        /// 位次.
        position: Option<u32>,
        /// 转化.
        transfer: Option<Paragraphs<2000>>,
    }
    rule |it, pointer, checks| {
        super::in_order(checks, &format!("{pointer}/granted_on"), it.applied_on, it.granted_on);
    };
}

//! 奖励荣誉 Awards (domain.md 5.8 no. 12).

use super::field::Line;
use chrono::NaiveDate;

super::section! {
    /// An award.
    Award {
        /// 名称.
        name: Option<Line<300>>,
        /// 级别.
        level: Option<Line<50>>,
        /// 授奖单位.
        awarded_by: Option<Line<200>>,
        /// 时间.
        awarded_on: Option<NaiveDate>,
        /// 位次.
        position: Option<u32>,
    }
}

//! 任职以来考核信息 Assessments since the present title, year by year (seed 003 三(四); domain.md 5.8 no. 19).

use super::field::{Line, Year, choices};
use crate::label::named;

named! {
    /// 等次.
    Grade {
        Excellent = "excellent", "优秀", "Excellent";
        Qualified = "qualified", "合格", "Qualified";
        BasicallyQualified = "basically_qualified", "基本合格", "Basically qualified";
        Unqualified = "unqualified", "不合格", "Unqualified";
    }
}
choices!(Grade);

super::section! {
    /// A year's assessment.
    Assessment {
        /// 年度.
        year: Year,
        /// 等次.
        grade: Grade,
        /// 单位.
        employer: Option<Line<100>>,
    }
}

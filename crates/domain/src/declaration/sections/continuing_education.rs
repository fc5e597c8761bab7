//! 继续教育 Continuing education: hours by year (seed 003 三(三); N36; domain.md 5.8 no. 6).

use super::field::{Line, Year};

super::section! {
    /// The hours of a year.
    ContinuingEducation {
        /// 年度.
        year: Option<Year>,
        /// 公需科目学时.
        general_hours: Option<u32>,
        /// 专业科目学时.
        specialty_hours: Option<u32>,
        /// 学时认定单编号.
        record_number: Option<Line<64>>,
    }
}

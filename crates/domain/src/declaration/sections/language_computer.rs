//! 外语、计算机 Language and computer: optional everywhere (seed 003 三(三); domain.md 5.8 no. 7).

use super::field::{Line, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 类型.
    TestKind {
        Language = "language", "外语", "Language";
        Computer = "computer", "计算机", "Computer";
    }
}
choices!(TestKind);

super::section! {
    /// A test passed.
    LanguageComputer {
        /// 类型.
        kind: Option<TestKind>,
        /// 考试名称.
        name: Option<Line<100>>,
        /// 成绩.
        score: Option<Line<20>>,
        /// 证书编号.
        certificate_number: Option<Line<64>>,
        /// 取得时间.
        acquired_on: Option<NaiveDate>,
    }
}

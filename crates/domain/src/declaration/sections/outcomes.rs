//! 成果转化 Outcomes: what came of the work for economy and society (domain.md 5.8 no. 13).

use super::field::{Line, Paragraphs};
use crate::hundredths::Hundredths;
use chrono::NaiveDate;

super::section! {
    /// An outcome.
    Outcome {
        /// 内容.
        content: Option<Paragraphs<2000>>,
        /// 金额, in 10,000 yuan.
        amount: Option<Hundredths>,
        /// 取得时间.
        achieved_on: Option<NaiveDate>,
        /// 证明.
        proof: Option<Line<200>>,
    }
}

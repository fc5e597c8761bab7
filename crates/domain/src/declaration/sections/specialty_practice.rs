//! 行业专项 Specialty practice: teaching load, cases, shows, as the series asks (domain.md 5.8 no. 15).

use super::field::{Line, Paragraphs};
use crate::hundredths::Hundredths;
use chrono::NaiveDate;

super::section! {
    /// A line of practice. Which items a series asks for is told by its committee.
    SpecialtyPractice {
        /// 项目.
        item: Option<Line<100>>,
        /// 内容.
        content: Option<Paragraphs<5000>>,
        /// 数量.
        quantity: Option<Hundredths>,
        /// 单位: hours, cases, shows.
        unit: Option<Line<20>>,
        /// 起.
        from: Option<NaiveDate>,
        /// 止.
        to: Option<NaiveDate>,
    }
    rule |it, pointer, checks| super::in_order(checks, &format!("{pointer}/to"), it.from, it.to);
}

//! 项目课题 Projects: the evidence must show the person's name and part (domain.md 5.8 no. 10).

use super::field::{Line, Paragraphs};
use crate::hundredths::Hundredths;
use chrono::NaiveDate;

super::section! {
    /// A project.
    Project {
        /// 名称.
        name: Option<Line<300>>,
        /// 来源.
        source: Option<Line<200>>,
        /// 级别.
        level: Option<Line<50>>,
        /// 编号.
        number: Option<Line<100>>,
        /// 起.
        from: Option<NaiveDate>,
        /// 止.
        to: Option<NaiveDate>,
        /// 经费, in 10,000 yuan.
        funds: Option<Hundredths>,
        /// 角色.
        role: Option<Line<100>>,
        /// 位次.
        position: Option<u32>,
        /// 完成情况.
        completion: Option<Paragraphs<2000>>,
        /// 证明.
        proof: Option<Line<200>>,
    }
    rule |it, pointer, checks| super::in_order(checks, &format!("{pointer}/to"), it.from, it.to);
}

//! 现任职称 Current title: what the person holds now (domain.md 5.8 no. 3).

use super::field::{Line, SeriesCode};
use crate::values::{Level, Mode};
use chrono::NaiveDate;

super::section! {
    /// 现任职称.
    CurrentTitle {
        /// 职称名称.
        title: Option<Line<100>>,
        /// 级别.
        level: Option<Level>,
        /// 系列.
        series: Option<SeriesCode>,
        /// 取得时间.
        acquired_on: Option<NaiveDate>,
        /// 取得方式.
        mode: Option<Mode>,
        /// 证书编号.
        certificate_number: Option<Line<64>>,
        /// 发证机关.
        issued_by: Option<Line<100>>,
        /// 聘任职务.
        appointed_post: Option<Line<100>>,
        /// 聘任起.
        appointed_from: Option<NaiveDate>,
        /// 聘任止.
        appointed_to: Option<NaiveDate>,
    }
    rule |it, pointer, checks| {
        super::in_order(checks, &format!("{pointer}/appointed_to"), it.appointed_from, it.appointed_to);
    };
}

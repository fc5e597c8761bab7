//! 工作经历 Employment: where the person worked; years at the grass roots sum (domain.md 5.8 no. 5).

use super::field::{Line, Paragraphs};
use chrono::NaiveDate;

super::section! {
    /// A post held. One that has no end is held now.
    Employment {
        /// 单位.
        employer: Line<100>,
        /// 岗位.
        post: Line<100>,
        /// 起.
        from: NaiveDate,
        /// 止.
        to: Option<NaiveDate>,
        /// 部门.
        department: Option<Line<100>>,
        /// 专业技术工作内容.
        work: Option<Paragraphs<2000>>,
        /// 职务.
        administrative_post: Option<Line<100>>,
        /// 证明人.
        witness: Option<Line<100>>,
        /// 是否基层.
        at_grassroots: Option<bool>,
        /// 是否乡镇.
        in_township: Option<bool>,
        /// 说明, for a gap before it.
        note: Option<Paragraphs<2000>>,
    }
    rule |it, pointer, checks| {
        super::in_order(checks, &format!("{pointer}/to"), Some(it.from), it.to);
    };
}

//! 论文 Papers; that none stands in a C journal vetoes nothing (seed 003 五(三); domain.md 5.8 no. 8).

use super::field::{Line, Paragraphs};
use chrono::NaiveDate;

super::section! {
    /// A paper.
    Paper {
        /// 题名.
        title: Option<Line<300>>,
        /// 期刊、会议.
        journal: Option<Line<200>>,
        /// ISSN, CN or ISBN.
        serial_number: Option<Line<64>>,
        /// 卷期页.
        pages: Option<Line<100>>,
        /// 发表时间.
        published_on: Option<NaiveDate>,
        /// 作者位次.
        author_position: Option<u32>,
        /// 是否通讯作者.
        is_corresponding: Option<bool>,
        /// 收录: SCI, EI, CSSCI, 北大核心 and the like.
        indexed_in: Option<Vec<Line<50>>>,
        /// 影响因子, as the source prints it.
        impact_factor: Option<Line<20>>,
        /// 检索证明.
        retrieval_proof: Option<Line<200>>,
        /// 是否代表作.
        is_representative: Option<bool>,
        /// 是否曾用于以往申报.
        used_before: Option<bool>,
        /// 备注.
        note: Option<Paragraphs<2000>>,
    }
}

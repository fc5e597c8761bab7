//! 破格转评理由 Exception grounds: which clause, and the facts that fit it (domain.md 5.8 no. 17).

use super::field::{Line, Paragraphs};

super::section! {
    /// A ground.
    ExceptionGround {
        /// 条款.
        clause: Option<Line<300>>,
        /// 事实.
        facts: Option<Paragraphs<5000>>,
    }
}

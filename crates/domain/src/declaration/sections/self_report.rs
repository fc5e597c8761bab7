//! 个人述职 Self report (domain.md 5.8 no. 18).

use super::field::Paragraphs;

super::section! {
    /// 个人述职.
    SelfReport {
        /// 正文.
        text: Paragraphs<10000>,
    }
}

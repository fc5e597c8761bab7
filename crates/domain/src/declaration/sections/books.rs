//! 著作教材 Books (domain.md 5.8 no. 9).

use super::field::{Line, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 类型.
    BookKind {
        Monograph = "monograph", "著作", "Monograph";
        Textbook = "textbook", "教材", "Textbook";
        Translation = "translation", "译著", "Translation";
        Other = "other", "其他", "Other";
    }
}
choices!(BookKind);

super::section! {
    /// A book.
    Book {
        /// 书名.
        title: Option<Line<300>>,
        /// 类型.
        kind: Option<BookKind>,
        /// 出版社.
        publisher: Option<Line<100>>,
        /// ISBN.
        isbn: Option<Line<64>>,
        /// 出版时间.
        published_on: Option<NaiveDate>,
        /// 本人撰写字数.
        own_words: Option<u32>,
        /// 位次.
        author_position: Option<u32>,
    }
}

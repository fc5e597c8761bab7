//! 申报信息 Wishes: what the applicant adds to what was fixed when the declaration was started (domain.md 5.8 no. 2).
//! Mode, level, series, specialty, title, kind and final organisation stand on the declaration itself.

use super::field::{Paragraphs, choices};
use crate::values::QuotaKind;

choices!(QuotaKind);

super::section! {
    /// 申报信息.
    Wishes {
        /// 面试、答辩需求.
        interview_wish: Option<bool>,
        /// 特殊职数.
        quota_kind: Option<QuotaKind>,
        /// 备注.
        note: Option<Paragraphs<2000>>,
    }
}

//! 奖惩、违纪违规 Rewards and discipline: what bars, until when (seed 003 三(四), 四(二)2; domain.md 5.8 no. 16).

use super::field::{Line, Paragraphs, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 类型.
    RecordKind {
        Reward = "reward", "奖励", "Reward";
        Discipline = "discipline", "处分", "Discipline";
        Violation = "violation", "违规", "Violation";
    }
}
choices!(RecordKind);

super::section! {
    /// A reward, a discipline or a violation.
    RewardOrDiscipline {
        /// 类型.
        kind: Option<RecordKind>,
        /// 时间.
        on: Option<NaiveDate>,
        /// 文号.
        document_number: Option<Line<64>>,
        /// 影响期至.
        affects_until: Option<NaiveDate>,
        /// 说明.
        description: Option<Paragraphs<2000>>,
    }
    rule |it, pointer, checks| {
        super::in_order(checks, &format!("{pointer}/affects_until"), it.on, it.affects_until);
    };
}

//! 学历学位 Education: schools attended (domain.md 5.8 no. 4, 4.9).

use super::field::{DegreeCode, EducationLevel, Line, choices};
use crate::label::named;
use chrono::NaiveDate;

named! {
    /// 学习形式 (domain.md 4.9).
    StudyForm {
        FullTime = "full_time", "全日制", "Full time";
        SelfStudy = "self_study", "自考", "Self study";
        Adult = "adult", "成教", "Adult education";
        Correspondence = "correspondence", "函授", "Correspondence";
        Online = "online", "网络教育", "Online";
        PartySchool = "party_school", "党校", "Party school";
    }
}
choices!(StudyForm);

super::section! {
    /// A school attended.
    Education {
        /// 院校.
        school: Line<100>,
        /// 专业.
        major: Line<100>,
        /// 学历.
        education_code: EducationLevel,
        /// 学位.
        degree_code: Option<DegreeCode>,
        /// 学习形式.
        study_form: StudyForm,
        /// 起.
        from: NaiveDate,
        /// 止.
        to: NaiveDate,
        /// 是否申报依据学历.
        is_basis: bool,
        /// 是否第一学历.
        is_first: Option<bool>,
        /// 是否最高学历.
        is_highest: Option<bool>,
        /// 学信网校验码.
        chsi_code: Option<Line<64>>,
    }
    rule |it, pointer, checks| {
        super::in_order(checks, &format!("{pointer}/to"), Some(it.from), Some(it.to));
    };
}

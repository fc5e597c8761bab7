//! 个人基本信息 Basic: what the person adds to the registered name and ID number (domain.md 5.8 no. 1).

use super::field::{Email, EthnicGroup, Line, Paragraphs, PhoneNumber, PoliticalStatus, RegionCode, choices};
use crate::ids::MaterialId;
use crate::label::named;
use crate::values::Nature;
use chrono::NaiveDate;

named! {
    /// 健康状况.
    Health {
        Good = "good", "健康", "Good";
        Fair = "fair", "一般", "Fair";
        Impaired = "impaired", "较差", "Impaired";
    }
}
choices!(Health);

super::section! {
    /// 个人基本信息.
    Basic {
        /// 参加工作时间.
        work_started_on: NaiveDate,
        /// 现任岗位.
        current_post: Line<100>,
        /// 曾用名.
        former_name: Option<Line<100>>,
        /// 民族.
        ethnic_group_code: Option<EthnicGroup>,
        /// 政治面貌.
        political_status_code: Option<PoliticalStatus>,
        /// 籍贯.
        native_place: Option<Line<100>>,
        /// 户籍.
        household: Option<Line<200>>,
        /// 照片, for the e-certificate.
        photo_id: Option<MaterialId>,
        /// 手机号.
        phone: Option<PhoneNumber>,
        /// 邮箱.
        email: Option<Email>,
        /// 单位性质.
        employer_nature: Option<Nature>,
        /// 单位所在地.
        employer_region: Option<RegionCode>,
        /// 行政职务.
        administrative_post: Option<Line<100>>,
        /// 现从事专业.
        current_specialty: Option<Line<100>>,
        /// 从事本专业年限.
        specialty_years: Option<u32>,
        /// 健康状况.
        health: Option<Health>,
        /// 是否在岗.
        on_post: Option<bool>,
        /// 是否公务员编制.
        civil_servant: Option<bool>,
        /// 备注.
        note: Option<Paragraphs<2000>>,
    }
}

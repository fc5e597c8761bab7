//! 票面 What a certificate says, as of its time.

use crate::declaration::values::{Coded, TitleRef};
use crate::ids::NodeId;
use crate::private::Private;
use crate::registers::paths::Node;
use crate::values::{DeclarationKind, Level, Mode};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Face {
    /// 取得时间: vote day + 5 working days, offline too; for 初定 and 认定 the day of final approval.
    pub acquired_on: NaiveDate,
    /// 证书编号.
    pub certificate_number: String,
    /// 工作单位.
    pub employer_name: String,
    /// 备案文号; 初定 and 认定 have none.
    pub filing_number: Option<String>,
    /// 身份证号.
    pub id_number: Private<String>,
    /// 发证单位.
    pub issuing_organisation: Node,
    /// 职称等级.
    pub level: Level,
    /// 取得方式.
    pub mode: Mode,
    /// 姓名.
    pub name: Private<String>,
    /// 评审组织: the committee, or the accepting agency by its printed name (seed 002 人 1.3).
    pub printed_name: String,
    /// 系列.
    pub series: Coded,
    /// 专业.
    pub specialty: Coded,
    /// 职称.
    pub title: TitleRef,
}

/// Where a certificate comes from: what of its declaration the lists of certificates show and ask for, as of its issue. An
/// imported one has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// 申报编号.
    pub declaration_no: String,
    /// 工作单位.
    pub employer_id: NodeId,
    /// 终审机构.
    pub final_organisation: Node,
    /// Keyed hash of the ID number, to be searched by.
    pub id_number_hash: String,
    /// 申报类型.
    pub kind: DeclarationKind,
    /// 联系电话; certificates of before it was told have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Private<String>>,
    /// 统筹区.
    pub region: String,
    /// The organisations that had the declaration, from the employer to the one that decided.
    pub route: Vec<NodeId>,
    /// 统一社会信用代码 of the employer; certificates of before it was told have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    /// 年度.
    pub year: i32,
}

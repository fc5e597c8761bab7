//! What a declaration's events are made of.

use crate::hundredths::Hundredths;
use crate::ids::{BatchId, EmployerId, MaterialId, NodeId, QuotaApplicationId};
use crate::label::named;
use crate::private::Private;
use crate::registers::paths::Node;
use crate::values::{Nature, NodeType, QuotaKind};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

named! {
    /// The sections of the form, in order (contract.md, Sections; domain.md 5.8).
    SectionKey {
        Basic = "basic", "个人基本信息", "Basic";
        Declaration = "declaration", "申报信息", "Declaration";
        CurrentTitle = "current_title", "现任职称", "Current title";
        Education = "education", "学历学位", "Education";
        Employment = "employment", "工作经历", "Employment";
        ContinuingEducation = "continuing_education", "继续教育", "Continuing education";
        LanguageComputer = "language_computer", "外语、计算机", "Language and computer";
        Papers = "papers", "论文", "Papers";
        Books = "books", "著作教材", "Books";
        Projects = "projects", "项目课题", "Projects";
        Patents = "patents", "专利标准", "Patents";
        Awards = "awards", "奖励荣誉", "Awards";
        Outcomes = "outcomes", "成果转化", "Outcomes";
        GrassrootsService = "grassroots_service", "服务基层", "Grass-roots service";
        SpecialtyPractice = "specialty_practice", "行业专项", "Specialty practice";
        RewardsDiscipline = "rewards_discipline", "奖惩、违纪违规", "Rewards and discipline";
        ExceptionGrounds = "exception_grounds", "破格转评理由", "Exception grounds";
        SelfReport = "self_report", "个人述职", "Self report";
        Assessments = "assessments", "任职以来考核信息", "Assessments";
        Pledge = "pledge", "个人承诺", "Pledge";
    }
}

impl SectionKey {
    /// Whether the section is a list of entries.
    pub const fn is_list(self) -> bool {
        match self {
            Self::Basic | Self::Declaration | Self::CurrentTitle | Self::SelfReport | Self::Pledge => false,
            Self::Education
            | Self::Employment
            | Self::ContinuingEducation
            | Self::LanguageComputer
            | Self::Papers
            | Self::Books
            | Self::Projects
            | Self::Patents
            | Self::Awards
            | Self::Outcomes
            | Self::GrassrootsService
            | Self::SpecialtyPractice
            | Self::RewardsDiscipline
            | Self::ExceptionGrounds
            | Self::Assessments => true,
        }
    }

    /// Whether a change of it voids an earlier passed publicity (contract.md, `review-by-employer`; X-16).
    pub const fn is_published(self) -> bool {
        match self {
            Self::Education
            | Self::Employment
            | Self::Papers
            | Self::Books
            | Self::Projects
            | Self::Patents
            | Self::Awards
            | Self::Outcomes
            | Self::GrassrootsService
            | Self::RewardsDiscipline
            | Self::ExceptionGrounds => true,
            Self::Basic
            | Self::Declaration
            | Self::CurrentTitle
            | Self::ContinuingEducation
            | Self::LanguageComputer
            | Self::SpecialtyPractice
            | Self::SelfReport
            | Self::Assessments
            | Self::Pledge => false,
        }
    }
}

/// A code with its name at that time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coded {
    /// The code.
    pub code: String,
    /// What it was called then.
    pub name: String,
}

/// 申报职称 with the ministry's code at that time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TitleRef {
    /// 对应人社部职称.
    pub ministry_code: Option<String>,
    /// 职称名称.
    pub name: String,
}

/// The employer through which a declaration goes, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicantEmployer {
    /// Its id.
    pub id: EmployerId,
    /// What it was called then.
    pub name: String,
    /// 单位性质.
    pub nature: Nature,
    /// 统筹区.
    pub region: String,
    /// 统一社会信用代码; starts of before it was told have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
}

impl ApplicantEmployer {
    /// It as a node of the path.
    pub fn node(&self) -> Node {
        Node { id: self.id.into(), name: self.name.clone() }
    }
}

/// 终审机构 chosen from the resolved paths, and the batch that binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FinalOrganisation {
    /// The batch of the organisation.
    pub batch_id: BatchId,
    /// The committee, or the organisation that grants or recognises.
    pub node: Node,
    /// Which of the two.
    pub node_type: NodeType,
}

/// A material as an event names it; the file lies in the material store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Material {
    /// SHA-256 of the file in clear, hex.
    pub digest: String,
    /// Its id.
    pub id: MaterialId,
    /// Which entry of the section it proves.
    pub item: Option<u32>,
    /// 材料类别.
    pub kind: String,
    /// `application/pdf`, `image/jpeg` or `image/png`.
    pub media_type: String,
    /// The file's name as it was sent.
    pub name: Private<String>,
    /// The section it belongs to.
    pub section: Option<SectionKey>,
    /// Bytes.
    pub size: u64,
}

/// One deficiency of a return: everything at once (N25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnItem {
    /// A section's key, `section/index` or `materials/<kind>`.
    pub anchor: String,
    /// Its id, to be answered by.
    pub item_id: String,
    /// What is missing or wrong.
    pub problem: String,
}

/// The applicant's answer to one deficiency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What was done.
    pub answer: String,
    /// The deficiency.
    pub item_id: String,
}

/// A line of the 真实性审核责任卡 (seed 003 四(二)1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// What was verified.
    pub duty: String,
    /// By whom.
    pub name: String,
}

/// Opinion and signatures of a review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandledBy {
    /// 经办人.
    pub handled_by: Private<Option<String>>,
    /// 审核意见.
    pub opinion: Private<Option<String>>,
    /// 线上线下一致 (seed 003 四 tail).
    pub paper_consistent: Option<bool>,
    /// 负责人.
    pub responsible_person: Private<Option<String>>,
}

/// A place in an employer's quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotaUse {
    /// The application that approved it.
    pub application_id: QuotaApplicationId,
    /// Which kind of quota.
    pub kind: QuotaKind,
    /// The ledger's stream.
    pub ledger_id: uuid::Uuid,
}

/// 面试通知.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: String,
}

/// One item of a judge's score sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredItem {
    /// The item's name in the scheme.
    pub item: String,
    /// A remark.
    pub note: Private<Option<String>>,
    /// Between 0 and the item's maximum.
    pub score: Hundredths,
}

named! {
    /// Which score sheet.
    Sheet {
        Material = "material", "材料打分", "Material";
        Interview = "interview", "面试答辩打分", "Interview";
    }
}

/// A node that stands for nobody, before a declaration names one.
pub fn nowhere() -> Node {
    Node { id: NodeId::default(), name: String::new() }
}

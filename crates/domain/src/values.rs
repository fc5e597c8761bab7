//! The closed sets of values that rules speak of: roles, modes, levels, holds. Names: contract.md.
//! Code systems that the province or the ministry may change (series, titles, regions) are data, not enumerations.

use crate::label::named;

named! {
    /// Who may act. Every role but applicant and the last three is held at an organisation.
    Role {
        Applicant = "applicant", "申报人", "Applicant";
        EmployerOperator = "employer-operator", "用人单位经办人", "Employer operator";
        SuperiorReviewer = "superior-reviewer", "上级单位审核人", "Superior reviewer";
        AuthorityReviewer = "authority-reviewer", "人社部门审核人", "Authority reviewer";
        SchemeReviewer = "scheme-reviewer", "呈报方案审核人", "Scheme reviewer";
        SpecialSchemeReviewer = "special-scheme-reviewer", "呈报方案审核人（特殊情况）", "Special scheme reviewer";
        CommitteeOperator = "committee-operator", "评委会办事机构", "Committee operator";
        Judge = "judge", "评委", "Judge";
        DisciplineWitness = "discipline-witness", "纪检监督", "Discipline witness";
        CertificateIssuer = "certificate-issuer", "发证单位", "Certificate issuer";
        ProvincialAdministrator = "provincial-administrator", "省本级专技处", "Provincial administrator";
        SystemAdministrator = "system-administrator", "系统管理员", "System administrator";
        Auditor = "auditor", "审计员", "Auditor";
        ReportJob = "report-job", "报表作业", "Report job";
    }
}

impl Role {
    /// Whether it is one of the committee's own people, who follow the course of a meeting (contract.md, Who sees what).
    pub const fn is_of_committee(self) -> bool {
        match self {
            Self::CommitteeOperator | Self::Judge => true,
            Self::Applicant
            | Self::EmployerOperator
            | Self::SuperiorReviewer
            | Self::AuthorityReviewer
            | Self::SchemeReviewer
            | Self::SpecialSchemeReviewer
            | Self::DisciplineWitness
            | Self::CertificateIssuer
            | Self::ProvincialAdministrator
            | Self::SystemAdministrator
            | Self::Auditor
            | Self::ReportJob => false,
        }
    }

    /// Whether the role is held at an organisation (contract.md, Roles).
    pub const fn held_at_organisation(self) -> bool {
        match self {
            Self::Applicant | Self::SystemAdministrator | Self::Auditor | Self::ReportJob => false,
            Self::EmployerOperator
            | Self::SuperiorReviewer
            | Self::AuthorityReviewer
            | Self::SchemeReviewer
            | Self::SpecialSchemeReviewer
            | Self::CommitteeOperator
            | Self::Judge
            | Self::DisciplineWitness
            | Self::CertificateIssuer
            | Self::ProvincialAdministrator => true,
        }
    }
}

named! {
    /// 取得方式: how a title is acquired (domain.md 2.2).
    Mode {
        Review = "review", "评审", "Review";
        InitialGrant = "initial_grant", "初定", "Initial grant";
        Recognition = "recognition", "认定", "Recognition";
        Examination = "examination", "考试", "Examination";
    }
}

impl Mode {
    /// The digit in a certificate number (domain.md 2.2, 4.7).
    pub const fn certificate_digit(self) -> u8 {
        match self {
            Self::Review => 1,
            Self::Examination => 2,
            Self::InitialGrant | Self::Recognition => 3,
        }
    }
}

named! {
    /// 职称等级 of a declaration (domain.md 4.5).
    Level {
        FullSenior = "full_senior", "正高级", "Full senior";
        AssociateSenior = "associate_senior", "副高级", "Associate senior";
        Intermediate = "intermediate", "中级", "Intermediate";
        Assistant = "assistant", "助理级", "Assistant";
        Technician = "technician", "员级", "Technician";
    }
}

impl Level {
    /// The level of committees and paths that handle it (domain.md 4.5).
    pub const fn rank(self) -> Rank {
        match self {
            Self::FullSenior | Self::AssociateSenior => Rank::Senior,
            Self::Intermediate => Rank::Intermediate,
            Self::Assistant | Self::Technician => Rank::Junior,
        }
    }
}

named! {
    /// 级别 of committees, paths and certificate numbers.
    Rank {
        Senior = "senior", "高级", "Senior";
        Intermediate = "intermediate", "中级", "Intermediate";
        Junior = "junior", "初级", "Junior";
    }
}

impl Rank {
    /// The first character of a certificate number (domain.md 4.5).
    pub const fn certificate_letter(self) -> char {
        match self {
            Self::Senior => 'A',
            Self::Intermediate => 'B',
            Self::Junior => 'C',
        }
    }
}

named! {
    /// 审核路径类型 (seed 002 人 1.4 to 1.8).
    PathKind {
        InitialGrant = "initial_grant", "职称初定审核路径", "Initial grant";
        Recognition = "recognition", "职称认定审核路径", "Recognition";
        Junior = "junior", "初评会审核路径", "Junior committee";
        Intermediate = "intermediate", "中评会审核路径", "Intermediate committee";
        Senior = "senior", "高评会审核路径", "Senior committee";
    }
}

impl PathKind {
    /// The kind of path that a declaration of this mode and level walks; examinations walk none.
    pub const fn of(mode: Mode, level: Level) -> Option<Self> {
        match mode {
            Mode::InitialGrant => Some(Self::InitialGrant),
            Mode::Recognition => Some(Self::Recognition),
            Mode::Examination => None,
            Mode::Review => Some(match level.rank() {
                Rank::Senior => Self::Senior,
                Rank::Intermediate => Self::Intermediate,
                Rank::Junior => Self::Junior,
            }),
        }
    }
}

named! {
    /// 受理节点类型 (seed 002 人 1.28).
    NodeType {
        Employer = "employer", "单位", "Employer";
        Agency = "agency", "经办机构", "Agency";
        Committee = "committee", "评委会", "Committee";
    }
}

named! {
    /// 申报类型.
    DeclarationKind {
        Normal = "normal", "正常", "Normal";
        Exceptional = "exceptional", "破格", "Exceptional";
        Transfer = "transfer", "转评", "Transfer between series";
        GreenChannel = "green_channel", "绿色通道", "Green channel";
    }
}

named! {
    /// 单位性质: public institutions stand under quota and ratio (N15).
    Nature {
        PublicInstitution = "public_institution", "事业单位", "Public institution";
        Enterprise = "enterprise", "企业", "Enterprise";
        Other = "other", "其他", "Other";
    }
}

named! {
    /// 机构类别.
    OrganisationKind {
        Authority = "authority", "人社部门", "Authority";
        Agency = "agency", "经办机构", "Agency";
    }
}

named! {
    /// What the seeds call 审核结果 at a level (X-17: all three at every level).
    Verdict {
        Pass = "pass", "审核通过", "Pass";
        Return = "return", "退回", "Return";
        Fail = "fail", "审核不通过", "Fail";
    }
}

named! {
    /// 审核结果 where nothing can be sent back.
    PassOrFail {
        Pass = "pass", "通过", "Pass";
        Fail = "fail", "不通过", "Fail";
    }
}

named! {
    /// 公示结果.
    PublicityResult {
        Passed = "passed", "通过", "Passed";
        Failed = "failed", "不通过", "Failed";
    }
}

named! {
    /// 表决选择: no abstention.
    Choice {
        Agree = "agree", "同意", "Agree";
        Disagree = "disagree", "反对", "Disagree";
    }
}

named! {
    /// A flag beside the stage that refuses every step forward (contract.md, Stages).
    Hold {
        Objection = "objection", "异议", "Objection";
        Discipline = "discipline", "纪检", "Discipline";
        Blacklist = "blacklist", "黑名单", "Blacklist";
    }
}

named! {
    /// 公示类别 of a publicity round.
    PublicityKind {
        Employer = "employer", "单位公示", "Employer publicity";
        Result = "result", "评审结果公示", "Result publicity";
    }
}

named! {
    /// 方案类型: normal and special schemes have different reviewers (N32).
    SchemeKind {
        Normal = "normal", "正常", "Normal";
        Special = "special", "特殊", "Special";
    }
}

named! {
    /// 线上 or 线下 review (seed 002 单 1.2.5).
    Medium {
        Online = "online", "线上", "Online";
        Offline = "offline", "线下", "Offline";
    }
}

named! {
    /// 职数类别 (seed 003 三(二)2).
    QuotaKind {
        Normal = "normal", "正常职数", "Normal";
        Special1 = "special_1", "特殊职数（引进人才）", "Introduced talent";
        Special2 = "special_2", "特殊职数（重点项目）", "Key projects";
        Special3 = "special_3", "特殊职数（基层服务）", "Grass-roots service";
        Special4 = "special_4", "特殊职数（退多补少）", "Retirements";
    }
}

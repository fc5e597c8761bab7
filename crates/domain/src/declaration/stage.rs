//! 申报环节 Where a declaration stands. The names are contract.md's, in domain.md 2.3's order (D00 to D38, then lapsed).

use crate::label::named;

named! {
    /// The stage of a declaration.
    Stage {
        Draft = "draft", "暂存", "Draft";
        EmployerReview = "employer_review", "待单位初审", "Employer review";
        ReturnedToApplicant = "returned_to_applicant", "退回待修改", "Returned to the applicant";
        EmployerFailed = "employer_failed", "单位审核不通过", "Failed at the employer";
        EmployerPublicityDue = "employer_publicity_due", "待单位公示", "Employer publicity due";
        EmployerPublicity = "employer_publicity", "单位公示中", "In employer publicity";
        EmployerPublicityEnded = "employer_publicity_ended", "公示期满", "Employer publicity ended";
        EmployerPublicityFailed = "employer_publicity_failed", "公示未通过", "Employer publicity failed";
        Recommendation = "recommendation", "待推荐上报", "Recommendation";
        SuperiorReview = "superior_review", "待上级审核", "Superior review";
        ReturnedToSubordinate = "returned_to_subordinate", "退回至下级", "Returned to a subordinate";
        SuperiorFailed = "superior_failed", "上级审核不通过", "Failed at a superior";
        QualificationReview = "qualification_review", "待资格复核", "Qualification review";
        QualificationFailed = "qualification_failed", "复核不合格", "Qualification failed";
        Qualified = "qualified", "复核合格", "Qualified";
        SchemeSubmitted = "scheme_submitted", "已纳入方案", "In a submitted scheme";
        SchemeApproved = "scheme_approved", "方案已核准", "Scheme approved";
        JudgesDrawn = "judges_drawn", "已抽评委", "Judges drawn";
        MaterialReviewed = "material_reviewed", "材料复审通过", "Material reviewed";
        MaterialReviewFailed = "material_review_failed", "材料复审不通过", "Material review failed";
        Scoring = "scoring", "打分中", "Scoring";
        OpinionGiven = "opinion_given", "已有评审意见", "Opinion given";
        Balloting = "balloting", "投票中", "Balloting";
        VotePassed = "vote_passed", "表决通过", "Vote passed";
        VoteFailed = "vote_failed", "表决未通过", "Vote failed";
        ResultPublicity = "result_publicity", "结果公示中", "In result publicity";
        ResultPublicityPassed = "result_publicity_passed", "公示无异议", "Result publicity passed";
        ObjectionUpheld = "objection_upheld", "异议成立", "Objection upheld";
        FilingRequested = "filing_requested", "已申请备案", "Filing requested";
        Filed = "filed", "已备案", "Filed";
        FinalApproved = "final_approved", "终审机构通过", "Approved finally";
        CertificateIssued = "certificate_issued", "证书已发放", "Certificate issued";
        ECertificateGenerated = "e_certificate_generated", "电子证书已生成", "E-certificate generated";
        Reported = "reported", "已报送人社部", "Reported to the ministry";
        Revoked = "revoked", "已撤销", "Revoked";
        Withdrawn = "withdrawn", "撤回", "Withdrawn";
        Abandoned = "abandoned", "逾期未补正", "Abandoned";
        FilingCancelled = "filing_cancelled", "取消备案", "Filing cancelled";
        Lapsed = "lapsed", "年度终结", "Lapsed";
    }
}

impl Stage {
    /// Whether the declaration has ended: nothing moves it any more.
    pub const fn ended(self) -> bool {
        match self {
            Self::EmployerFailed
            | Self::EmployerPublicityFailed
            | Self::SuperiorFailed
            | Self::QualificationFailed
            | Self::MaterialReviewFailed
            | Self::VoteFailed
            | Self::ObjectionUpheld
            | Self::Revoked
            | Self::Withdrawn
            | Self::Abandoned
            | Self::FilingCancelled
            | Self::Lapsed => true,
            Self::Draft
            | Self::EmployerReview
            | Self::ReturnedToApplicant
            | Self::EmployerPublicityDue
            | Self::EmployerPublicity
            | Self::EmployerPublicityEnded
            | Self::Recommendation
            | Self::SuperiorReview
            | Self::ReturnedToSubordinate
            | Self::QualificationReview
            | Self::Qualified
            | Self::SchemeSubmitted
            | Self::SchemeApproved
            | Self::JudgesDrawn
            | Self::MaterialReviewed
            | Self::Scoring
            | Self::OpinionGiven
            | Self::Balloting
            | Self::VotePassed
            | Self::ResultPublicity
            | Self::ResultPublicityPassed
            | Self::FilingRequested
            | Self::Filed
            | Self::FinalApproved
            | Self::CertificateIssued
            | Self::ECertificateGenerated
            | Self::Reported => false,
        }
    }

    /// Whether the closing of its batch ends it: not yet ended and still before 表决通过 or 终审机构通过
    /// (contract.md, Stages).
    pub const fn lapses(self) -> bool {
        match self {
            Self::VotePassed
            | Self::ResultPublicity
            | Self::ResultPublicityPassed
            | Self::FilingRequested
            | Self::Filed
            | Self::FinalApproved
            | Self::CertificateIssued
            | Self::ECertificateGenerated
            | Self::Reported => false,
            Self::Draft
            | Self::EmployerReview
            | Self::ReturnedToApplicant
            | Self::EmployerPublicityDue
            | Self::EmployerPublicity
            | Self::EmployerPublicityEnded
            | Self::Recommendation
            | Self::SuperiorReview
            | Self::ReturnedToSubordinate
            | Self::QualificationReview
            | Self::Qualified
            | Self::SchemeSubmitted
            | Self::SchemeApproved
            | Self::JudgesDrawn
            | Self::MaterialReviewed
            | Self::Scoring
            | Self::OpinionGiven
            | Self::Balloting => true,
            Self::EmployerFailed
            | Self::EmployerPublicityFailed
            | Self::SuperiorFailed
            | Self::QualificationFailed
            | Self::MaterialReviewFailed
            | Self::VoteFailed
            | Self::ObjectionUpheld
            | Self::Revoked
            | Self::Withdrawn
            | Self::Abandoned
            | Self::FilingCancelled
            | Self::Lapsed => false,
        }
    }
}

//! What an event of a declaration tells whom: the applicant what becomes of the case, an organisation what it has to do. The
//! applicant hears nothing of a meeting before its results are declared (contract.md, Who sees what), but when and where to come to
//! the interview (seed 002 单 1.2.4).

use super::events::Event;
use super::outside::Telling;
use super::state::{Declaration, OperationKind};
use crate::aggregate::Stamp;
use crate::context::in_shanghai;
use crate::notice::{Addressee, NoticeKind, Told};
use crate::registers::paths::Node;
use chrono::NaiveDate;

/// The notice of an event on the state before it.
pub(super) fn of(event: &Event, telling: Telling, it: &Declaration, stamp: &Stamp) -> Option<Told> {
    let subject = it.subject.as_ref()?;
    let applicant = Addressee::Account(subject.account);
    let case = format!("{}年度{}申报", subject.year, subject.title.name);
    let told = |to, kind, due_on: Option<NaiveDate>, text: String| {
        Some(Told::now(stamp, it.told.len(), to, kind, text).by(due_on))
    };
    let tell = |kind, text: String| told(applicant, kind, None, format!("您的{case}{text}"));
    let relay = |to: &Node, relay_by: NaiveDate| {
        let text = format!("{case}被退回至本单位，请最迟于{relay_by}转退下级单位或申报人，逾期自动转退。");
        told(Addressee::Organisation(to.id), NoticeKind::ReturnToRelay, Some(relay_by), text)
    };
    let here = || it.holder().map(|node| node.name).unwrap_or_default();
    if let Event::InterviewNotified { notice } = event {
        let at = in_shanghai(notice.at).format("%Y年%-m月%-d日%H:%M");
        let text = format!("的面试答辩定于{at}在{}进行，请按时参加。", notice.place);
        return tell(NoticeKind::InterviewNotified, text);
    }
    // what the committee alone hears otherwise is nobody's notice
    match telling {
        Telling::Everybody => {}
        Telling::Owner | Telling::Committee => return None,
    }
    match event {
        Event::ReturnedToApplicant { by, correct_by, .. } => {
            let text = format!("您的{case}被{}退回，请按退回意见修改，最迟于{correct_by}重新提交。", by.name);
            told(applicant, NoticeKind::Returned, Some(*correct_by), text)
        }
        Event::ReturnedToSubordinate { to, relay_by, .. } | Event::ReturnRelayed { to, relay_by, .. } => {
            relay(to, *relay_by)
        }
        Event::EmployerReviewFailed { .. } | Event::SuperiorReviewFailed { .. } => {
            tell(NoticeKind::Failed, format!("未通过{}审核，审核意见见申报详情。", here()))
        }
        Event::QualificationFailed { .. } => {
            let text = format!("经{}复核不合格，本年度不再参加评审，复核意见见申报详情。", here());
            tell(NoticeKind::Failed, text)
        }
        Event::EmployerPublicityStarted { ends_on, starts_on, .. }
        | Event::ResultPublicityStarted { ends_on, starts_on, .. } => {
            tell(NoticeKind::PublicityStarted, format!("由{}公示，自{starts_on}至{ends_on}。", here()))
        }
        Event::PublicityReckoned { ends_on, .. } => {
            tell(NoticeKind::PublicityReckoned, format!("的公示截止日期调整为{ends_on}。"))
        }
        Event::EmployerPublicityEnded => {
            let to = Addressee::Organisation(subject.employer.node().id);
            told(to, NoticeKind::PublicityEnded, None, format!("{case}的单位公示已期满，请保存公示结果。"))
        }
        Event::EmployerPublicityFailed { .. } => {
            tell(NoticeKind::Failed, "未通过单位公示，原因见申报详情。".to_owned())
        }
        Event::ResultPublicityFailed { .. } => {
            tell(NoticeKind::Failed, "未通过评审结果公示，原因见申报详情。".to_owned())
        }
        Event::ObjectionUpheld { .. } => match it.publicity_running() {
            // the employer ends it by saving that the publicity failed
            true => None,
            false => tell(NoticeKind::Failed, "经核查异议成立，不予通过。".to_owned()),
        },
        Event::Abandoned => tell(NoticeKind::Ended, "逾期未补正，申报已终止。".to_owned()),
        Event::Lapsed => tell(NoticeKind::Ended, "未在本年度办结，申报已终止。".to_owned()),
        Event::CommitteeTransferred { to, .. } => {
            tell(NoticeKind::Transferred, format!("已转至{}评审。", to.name))
        }
        Event::FinalApproved { .. } => tell(NoticeKind::Approved, format!("已由{}审核通过。", here())),
        Event::OperationRolledBack { .. } => match it.operations.last().map(|latest| &latest.kind) {
            Some(OperationKind::Qualification) => {
                tell(NoticeKind::Reopened, "的资格复核已回退，将重新复核。".to_owned())
            }
            Some(OperationKind::FinalApproval) => {
                tell(NoticeKind::Reopened, "的终审已回退，将重新审核。".to_owned())
            }
            Some(
                OperationKind::MaterialReview
                | OperationKind::Score(..)
                | OperationKind::GroupOpinion
                | OperationKind::Ballot
                | OperationKind::CommitteeOpinion,
            )
            | None => None,
        },
        Event::MeetingAnnulled { .. } => {
            tell(NoticeKind::Reopened, "所在的当次评审已作废，将重新评审。".to_owned())
        }
        Event::ResultDeclared { passed, .. } => {
            let result = if *passed { "通过" } else { "未通过" };
            tell(NoticeKind::ResultDeclared, format!("评审结果已宣布：{result}。"))
        }
        Event::FilingCancelled { .. } => tell(NoticeKind::Revoked, "的备案已取消，证书一并撤销。".to_owned()),
        Event::CertificateIssued { .. } => {
            tell(NoticeKind::CertificateIssued, "的证书已发放，证书编号见申报详情。".to_owned())
        }
        Event::ECertificateGenerated { .. } => {
            tell(NoticeKind::ECertificateGenerated, "的电子证书已生成。".to_owned())
        }
        Event::CertificateRevoked { .. } => tell(NoticeKind::Revoked, "的证书已撤销。".to_owned()),
        Event::Drafted { .. }
        | Event::DraftSaved { .. }
        | Event::MaterialAttached { .. }
        | Event::MaterialRemoved { .. }
        | Event::Submitted { .. }
        | Event::Resubmitted { .. }
        | Event::Withdrawn { .. }
        | Event::EmployerReviewPassed { .. }
        | Event::EmployerPublicityPassed { .. }
        | Event::EmployerPublicityVoided { .. }
        | Event::Recommended { .. }
        | Event::SuperiorReviewPassed { .. }
        | Event::ForwardedToCommittee { .. }
        | Event::QualificationPassed { .. }
        | Event::SchemeSubmitted { .. }
        | Event::SchemeApproved { .. }
        | Event::SchemeRejected { .. }
        | Event::JudgesDrawn { .. }
        | Event::PanelAssigned { .. }
        | Event::InterviewNotified { .. }
        | Event::JudgeRecused { .. }
        | Event::MaterialReviewPassed { .. }
        | Event::MaterialReviewFailed { .. }
        | Event::MaterialScored { .. }
        | Event::InterviewScored { .. }
        | Event::GroupOpinionGiven { .. }
        | Event::BallotOpened { .. }
        | Event::VoteCast { .. }
        | Event::BallotClosed { .. }
        | Event::CommitteeOpinionGiven { .. }
        | Event::OfflineResultRecorded { .. }
        | Event::CutApplied { .. }
        | Event::CutVoided { .. }
        | Event::FailureReasonRecorded { .. }
        | Event::ResultPublicityPassed { .. }
        | Event::ObjectionRaised { .. }
        | Event::ObjectionDismissed { .. }
        | Event::FilingRequested { .. }
        | Event::Filed { .. }
        | Event::FilingRejected { .. }
        | Event::CertificateReported { .. }
        | Event::ReportAcknowledged { .. }
        | Event::Held { .. }
        | Event::HoldLifted { .. }
        | Event::PersonErased => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::notice::{Addressee, NoticeKind};
    use crate::world::sitting::Sitting;

    #[test]
    fn the_applicant_is_called_to_the_interview() {
        let mut sitting = Sitting::assigned(1, |_| {});
        let (meeting, case) = (sitting.meeting, sitting.candidates[0]);
        let notices = serde_json::json!({"notices": [
            {"declaration_id": case, "at": "2023-10-24T09:30:00+08:00", "place": "湖南大学"},
        ]});
        sitting.office("review_meeting", meeting, "send-interview-notices", notices);
        let it = sitting.candidate(0);
        let told = it.told.last().unwrap();
        assert_eq!(told.kind, NoticeKind::InterviewNotified);
        assert_eq!(told.to, Addressee::Account(it.subject.unwrap().account));
        assert!(told.text.ends_with("定于2023年10月24日09:30在湖南大学进行，请按时参加。"), "{}", told.text);
    }

    #[test]
    fn the_applicant_hears_nothing_of_a_meeting_before_its_results_are_declared() {
        let mut sitting = Sitting::assigned(1, |_| {});
        let before = sitting.candidate(0).told;
        sitting.reviewed(0, 80, 40);
        sitting.roll_back(0).unwrap();
        sitting.judged(0, 0, "give-opinion", crate::world::sitting::opinion("group"));
        sitting.balloted(0, 10);
        sitting.judged(3, 0, "give-opinion", crate::world::sitting::opinion("committee"));
        assert_eq!(sitting.candidate(0).told, before);
        let meeting = sitting.meeting;
        sitting.office("review_meeting", meeting, "apply-cut", serde_json::json!({}));
        assert_eq!(sitting.candidate(0).told, before);
        let chair = sitting.seat(3);
        sitting.hunan.act(chair, "review_meeting", meeting, "declare-results", serde_json::json!({}));
        let it = sitting.candidate(0);
        let told = it.told.last().unwrap();
        assert_eq!(told.kind, NoticeKind::ResultDeclared);
        assert!(told.text.ends_with("评审结果已宣布：未通过。"), "{}", told.text);
        assert_eq!(told.to, Addressee::Account(it.subject.unwrap().account));
        assert_eq!(told.at.to_rfc3339(), "2023-10-22T16:00:00+00:00", "the chair did it: the day alone");
        assert_ne!(told.id(it.id.unwrap().0), told.id(meeting), "ids are of one stream");
    }
}

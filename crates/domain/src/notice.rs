//! 通知 What a person must be told (seed 003 四(三), 四(四); domain.md 5.6). A notice is no event of its own: it is folded beside the
//! state of the thing that it is about, for whoever is addressed, from the event that gave rise to it.

use crate::aggregate::Stamp;
use crate::context::in_shanghai;
use crate::ids::{AccountId, JudgeId, NodeId};
use crate::label::named;
use crate::values::Role;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

named! {
    /// What a notice is about.
    NoticeKind {
        Returned = "returned", "退回修改", "Returned for correction";
        ReturnToRelay = "return_to_relay", "待转退", "Return to relay";
        PublicityStarted = "publicity_started", "公示开始", "Publicity started";
        PublicityReckoned = "publicity_reckoned", "公示截止日期调整", "Publicity end changed";
        PublicityEnded = "publicity_ended", "公示期满", "Publicity ended";
        Failed = "failed", "审核不通过", "Failed";
        Ended = "ended", "申报终止", "Ended";
        Transferred = "transferred", "转换评委会", "Transferred";
        Reopened = "reopened", "重新办理", "Reopened";
        Approved = "approved", "终审通过", "Approved";
        ResultDeclared = "result_declared", "评审结果", "Result declared";
        CertificateIssued = "certificate_issued", "证书发放", "Certificate issued";
        ECertificateGenerated = "e_certificate_generated", "电子证书生成", "E-certificate generated";
        Revoked = "revoked", "证书撤销", "Revoked";
        PanelAssigned = "panel_assigned", "评委分组", "Panel assigned";
        InterviewNotified = "interview_notified", "面试通知", "Interview notified";
        MeetingAnnulled = "meeting_annulled", "评审作废", "Meeting annulled";
    }
}

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// Whoever signs in with this account: the applicant.
    Account(AccountId),
    /// Whoever acts for this organisation.
    Organisation(NodeId),
    /// A judge.
    Judge(JudgeId),
}

impl Addressee {
    /// The id of whoever is addressed.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Account(id) => id.0,
            Self::Organisation(id) => id.0,
            Self::Judge(id) => id.0,
        }
    }
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it is about.
    pub kind: NoticeKind,
    /// Whom it is for.
    pub to: Addressee,
    /// When it was given; of what a judge did the day alone (contract.md, Who sees what).
    pub at: DateTime<Utc>,
    /// Until when something must be done, where something must.
    pub due_on: Option<NaiveDate>,
    /// What people read: it names nobody.
    pub text: String,
    /// Which notice of the thing it is, from 1 on: a version would tell how much of a meeting lies before it.
    pub number: usize,
}

impl Told {
    /// A notice of what happened just now, after those that the thing has given already.
    pub(crate) fn now(stamp: &Stamp, given: usize, to: Addressee, kind: NoticeKind, text: String) -> Self {
        let judge = stamp.actor.as_ref().and_then(|actor| actor.role) == Some(Role::Judge);
        let midnight = in_shanghai(stamp.time).with_time(NaiveTime::MIN).single().filter(|_| judge);
        let at = midnight.map_or(stamp.time, |midnight| midnight.to_utc());
        Self { kind, to, at, due_on: None, text, number: given + 1 }
    }

    /// By a last day.
    #[must_use]
    pub(crate) fn by(self, due_on: Option<NaiveDate>) -> Self {
        Self { due_on, ..self }
    }

    /// Its id, the same whenever it is folded: a UUIDv7 of its moment, from the stream, the number and the addressee.
    pub fn id(&self, stream: Uuid) -> Uuid {
        let number = u64::try_from(self.number).unwrap_or(u64::MAX);
        let digest = Sha256::new_with_prefix(stream)
            .chain_update(number.to_be_bytes())
            .chain_update(self.to.id())
            .finalize();
        let mut random = [0u8; 10];
        for (to, from) in random.iter_mut().zip(digest) {
            *to = from;
        }
        let millis = u64::try_from(self.at.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

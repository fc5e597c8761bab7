//! 备案 What of a scheme's results may be put on file, was sent to be, and what came of it (T54 to T57). A filing covers many
//! candidates, or one; the scheme knows of each.

use crate::ids::DeclarationId;
use crate::label::named;
use crate::values::PassOrFail;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

named! {
    /// 备案状态 of a scheme.
    FilingState {
        Requested = "requested", "已申请备案", "Requested";
        Filed = "filed", "已备案", "Filed";
        Rejected = "rejected", "备案不通过", "Rejected";
        Cancelled = "cancelled", "已取消备案", "Cancelled";
    }
}

/// What may be put on file, what waits to be, and what is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filings {
    /// Whose result publicity passed and whose filing is to be requested, for the first time or again.
    pub ready: BTreeSet<DeclarationId>,
    /// Since when somebody has been ready whose filing is not requested; else since when somebody was last.
    pub ready_at: Option<DateTime<Utc>>,
    /// Whose filing was requested and not reviewed yet.
    pub waiting: BTreeSet<DeclarationId>,
    /// Who is on file.
    pub filed: BTreeSet<DeclarationId>,
    /// Whose filing was cancelled.
    pub cancelled: BTreeSet<DeclarationId>,
    /// When the oldest request came that is not reviewed yet; else the latest.
    pub requested_at: Option<DateTime<Utc>>,
    /// When the latest request was settled: reviewed, or dropped.
    pub settled_at: Option<DateTime<Utc>>,
    /// What the latest review said.
    pub decision: Option<PassOrFail>,
    /// 备案文号 and 备案时间 of the latest one that passed.
    pub latest: Option<(String, NaiveDate)>,
}

impl Filings {
    /// 备案状态; none while nothing was requested.
    pub fn state(&self) -> Option<FilingState> {
        if !self.waiting.is_empty() {
            return Some(FilingState::Requested);
        }
        if !self.filed.is_empty() {
            return Some(FilingState::Filed);
        }
        if !self.cancelled.is_empty() {
            return Some(FilingState::Cancelled);
        }
        self.decision.filter(|decision| *decision == PassOrFail::Fail).map(|_| FilingState::Rejected)
    }

    pub(super) fn allow(&mut self, ids: &[DeclarationId], at: DateTime<Utc>) {
        if ids.is_empty() {
            return;
        }
        if self.ready.is_empty() {
            self.ready_at = Some(at);
        }
        self.ready.extend(ids);
    }

    pub(super) fn request(&mut self, ids: &[DeclarationId], at: DateTime<Utc>) {
        if self.waiting.is_empty() {
            self.requested_at = Some(at);
        }
        self.ready.retain(|id| !ids.contains(id));
        self.waiting.extend(ids);
    }

    pub(super) fn review(&mut self, ids: &[DeclarationId], decision: PassOrFail, at: DateTime<Utc>) {
        self.waiting.retain(|id| !ids.contains(id));
        self.settled_at = Some(at);
        self.decision = Some(decision);
        match decision {
            PassOrFail::Pass => self.filed.extend(ids),
            PassOrFail::Fail => self.allow(ids, at),
        }
    }

    /// An objection was upheld: not filed any more.
    pub(super) fn drop(&mut self, id: DeclarationId, at: DateTime<Utc>) {
        self.ready.remove(&id);
        if self.waiting.remove(&id) {
            self.settled_at = Some(at);
        }
    }

    pub(super) fn cancel(&mut self, id: DeclarationId) {
        self.filed.remove(&id);
        self.cancelled.insert(id);
    }
}

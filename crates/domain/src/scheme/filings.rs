//! 备案 What of a scheme's results was sent to be filed, and what came of it (T54 to T56). A filing covers many candidates, or
//! one; the scheme knows of each.

use crate::ids::DeclarationId;
use crate::values::PassOrFail;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

/// What waits to be filed, and what was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filings {
    /// Whose filing was requested and not reviewed yet.
    pub waiting: BTreeSet<DeclarationId>,
    /// Who was put on file, cancelled later or not.
    pub filed: BTreeSet<DeclarationId>,
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
    pub(super) fn request(&mut self, ids: &[DeclarationId], at: DateTime<Utc>) {
        if self.waiting.is_empty() {
            self.requested_at = Some(at);
        }
        self.waiting.extend(ids);
    }

    pub(super) fn review(&mut self, ids: &[DeclarationId], decision: PassOrFail, at: DateTime<Utc>) {
        self.waiting.retain(|id| !ids.contains(id));
        self.settled_at = Some(at);
        self.decision = Some(decision);
        match decision {
            PassOrFail::Pass => self.filed.extend(ids),
            PassOrFail::Fail => {}
        }
    }

    pub(super) fn drop(&mut self, id: DeclarationId, at: DateTime<Utc>) {
        self.waiting.remove(&id);
        self.settled_at = Some(at);
    }
}

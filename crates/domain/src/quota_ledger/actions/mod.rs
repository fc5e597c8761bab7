//! A ledger has no actions of its own: approvals, recommendations, ends and cuts write it in their own appends.

use super::QuotaLedger;

crate::action::actions! { QuotaLedger; }

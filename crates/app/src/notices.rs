//! Marking a notice as read: an event of the reader's account (contract.md, notices). A notice of somebody else is not there.

use crate::app::App;
use crate::caller::{ActingAs, Caller};
use crate::error::Error;
use crate::execute::{Done, Request};
use serde_json::json;
use uuid::Uuid;
use zhicheng_domain::account::Account;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::ids::NodeId;
use zhicheng_projections::screens::notices::SCREEN;
use zhicheng_projections::{Reckoning, Request as Asked, Viewer};

/// A notice to be marked as read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Who sends it.
    pub caller: Caller,
    /// The role it names, where it names one.
    pub acting_as: Option<ActingAs>,
    /// The notice.
    pub notice: Uuid,
    /// The idempotency key.
    pub key: String,
    /// The version of the account that the client saw.
    pub if_match: Option<i64>,
}

impl App {
    /// Notes on the reader's account that a notice was read, in the role to which it is addressed.
    pub async fn mark_read(&self, reading: Reading) -> Result<Done, Error> {
        let signed = reading.caller.signed()?.clone();
        self.registry().catch_up(self.store()).await?;
        let mut found = None;
        for viewer in self.viewers(&signed, reading.acting_as, &SCREEN) {
            if self.is_told(&viewer, reading.notice).await? {
                found = Some(viewer);
                break;
            }
        }
        let viewer = found.ok_or_else(Error::not_found)?;
        self.execute(Request {
            caller: reading.caller,
            acting_as: Some(ActingAs { role: viewer.role, organisation: viewer.organisation.map(NodeId) }),
            aggregate: Account::TYPE,
            id: Some(signed.account.into()),
            action: "mark-read".to_owned(),
            input: json!({"notice_id": reading.notice}),
            key: reading.key,
            if_match: reading.if_match,
        })
        .await
    }

    /// Whether a notice is one of the viewer's.
    async fn is_told(&self, viewer: &Viewer, notice: Uuid) -> Result<bool, Error> {
        let Some(grant) = SCREEN.grant(viewer.role) else { return Ok(false) };
        let parameters = [("id".to_owned(), notice.to_string())];
        let asked =
            Asked::parse(&SCREEN, grant, &parameters).map_err(|error| Error::internal("a filter", error))?;
        let calendar = self.registry().read(|registers| registers.calendar.clone());
        let keyed_hash = |text: &str| self.keyed_hash(text);
        let today = in_shanghai(self.now()).date_naive();
        let reckoning = Reckoning { calendar: &calendar, today, keyed_hash: &keyed_hash };
        Ok(!self.tables().page(&SCREEN, viewer, &asked, reckoning).await?.rows.is_empty())
    }
}

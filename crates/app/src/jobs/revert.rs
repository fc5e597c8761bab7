//! Taking a transfer back: the case goes to the committee it came from, where it still lies with the one that the job brought it to.

use super::work::key_of;
use super::{Worker, refusal_of};
use crate::error::Error;
use crate::execute::Request;
use serde_json::json;
use uuid::Uuid;
use zhicheng_domain::declaration::{Declaration, Event};
use zhicheng_domain::job::MOVED_ON;
use zhicheng_domain::registers::paths::Node;
use zhicheng_domain::{Aggregate as _, AnyEvent, StreamId};

impl Worker<'_> {
    /// Takes one item back; the outer error is no word on it.
    pub(super) async fn reverted(
        &self,
        item: Uuid,
        reason: Option<&String>,
    ) -> Result<Result<(), (String, String)>, Error> {
        let first = self.request(item, key_of(item)).await?;
        let Some((from, to)) = self.moved(&first).await? else { return Ok(Err(moved_on())) };
        let stream = StreamId::of::<Declaration>(first.id.unwrap_or(item));
        let key = format!("undo:{item}");
        let back = Request { input: json!({"committee_id": from.id, "reason": reason}), key, ..first };
        // It lies with the first committee again once this very command was carried out.
        let done_before = self.app.store().command(self.app.command_id(&back)).await?.is_some();
        let held = crate::load::load(self.app.store(), stream).await?;
        let lies_at = held.state.get::<Declaration>().and_then(Declaration::committee);
        if !done_before && lies_at != Some(to.id) {
            return Ok(Err(moved_on()));
        }
        Ok(match self.app.execute(back).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal_of(error)?),
        })
    }

    /// From where to where the job's command moved it.
    async fn moved(&self, first: &Request) -> Result<Option<(Node, Node)>, Error> {
        let Some(stored) = self.app.store().command(self.app.command_id(first)).await? else {
            return Ok(None);
        };
        let events = self
            .app
            .store()
            .read_stream(Declaration::TYPE, &stored.aggregate_id, stored.first_sequence - 1)
            .await?;
        for event in events.iter().take_while(|event| event.sequence <= stored.version) {
            let fact = AnyEvent::from_payload(Declaration::TYPE, &event.payload);
            if let Some(Ok((AnyEvent::Declaration(Event::CommitteeTransferred { from, to, .. }), _))) = fact {
                return Ok(Some((from, to)));
            }
        }
        Ok(None)
    }
}

fn moved_on() -> (String, String) {
    (MOVED_ON.to_owned(), "该申报此后又有变动，不能随任务撤销，请单独办理。".to_owned())
}

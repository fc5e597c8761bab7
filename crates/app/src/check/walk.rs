//! Reading the log for all checks at once: in its order as stored, then opened and one stream after the other.

use super::{Check, Checked, Look, Seen, System};
use crate::error::Error;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_eventstore::{ReadError, RecordedEvent, StreamKey, StreamPage};

/// How many events are read in one go.
const PAGE_EVENTS: u32 = 2_000;

/// The checks on their way through the log.
pub(super) struct Walk {
    looks: Vec<Box<dyn Look>>,
    understood: Checked,
    stream: Option<Stream>,
}

/// The stream that is being folded.
struct Stream {
    aggregate: String,
    id: String,
    /// None once an event of it was not understood: what follows would be judged by a state that never was.
    state: Option<AnyState>,
}

impl Walk {
    pub(super) fn new(looks: Vec<Box<dyn Look>>) -> Self {
        Self { looks, understood: Checked::new(Check::Understood), stream: None }
    }

    /// Every event in the order of the log, as stored.
    pub(super) async fn in_order(&mut self, system: &System<'_>) -> Result<(), Error> {
        let (mut position, head) = (0, system.head);
        while position < head {
            let events = system.app.store().read_stored_after(position, PAGE_EVENTS).await?;
            let Some(last) = events.last() else { break };
            for event in events.iter().take_while(|event| event.position <= head) {
                self.looks.iter_mut().for_each(|look| look.stored(event));
            }
            position = last.position.min(head);
            system.tell("按位置", position, head);
        }
        Ok(())
    }

    /// Every event, stream by stream, opened and folded.
    pub(super) async fn by_stream(&mut self, system: &System<'_>) -> Result<(), Error> {
        let store = system.app.store();
        let (mut after, mut seen): (Option<StreamKey>, i64) = (None, 0);
        loop {
            let (aggregate_types, up_to, limit) = (None, system.head, PAGE_EVENTS);
            let page = StreamPage { aggregate_types, up_to, after: after.as_ref(), limit };
            let mut events = store.read_stored_by_stream(page).await?;
            let Some(last) = events.last() else { break };
            after = Some(StreamKey::from(last));
            if let Err(error) = store.open(&mut events).await {
                self.open_singly(system, &mut events, error).await?;
            }
            events.iter().for_each(|event| self.take(event));
            seen += i64::try_from(events.len()).unwrap_or_default();
            system.tell("按聚合", seen, system.head);
        }
        self.end_stream();
        Ok(())
    }

    /// One of them does not open: it is named, and the others go on.
    async fn open_singly(
        &mut self,
        system: &System<'_>,
        events: &mut [RecordedEvent],
        error: ReadError,
    ) -> Result<(), Error> {
        if !matches!(error, ReadError::Sealing(_)) {
            return Err(error.into());
        }
        for event in events {
            let (of, at) = (event.event_type.clone(), event.position);
            if let Err(error) = system.app.store().open(std::slice::from_mut(event)).await {
                self.understood.fault(format!("位置 {at}（{of}）解不开：{error}"));
            }
        }
        Ok(())
    }

    fn take(&mut self, event: &RecordedEvent) {
        let same = self
            .stream
            .as_ref()
            .is_some_and(|it| it.aggregate == event.aggregate_type && it.id == event.aggregate_id);
        if !same {
            self.end_stream();
            self.stream = Some(Stream {
                aggregate: event.aggregate_type.clone(),
                id: event.aggregate_id.clone(),
                state: AnyState::new(&event.aggregate_type),
            });
        }
        self.looks.iter_mut().for_each(|look| look.next(event));
        let fact = AnyEvent::from_payload(&event.aggregate_type, &event.payload);
        let named = matches!(&fact, Some(Ok((fact, _))) if fact.name() == event.event_type);
        self.understood.expect(named, || format!("位置 {}：{}", event.position, event.event_type));
        let Some(stream) = &mut self.stream else { return };
        let (Some(Ok((fact, stamp))), true) = (fact, named) else {
            stream.state = None;
            return;
        };
        let Some(state) = &mut stream.state else { return };
        let seen = Seen { event, fact: &fact, stamp: &stamp };
        self.looks.iter_mut().for_each(|look| look.before(&seen, state));
        state.evolve(&fact, &stamp);
        self.looks.iter_mut().for_each(|look| look.after(&seen, state));
    }

    fn end_stream(&mut self) {
        let Some(Stream { id, state: Some(state), .. }) = self.stream.take() else { return };
        self.looks.iter_mut().for_each(|look| look.stream_ended(&id, &state));
    }

    /// The checks, to finish, and what came of reading.
    pub(super) fn done(self) -> (Vec<Box<dyn Look>>, Checked) {
        (self.looks, self.understood)
    }
}

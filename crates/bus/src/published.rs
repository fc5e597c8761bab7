//! What was published, read back from the broker by whoever checks it: every message in its order, nothing made or changed.

use crate::message::{Message, WITHHELD};
use crate::stream::{ANSWER_TIMEOUT, STREAM, StreamError, connect};
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::context::{GetStreamError, GetStreamErrorKind};
use futures::StreamExt as _;
use serde_json::Value;
use tokio::time::timeout;
use zhicheng_journal::RecordedEvent;

/// The messages of the stream, from the first that is there to the last that was there when this began.
pub struct Published {
    /// None where there are none left.
    messages: Option<Ordered>,
    last: i64,
    read: i64,
}

/// A message as it lies in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Its number in the stream, which is to be its position in the log.
    pub number: i64,
    /// Its bytes as text; what is no text is shown as such.
    pub text: String,
}

impl Published {
    /// Begins to read; none where nothing was ever published there.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached or does not let the stream be read.
    pub async fn begin(url: &str) -> Result<Option<Self>, StreamError> {
        let context = connect(url, "zhicheng check").await?;
        let stream = match context.get_stream(STREAM).await {
            Ok(stream) => stream,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(StreamError::Read(Box::new(error))),
        };
        let state = &stream.cached_info().state;
        let last = i64::try_from(state.last_sequence).unwrap_or(i64::MAX);
        if state.messages == 0 {
            // what was published and is gone is another thing than what never was
            return Ok((last > 0).then_some(Self { messages: None, last, read: 0 }));
        }
        let all = OrderedConfig { deliver_policy: DeliverPolicy::All, ..OrderedConfig::default() };
        let consumer =
            stream.create_consumer(all).await.map_err(|error| StreamError::Read(Box::new(error)))?;
        let messages = consumer.messages().await.map_err(|error| StreamError::Read(Box::new(error)))?;
        Ok(Some(Self { messages: Some(messages), last, read: 0 }))
    }

    /// The number of the last message when this began, whether or not it is still there.
    pub const fn last(&self) -> i64 {
        self.last
    }

    /// The next message; none after the last that is there.
    ///
    /// # Errors
    ///
    /// Where the broker falls silent or is gone before the last.
    pub async fn next(&mut self) -> Result<Option<Heard>, StreamError> {
        let Some(messages) = self.messages.as_mut().filter(|_| self.read < self.last) else {
            return Ok(None);
        };
        let silent = || StreamError::Silent { after: self.read };
        let message = timeout(ANSWER_TIMEOUT, messages.next()).await.map_err(|_| silent())?;
        let message = message.ok_or_else(silent)?.map_err(|error| StreamError::Read(Box::new(error)))?;
        let number = message.info().map_err(StreamError::Read)?.stream_sequence;
        self.read = i64::try_from(number).unwrap_or(i64::MAX);
        let text = String::from_utf8_lossy(&message.payload).into_owned();
        Ok(Some(Heard { number: self.read, text }))
    }
}

impl Heard {
    /// Whether it is the message of this event.
    pub fn is_of(&self, event: &RecordedEvent) -> bool {
        let content = serde_json::from_str(&self.text).unwrap_or_default();
        self.number == event.position && is_of(&content, &Message::of(event))
    }
}

/// Whether what a message says is of the same event. What is told of an event may have changed with the program; which one it
/// is has not.
pub(crate) fn is_of(content: &Value, message: &Message) -> bool {
    let text = |name: &str| content.get(name).and_then(Value::as_str);
    let same = text("subject") == message.subject.as_deref() && text("type") == Some(&*message.kind);
    text("id") == Some(&*message.id) && (same || text("type") == Some(WITHHELD) || message.kind == WITHHELD)
}

fn is_missing(error: &GetStreamError) -> bool {
    match error.kind() {
        GetStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NOT_FOUND,
        GetStreamErrorKind::EmptyName
        | GetStreamErrorKind::Request
        | GetStreamErrorKind::InvalidStreamName => false,
    }
}

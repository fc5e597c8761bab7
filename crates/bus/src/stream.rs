//! The stream on the broker: made where it is missing, asked how far it is, and added to in order.

use crate::message::{CONTENT_TYPE, Message};
use async_nats::jetstream::context::{CreateStreamError, PublishError};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, ServerAddr};
use std::time::Duration;
use thiserror::Error;

/// The name of the stream.
pub const STREAM: &str = "ZHICHENG";
/// The subjects that it holds.
pub const SUBJECTS: &str = "zhicheng.events.>";

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the broker may take to answer.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the broker remembers ids. More than a repeat after a lost answer takes; nothing that is true depends on it.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Why nothing can be published, or read back.
#[derive(Debug, Error)]
pub enum StreamError {
    /// The address is none.
    #[error("NATS_URL is no address of a NATS server")]
    Address(#[source] std::io::Error),
    /// The broker cannot be reached, or lets us not in.
    #[error("the broker cannot be reached")]
    Connect(#[from] async_nats::ConnectError),
    /// The stream could not be made or looked at: JetStream is off, or the account may not.
    #[error("the stream {STREAM} cannot be made or looked at")]
    Stream(#[from] CreateStreamError),
    /// It could not be closed to deletion.
    #[error("the stream {STREAM} cannot be closed to deletion")]
    Close(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its last message could not be read.
    #[error("the last message of the stream {STREAM} cannot be read")]
    Last(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What lies in it could not be read.
    #[error("the stream {STREAM} cannot be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A message that it should hold did not come.
    #[error("after message {after} of the stream {STREAM} none came")]
    Silent {
        /// The number of the last one that came.
        after: i64,
    },
    /// A message was not acknowledged.
    #[error("the message of position {position} was not acknowledged")]
    Publish {
        /// Its position in the log.
        position: i64,
        /// Why.
        #[source]
        source: PublishError,
    },
    /// A message was taken at another place than its own.
    #[error("the message of position {position} was taken as number {sequence}")]
    Misplaced {
        /// Its position in the log.
        position: i64,
        /// Where the broker says that it is.
        sequence: u64,
    },
}

/// A connection to the broker, and the stream there.
pub(crate) struct Broker {
    context: Context,
}

/// The last message of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Last {
    /// Its number, which is its position in the log; 0 where there never was one.
    pub(crate) sequence: i64,
    /// What it says; none where there is none any more.
    pub(crate) content: Option<serde_json::Value>,
}

impl Broker {
    /// Connects, and makes the stream where it is missing. One that was made otherwise is closed to deletion too.
    pub(crate) async fn connect(url: &str) -> Result<Self, StreamError> {
        let context = connect(url, "zhicheng relay").await?;
        let stream = context.get_or_create_stream(config()).await?;
        let present = &stream.cached_info().config;
        if !(present.deny_delete && present.deny_purge) {
            let closed = Config { deny_delete: true, deny_purge: true, ..present.clone() };
            context.update_stream(closed).await.map_err(|error| StreamError::Close(Box::new(error)))?;
        }
        Ok(Self { context })
    }

    /// The number of the stream's last message; 0 where it is new. It is made where it is missing.
    pub(crate) async fn sequence(&self) -> Result<i64, StreamError> {
        let stream = self.context.get_or_create_stream(config()).await?;
        Ok(i64::try_from(stream.cached_info().state.last_sequence).unwrap_or(i64::MAX))
    }

    /// How far the stream is.
    pub(crate) async fn last(&self) -> Result<Last, StreamError> {
        let stream = self.context.get_or_create_stream(config()).await?;
        let state = &stream.cached_info().state;
        let sequence = i64::try_from(state.last_sequence).unwrap_or(i64::MAX);
        if state.messages > 0 && state.first_sequence > 1 {
            let first = state.first_sequence;
            tracing::warn!(first, "the stream {STREAM} lost its beginning: whoever subscribes now misses it");
        }
        if state.messages == 0 {
            return Ok(Last { sequence, content: None });
        }
        let last = stream.get_raw_message(state.last_sequence).await;
        let last = last.map_err(|error| StreamError::Last(Box::new(error)))?;
        let content = serde_json::from_slice(&last.payload).unwrap_or_default();
        Ok(Last { sequence, content: Some(content) })
    }

    /// Publishes messages of positions that follow each other, and returns once all are acknowledged. Each is taken behind the one
    /// before or not at all: after an error whatever was taken is a beginning of them.
    pub(crate) async fn publish(&self, messages: &[(i64, Message)]) -> Result<(), StreamError> {
        let mut waiting = Vec::with_capacity(messages.len());
        for (position, message) in messages {
            let before = u64::try_from(position - 1).unwrap_or_default();
            let publish = PublishMessage::build()
                .payload(message.to_json().into())
                .header("Content-Type", CONTENT_TYPE)
                .message_id(&message.id)
                .expected_stream(STREAM)
                .expected_last_sequence(before);
            let sent = self.context.send_publish(message.nats_subject(), publish).await;
            waiting.push((
                *position,
                sent.map_err(|source| StreamError::Publish { position: *position, source })?,
            ));
        }
        for (position, acknowledged) in waiting {
            let acknowledged =
                acknowledged.await.map_err(|source| StreamError::Publish { position, source })?;
            if i64::try_from(acknowledged.sequence) != Ok(position) {
                return Err(StreamError::Misplaced { position, sequence: acknowledged.sequence });
            }
        }
        Ok(())
    }
}

/// Connects to a broker and its JetStream, under a name that its operator sees.
pub(crate) async fn connect(url: &str, name: &str) -> Result<Context, StreamError> {
    let mut context = jetstream::new(client(url, name).await?);
    context.set_timeout(ANSWER_TIMEOUT);
    Ok(context)
}

/// Connects to a broker, under a name that its operator sees.
pub(crate) async fn client(url: &str, name: &str) -> Result<Client, StreamError> {
    let options = ConnectOptions::new()
        .name(name)
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(ANSWER_TIMEOUT));
    let address: ServerAddr = url.parse().map_err(StreamError::Address)?;
    // the client does not look for them in the address
    let options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => options.user_and_password(user.to_owned(), password.to_owned()),
        (Some(token), None) => options.token(token.to_owned()),
        (None, _) => options,
    };
    Ok(options.connect(address).await?)
}

fn config() -> Config {
    Config {
        name: STREAM.to_owned(),
        description: Some("职称申报评审系统的事件，序号即日志位置".to_owned()),
        subjects: vec![SUBJECTS.to_owned()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        num_replicas: 1,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_bytes: -1,
        max_consumers: -1,
        duplicate_window: DUPLICATE_WINDOW,
        // a message that is deleted would be a gap; the stream as a whole may be deleted, and is filled anew
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

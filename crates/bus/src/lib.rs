//! The bus: what happened, told to other systems through NATS JetStream as CloudEvents, in the order of the log.
//!
//! * [`told`] says what of each event is told outside: nothing of a person, nothing of a meeting's work, nothing of a vote.
//! * [`message`] makes a message of an event.
//! * [`Relay`] publishes them. The stream is its own checkpoint: the message of position n has sequence n, and the server takes it only
//!   behind the one of n - 1. So each is there once, in order, without a gap, whatever is killed and however often it is repeated.
//! * [`Published`] reads them back, for whoever checks that none is missing.
//! * [`Waking`] wakes the other processes on the log over NATS, so that they need not look.
//! * [`PrivateServer`] runs a nats-server of our own, for whoever has not set one up.
//! * [`asyncapi`] describes it all for subscribers.
//!
//! Nothing waits for the bus: with NATS away publication is late, and all else goes on.

pub mod asyncapi;
pub mod message;
pub mod private_server;
mod published;
mod relay;
mod stream;
pub mod told;
mod told_schemas;
mod waking;

pub use private_server::{PrivateServer, ServerError};
pub use published::{Heard, Published};
pub use relay::{Relay, RelayState};
pub use stream::{STREAM, SUBJECTS, StreamError};
pub use waking::{Reach, WAKE_SUBJECT, Waking};

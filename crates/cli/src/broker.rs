//! The NATS server that events are published to: the one that is named, or one of our own.

use crate::config::Settings;
use zhicheng_bus::PrivateServer;

/// Where events are published. Nothing waits for it: a server that is not there makes publication late, nothing else.
pub enum Broker {
    /// At this address.
    Named(String),
    /// A private nats-server in the data folder; it ends with this.
    Private(PrivateServer),
    /// Nowhere.
    Nowhere,
}

impl Broker {
    /// The one of the settings.
    pub fn of(settings: &Settings) -> Self {
        match settings.nats_url.as_deref() {
            Some(url) if !url.is_empty() => Self::Named(url.to_owned()),
            Some(_) | None => match PrivateServer::start(&settings.data) {
                Ok(server) => Self::Private(server),
                Err(error) => {
                    tracing::warn!(%error, "events are not published");
                    Self::Nowhere
                }
            },
        }
    }

    /// Its address.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Named(url) => Some(url),
            Self::Private(server) => Some(server.url()),
            Self::Nowhere => None,
        }
    }

    /// Stops it, where it is our own.
    pub async fn stop(self) {
        match self {
            Self::Private(server) => server.stop().await,
            Self::Named(_) | Self::Nowhere => {}
        }
    }
}

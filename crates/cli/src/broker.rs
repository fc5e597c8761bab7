//! The NATS server that events are published to: the one that is named, or one of our own.

use crate::config::{Opened, Settings};
use zhicheng_bus::private_server::{ADDRESS, FOLDER};
use zhicheng_bus::{PrivateServer, Reach};

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
            Some(url) => Self::Named(url.to_owned()),
            None => match PrivateServer::start(&settings.data) {
                Ok(server) => Self::Private(server),
                Err(error) => {
                    tracing::warn!(%error, "events are not published");
                    Self::Nowhere
                }
            },
        }
    }

    /// The one that a check looks at: the one of the settings; that of the server which runs on the folder; or, where none runs there
    /// and events were published once, one of our own on what is left of it.
    pub async fn to_look_at(settings: &Settings, opened: &Opened) -> Self {
        if let Some(url) = settings.nats_url.as_deref() {
            return Self::Named(url.to_owned());
        }
        // with its PostgreSQL the folder is ours: nobody else starts a broker there
        if opened.cluster.is_none() {
            let told = std::fs::read_to_string(settings.data.join(ADDRESS));
            return told.map_or(Self::Nowhere, |url| Self::Named(url.trim().to_owned()));
        }
        if !settings.data.join(FOLDER).is_dir() {
            return Self::Nowhere;
        }
        let broker = Self::of(settings);
        if let Self::Private(server) = &broker {
            server.listens().await;
        }
        broker
    }

    /// Its address.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Named(url) => Some(url),
            Self::Private(server) => Some(server.url()),
            Self::Nowhere => None,
        }
    }

    /// Whether all who work on the log are there: a server that is named is named to each of them, a private one is this process's.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Named(_) => Reach::All,
            Self::Private(_) | Self::Nowhere => Reach::Some,
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

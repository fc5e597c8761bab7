//! `zhicheng serve`: the server.

use crate::broker::Broker;
use crate::config::{Join, Opened, Settings, private_file};
use crate::{Failure, say};
use chrono::{DateTime, FixedOffset};
use futures::FutureExt as _;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use zhicheng_api::{Api, SecureCookies, router};
use zhicheng_app::{ADMIN, App};
use zhicheng_bus::{Relay, Waking};

/// How long after a fault a task is started again.
const STARTED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Serves the API.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// The address to listen on; plain http, so loopback unless TLS stands in front.
    #[arg(long, env = "ZHICHENG_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A rehearsal with a clock that can be moved, starting then; only on an empty log, and never left again.
    #[arg(long, num_args = 0..=1, default_missing_value = "2023-01-01T09:00:00+08:00", require_equals = true)]
    rehearsal: Option<DateTime<FixedOffset>>,
    /// The password of the first account `admin`; without it a random one is printed once.
    #[arg(long, env = "ZHICHENG_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Option<String>,
}

impl Serve {
    /// Opens everything and serves until it is told to stop.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let listener = listener(self.listen).await?;
        let opened = settings.open(Join::Never).await?;
        let Self { rehearsal, admin_password, .. } = self;
        match begin(&opened.app, rehearsal, &settings.data, admin_password).await {
            Ok(()) => serve(opened, listener, Broker::of(&settings)).await,
            Err(error) => {
                opened.close().await;
                Err(error)
            }
        }
    }
}

/// Listens, before anything is started that would have to be stopped again.
pub(crate) async fn listener(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| format!("端口 {address} 不能监听: {error}").into())
}

/// Serves what is open until it is told to stop.
pub(crate) async fn serve(opened: Opened, listener: TcpListener, broker: Broker) -> Result<(), Failure> {
    let app = opened.app.clone();
    let address = listener.local_addr()?;
    let stop = told_to_stop()?;
    let mode = if app.is_rehearsal() { "（演练）" } else { "" };
    say(&format!("zhicheng 已启动{mode}: http://{address}"));
    let mut keepers = JoinSet::new();
    keepers.spawn(kept("deadlines", app.clone(), async |app| app.keep_deadlines().await));
    keepers.spawn(kept("jobs", app.clone(), async |app| app.keep_jobs().await));
    keepers.spawn(kept("sweeps", app.clone(), async |app| app.keep_swept().await));
    keepers.spawn(kept("roots", app.clone(), async |app| app.keep_roots().await));
    if let Some(url) = broker.url() {
        let to = url.to_owned();
        keepers.spawn(kept("relay", app.clone(), move |app| {
            let relay = Relay::new(app.store().clone(), to.clone());
            app.tell_of_relay(relay.subscribe());
            relay.run()
        }));
        let (to, reach) = (url.to_owned(), broker.reach());
        keepers
            .spawn(kept("waking", app.clone(), move |app| Waking::new(app.store(), to.clone(), reach).run()));
    }
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    let (router, _) = router(Api { app, metrics: Some(metrics), secure_cookies: SecureCookies::No });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).await;
    keepers.shutdown().await;
    if let Err(error) = opened.app.archive_root().await {
        tracing::warn!(%error, "the root of the log is archived by the next start");
    }
    broker.stop().await;
    opened.close().await;
    Ok(served?)
}

/// Runs what has to go on for as long as the process does. A fault in it must not end it in silence: deadlines, jobs and the bus would
/// stand still while the server answers.
async fn kept<F: Future<Output = ()>>(name: &'static str, app: App, task: impl Fn(App) -> F) {
    while AssertUnwindSafe(task(app.clone())).catch_unwind().await.is_err() {
        tracing::error!(task = name, "a fault ended a task of the server; it is started again");
        tokio::time::sleep(STARTED_AGAIN_AFTER).await;
    }
}

/// What the first start on an empty log does; on any other it changes nothing.
async fn begin(
    app: &App,
    rehearsal: Option<DateTime<FixedOffset>>,
    data: &Path,
    admin_password: Option<String>,
) -> Result<(), Failure> {
    app.begin(rehearsal.map(|start| start.to_utc())).await?;
    first_account(app, data, admin_password).await
}

async fn first_account(app: &App, data: &Path, given: Option<String>) -> Result<(), Failure> {
    let mut random = None;
    app.first_start(|| {
        Ok(given.unwrap_or_else(|| {
            let password = random_password();
            random = Some(password.clone());
            password
        }))
    })
    .await?;
    if let Some(password) = random {
        let path = data.join("admin-password");
        let mut file = private_file(std::fs::File::options().create(true).truncate(true), &path)?;
        std::io::Write::write_all(&mut file, format!("{password}\n").as_bytes())?;
        say(&format!("首个账号 {ADMIN} 的密码: {password} (也在 {} 中)", path.display()));
    }
    Ok(())
}

/// Sixteen characters of all classes, without those that look alike.
fn random_password() -> String {
    const CHARACTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let mut bytes = [0u8; 14];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = *uuid::Uuid::new_v4().as_bytes().first_chunk().unwrap_or(&[0; 14]);
    }
    let body: String =
        bytes.iter().map(|byte| CHARACTERS[usize::from(*byte) % CHARACTERS.len()] as char).collect();
    format!("Z{body}-9")
}

/// Ends when the process is told to stop. From the call on, not from the first poll: who reads that the server has started may
/// stop it at once.
fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! { _ = interrupted.recv() => {}, _ = terminated.recv() => {} }
    })
}

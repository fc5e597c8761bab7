//! A client that does not give up: what got no answer, or was told to come later, is sent again under its key.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::Utc;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::journal::Journal;
use crate::server::ADMIN_PASSWORD;

/// How long a request is sent again before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause before it is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// Addresses of loopback from which somebody signs in.
const ADDRESSES: u32 = 1_000_000;

/// Numbers the sign-ins.
static SIGN_INS: AtomicU32 = AtomicU32::new(0);

/// Sends requests to one server, or to several in turn.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    servers: Arc<Mutex<Vec<String>>>,
    turn: Arc<AtomicUsize>,
    /// Whose token it is.
    accounts: Arc<Mutex<HashMap<String, Uuid>>>,
    pub journal: Journal,
}

impl Client {
    /// A client of these servers (`host:port`).
    pub fn new(servers: &[&str]) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let servers = servers.iter().map(|&server| server.to_owned()).collect();
        Self {
            http,
            servers: Arc::new(Mutex::new(servers)),
            turn: Arc::default(),
            accounts: Arc::default(),
            journal: Journal::default(),
        }
    }

    fn server(&self) -> String {
        let servers = self.servers.lock().unwrap();
        servers[self.turn.fetch_add(1, Ordering::Relaxed) % servers.len()].clone()
    }

    /// Sends until there is an answer that is not "later".
    async fn answer(
        &self,
        method: Method,
        path: &str,
        token: &str,
        key: &str,
        body: &Value,
    ) -> (StatusCode, String) {
        let begun = Instant::now();
        loop {
            let mut request = self.http.request(method.clone(), format!("http://{}{path}", self.server()));
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            if method != Method::GET {
                request = request.header("idempotency-key", key).json(body);
            }
            let failed = match request.send().await {
                Ok(response) => {
                    let status = response.status();
                    assert_ne!(
                        status,
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "{method} {path}: {:?}",
                        response.text().await
                    );
                    match response.text().await {
                        Ok(text) if status != StatusCode::SERVICE_UNAVAILABLE => return (status, text),
                        Ok(text) => text,
                        Err(error) => error.to_string(),
                    }
                }
                Err(error) => error.to_string(),
            };
            assert!(begun.elapsed() < PATIENCE, "{method} {path}: {failed}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends a command until it is acknowledged, and notes it in the journal.
    pub async fn command(&self, path: &str, token: &str, body: &Value) -> Value {
        let key = Uuid::new_v4().to_string();
        let sent = Utc::now();
        let (status, text) = self.answer(Method::POST, path, token, &key, body).await;
        assert!(status.is_success(), "POST {path}: {status} {text}");
        let receipt: Value = serde_json::from_str(&text).unwrap();
        self.journal.note(self.command_id(token, &key), sent, &receipt);
        receipt
    }

    /// The id that the log gives to a command: it follows from account and key; that of the anonymous nobody outside can know.
    fn command_id(&self, token: &str, key: &str) -> Option<Uuid> {
        let account = self.accounts.lock().unwrap().get(token).copied()?;
        let hasher = Sha256::new_with_prefix("account\n").chain_update(account.as_bytes());
        let digest = hasher.chain_update("\n").chain_update(key).finalize();
        Some(uuid::Builder::from_custom_bytes(digest[..16].try_into().unwrap()).into_uuid())
    }

    /// Sends something that must be answered well and is no command on declarations; the journal does not note it.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Value {
        let key = Uuid::new_v4().to_string();
        let (status, text) = self.answer(method, path, token, &key, body).await;
        assert!(status.is_success(), "{path}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    /// Creates something.
    pub async fn create(&self, collection: &str, token: &str, body: &Value) -> String {
        let receipt = self.command(&format!("/v1/{collection}"), token, body).await;
        receipt["id"].as_str().unwrap().to_owned()
    }

    /// Acts on something.
    pub async fn act(&self, collection: &str, id: &str, action: &str, token: &str, body: &Value) -> Value {
        self.command(&format!("/v1/{collection}/{id}/actions/{action}"), token, body).await
    }

    /// Reads something that must be there.
    pub async fn get(&self, path: &str, token: &str) -> Value {
        let (status, text) = self.answer(Method::GET, path, token, "", &Value::Null).await;
        assert!(status.is_success(), "GET {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Signs in.
    pub async fn sign_in(&self, username: &str) -> String {
        let input = json!({"username": username, "password": ADMIN_PASSWORD});
        // from an address of its own: a sign-in in which the server dies counts as a failed one, and a hundred would lock it out
        let number = SIGN_INS.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + number % ADDRESSES);
        let http =
            reqwest::Client::builder().timeout(PATIENCE).local_address(IpAddr::V4(address)).build().unwrap();
        let there = Self { http, ..self.clone() };
        let (status, text) = there.answer(Method::POST, "/v1/sessions", "", "", &input).await;
        assert_eq!(status, StatusCode::CREATED, "{username} signs in: {text}");
        let session: Value = serde_json::from_str(&text).unwrap();
        let token = session["token"].as_str().unwrap().to_owned();
        let me = self.get("/v1/me", &token).await;
        let account = me["account"]["id"].as_str().unwrap().parse().unwrap();
        self.accounts.lock().unwrap().insert(token.clone(), account);
        token
    }
}

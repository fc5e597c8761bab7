//! Sends requests as anybody does. Whatever is told to come later is sent again under its key.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// The pause before something is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// A client of one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: String,
}

impl Client {
    /// Of the server that listens there, as `host:port`.
    pub(crate) fn new(address: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { http, server: format!("http://{address}") })
    }

    /// Sends something that must be answered well.
    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Method::POST, path, token, body).await
    }

    /// Sends something, by any method, that must be answered well.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let key = Uuid::new_v4().to_string();
        loop {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.server));
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            let answer = request.header("idempotency-key", &key).json(body).send().await?;
            let status = answer.status();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let text = answer.text().await?;
            if !status.is_success() {
                return Err(format!("{method} {path}: {status} {text}").into());
            }
            return Ok(serde_json::from_str(&text)?);
        }
    }

    /// Creates something and gives its id.
    pub(crate) async fn create(
        &self,
        collection: &str,
        token: &str,
        body: &Value,
    ) -> Result<String, Failure> {
        let receipt = self.post(&format!("/v1/{collection}"), token, body).await?;
        Ok(receipt["id"].as_str().ok_or("a receipt without id")?.to_owned())
    }

    /// Acts on something.
    pub(crate) async fn act(
        &self,
        collection: &str,
        id: &str,
        action: &str,
        token: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        self.post(&format!("/v1/{collection}/{id}/actions/{action}"), token, body).await
    }

    /// Reads something that must be there.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Result<Value, Failure> {
        let answer = self.http.get(format!("{}{path}", self.server)).bearer_auth(token).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("GET {path}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }
}

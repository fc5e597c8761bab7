//! One request, built up and sent.

use super::answer::Answer;
use super::system::System;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

/// The largest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A request to the system.
pub struct Call<'a> {
    system: &'a System,
    who: Option<&'a str>,
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl System {
    /// A request of this account, or of nobody.
    pub fn call<'a>(
        &'a self,
        who: impl Into<Option<&'a str>>,
        method: Method,
        path: impl Into<String>,
    ) -> Call<'a> {
        let (who, path) = (who.into(), path.into());
        Call { system: self, who, method, path, headers: Vec::new(), body: Vec::new() }
    }

    /// A read.
    pub fn get<'a>(&'a self, who: impl Into<Option<&'a str>>, path: impl Into<String>) -> Call<'a> {
        self.call(who, Method::GET, path)
    }

    /// A write with a key of its own.
    pub fn post<'a>(
        &'a self,
        who: impl Into<Option<&'a str>>,
        path: impl Into<String>,
        body: &Value,
    ) -> Call<'a> {
        self.call(who, Method::POST, path).key(&Uuid::new_v4().to_string()).raw(body.to_string())
    }
}

impl Call<'_> {
    /// With this header, in place of one of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Without this header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// With this idempotency key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With the version that was seen.
    #[must_use]
    pub fn seen(self, version: i64) -> Self {
        self.header("if-match", format!("\"{version}\""))
    }

    /// With this token, whoever it belongs to.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With these bytes as its body.
    #[must_use]
    pub fn raw(self, body: impl Into<Vec<u8>>) -> Self {
        let mut call = self.header("content-type", "application/json");
        call.body = body.into();
        call
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let call = match self.who {
            Some(who) => {
                let token = self.system.token(who).await;
                self.token(&token)
            }
            None => self,
        };
        let asked = format!("{} {} as {}", call.method, call.path, call.who.unwrap_or("nobody"));
        let mut request = Request::builder().method(call.method).uri(&call.path);
        for (name, value) in &call.headers {
            request = request.header(name, value.as_slice());
        }
        let request =
            request.header(header::CONTENT_LENGTH, call.body.len()).body(Body::from(call.body)).unwrap();
        let response = call.system.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { asked, status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// Sends it and expects to be refused with this status and code, with nothing appended.
    pub async fn refused(self, status: u16, code: &str) -> Value {
        assert!((400..500).contains(&status), "a refusal is the client's to mend");
        let system = self.system;
        let head = system.head().await;
        let problem = self.send().await.problem(status, code);
        assert_eq!(system.head().await, head, "a refusal appends nothing: {problem}");
        problem
    }
}

//! An answer, read whole.

use axum::http::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The request in one line, for messages.
    pub asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body, where the status is this one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.json()
    }

    /// The id in the body of a receipt.
    #[track_caller]
    pub fn id(&self, status: u16) -> Uuid {
        self.expect(status)["id"].as_str().unwrap().parse().unwrap()
    }

    /// The problem with this status and code, after looking at its form: RFC 9457 with a Chinese title and detail.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        let asked = &self.asked;
        assert_eq!(problem["code"], code, "{asked}: {problem}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{asked}");
        assert_eq!(self.header("cache-control"), "private, no-store", "{asked}");
        assert_eq!(problem["status"], status, "{asked}");
        assert_eq!(problem["type"], format!("/v1/problems#{code}"), "{asked}");
        for member in ["title", "detail"] {
            let chinese =
                |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
            assert!(problem[member].as_str().is_some_and(chinese), "{asked}: {member} of {problem}");
        }
        problem
    }
}

/// Whether the problem names this field.
pub fn names(problem: &Value, pointer: &str) -> bool {
    problem["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["pointer"] == pointer))
}

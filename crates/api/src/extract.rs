//! What a request brings: who sends it, its key, its role, the version it saw, and its body. All parsing of headers is here.

use crate::problem::Problem;
use crate::state::Api;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::IpAddr;
use zhicheng_app::{ActingAs, Caller, Error, Signed};

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "zhicheng_session";
/// The cookie of a browser that waits to be let in.
pub const TICKET_COOKIE: &str = "zhicheng_ticket";
/// The longest idempotency key, in characters.
const KEY_CHARS_MAX: usize = 128;

/// Who sends the request; the anonymous included. Routes that are not for them refuse with 401.
pub struct From(pub Caller);

impl FromRequestParts<Api> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        match told(&parts.headers, SESSION_COOKIE) {
            Some(token) => Ok(Self(api.app.caller(&token).await?)),
            None => Ok(Self(Caller::Anonymous)),
        }
    }
}

/// Who is signed in. It stands before all other parts of a handler: the anonymous learn nothing of a route but that it is not
/// for them.
pub struct SignedIn(pub Signed);

impl FromRequestParts<Api> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let From(caller) = From::from_request_parts(parts, api).await?;
        Ok(Self(caller.signed()?.clone()))
    }
}

/// Parts of the path. What is not even text names nothing.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for InPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, api).await {
            Ok(axum::extract::Path(named)) => Ok(Self(named)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// The address that the request comes from, for limits and lock-outs; empty where it is not known.
///
/// TLS ends in front of us, on the same machine: to a peer on loopback the last address of `X-Forwarded-For` is the one that
/// the proxy itself saw. From anybody else the header is only what somebody says, and does not count.
pub struct Peer(pub String);

impl Peer {
    fn of(peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let forwarded = || {
            let lines = headers.get_all("x-forwarded-for");
            let last = lines.iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
            last.parse::<IpAddr>().ok()
        };
        let address = peer.map(|peer| peer.is_loopback().then(forwarded).flatten().unwrap_or(peer));
        Self(address.map(|address| address.to_string()).unwrap_or_default())
    }
}

impl FromRequestParts<Api> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
        Ok(Self::of(peer.map(|peer| peer.0.ip()), &parts.headers))
    }
}

/// What the browser calls itself; empty where it does not say.
pub fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The secret of `Authorization: Bearer`, or of the cookie of this name.
pub fn told(headers: &HeaderMap, cookie_name: &str) -> Option<String> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    bearer.or_else(|| {
        headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookies| {
            cookies.split(';').find_map(|cookie| {
                let (name, value) = cookie.trim().split_once('=')?;
                (name == cookie_name).then(|| value.to_owned())
            })
        })
    })
}

/// Query parameters. An unknown or malformed one is a problem of ours, in Chinese.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, api).await {
            Ok(axum::extract::Query(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(Problem::malformed("查询参数不符合接口要求，请检查名称和取值。")),
        }
    }
}

/// The role that a reading request names.
pub struct Role(pub Option<ActingAs>);

impl FromRequestParts<Api> for Role {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        match parts.headers.get("acting-as") {
            None => Ok(Self(None)),
            Some(value) => {
                let text =
                    value.to_str().map_err(|_| Problem::malformed("请求头 acting-as 含有不可见字符。"))?;
                Ok(Self(Some(ActingAs::parse(text)?)))
            }
        }
    }
}

/// What an unsafe request carries beside its body.
pub struct Command {
    /// Who sends it.
    pub caller: Caller,
    /// The idempotency key.
    pub key: String,
    /// The role it names.
    pub acting_as: Option<ActingAs>,
    /// The version that the client saw.
    pub if_match: Option<i64>,
}

impl FromRequestParts<Api> for Command {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let From(caller) = From::from_request_parts(parts, api).await?;
        let text = |name: &str| match parts.headers.get(name) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Problem::malformed(format!("请求头 {name} 含有不可见字符。"))),
            },
        };
        let key = match parts.headers.get("idempotency-key") {
            None => return Err(Error::KeyMissing.into()),
            Some(value) => value.to_str().ok().filter(|key| {
                (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
            }),
        };
        let key = key.ok_or(Error::KeyInvalid)?.to_owned();
        let acting_as = text("acting-as")?.map(ActingAs::parse).transpose()?;
        let if_match = match text("if-match")? {
            None | Some("*") => None,
            Some(tag) => {
                let version = tag.trim().trim_start_matches("W/").trim_matches('"').parse();
                Some(version.map_err(|_| Problem::malformed("If-Match 应为带引号的版本号。"))?)
            }
        };
        Ok(Self { caller, key, acting_as, if_match })
    }
}

/// A JSON body: at most 1 MiB, without NUL. What does not parse is a problem of ours, in Chinese, and not axum's.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, api).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large("请求内容不能超过1MiB。")
            } else {
                Problem::malformed("请求内容没有完整收到。")
            }
        })?;
        let value: Value = if bytes.is_empty() {
            Value::Object(serde_json::Map::new())
        } else {
            serde_json::from_slice(&bytes).map_err(|error| {
                Problem::malformed(format!(
                    "请求内容不是有效的JSON（第{}行第{}列）。",
                    error.line(),
                    error.column()
                ))
            })?
        };
        if let Some(pointer) = nul_in(&value, &mut String::new()) {
            let mut problem = Problem::malformed("文本不能含有空字符（NUL）。");
            problem.errors.push(crate::problem::FieldError {
                pointer,
                code: "text-has-nul".into(),
                message: "含有空字符（NUL）。".into(),
            });
            return Err(problem);
        }
        zhicheng_domain::action::parse_input(&value).map(Self).map_err(|stop| match stop {
            zhicheng_domain::Stop::Refused(refusal) => refusal.into(),
            zhicheng_domain::Stop::Need(_) | zhicheng_domain::Stop::SecondPerson => {
                Problem::malformed("请求格式有误。")
            }
        })
    }
}

/// Where a NUL stands, where there is one.
fn nul_in(value: &Value, pointer: &mut String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| pointer.clone()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| below(item, &index.to_string(), pointer))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            if name.contains('\0') { Some(pointer.clone()) } else { below(member, name, pointer) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn below(value: &Value, name: &str, pointer: &mut String) -> Option<String> {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    let found = nul_in(value, pointer);
    pointer.truncate(length);
    found
}

#[cfg(test)]
mod tests {
    use super::Peer;
    use axum::http::HeaderMap;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        assert_eq!(Peer::of(peer.parse().ok(), &headers).0, expected);
    }

    #[test]
    fn the_proxy_on_this_machine_is_believed_and_nobody_else() {
        check("127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check("::1", &["10.0.0.1, 203.0.113.7"], "203.0.113.7");
        check("127.0.0.1", &["10.0.0.1", "203.0.113.7"], "203.0.113.7");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &["nobody"], "127.0.0.1");
        check("198.51.100.2", &["203.0.113.7"], "198.51.100.2");
        check("", &["203.0.113.7"], "");
    }
}

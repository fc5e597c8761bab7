//! Listing screens: the menu and a page.

use crate::extract::{InPath, Role, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Value, json};

/// `GET /v1/screens`
#[utoipa::path(get, path = "/v1/screens", tag = "列表", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn menu(State(api): State<Api>, SignedIn(signed): SignedIn) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"screens": api.app.screens(&signed).await?})))
}

/// `GET /v1/screens/{screen}`: filters are query parameters named after columns; `sort`, `limit`, `cursor`, `after`.
#[utoipa::path(get, path = "/v1/screens/{screen}", tag = "列表", params(("screen" = String, Path, description = "列表名称")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn page(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(screen): InPath<String>,
    RawQuery(query): RawQuery,
    Role(acting_as): Role,
) -> Result<Json<Value>, Problem> {
    let parameters = parameters(query.as_deref().unwrap_or_default())?;
    Ok(Json(api.app.page(&signed, acting_as, &screen, parameters).await?))
}

/// The query's parameters as they were sent, in order.
fn parameters(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let decode = |text: &str| -> Result<String, Problem> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next(), rest.next()];
                    let [Some(high), Some(low)] = digits else { return Err(malformed()) };
                    let hex = [high, low];
                    let hex = std::str::from_utf8(&hex).map_err(|_| malformed())?;
                    u8::from_str_radix(hex, 16).map_err(|_| malformed())?
                }
                other => other,
            });
        }
        let text = String::from_utf8(bytes).map_err(|_| malformed())?;
        if text.contains('\0') { Err(malformed()) } else { Ok(text) }
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn malformed() -> Problem {
    Problem::malformed("查询参数不符合接口要求，请检查名称和取值。")
}

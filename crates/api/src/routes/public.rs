//! What anybody may ask without signing in: certificates, running publicity, draws (contract.md, HTTP, public).

use super::declarations::parse;
use crate::extract::{InPath, Parameters, Peer};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use zhicheng_app::{PUBLICITY_PERSONS, Publisher};

/// Number and holder.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// 证书编号.
    number: String,
    /// 姓名.
    name: String,
}

/// `GET /v1/public/certificates?number=&name=`
#[utoipa::path(get, path = "/v1/public/certificates", tag = "公众查询", params(Named), responses((status = 200, description = "证书信息"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn certificate(
    State(api): State<Api>,
    Peer(address): Peer,
    Parameters(Named { number, name }): Parameters<Named>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(api.app.public_certificate(&number, &name, &address).await?))
}

/// One organisation, by its id or its whole name.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Publishing {
    /// 单位、评委会或人社部门的标识.
    organisation_id: Option<String>,
    /// 其全称.
    organisation_name: Option<String>,
    /// 每页人数, at most 200.
    limit: Option<u32>,
    /// 翻页标记.
    cursor: Option<String>,
}

/// `GET /v1/public/publicity?organisation_id=` or `?organisation_name=`: its rounds that run today.
#[utoipa::path(get, path = "/v1/public/publicity", tag = "公众查询", params(Publishing), responses((status = 200, description = "正在进行的公示"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn publicity(
    State(api): State<Api>,
    Peer(address): Peer,
    Parameters(asked): Parameters<Publishing>,
) -> Result<Json<Value>, Problem> {
    let publisher = match (asked.organisation_id, asked.organisation_name) {
        (Some(id), None) => Publisher::Id(parse(&id)?),
        (None, Some(name)) => Publisher::Name(name),
        (None, None) | (Some(_), Some(_)) => {
            let detail = "请以 organisation_id 或 organisation_name 之一指明单位、评委会或人社部门。";
            return Err(Problem::malformed(detail));
        }
    };
    let limit = asked.limit.unwrap_or(PUBLICITY_PERSONS);
    Ok(Json(api.app.public_publicity(&publisher, asked.cursor.as_deref(), limit, &address).await?))
}

/// `GET /v1/public/draws/{review_meeting_id}`
#[utoipa::path(get, path = "/v1/public/draws/{id}", tag = "公众查询", params(("id" = String, Path, description = "评审会议标识")), responses((status = 200, description = "抽取记录"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn draw(
    State(api): State<Api>,
    Peer(address): Peer,
    InPath(id): InPath<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(api.app.public_draw(parse(&id)?, &address).await?))
}

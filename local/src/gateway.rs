//! An HTTP API in front of the functions: requests become events, and answers responses, as on AWS.

mod event;

pub use event::Parts;

use crate::functions::Functions;
use crate::routes::Route;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::LengthLimitError;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// The HTTP API's own limits.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const LARGEST_HEADERS: usize = 10_240;
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// The functions' time limit in `template.yaml`.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The HTTP API for these functions, and for front ends on other origins where `cors` lets them in.
pub fn router(functions: Arc<Functions>, cors: Option<CorsLayer>) -> Router {
    let router = Router::new().fallback(answer).with_state(functions);
    match cors {
        Some(cors) => router.layer(cors),
        None => router,
    }
}

async fn answer(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // RFC 9112, section 3.2.
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && head.version == Version::HTTP_11) {
        return by_the_gateway(StatusCode::BAD_REQUEST, "Bad Request");
    }
    let size: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size + head.uri.path_and_query().map_or(0, |path| path.as_str().len()) > LARGEST_HEADERS {
        return by_the_gateway(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "Request Header Fields Too Large",
        );
    }
    let body = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => body,
        Err(error) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            return by_the_gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        Err(_) => return by_the_gateway(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    // Split first and decode once: an encoded slash is part of a segment and of no other route.
    let segments: Vec<String> = head
        .uri
        .path()
        .split('/')
        .skip(1)
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into())
        .collect();
    let borrowed: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((route, variables)) = Route::find(head.method.as_str(), &borrowed) else {
        return by_the_gateway(StatusCode::NOT_FOUND, "Not Found");
    };
    let parts = Parts {
        route,
        variables: &variables,
        path: format!("/{}", borrowed.join("/")),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let now = Timestamp::now();
    let Ok(event) = serde_json::value::to_raw_value(&parts.event(now)) else {
        return by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    // In a task of its own: a function that panics takes nothing else with it.
    let invocation = tokio::spawn(async move {
        let response = functions.invoke(route.function, &event, now).await;
        serde_json::to_value(response)
    });
    match tokio::time::timeout(TIME_LIMIT, invocation).await {
        Ok(Ok(Ok(response))) => to_http(&response),
        Ok(_) => by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Err(_) => by_the_gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// What API Gateway answers by itself, which is no problem document.
fn by_the_gateway(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

fn to_http(response: &Value) -> Response {
    let status = response["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut headers = HeaderMap::new();
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let pair = (HeaderName::try_from(name), value.as_str().map(HeaderValue::try_from));
        let (Ok(name), Some(Ok(value))) = pair else {
            return by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        headers.insert(name, value);
    }
    let body = response["body"].as_str().unwrap_or_default();
    let body = match response["isBase64Encoded"].as_bool() {
        Some(true) => BASE64_STANDARD.decode(body).ok(),
        _ => Some(body.as_bytes().to_vec()),
    };
    match status.zip(body) {
        Some((status, body)) => (status, headers, Body::from(body)).into_response(),
        None => by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

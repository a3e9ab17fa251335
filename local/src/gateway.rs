//! An HTTP API in front of the functions: converts requests to events, and the functions' responses to HTTP responses,
//! as on AWS.

mod event;

pub use event::Parts;

use crate::functions::Functions;
use crate::routes::Route;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{HOST, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::LengthLimitError;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use percent_encoding::percent_decode_str;
use serde_json::json;
use shared::model::Timestamp;
use std::error::Error as _;
use std::sync::Arc;
use tower_http::cors::CorsLayer;

/// API Gateway's limits for an HTTP API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const MAX_HEADERS_BYTES: usize = 10_240;
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Returns the HTTP API of these functions. Front ends on other origins can call the API if `cors` allows them.
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
    if size + head.uri.path_and_query().map_or(0, |path| path.as_str().len()) > MAX_HEADERS_BYTES {
        return by_the_gateway(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "Request Header Fields Too Large",
        );
    }
    let body = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(error) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            return by_the_gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        Err(_) => return by_the_gateway(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    // The path is split before it is decoded, because an encoded slash is part of a segment.
    let segments: Vec<String> = head
        .uri
        .path()
        .split('/')
        .skip(1)
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into())
        .collect();
    let borrowed: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (route, variables) = Route::find(head.method.as_str(), &borrowed);
    let decoded = format!("/{}", borrowed.join("/"));
    let parts = Parts {
        route,
        method: head.method.as_str(),
        variables: &variables,
        // API Gateway truncates the decoded path at a question mark (`%3F`).
        path: decoded.split('?').next().unwrap_or_default(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let now = Timestamp::now();
    let Ok(event) = serde_json::value::to_raw_value(&parts.event(now)) else {
        return by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    // The invocation has its own task, so that a panic affects nothing else.
    let invocation = tokio::spawn(async move {
        let response = functions.invoke(route.function, &event, now).await;
        serde_json::to_string(&response)
    });
    match tokio::time::timeout(route.function.timeout(), invocation).await {
        Ok(Ok(Ok(answer))) => to_http(&answer)
            .unwrap_or_else(|| by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Ok(_) => by_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Err(_) => by_the_gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// Returns an error response in API Gateway's own form, which is not a problem document.
fn by_the_gateway(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

/// Converts a function's response. Returns `None` if the function's response is not in payload format 2.0.
fn to_http(answer: &str) -> Option<Response> {
    let answer: ApiGatewayV2httpResponse = serde_json::from_str(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { BASE64_STANDARD.decode(body).ok()? } else { body.to_vec() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code.try_into().ok()?).ok()?;
    *response.headers_mut() = answer.headers;
    for cookie in &answer.cookies {
        response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Returns the status, the cookies and the body of a response.
    async fn read(answer: Value) -> Option<(u16, Vec<String>, Vec<u8>)> {
        let response = to_http(&answer.to_string())?;
        let cookies = response.headers().get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
        let status = response.status().as_u16();
        Some((status, cookies, to_bytes(response.into_body(), MAX_BODY_BYTES).await.unwrap().to_vec()))
    }

    #[tokio::test]
    async fn each_cookie_of_an_answer_is_a_header_of_its_own() {
        let cookies = ["a=1; Path=/; Expires=Wed, 25 Nov 2026 20:00:00 GMT", "b=2; HttpOnly"];
        let answer = json!({ "statusCode": 303, "headers": { "location": "/" }, "cookies": cookies });
        let (status, read, body) = read(answer).await.unwrap();
        assert_eq!((status, read, body), (303, cookies.map(str::to_owned).into(), Vec::new()));
    }

    #[tokio::test]
    async fn a_body_in_base64_is_decoded_and_text_is_not() {
        let bytes = [0, 159, 146, 150, 255];
        for (is_base64, sent, expected) in [
            (true, BASE64_STANDARD.encode(bytes), bytes.to_vec()),
            (false, "AJ+Slv8=".to_owned(), b"AJ+Slv8=".to_vec()),
        ] {
            let answer =
                json!({ "statusCode": 200, "body": sent, "isBase64Encoded": is_base64, "cookies": [] });
            assert_eq!(read(answer).await.unwrap(), (200, Vec::new(), expected));
        }
    }

    #[tokio::test]
    async fn what_is_not_an_answer_is_not_passed_on() {
        for answer in [
            json!({}),
            json!({ "statusCode": 99_999, "cookies": [] }),
            json!({ "statusCode": 200, "cookies": [], "body": "%", "isBase64Encoded": true }),
            json!({ "statusCode": 200, "cookies": ["a=\n"] }),
            json!({ "statusCode": 200, "cookies": [], "headers": { "a b": "c" } }),
        ] {
            assert_eq!(read(answer.clone()).await, None, "{answer}");
        }
    }
}

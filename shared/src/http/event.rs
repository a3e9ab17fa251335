//! API Gateway's payload format 2.0: an event becomes an HTTP request, and a response the answer to it.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! The types are `lambda_http`'s. Its conversion is not used, because it panics on events that any client can cause: on a
//! quotation mark in the query string, or on an invalid `Host`.

use crate::error::ApiError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use lambda_http::http::uri::{PathAndQuery, Uri};
use lambda_http::http::{Extensions, Request, Response};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What a query holds only percent-encoded (RFC 3986, section 3.4). `%` is not part of it: API Gateway passes the query
/// string on as the client sent it.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// The same for a path, which API Gateway has decoded once.
const PATH: &AsciiSet = &QUERY.add(b'%').add(b'?');

/// Reads an event as a request. `raw_http_path` is the path, decoded once; the URI is encoded again, so that it is valid.
///
/// # Errors
/// The event is not one of an HTTP API, its body is not valid base64, or its path and query are longer than a URI can be.
pub(super) fn to_request(event: &RawValue) -> Result<Request<Body>, ApiError> {
    let event = read(event.get())
        .map_err(|_| malformed("The event is not one of an HTTP API (payload format 2.0)."))?;
    let context = event.request_context;
    let path = event.raw_path.or_else(|| context.http.path.clone()).unwrap_or_default();

    let mut request = Request::new(body(event.body, event.is_base64_encoded)?);
    *request.method_mut() = context.http.method.clone();
    *request.uri_mut() = uri(&path, &event.raw_query_string.unwrap_or_default())?;
    *request.headers_mut() = headers(event.headers, &event.cookies.unwrap_or_default());
    *request.extensions_mut() = Extensions::new()
        .with_raw_http_path(path)
        .with_path_parameters(event.path_parameters)
        .with_request_context(RequestContext::ApiGatewayV2(context));
    Ok(request)
}

/// The answer to an event, all its fields present: cookies apart from the headers, and a binary body in base64.
pub(super) fn from_response(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (head, body) = response.into_parts();
    let mut headers = head.headers;
    let cookies = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookies = cookies.map(str::to_owned).collect();
    headers.remove(SET_COOKIE);

    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = head.status.as_u16().into();
    answer.headers = joined(headers);
    answer.cookies = cookies;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(if body.is_empty() { Body::from("") } else { body });
    answer
}

fn read(event: &str) -> serde_json::Result<ApiGatewayV2httpRequest> {
    serde_json::from_str(event).or_else(|_| serde_json::from_str(&repaired(event)?))
}

/// An event that [`ApiGatewayV2httpRequest`] refuses, without what it refuses and nothing here needs: members that are null
/// or not read, header names that are invalid, and control characters. API Gateway sends none of them; emulators and
/// tests by hand do.
fn repaired(event: &str) -> serde_json::Result<String> {
    let mut event: Map<String, Value> = serde_json::from_str(event)?;
    keep(
        &mut event,
        &[
            "body",
            "cookies",
            "headers",
            "isBase64Encoded",
            "pathParameters",
            "rawPath",
            "rawQueryString",
            "requestContext",
        ],
    );
    if let Some(Value::Object(headers)) = event.get_mut("headers") {
        headers.retain(|name, _| HeaderName::from_bytes(name.as_bytes()).is_ok());
        for value in headers.values_mut() {
            if let Value::String(text) = value {
                // Not removed: an `If-Match` that cannot be read must not become one that was not sent.
                *text = text.replace(|char: char| char.is_ascii_control(), "\u{fffd}");
            }
        }
    }
    if let Value::Object(context) = event.entry("requestContext").or_insert_with(|| json!({})) {
        keep(context, &["domainName", "http", "requestId", "routeKey"]);
        if let Value::Object(http) = context.entry("http").or_insert_with(|| json!({})) {
            keep(http, &["method", "path"]);
            http.entry("method").or_insert_with(|| "GET".into());
        }
    }
    serde_json::to_string(&event)
}

fn keep(object: &mut Map<String, Value>, names: &[&str]) {
    object.retain(|name, value| names.contains(&name.as_str()) && !value.is_null());
}

fn body(text: Option<String>, is_base64: bool) -> Result<Body, ApiError> {
    match text {
        None => Ok(Body::Empty),
        Some(text) if is_base64 => {
            let bytes = BASE64_STANDARD.decode(text);
            bytes.map(Body::from).map_err(|_| malformed("The body is not valid base64."))
        }
        Some(text) => Ok(Body::from(text)),
    }
}

fn uri(path: &str, query: &str) -> Result<Uri, ApiError> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let path = utf8_percent_encode(path, PATH);
    let uri = match query {
        "" => format!("{slash}{path}"),
        query => format!("{slash}{path}?{}", utf8_percent_encode(query, QUERY)),
    };
    let uri = PathAndQuery::try_from(uri).map_err(|_| malformed("The URL is too long."))?;
    Ok(Uri::from(uri))
}

fn headers(headers: HeaderMap, cookies: &[String]) -> HeaderMap {
    let mut headers = joined(headers);
    if !cookies.is_empty()
        && let Ok(cookies) = HeaderValue::try_from(cookies.join("; "))
    {
        headers.insert(COOKIE, cookies);
    }
    headers
}

/// The headers, the values of each name joined by commas (RFC 9110, section 5.3).
fn joined(headers: HeaderMap) -> HeaderMap {
    if headers.len() == headers.keys_len() {
        return headers;
    }
    let values = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
    let joined = |name| HeaderValue::from_bytes(&values(name).join(&b","[..])).ok();
    headers.keys().filter_map(|name| Some((name.clone(), joined(name)?))).collect()
}

fn malformed(sentence: &str) -> ApiError {
    ApiError::MalformedBody(sentence.to_owned())
}

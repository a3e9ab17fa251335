//! API Gateway's payload format 2.0: converts events to HTTP requests, and HTTP responses to event responses.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! The types come from `lambda_http`. The conversion in `lambda_http` is not used, because any client can make it
//! panic, for example with a quotation mark in the query string or with an invalid `Host`.

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

/// The characters that must be percent-encoded in a query (RFC 3986, section 3.4). `%` is not one of these characters,
/// because API Gateway passes the query string as the client sent it.
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
/// The characters that must be percent-encoded in a path. `%` is one of them, because API Gateway decodes paths.
const PATH: &AsciiSet = &QUERY.add(b'%').add(b'?');

/// Converts an event to a request. `raw_http_path` is the path, decoded once. The URI is encoded again, so that it is
/// valid.
///
/// # Errors
/// The event is not from an HTTP API, its body is not valid base64, or its path and query are too long for a URI.
pub(super) fn to_request(event: &RawValue) -> Result<Request<Body>, ApiError> {
    let event = read(event.get())
        .map_err(|_| malformed("The event is not an HTTP API event in payload format 2.0."))?;
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

/// Converts a response to an event response with all its fields: cookies separate from the headers, and a binary body in
/// base64.
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
    let body = if body.is_empty() { Body::from("") } else { body };
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body);
    answer
}

fn read(event: &str) -> serde_json::Result<ApiGatewayV2httpRequest> {
    serde_json::from_str(event).or_else(|_| serde_json::from_str(&repaired(event)?))
}

/// Removes from an event everything that [`ApiGatewayV2httpRequest`] rejects and that no handler needs: null and unused
/// fields, invalid header names and control characters. API Gateway sends none of these, but emulators and manual tests
/// do.
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
                // Control characters are replaced rather than removed: an unreadable `If-Match` must not become a
                // missing one.
                *text = text.replace(|char: char| char.is_ascii_control(), "\u{fffd}");
            }
        }
    }
    if let Value::Object(context) = event.entry("requestContext").or_insert_with(|| json!({})) {
        keep(context, &["apiId", "domainName", "http", "requestId", "routeKey"]);
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

/// Joins the values of each header with commas (RFC 9110, section 5.3).
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

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::http::Method;
    use lambda_http::http::header::{AUTHORIZATION, IF_MATCH, LOCATION, VARY};
    use proptest::prelude::*;
    use serde_json::value::to_raw_value;

    /// Returns a complete event with these fields changed.
    fn event(changes: Value) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "GET /{org_id}/link",
            "rawPath": "/acme/link",
            "rawQueryString": "",
            "headers": { "host": "go.example.com" },
            "pathParameters": { "org_id": "acme" },
            "requestContext": { "http": { "method": "GET", "path": "/acme/link" } },
            "isBase64Encoded": false,
        });
        let Value::Object(changes) = changes else { unreachable!() };
        event.as_object_mut().unwrap().extend(changes);
        event
    }

    fn request(changes: Value) -> Request<Body> {
        to_request(&to_raw_value(&event(changes)).unwrap()).unwrap()
    }

    fn answer(response: Response<Body>) -> Value {
        serde_json::to_value(from_response(response)).unwrap()
    }

    proptest! {
        #[test]
        fn a_query_string_says_what_it_said_whatever_it_holds(query in any::<String>()) {
            let request = request(json!({ "rawQueryString": query }));
            let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
            let encoded = request.uri().query().unwrap_or_default();
            prop_assert_eq!(url::form_urlencoded::parse(encoded.as_bytes()).collect::<Vec<_>>(), read);
        }

        #[test]
        fn a_path_is_kept_and_encoded_whatever_it_holds(path in any::<String>()) {
            let request = request(json!({ "rawPath": path }));
            prop_assert_eq!(request.raw_http_path(), &path);
            let decoded = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8().unwrap();
            prop_assert_eq!(decoded.trim_start_matches('/'), path.trim_start_matches('/'));
            prop_assert_eq!(request.uri().query(), None);
        }
    }

    #[test]
    fn a_path_that_is_not_sent_is_the_contexts() {
        let request = request(json!({ "rawPath": null }));
        assert_eq!(request.raw_http_path(), "/acme/link");
    }

    #[test]
    fn a_url_that_is_too_long_is_refused() {
        let event = to_raw_value(&event(json!({ "rawQueryString": "\"".repeat(30_000) }))).unwrap();
        assert!(matches!(to_request(&event), Err(ApiError::MalformedBody(_))));
    }

    #[test]
    fn a_body_is_decoded_once() {
        for (body, is_base64, expected) in [
            (json!("AJ+Slv8="), true, Body::Binary(vec![0, 159, 146, 150, 255])),
            (json!("AJ+Slv8="), false, Body::Text("AJ+Slv8=".to_owned())),
            (json!("QUo="), true, Body::Binary(b"AJ".to_vec())),
            (Value::Null, false, Body::Empty),
        ] {
            let request = request(json!({ "body": body, "isBase64Encoded": is_base64 }));
            assert_eq!(*request.body(), expected, "{body} {is_base64}");
        }
    }

    #[test]
    fn cookies_are_one_header_in_their_order() {
        let request = request(json!({ "cookies": ["a=1", "b=\"2\"", "a=3"] }));
        assert_eq!(request.headers()[COOKIE], "a=1; b=\"2\"; a=3");
    }

    #[test]
    fn what_the_event_type_refuses_and_no_handler_needs_is_left_out() {
        for changes in [
            json!({ "isBase64Encoded": null, "version": 2, "stageVariables": 7, "queryStringParameters": [] }),
            json!({ "path": "/acme/link", "httpMethod": 7, "resource": {} }),
            json!({ "requestContext": null }),
            json!({ "requestContext": { "http": null, "timeEpoch": 1.5, "authorizer": "x" } }),
            json!({ "headers": { "a b": "c", "": "", "x": "\r\n", "host": "go.example.com" } }),
        ] {
            let request = request(changes.clone());
            assert_eq!(
                (request.method(), request.raw_http_path()),
                (&Method::GET, "/acme/link"),
                "{changes}"
            );
            assert_eq!(request.path_parameters().first("org_id"), Some("acme"), "{changes}");
            assert_eq!(request.headers()["host"], "go.example.com", "{changes}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_read_was_sent_all_the_same() {
        let headers = json!({ "if-match": "\"1-1\"\u{1}", "authorization": "Bearer \u{e9}" });
        let request = request(json!({ "headers": headers }));
        assert_eq!(request.headers()[IF_MATCH].as_bytes(), "\"1-1\"\u{fffd}".as_bytes());
        assert_eq!(request.headers()[AUTHORIZATION].as_bytes(), "Bearer \u{e9}".as_bytes());
    }

    #[test]
    fn an_answer_has_all_fields_and_its_cookies_apart() {
        let response = Response::builder()
            .status(303)
            .header(LOCATION, "/")
            .header(SET_COOKIE, "a=1; Expires=Wed, 25 Nov 2026 20:00:00 GMT")
            .header(SET_COOKIE, "b=2; HttpOnly")
            .header(VARY, "accept")
            .header(VARY, "accept-encoding")
            .body(Body::Empty);
        let expected = json!({
            "statusCode": 303,
            "headers": { "location": "/", "vary": "accept,accept-encoding" },
            "multiValueHeaders": {},
            "cookies": ["a=1; Expires=Wed, 25 Nov 2026 20:00:00 GMT", "b=2; HttpOnly"],
            "body": "",
            "isBase64Encoded": false,
        });
        assert_eq!(answer(response.unwrap()), expected);
    }

    #[test]
    fn a_binary_body_is_answered_in_base64_and_text_as_it_is() {
        for (body, sent, is_base64) in [
            (Body::from(vec![0, 159, 146, 150, 255]), "AJ+Slv8=", true),
            (Body::from("AJ+Slv8="), "AJ+Slv8=", false),
            (Body::from(Vec::new()), "", false),
        ] {
            let answer = answer(Response::new(body));
            assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!(sent), &json!(is_base64)));
        }
    }
}

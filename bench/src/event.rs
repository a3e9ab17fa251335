//! One event per function. For `tally` it is a batch of log lines. For the others it is an event of API Gateway's HTTP
//! API (payload format 2.0). It is as large as the event for a request from a real browser or API client.

use crate::Error;
use crate::bootstrap::Program;
use local::functions::Function;
use local::routes::ROUTES;
use local::subscription;
use serde_json::{Map, Value, json};

/// The organization in all events.
pub const ORG: &str = "1189c444-8a2d-4c41-8b4b-ae43ce79a492";
/// The calling user, who also created every link.
pub const USER: &str = "0f3f5a0e-0003-4000-8000-000000000003";
/// The requested link.
pub const SLUG: &str = "launch42";
/// A link's path on the default route.
const SHORT_URL: &str = "/{org_id}/{slug}";
/// The birth of the requested link.
pub const BIRTH: &str = "V1StGXR8_Z5jdHi6";
/// The number of clicks in a batch.
pub const CLICKS: u64 = 25;

/// Returns the event for `program`. `token` is the caller's token, which only some functions need.
///
/// # Errors
/// The event cannot be built, which is a bug.
pub fn for_program(program: Program, token: &str) -> Result<Value, Error> {
    let api_client = json!({
        "accept": "application/json",
        "authorization": format!("Bearer {token}"),
        "user-agent": "curl/8.14.1",
    });
    let function = match program {
        Program::Tally => return batch(),
        // The baseline gets the same event as `redirect`.
        Program::Floor => Function::Redirect,
        Program::Api(function) => function,
    };
    Ok(match function {
        Function::Create => {
            let mut headers = api_client;
            merge(&mut headers, json!({"content-type": "application/json", "content-length": "47"}));
            let mut event = request("POST", "/{org_id}/link", headers);
            merge(&mut event, json!({"body": r#"{"url": "https://example.com/a/page?from=short"}"#}));
            event
        }
        Function::Update => {
            let mut headers = api_client;
            merge(&mut headers, json!({"content-type": "application/json", "content-length": "20"}));
            let mut event = request("PATCH", "/{org_id}/link/{slug}", headers);
            merge(&mut event, json!({"body": r#"{"title": "A title"}"#}));
            event
        }
        Function::Import => {
            let mut headers = api_client;
            merge(&mut headers, json!({"content-type": "text/csv", "content-length": "54"}));
            let mut event = request("POST", "/{org_id}/-/import", headers);
            merge(&mut event, json!({"body": "url,id\nhttps://example.com/a/page?from=short,imported\n"}));
            event
        }
        Function::Delete => request("DELETE", "/{org_id}/link/{slug}", api_client),
        Function::Session => request("GET", "/-/session", api_client),
        Function::Redirect => request("GET", SHORT_URL, browser()),
        Function::Docs | Function::Console => request("GET", path_of(function)?, browser()),
        _ => request("GET", path_of(function)?, api_client),
    })
}

/// Returns the path of a function's first `GET` route.
fn path_of(function: Function) -> Result<&'static str, Error> {
    let mut routes = ROUTES.iter().filter(|route| route.function == function && route.method == "GET");
    let route = routes.next().ok_or_else(|| format!("{} has no such route", function.name()))?;
    Ok(route.path)
}

/// Returns the event that requests the whole organization's clicks from `stats`.
pub fn overview(token: &str, query: &str) -> Value {
    let headers = json!({"accept": "application/json", "authorization": format!("Bearer {token}")});
    let mut event = request("GET", "/{org_id}/-/clicks", headers);
    merge(&mut event, json!({"rawQueryString": query}));
    event
}

/// Returns the log lines of clicks on one link, as one instance of `redirect` writes them.
fn batch() -> Result<Value, Error> {
    let click = json!({
        "level": "INFO", "timestamp": "2026-11-22T15:13:20.000Z", "event": "click", "version": 2, "org_id": ORG,
        "birth": BIRTH, "id": SLUG, "referrer": "social.example", "device": "desktop", "bot": false,
        "country": null,
    });
    let line = |number| json!({"id": format!("{number:056}"), "timestamp": 0, "message": click.to_string()});
    let lines = (0..CLICKS).map(line).collect();
    let event = subscription::event("/aws/lambda/bench", "2026/11/22/[$LATEST]0123456789abcdef", lines)?;
    Ok(serde_json::from_str(event.get())?)
}

/// Changes the event's link and query string.
pub fn ask_for(event: &mut Value, slug: &str, query: &str) {
    let path = event.pointer("/rawPath").and_then(Value::as_str).unwrap_or_default().replace(SLUG, slug);
    if event.pointer("/pathParameters/slug").is_some() {
        merge(event, json!({"pathParameters": {"org_id": ORG, "slug": slug}}));
    }
    if let Some(http) = event.pointer_mut("/requestContext/http") {
        merge(http, json!({"path": path}));
    }
    merge(event, json!({"rawPath": path, "rawQueryString": query}));
}

fn browser() -> Value {
    json!({
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.7,de;q=0.3",
        "referer": "https://social.example/",
        "sec-fetch-dest": "document",
        "sec-fetch-mode": "navigate",
        "sec-fetch-site": "cross-site",
        "sec-fetch-user": "?1",
        "upgrade-insecure-requests": "1",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    })
}

fn request(method: &str, route: &str, mut headers: Value) -> Value {
    let domain = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
    let path = route.replace("{org_id}", ORG).replace("{slug}", SLUG);
    let parameters = [("org_id", ORG), ("slug", SLUG)].into_iter();
    let in_route = parameters.filter(|(name, _)| route.contains(&format!("{{{name}}}")));
    let parameters: Map<String, Value> =
        in_route.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let is_default = route == SHORT_URL;
    let key = if is_default { "$default".to_owned() } else { format!("{method} {route}") };
    merge(
        &mut headers,
        json!({
            "host": domain,
            "x-amzn-trace-id": "Root=1-6921d3a0-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.44",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        }),
    );
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": domain,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.44",
                "userAgent": headers.get("user-agent"),
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": key,
            "stage": "$default",
            "time": "22/Nov/2026:15:13:20 +0000",
            "timeEpoch": 1_795_360_400_000_u64,
        },
        "isBase64Encoded": false,
    });
    if !is_default {
        merge(&mut event, json!({"pathParameters": parameters}));
    }
    event
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

use crate::routes::Route;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use shared::model::Timestamp;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// The format of `requestContext.time`, which is also the format of times in access logs.
const ACCESS_LOG_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// An HTTP request and its route.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The route.
    pub route: Route,
    /// The request's method. The method of `route` can differ, because the default route has `ANY`.
    pub method: &'a str,
    /// The values of the route's variables, decoded once.
    pub variables: &'a [(&'static str, &'a str)],
    /// The path, decoded once.
    pub path: &'a str,
    /// The query string, not decoded.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

impl Parts<'_> {
    /// Returns the request as an event in payload format 2.0.
    pub fn event(&self, now: Timestamp) -> Value {
        let (body, is_base64) = self.body();
        let domain = self.header("host").unwrap_or_else(|| "localhost".to_owned());
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route.key(),
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers(),
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": domain,
                "domainPrefix": domain.split('.').next(),
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": self.header("user-agent").unwrap_or_default(),
                },
                "requestId": format!("local-{:x}", now.millis()),
                "routeKey": self.route.key(),
                "stage": "$default",
                "time": access_log_time(now),
                "timeEpoch": now.millis(),
            },
            "isBase64Encoded": is_base64,
        });
        // API Gateway omits fields that are empty.
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                event[name] = value;
            }
        };
        let variables = self.variables.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        let variables: Map<String, Value> = variables.collect();
        add("pathParameters", (!variables.is_empty()).then_some(Value::Object(variables)));
        add("queryStringParameters", self.query_parameters());
        add("cookies", self.cookies());
        add("body", body.map(Value::from));
        event
    }

    /// Returns the headers except cookies. Names are in lower case, and several values of one header are joined with
    /// commas.
    fn headers(&self) -> Value {
        let names = self.headers.keys().filter(|name| **name != header::COOKIE);
        let joined = names.filter_map(|name| Some((name.to_string(), self.header(name.as_str())?.into())));
        Value::Object(joined.collect())
    }

    /// Returns the individual cookies (RFC 6265, section 4.2.1), including those of a second `Cookie` header,
    /// which HTTP/2 allows.
    fn cookies(&self) -> Option<Value> {
        let headers = self.headers.get_all(header::COOKIE).iter();
        let headers: Vec<_> = headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let cookies = headers.iter().flat_map(|header| header.split(';'));
        // Only spaces and tabs are trimmed, because other Unicode spaces are part of a cookie's name.
        let cookies = cookies.map(|cookie| cookie.trim_matches([' ', '\t']));
        let cookies: Vec<&str> = cookies.filter(|cookie| !cookie.is_empty()).collect();
        (!cookies.is_empty()).then(|| cookies.into())
    }

    fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    fn query_parameters(&self) -> Option<Value> {
        let mut parameters: Map<String, Value> = Map::new();
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            let joined = match parameters.get(name.as_ref()).and_then(Value::as_str) {
                Some(earlier) => format!("{earlier},{value}"),
                None => value.into_owned(),
            };
            parameters.insert(name.into_owned(), joined.into());
        }
        (!parameters.is_empty()).then_some(Value::Object(parameters))
    }

    /// Returns the body: as text for a few content types, and in base64 for all others.
    fn body(&self) -> (Option<String>, bool) {
        if self.body.is_empty() {
            return (None, false);
        }
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let textual = ["application/javascript", "application/json", "application/xml"];
        let is_text = media_type.starts_with("text/") || textual.contains(&media_type);
        match str::from_utf8(self.body) {
            Ok(text) if is_text => (Some(text.to_owned()), false),
            _ => (Some(BASE64_STANDARD.encode(self.body)), true),
        }
    }
}

fn access_log_time(now: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(now.seconds()).ok()?.format(ACCESS_LOG_TIME).ok()
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use crate::routes::ROUTES;
    use axum::http::HeaderValue;

    fn event(headers: &[(&'static str, &str)], body: &[u8]) -> Value {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::try_from(*value).unwrap());
        }
        let parts = Parts {
            route: ROUTES[0],
            method: ROUTES[0].method,
            variables: &[("org_id", "acme")],
            path: "/acme/link",
            query: "",
            headers: &map,
            body,
        };
        parts.event(Timestamp::try_from(0).unwrap())
    }

    #[test]
    fn cookies_are_split_and_are_no_header() {
        for (headers, cookies) in [
            (&[("cookie", "a=1; b=\"2\"")][..], json!(["a=1", "b=\"2\""])),
            (&[("cookie", "a=1;b=2;  c=x,y;; ")], json!(["a=1", "b=2", "c=x,y"])),
            (&[("cookie", "a=1"), ("cookie", "a=2; b=3")], json!(["a=1", "a=2", "b=3"])),
            (&[("cookie", "")], Value::Null),
            (&[("accept", "*/*")], Value::Null),
        ] {
            let event = event(headers, b"");
            assert_eq!(event["cookies"], cookies, "{headers:?}");
            assert_eq!(event["headers"]["cookie"], Value::Null, "{headers:?}");
        }
    }

    #[test]
    fn a_binary_body_arrives_in_base64() {
        let bytes = [0, 159, 146, 150, 255];
        let event = event(&[("content-type", "application/zip")], &bytes);
        assert_eq!(event["isBase64Encoded"], true);
        assert_eq!(BASE64_STANDARD.decode(event["body"].as_str().unwrap()).unwrap(), bytes);
    }
}

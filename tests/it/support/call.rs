//! A call to a function: an event from `events/`, changed by the test, and the response.

use super::app::{ISSUER, KEY, TestApp};
use super::watched::with_permissions_of;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use local::events;
use local::functions::{Function, Functions};
use local::routes::{ROUTES, Route};
use local::users::User;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

/// The session cookie's name over HTTPS.
pub const SESSION: &str = "__Host-Http-signpost";
/// The host name in the events.
pub const DOMAIN: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";

/// A request to a function.
#[derive(Clone)]
pub struct Call {
    pub event: Value,
}

pub struct Answer {
    pub status: u64,
    pub headers: HashMap<String, String>,
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body as sent to a client.
    pub bytes: Vec<u8>,
    /// The decompressed body, if it is text.
    pub text: String,
    /// The parsed body, if it is JSON.
    pub body: Value,
}

pub fn token(user: &str) -> String {
    signed(user, |_| {})
}

/// Returns a user's token with changed claims, signed after the change.
pub fn signed(user: &str, change: impl FnOnce(&mut Value)) -> String {
    let now = Timestamp::now().seconds();
    let mut claims = User::named(user).unwrap().claims(None);
    claims["iss"] = ISSUER.into();
    claims["iat"] = now.into();
    claims["exp"] = (now + 1800).into();
    change(&mut claims);
    KEY.sign(&claims).unwrap()
}

impl Call {
    /// Returns the event with this name, with the token of acme's member.
    pub fn new(name: &str) -> Self {
        Self { event: events::with_token(events::load(name).unwrap(), &token("member")) }
    }

    /// Returns the first event of a function.
    pub fn from_function(function: Function) -> Self {
        Self::new(function.name())
    }

    /// Returns the first event of a route.
    pub fn from_route(route: &Route) -> Self {
        let names = events::names().unwrap();
        let mut calls = names.iter().map(|name| Self::new(name));
        calls.find(|call| call.event["routeKey"] == route.key()).unwrap()
    }

    pub fn by(self, user: &str) -> Self {
        self.header("authorization", &format!("Bearer {}", token(user)))
    }

    pub fn anonymous(mut self) -> Self {
        self.event["headers"].as_object_mut().unwrap().remove("authorization");
        self.event.as_object_mut().unwrap().remove("cookies");
        self
    }

    /// Returns the same call with one more cookie, in API Gateway's form.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        let cookies = self.event.as_object_mut().unwrap().entry("cookies").or_insert_with(|| json!([]));
        cookies.as_array_mut().unwrap().push(format!("{name}={value}").into());
        self
    }

    /// Returns the same call with a user's session, and no other credential.
    pub fn signed_in(self, user: &str) -> Self {
        self.anonymous().cookie(SESSION, &token(user))
    }

    /// Returns the same call without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.event["headers"].as_object_mut().unwrap().remove(name);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = value.into();
        self
    }

    pub fn org(mut self, org: &str) -> Self {
        if let Some(old) = self.event["pathParameters"].get_mut("org_id") {
            *old = org.into();
        } else if let Some((_, rest)) =
            self.event["rawPath"].as_str().and_then(|path| path[1..].split_once('/'))
        {
            let path = format!("/{org}/{rest}");
            return self.path(&path);
        }
        self
    }

    /// Returns the same call with another path, decoded once. Only functions for short URLs read the path.
    pub fn path(mut self, path: &str) -> Self {
        self.event["rawPath"] = path.into();
        self.event["requestContext"]["http"]["path"] = path.into();
        self
    }

    pub fn method(mut self, method: &str) -> Self {
        self.event["requestContext"]["http"]["method"] = method.into();
        self
    }

    pub fn slug(self, slug: &str) -> Self {
        Self { event: events::with_slug(self.event, slug) }
    }

    pub fn query(mut self, query: &str) -> Self {
        self.event["rawQueryString"] = query.into();
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.event["body"] = body.into();
        self
    }

    pub fn url(self, url: &str) -> Self {
        self.body(&json!({ "url": url }).to_string())
    }

    /// Sends the call `times` times concurrently, and returns the responses.
    pub async fn race(&self, app: &Arc<TestApp>, times: usize) -> Vec<Answer> {
        let runners: Vec<_> = (0..times)
            .map(|_| {
                let (call, app) = (self.clone(), Arc::clone(app));
                tokio::spawn(async move { call.send(&app).await })
            })
            .collect();
        let mut answers = Vec::new();
        for runner in runners {
            answers.push(runner.await.unwrap());
        }
        answers
    }

    pub async fn send(&self, app: &TestApp) -> Answer {
        self.send_at(app, Timestamp::now()).await
    }

    pub async fn send_at(&self, app: &TestApp, now: Timestamp) -> Answer {
        self.send_to(&app.functions, now).await
    }

    pub async fn send_to(&self, functions: &Functions, now: Timestamp) -> Answer {
        let key = self.event["routeKey"].as_str().unwrap();
        let route = ROUTES.iter().find(|route| route.key() == key).unwrap();
        let event = serde_json::value::to_raw_value(&self.event).unwrap();
        invoke(functions, route.function, &event, now).await
    }
}

/// Invokes a function with an event. The function has only its own permissions.
pub async fn invoke(functions: &Functions, function: Function, event: &RawValue, now: Timestamp) -> Answer {
    // The future is boxed, because without optimization a test with many calls would not fit on its thread's stack.
    let invocation = Box::pin(functions.invoke(function, event, now));
    let response = with_permissions_of(function.name().to_owned(), invocation).await;
    answer(&serde_json::to_value(response).unwrap())
}

/// Passes a batch of lines to `tally`, which runs with only its own permissions.
pub async fn tally(
    functions: &Functions,
    event: &RawValue,
    now: Timestamp,
) -> Result<::tally::Counted, ::tally::Error> {
    with_permissions_of("tally".to_owned(), functions.tally(event, now)).await
}

/// Parses a response, and asserts that it has all five fields.
pub fn answer(response: &Value) -> Answer {
    let fields: Vec<&str> = response.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["body", "cookies", "headers", "isBase64Encoded", "multiValueHeaders", "statusCode"]);
    let headers = response["headers"].as_object().unwrap().iter();
    let body = response["body"].as_str().unwrap();
    let bytes = match response["isBase64Encoded"].as_bool().unwrap() {
        true => BASE64_STANDARD.decode(body).unwrap(),
        false => body.as_bytes().to_vec(),
    };
    let mut text = String::new();
    if response["headers"]["content-encoding"] == "gzip" && !bytes.is_empty() {
        GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes.clone()).unwrap_or_default();
    }
    Answer {
        status: response["statusCode"].as_u64().unwrap(),
        headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
        cookies: serde_json::from_value(response["cookies"].clone()).unwrap(),
        body: serde_json::from_str(&text).unwrap_or_default(),
        bytes,
        text,
    }
}

impl Answer {
    /// Asserts that the response is a problem (RFC 9457) with this status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u64, code: &str) -> &Self {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], "about:blank");
        for member in ["title", "detail"] {
            assert!(!self.body[member].as_str().unwrap().is_empty(), "{}", self.text);
        }
        assert!(self.body["errors"].is_array());
        self
    }

    /// Returns the places and codes of a problem's faults.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        let faults = self.body["errors"].as_array().unwrap().iter();
        faults.map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect()
    }
}

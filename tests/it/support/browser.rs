//! A browser with cookies, and a provider with a token endpoint whose responses a test sets.

use super::app::{TestApp, settings};
use super::call::{Answer, Call, DOMAIN};
use super::issuer::{Reply, Server};
use local::functions::Functions;
use local::stack::engine_settings;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// Asserts that the response is a small page that no site can frame and that runs no script.
#[track_caller]
pub fn is_a_page(answer: &Answer, status: u64) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let policy = &answer.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("; form-action 'none'; frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script") && !policy.contains("unsafe"), "{policy}");
    assert!(!answer.headers.contains_key("location") && !answer.text.contains("<script"));
}

pub const TOKEN: &str = "/propelauth/oauth/token";
pub const SESSION: &str = "__Host-Http-signpost";
pub const FLOW: &str = "__Host-Http-signpost-flow-";

/// Signpost, and a scripted PropelAuth.
pub struct Stage {
    pub app: TestApp,
    pub provider: Server,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with_settings(&[]).await
    }

    /// Creates a stage with these settings.
    pub async fn with_settings(overrides: &[(&str, &str)]) -> Self {
        let provider = Server::start().await;
        let base = [("SIGN_IN_CLIENT_ID", "client"), ("AUTH_URL", provider.url.as_str())];
        let app = TestApp::with_settings(&[&base[..], overrides].concat()).await;
        Self { app, provider }
    }

    /// Sets the token endpoint's response.
    pub fn gives(&self, token: &str) {
        self.provider.answer(TOKEN, Reply::Json(json!({ "access_token": token, "token_type": "Bearer" })));
    }

    /// Returns the number of code exchanges.
    pub fn exchanges(&self) -> usize {
        self.provider.times(TOKEN)
    }

    /// Returns the form fields that the last code exchange sent.
    pub fn form(&self) -> HashMap<String, String> {
        form(&self.provider.asked().last().unwrap().body)
    }
}

/// Returns the names and values in a query string or a form.
pub fn form(text: &str) -> HashMap<String, String> {
    let text = text.split_once('?').map_or(text, |(_, query)| query);
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            let hex = (*first == b'%')
                .then(|| u8::from_str_radix(str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            bytes.push(hex.unwrap_or(*first));
            rest = if hex.is_some() { &tail[2..] } else { tail };
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// Returns functions with these settings that use a test's store.
pub fn functions(app: &TestApp, overrides: &[(&str, &str)]) -> Functions {
    let settings = engine_settings(&app.url).overridden_by(settings());
    Functions::new(&settings.overridden_by(overrides.iter().copied().collect())).unwrap()
}

/// A browser's cookies for this site, and the headers of its navigations.
#[derive(Clone, Default)]
pub struct Browser {
    pub jar: BTreeMap<String, String>,
    /// The attributes with which each cookie was last set.
    pub attributes: BTreeMap<String, String>,
    /// The browser drops the cookies whose names begin with this text.
    pub drops: Option<&'static str>,
}

impl Browser {
    /// Returns the event for this browser's navigation to `url`: the path of a session's route, and an optional query.
    pub fn call(&self, url: &str) -> Call {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let event = match path {
            "/-/sign-in" => "session-sign-in",
            "/-/callback" => "session-callback",
            "/-/session" => "session",
            "/-/sign-out" => "session-sign-out",
            _ => panic!("{path} is not a route of sessions"),
        };
        let mut call = Call::new(event).anonymous().query(query);
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        call.event["cookies"] = cookies.into();
        call
    }

    /// Sends a call, and stores the cookies from the response.
    pub async fn send(&mut self, functions: &Functions, call: &Call, now: Timestamp) -> Answer {
        let answer = call.send_to(functions, now).await;
        for cookie in &answer.cookies {
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if self
                .drops
                .is_some_and(|dropped| name.starts_with(dropped) && (dropped != SESSION || name == SESSION))
            {
                continue;
            }
            self.attributes.insert(name.to_owned(), attributes.to_owned());
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                assert!(pair.len() <= 4_096, "a browser would drop {name}");
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub async fn open(&mut self, stage: &Stage, url: &str) -> Answer {
        self.send(&stage.app.functions, &self.call(url), Timestamp::now()).await
    }

    /// Begins a sign-in and returns its state.
    pub async fn begin(&mut self, stage: &Stage, query: &str) -> String {
        let answer = self.open(stage, &format!("/-/sign-in?{query}")).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        form(&answer.headers["location"]).remove("state").unwrap()
    }

    /// Requests the callback, as a browser does when the provider redirects it.
    pub async fn come_back(&mut self, stage: &Stage, state: &str) -> Answer {
        self.open(stage, &format!("/-/callback?code=a-code&state={state}")).await
    }

    /// Returns the names of the flows in progress, without their prefix.
    pub fn flows(&self) -> Vec<&str> {
        self.jar.keys().filter_map(|name| name.strip_prefix(FLOW)).collect()
    }

    /// Returns the name of the cookie that contains the flow with this state.
    pub fn flow_of(&self, state: &str) -> Option<&str> {
        let flow = self.jar.iter().find(|(_, value)| value.contains(state));
        flow.map(|(name, _)| name.as_str())
    }

    pub fn is_signed_in(&self) -> bool {
        self.jar.contains_key(SESSION)
    }
}

/// The origin of the host in the events.
pub fn origin() -> String {
    format!("https://{DOMAIN}")
}

//! The functions, with a store and an issuer whose responses a fuzz target sets.

use crate::issuer::Issuer;
use crate::keys::{KEYS, SigningKey};
use crate::store::{Behavior, Store, TARGET};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use local::events;
use local::functions::{Function, Functions};
use local::issuer::{API_KEY, Key};
use local::users::{ACME, USERS};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use shared::settings::Settings;
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::sync::LazyLock;
use tally::Counted;
use tokio::runtime::Runtime;

const ISSUER: &str = "https://auth.acme.test";
/// The current time in all runs, in milliseconds. It is constant, so that failures are reproducible.
const NOW: i64 = 1_795_383_720_000;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::from_pem(&Key::generate().unwrap()).unwrap());
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let mut claims = USERS[0].claims(None);
    issued(&mut claims);
    KEY.sign(&claims).unwrap()
});
/// The first event of each function.
static EVENTS: LazyLock<Vec<(Function, Value)>> = LazyLock::new(|| {
    let event = |function: Function| events::load(function.name()).unwrap();
    Function::ALL.map(|function| (function, events::with_token(event(function), &TOKEN))).to_vec()
});

thread_local! {
    static SIGNPOST: RefCell<Option<Signpost>> = const { RefCell::new(None) };
}

pub struct Signpost {
    runtime: Runtime,
    functions: Functions,
    /// Functions configured for other providers, with the same issuer and key.
    others: [Functions; 5],
    store: Store,
    issuer: Issuer,
    /// Functions that fetch the issuer's key, in PropelAuth's format and as a JWK Set.
    fetching: [Functions; 2],
    clock: Cell<i64>,
    /// Tokens for the functions in `fetching`, each signed with a different key. In some inputs, the issuer publishes
    /// these keys.
    by_keys: Vec<String>,
    /// A token for `fetching`, signed with a key that the issuer never publishes.
    by_unknown_key: String,
}

/// Settings for a team whose tokens contain no organization. The team's condition requires acme's id in a group, so
/// that one check is right for all providers: only a token that contains acme's id is accepted.
const TEAM: [(&str, &str); 5] = [
    ("AUTH_TOKEN", "id"),
    ("AUTH_AUDIENCE", "signpost"),
    ("AUTH_ORGANIZATION", ACME.id),
    ("AUTH_ORGANIZATION_IF", "groups=1189c444-8a2d-4c41-8b4b-ae43ce79a492"),
    ("AUTH_ADMINS", "groups=admins"),
];

/// The claims of a custom provider, with organizations in every supported form.
const CUSTOM: &str = r#"{
    "user": ["sub"],
    "organizations": [
        { "kind": "one", "at": ["o"], "id": ["id"], "roles": [["rol"]] },
        { "kind": "map", "at": ["https://signpost/organizations"], "id": ["id"], "roles": [["roles"], ["role"]] },
        { "kind": "strings", "at": ["groups"], "pattern": "{role}@{org}" }
    ],
    "require": [{ "at": ["https://signpost/kind", "is"], "is": "access" }]
}"#;

/// Makes the claims valid: sets their issuer and their times.
pub fn issued(claims: &mut Value) {
    issued_by(claims, ISSUER, NOW);
}

fn issued_by(claims: &mut Value, issuer: &str, now: i64) {
    claims["iss"] = issuer.into();
    claims["iat"] = (now / 1000).into();
    // This is later than any time that the clock of a fuzz target reaches.
    claims["exp"] = 250_000_000_000_i64.into();
}

/// Gzips data as CloudWatch does.
pub fn zipped(data: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(data).unwrap();
    zip.finish().unwrap()
}

impl Signpost {
    pub fn key() -> &'static Key {
        &KEY
    }

    /// Returns a token of acme's owner, who has all permissions there.
    pub fn token() -> String {
        TOKEN.clone()
    }

    /// Runs a fuzz target with this thread's Signpost.
    pub fn with<T>(run: impl FnOnce(&Self) -> T) -> T {
        SIGNPOST.with(|signpost| run(signpost.borrow_mut().get_or_insert_with(Self::start)))
    }

    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (store, issuer) = (Store::new(), runtime.block_on(Issuer::start()));
        let functions = |auth: &[(&str, &str)]| {
            let settings = local::stack::engine_settings("http://127.0.0.1:1");
            let settings: Settings = settings.overridden_by(auth.iter().copied().collect());
            let settings = settings.overridden_by([("ROOT_ORG", ACME.id)].into_iter().collect());
            Functions::with_http_client(&settings, store.clone()).unwrap()
        };
        let given = |provider, more: &[(&str, &str)]| {
            let key = ("AUTH_VERIFIER_KEY", KEY.public_pem());
            functions(&[&[("AUTH_PROVIDER", provider), ("AUTH_ISSUER", ISSUER), key], more].concat())
        };
        let fetched = |how| {
            let algorithms = ("AUTH_ALGORITHMS", "RS256,ES256,EdDSA");
            functions(&[("AUTH_ISSUER", &issuer.url), algorithms, how])
        };
        let mut claims = USERS[0].claims(None);
        issued_by(&mut claims, &issuer.url, NOW);
        Self {
            functions: given("propelauth", &[]),
            others: [
                given("auth0", &[("AUTH_AUDIENCE", "signpost")]),
                given("cognito", &[]),
                given("keycloak", &[]),
                given("custom", &[("AUTH_CLAIMS", CUSTOM)]),
                given("custom", &TEAM),
            ],
            fetching: [fetched(("AUTH_API_KEY", API_KEY)), fetched(("AUTH_JWKS_URL", &issuer.url))],
            clock: Cell::new(NOW),
            by_keys: KEYS.iter().map(|key| key.sign(&claims)).collect(),
            by_unknown_key: SigningKey::rsa("unknown").sign(&claims),
            runtime,
            store,
            issuer,
        }
    }

    /// Returns the first event of a function. The caller is acme's owner, and `change` modifies the event.
    pub fn call(&self, function: Function, change: impl FnOnce(&mut Value)) -> String {
        let mut event = EVENTS.iter().find(|(name, _)| *name == function).unwrap().1.clone();
        change(&mut event);
        event.to_string()
    }

    /// Invokes a function with an event, and checks that the response is valid and its status is below 500.
    pub fn answers_below_500(&self, function: Function, event: &str, store: u8) -> Value {
        let Ok(event) = RawValue::from_string(event.to_owned()) else { return Value::Null };
        self.store.set(Behavior::from(store));
        let now = Timestamp::try_from(NOW).unwrap();
        let answer = self.runtime.block_on(self.functions.invoke(function, &event, now));
        let answer = serde_json::to_value(answer).unwrap();
        let status = answer["statusCode"].as_u64().unwrap();
        assert!((200..500).contains(&status), "{answer}");
        for (name, value) in answer["headers"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value:?}");
        }
        let body = body(&answer);
        match answer["headers"]["content-type"].as_str() {
            Some("application/json" | "application/problem+json") if !body.is_empty() => {
                serde_json::from_slice::<Value>(&body).unwrap();
            }
            _ => {}
        }
        if status == 302 {
            assert_eq!(answer["headers"]["location"], TARGET);
        }
        answer
    }

    /// Passes an event to `tally`, and returns what `tally` counted, or `None` if the event is not from a log
    /// subscription.
    pub fn tally(&self, event: &Value) -> Option<Counted> {
        self.store.set(Behavior::Full);
        let event = RawValue::from_string(event.to_string()).unwrap();
        match self.runtime.block_on(self.functions.tally(&event, Timestamp::try_from(NOW).unwrap())) {
            Ok(tally) => Some(tally),
            Err(tally::Error::Unreadable(_)) => None,
            Err(tally::Error::Store(error)) => panic!("{error}"),
        }
    }

    /// Returns true if the functions of at least one other provider allow the event's caller to list acme's links.
    pub fn others_admit(&self, event: &str) -> bool {
        let event = RawValue::from_string(event.to_owned()).unwrap();
        self.store.set(Behavior::Full);
        let statuses = self.others.each_ref().map(|functions| self.status(functions, &event, NOW));
        assert!(statuses.iter().all(|status| [200, 401, 403].contains(status)), "{statuses:?}");
        statuses.contains(&200)
    }

    /// Makes the functions fetch the issuer's keys while the issuer responds with `bytes`. Checks that the functions
    /// fetch the keys once, and that they respond to each token with 200, 401 or 503.
    pub fn fetches_keys(&self, bytes: &[u8]) {
        // This is longer than the pause between two fetches.
        self.clock.set(self.clock.get() + 61_000);
        let event = |token: &String| {
            let event = self.call(Function::List, |event| {
                event["headers"]["authorization"] = json!(format!("Bearer {token}"));
            });
            RawValue::from_string(event).unwrap()
        };
        for functions in &self.fetching {
            self.issuer.answers(bytes);
            // No published key belongs to this token, so the function must fetch the keys again, in case they have
            // changed.
            let status = self.status(functions, &event(&self.by_unknown_key), self.clock.get());
            assert!([401, 503].contains(&status), "{status}");
            assert_eq!(self.issuer.asked(), 1);
            for token in &self.by_keys {
                let status = self.status(functions, &event(token), self.clock.get());
                assert!([200, 401, 503].contains(&status), "{status}");
            }
            assert_eq!(self.issuer.asked(), 1);
        }
    }

    fn status(&self, functions: &Functions, event: &RawValue, now: i64) -> u64 {
        let now = Timestamp::try_from(now).unwrap();
        let answer = self.runtime.block_on(functions.invoke(Function::List, event, now));
        serde_json::to_value(answer).unwrap()["statusCode"].as_u64().unwrap()
    }
}

/// Returns the body of a response as a client sees it.
fn body(answer: &Value) -> Vec<u8> {
    let text = answer["body"].as_str().unwrap();
    let sent = match answer["isBase64Encoded"].as_bool().unwrap() {
        true => BASE64_STANDARD.decode(text).unwrap(),
        false => text.as_bytes().to_vec(),
    };
    // A response to HEAD has no body, but its headers say how the body would be encoded.
    if sent.is_empty() || answer["headers"]["content-encoding"] != "gzip" {
        return sent;
    }
    let mut body = Vec::new();
    GzDecoder::new(&*sent).read_to_end(&mut body).unwrap();
    body
}

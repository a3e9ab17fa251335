//! The functions, on a store and beside an issuer that a target commands.

use crate::issuer::Issuer;
use crate::store::{Mood, Store, TARGET};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use flate2::Compression;
use flate2::write::GzEncoder;
use local::events;
use local::functions::{Function, Functions};
use local::issuer::{API_KEY, Key};
use local::users::{ACME, USERS};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::sync::LazyLock;
use tally::Tally;
use tokio::runtime::Runtime;

const ISSUER: &str = "https://auth.acme.test";
/// The time in all runs, in milliseconds: what failed once fails again.
const NOW: i64 = 1_795_383_720_000;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::from_pem(&Key::generate().unwrap()).unwrap());
static TOKEN: LazyLock<String> = LazyLock::new(|| signed(&KEY, ISSUER, NOW));
/// The first event of each function.
static EVENTS: LazyLock<Vec<(Function, Value)>> = LazyLock::new(|| {
    let event = |function: Function| events::load(&format!("{function:?}").to_lowercase()).unwrap();
    Function::ALL.map(|function| (function, events::with_token(event(function), &TOKEN))).to_vec()
});

thread_local! {
    static SIGNPOST: RefCell<Option<Signpost>> = const { RefCell::new(None) };
}

pub struct Signpost {
    runtime: Runtime,
    functions: Functions,
    store: Store,
    issuer: Issuer,
    /// Functions that ask the issuer for its key, what they were sent, and when they were last.
    fetching: Functions,
    foreign: String,
    clock: Cell<i64>,
}

/// Gives claims the issuer and the times of a valid token.
pub fn issued(claims: &mut Value) {
    issued_by(claims, ISSUER, NOW);
}

fn issued_by(claims: &mut Value, issuer: &str, now: i64) {
    claims["iss"] = issuer.into();
    claims["iat"] = (now / 1000).into();
    // To the end of all time that the targets' clocks reach.
    claims["exp"] = 250_000_000_000_i64.into();
}

fn signed(key: &Key, issuer: &str, now: i64) -> String {
    let mut claims = USERS[0].claims(None);
    issued_by(&mut claims, issuer, now);
    key.sign(&claims).unwrap()
}

/// As CloudWatch zips what it hands over.
pub fn zipped(data: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(data).unwrap();
    zip.finish().unwrap()
}

impl Signpost {
    pub fn key() -> &'static Key {
        &KEY
    }

    /// A token of acme's owner, who may do everything there.
    pub fn token() -> String {
        TOKEN.clone()
    }

    /// Hands this thread's Signpost to a target.
    pub fn with<T>(run: impl FnOnce(&Self) -> T) -> T {
        SIGNPOST.with(|signpost| run(signpost.borrow_mut().get_or_insert_with(Self::start)))
    }

    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (store, issuer) = (Store::new(), runtime.block_on(Issuer::start()));
        let functions = |auth: Vec<(&str, &str)>| {
            let settings = local::stack::engine_settings("http://127.0.0.1:1");
            let settings: Settings = settings.overridden_by(auth.into_iter().collect());
            let settings = settings.overridden_by([("ROOT_ORG", ACME.id)].into_iter().collect());
            let links = LinkStore::connect_through(SharedHttpClient::new(store.clone()), &settings).unwrap();
            Functions::with_store(&settings, links).unwrap()
        };
        let fetching = vec![("AUTH_ISSUER", issuer.url.as_str()), ("AUTH_API_KEY", API_KEY)];
        Self {
            functions: functions(vec![("AUTH_ISSUER", ISSUER), ("AUTH_VERIFIER_KEY", KEY.public_pem())]),
            fetching: functions(fetching),
            foreign: signed(&KEY, &issuer.url, NOW),
            clock: Cell::new(NOW),
            runtime,
            store,
            issuer,
        }
    }

    /// The first event of a function, by acme's owner, with a change.
    pub fn call(&self, function: Function, change: impl FnOnce(&mut Value)) -> String {
        let mut event = EVENTS.iter().find(|(name, _)| *name == function).unwrap().1.clone();
        change(&mut event);
        event.to_string()
    }

    /// Hands an event to a function and looks that there is a right answer to it.
    pub fn answers_below_500(&self, function: Function, event: &str, store: u8) -> Value {
        let Ok(event) = RawValue::from_string(event.to_owned()) else { return Value::Null };
        self.store.set(Mood::from(store));
        let now = Timestamp::try_from(NOW).unwrap();
        let answer = self.runtime.block_on(self.functions.invoke(function, &event, now));
        let answer = serde_json::to_value(answer).unwrap();
        let status = answer["statusCode"].as_u64().unwrap();
        assert!((200..500).contains(&status), "{answer}");
        for (name, value) in answer["headers"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value:?}");
        }
        let body = answer["body"].as_str().unwrap();
        match answer["headers"]["content-type"].as_str() {
            Some("application/json" | "application/problem+json") if !body.is_empty() => {
                serde_json::from_str::<Value>(body).unwrap();
            }
            _ => {}
        }
        if status == 302 {
            assert_eq!(answer["headers"]["location"], TARGET);
        }
        answer
    }

    /// Hands an event to `tally`; what it counted, if the event is one of a subscription.
    pub fn tallies(&self, event: &Value) -> Option<Tally> {
        self.store.set(Mood::Full);
        let event = RawValue::from_string(event.to_string()).unwrap();
        match self.runtime.block_on(self.functions.tally(&event, Timestamp::try_from(NOW).unwrap())) {
            Ok(tally) => Some(tally),
            Err(tally::Error::Unreadable(_)) => None,
            Err(tally::Error::Store(error)) => panic!("{error}"),
        }
    }

    /// Lets the functions ask for the issuer's key while it answers `bytes`, and looks that they take it or leave it.
    pub fn fetches_keys(&self, bytes: &[u8]) {
        self.issuer.answers(bytes);
        // Longer than the issuer is left in peace after the last time.
        self.clock.set(self.clock.get() + 61_000);
        let now = Timestamp::try_from(self.clock.get()).unwrap();
        let event = self.call(Function::List, |event| {
            event["headers"]["authorization"] = json!(format!("Bearer {}", self.foreign));
        });
        let event = RawValue::from_string(event).unwrap();
        let answer = self.runtime.block_on(self.fetching.invoke(Function::List, &event, now));
        let status = serde_json::to_value(answer).unwrap()["statusCode"].as_u64().unwrap();
        assert!([200, 401, 503].contains(&status), "{status}");
    }
}

//! A test's fixture: an engine of its own, its tables, and functions that use it.

use super::call::{Answer, Call};
use super::watched::Watched;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use local::engine::Engine;
use local::functions::Functions;
use local::guard::AllowedHosts;
use local::issuer::Key;
use local::stack::{client, engine_settings};
use local::subscription::{self, Line};
use local::tables::{CLICKS, HISTORY, LINKS};
use local::users::{self, User};
use serde_json::Value;
use shared::settings::Settings;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use tokio::sync::mpsc::UnboundedReceiver;

pub const ISSUER: &str = "https://auth.acme.test";
pub const ACME: &str = users::ACME.id;
pub const GLOBEX: &str = users::GLOBEX.id;

pub static KEY: LazyLock<Key> = LazyLock::new(|| Key::from_pem(&Key::generate().unwrap()).unwrap());

pub struct TestApp {
    pub functions: Functions,
    pub client: Client,
    pub url: String,
    /// The functions' settings.
    pub settings: Settings,
    /// The click lines of `redirect` and `open`.
    lines: Mutex<UnboundedReceiver<Line>>,
    _engine: Engine,
}

/// The functions' settings in a test, except for the store's address.
pub fn settings() -> Settings {
    let pem = KEY.public_pem().to_owned();
    let pairs = [("AUTH_ISSUER", ISSUER), ("AUTH_VERIFIER_KEY", &pem), ("CLICKS_TABLE", CLICKS.name)];
    pairs.into_iter().collect()
}

/// Returns functions that have these settings and call the store through `watched`.
pub fn functions(settings: &Settings, watched: &Watched) -> Functions {
    Functions::with_http_client(settings, watched.clone()).unwrap()
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with_settings(&[]).await
    }

    /// Creates a fixture with these settings.
    pub async fn with_settings(overrides: &[(&str, &str)]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let engine = Engine::start(listener, None, AllowedHosts::default()).unwrap();
        let client = client(&engine.url());
        LINKS.create(&client).await.unwrap();
        HISTORY.create(&client).await.unwrap();
        CLICKS.create(&client).await.unwrap();
        let settings = engine_settings(&engine.url()).overridden_by(settings());
        let settings = settings.overridden_by(overrides.iter().copied().collect());
        let (log_groups, lines) = subscription::log_groups();
        let functions = Functions::with_outputs(&settings, Watched::default(), log_groups).unwrap();
        Self { functions, client, url: engine.url(), settings, lines: Mutex::new(lines), _engine: engine }
    }

    /// Returns another instance of the functions, with these settings, that uses the same store.
    pub fn another_instance(&self, overrides: &[(&str, &str)]) -> Functions {
        let settings = engine_settings(&self.url).overridden_by(settings());
        functions(&settings.overridden_by(overrides.iter().copied().collect()), &Watched::default())
    }

    /// Creates a link with this body in acme, as acme's member, and returns the response.
    pub async fn link(&self, body: Value) -> Answer {
        let created = Call::new("create").body(&body.to_string()).send(self).await;
        assert_eq!(created.status, 201, "{}", created.text);
        created
    }

    /// Creates a link in acme as `user`, and returns its slug.
    pub async fn link_by(&self, user: &str) -> String {
        let created = Call::new("create").by(user).send(self).await;
        assert_eq!(created.status, 201, "{}", created.text);
        created.body["id"].as_str().unwrap().to_owned()
    }

    /// Puts a link's item into the table directly. Tests need this for items that only another version of Signpost or
    /// an operator would write. Like the items of the oldest links, the item has no birth.
    pub async fn put(&self, changes: &[(&str, Option<AttributeValue>)]) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let number = |value: i64| AttributeValue::N(value.to_string());
        let mut item: HashMap<String, AttributeValue> = [
            ("org_id", text(ACME)),
            ("id", text("k7m2p9qr")),
            ("url", text("https://example.com/kept")),
            ("access", text("public")),
            ("enabled", AttributeValue::Bool(true)),
            ("creator_user_id", text(User::named("member").unwrap().id)),
            ("created_at", number(1_795_383_720_000)),
            ("updated_at", number(1_795_383_720_000)),
            ("version", number(1)),
            ("write_id", text("somebody")),
            ("newest", text("001795383720000#k7m2p9qr")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        for (name, value) in changes {
            match value {
                Some(value) => item.insert((*name).to_owned(), value.clone()),
                None => item.remove(*name),
            };
        }
        self.client.put_item().table_name("links").set_item(Some(item)).send().await.unwrap();
    }

    /// Writes the record of an edit. The edited link is the one from [`TestApp::put`]. `events/history-undo.json`
    /// undoes this edit.
    pub async fn put_record(&self) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let user = User::named("member").unwrap().id;
        let before = HashMap::from([("title".to_owned(), text("Kept"))]);
        let record = [
            ("org_id", text(ACME)),
            ("id", text("001795383720000-V1StGXR8_Z5jdHi6B-myT")),
            ("org_link", text(&format!("{ACME}#k7m2p9qr#1795383720000"))),
            ("change", text("update")),
            ("user_id", text(user)),
            ("slug", text("k7m2p9qr")),
            ("birth", text("k7m2p9qr#1795383720000")),
            ("creator_user_id", text(user)),
            ("version", AttributeValue::N("1".to_owned())),
            ("before", AttributeValue::M(before)),
            ("after", AttributeValue::M(HashMap::new())),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        self.client.put_item().table_name("history").set_item(Some(record.into())).send().await.unwrap();
    }

    /// Puts the same item as [`TestApp::put`], but with a birth and in every index, like a new link.
    pub async fn put_with_birth(&self) {
        let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
        let target = format!("{ACME}#73301c8e4147ca63f4a948a40513385b");
        self.put(&[("birth", text("V1StGXR8_Z5jdHi6")), ("target", text(&target))]).await;
    }

    /// Returns the click lines that were written since this method was last called.
    pub fn click_lines(&self) -> Vec<Line> {
        let mut lines = self.lines.lock().unwrap();
        std::iter::from_fn(|| lines.try_recv().ok()).collect()
    }

    /// Returns the number of items in the table, not counting idempotency keys.
    pub async fn count(&self) -> usize {
        let answer = self.client.scan().table_name("links").send().await.unwrap();
        answer.items().iter().filter(|item| !is_key(item)).count()
    }

    /// Returns the items of idempotency keys.
    pub async fn keys(&self) -> Vec<HashMap<String, AttributeValue>> {
        let answer = self.client.scan().table_name("links").send().await.unwrap();
        answer.items.unwrap_or_default().into_iter().filter(is_key).collect()
    }
}

pub fn is_key(item: &HashMap<String, AttributeValue>) -> bool {
    item["id"].as_s().unwrap().starts_with("@key#")
}

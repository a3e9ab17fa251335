//! A data directory of an earlier version, whose links have no birth and contain their idempotency keys themselves.
//!
//! `earlier/dynamodb.sqlite.gz` is the database of such a version after it was stopped, with days of clicks that are kept for
//! ten years. `earlier/shown.json` is that version's response about each link. `earlier/bots.sqlite.gz` and
//! `earlier/bots.json` are those of a later version, which counted bots among people, with clicks of both.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType};
use flate2::read::GzDecoder;
use local::engine::Engine;
use local::guard::AllowedHosts;
use local::issuer::Key;
use local::stack::{Options, Stack, client};
use local::tables::{CLICKS, LINKS};
use local::users::{ACME, GLOBEX, User};
use reqwest::header::{ETAG, IF_MATCH, LOCATION, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Permissions};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

const DATABASE: &[u8] = include_bytes!("earlier/dynamodb.sqlite.gz");
const SHOWN: &str = include_str!("earlier/shown.json");
const DATABASE_WITH_BOTS: &[u8] = include_bytes!("earlier/bots.sqlite.gz");
const SHOWN_WITH_BOTS: &str = include_str!("earlier/bots.json");
/// How long both keep days of clicks.
const RETENTION: (&str, &str) = ("CLICK_RETENTION_DAYS", "3650");

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const BOT: &str = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://search.example/bot.html)";

/// A directory as the earlier version left it: any user can read all files except the issuer's key. It is deleted afterwards.
struct Directory {
    path: PathBuf,
    key: Key,
}

impl Directory {
    fn new() -> Self {
        Self::with(DATABASE)
    }

    fn with(database: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("signpost-earlier-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let mut file = File::create(path.join("dynamodb.sqlite")).unwrap();
        io::copy(&mut GzDecoder::new(database), &mut file).unwrap();
        file.set_permissions(Permissions::from_mode(0o644)).unwrap();
        File::create(path.join("lock")).unwrap();
        let pem = Key::generate().unwrap();
        fs::write(path.join("issuer.pem"), &pem).unwrap();
        Self { path, key: Key::from_pem(&pem).unwrap() }
    }

    async fn start(&self) -> Running<'_> {
        let options = Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            auth_port: 0,
            dynamodb_port: 0,
            allow_hosts: Vec::new(),
            data_dir: Some(self.path.clone()),
            overrides: [RETENTION].into_iter().collect(),
        };
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Running { stack: Stack::start(options).await.unwrap(), client, directory: self }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

struct Running<'a> {
    stack: Stack,
    client: Client,
    directory: &'a Directory,
}

impl Running<'_> {
    /// A token that the earlier version issued an hour ago.
    fn token(&self, user: &str) -> String {
        let mut claims = User::named(user).unwrap().claims(None);
        let now = Timestamp::now().seconds();
        let times = json!({ "iss": self.stack.auth, "iat": now - 3600, "exp": now + 3600 });
        claims.as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
        self.directory.key.sign(&claims).unwrap()
    }

    async fn call(
        &self,
        user: &str,
        method: Method,
        path: &str,
        header: (&str, &str),
        body: Option<&str>,
    ) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.stack.api));
        let request = request.bearer_auth(self.token(user)).header(header.0, header.1);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_owned()),
            None => request,
        };
        Answer::of(request.send().await.unwrap()).await
    }

    async fn get(&self, user: &str, path: &str) -> Answer {
        self.call(user, Method::GET, path, ("accept", "*/*"), None).await
    }

    /// Follows a link as a person, and returns its destination.
    async fn follow(&self, path: &str) -> (u16, Option<String>) {
        self.follow_as(PERSON, path).await
    }

    async fn follow_as(&self, user_agent: &str, path: &str) -> (u16, Option<String>) {
        let request = self.client.get(format!("{}{path}", self.stack.api)).header(USER_AGENT, user_agent);
        let answer = request.send().await.unwrap();
        let location = answer.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location)
    }

    /// Stops the stack, which counts every click, and starts it again.
    async fn restart(self) -> Self {
        let directory = self.directory;
        self.stack.stop().await.unwrap();
        directory.start().await
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    etag: String,
    is_replay: bool,
    body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let etag = response.headers().get(ETAG).map(|etag| etag.to_str().unwrap().to_owned());
        Self {
            status: response.status().as_u16(),
            etag: etag.unwrap_or_default(),
            is_replay: response.headers().contains_key("idempotency-replayed"),
            body: response.json().await.unwrap_or_default(),
        }
    }
}

/// A link, and the earlier version's response about it.
struct Shown(Value);

impl Shown {
    fn all() -> Vec<Self> {
        serde_json::from_str::<Vec<Value>>(SHOWN).unwrap().into_iter().map(Self).collect()
    }

    fn of(org: &str, slug: &str) -> Self {
        Self::all().into_iter().find(|shown| shown.org() == org && shown.slug() == slug).unwrap()
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    fn org(&self) -> &str {
        self.text("/link/org_id")
    }

    fn slug(&self) -> &str {
        self.text("/link/id")
    }

    fn user(&self) -> &str {
        self.text("/user")
    }

    fn etag(&self) -> &str {
        self.text("/etag")
    }

    /// The clicks of 2026-11-25 and 26, none of them by a bot.
    fn clicks(&self) -> Value {
        let mut clicks = self.0["clicks"].clone();
        let series = clicks["series"].as_array_mut().unwrap();
        series.truncate(2);
        series.iter_mut().for_each(|point| point["bots"] = 0.into());
        clicks
    }

    fn path(&self) -> String {
        format!("/{}/link/{}", self.org(), self.slug())
    }

    fn short_path(&self) -> String {
        format!("/{}/{}", self.org(), self.slug())
    }

    /// The birth derived from the link's slug and creation time, with which its first entity tags begin.
    fn birth(&self) -> String {
        let created_at = self.etag().trim_matches('"').split('-').next().unwrap();
        format!("{}#{created_at}", self.slug())
    }
}

/// Asserts that `now` has every member of `before`, with the same value.
#[track_caller]
fn assert_shows(now: &Value, before: &Value) {
    for (name, value) in before.as_object().unwrap() {
        assert_eq!(&now[name], value, "{name} in {now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_links_can_be_read_followed_and_counted_with_its_tokens_and_handle() {
    let directory = Directory::new();
    let running = directory.start().await;
    let listed = running.get("member", &format!("/{}/link?include=clicks", ACME.id)).await.body;
    for shown in Shown::all() {
        let read = running.get(shown.user(), &shown.path()).await;
        assert_eq!((read.status, read.etag.as_str()), (200, shown.etag()), "{read:?}");
        assert_shows(&read.body, &shown.0["link"]);
        assert_eq!(read.body.as_object().unwrap().get("creator_name"), Some(&Value::Null));
        let clicks = format!("{}/clicks?from=2026-11-25&to=2026-11-26", shown.path());
        assert_shows(&running.get(shown.user(), &clicks).await.body, &shown.clicks());
        let leads = (
            u16::try_from(shown.0["redirect"]["status"].as_u64().unwrap()).unwrap(),
            shown.0["redirect"]["location"].as_str().map(str::to_owned),
        );
        assert_eq!(running.follow(&shown.short_path()).await, leads, "{}", shown.slug());
        if shown.org() == ACME.id {
            assert_eq!(running.follow(&format!("/@acme/{}", shown.slug())).await, leads);
            let data = listed["data"].as_array().unwrap();
            let link = data.iter().find(|link| link["id"] == shown.slug()).unwrap();
            assert_eq!(link["clicks"], shown.0["clicks"]["total"]);
        }
    }
    assert_eq!(running.get("outsider", &format!("/{}/link", ACME.id)).await.status, 403);
    let handles = running.get("member", &format!("/{}/-/handle", ACME.id)).await.body;
    assert_eq!(handles, json!({ "handle": "acme", "handles": ["acme"] }));
    for file in ["lock", "dynamodb.sqlite", "issuer.pem"] {
        let mode = fs::metadata(directory.path.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_entity_tags_are_valid_until_the_first_edit_and_clicks_are_counted_before_and_after_it() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    for shown in [Shown::of(ACME.id, "launch"), Shown::of(ACME.id, "edited"), Shown::of(GLOBEX.id, "launch")]
    {
        let before = shown.0["clicks"]["total"].as_u64().unwrap();
        let version = shown.0["link"]["version"].as_u64().unwrap();
        let edit = async |running: &Running<'_>, etag: &str, body: &str| {
            let header = (IF_MATCH.as_str(), etag);
            running.call(shown.user(), Method::PATCH, &shown.path(), header, Some(body)).await
        };
        assert_eq!(running.follow(&shown.short_path()).await.0, 302);
        running = running.restart().await;
        let unchanged = edit(&running, shown.etag(), "{}").await;
        assert_eq!((unchanged.status, unchanged.etag.as_str()), (200, shown.etag()));
        let edited = edit(&running, shown.etag(), r#"{"title": "Edited"}"#).await;
        let etag = format!("\"{}-{}\"", shown.birth(), version + 1);
        assert_eq!((edited.status, &edited.etag), (200, &etag), "{edited:?}");
        assert_eq!(edited.body["birth"], shown.birth());
        assert_eq!(edited.body["created_at"], shown.0["link"]["created_at"]);
        assert_eq!(edit(&running, shown.etag(), r#"{"title": "Late"}"#).await.status, 412);
        assert_eq!(edit(&running, &etag, r#"{"title": "Again"}"#).await.status, 200);
        assert_eq!(running.follow(&shown.short_path()).await.0, 302);
        running = running.restart().await;
        let clicks = running.get(shown.user(), &format!("{}/clicks", shown.path())).await.body;
        assert_eq!(clicks["total"], before + 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_creates_with_keys_are_replayed_and_their_keys_accept_no_other_request() {
    let directory = Directory::new();
    let running = directory.start().await;
    let keyed: Vec<Shown> =
        Shown::all().into_iter().filter(|shown| shown.0.get("create").is_some()).collect();
    assert_eq!(keyed.len(), 2);
    for shown in keyed {
        let header = ("idempotency-key", shown.text("/create/key"));
        let path = format!("/{}/link", shown.org());
        let create =
            async |body: &str| running.call(shown.user(), Method::POST, &path, header, Some(body)).await;
        let body = shown.text("/create/body");
        let replay = create(body).await;
        assert_eq!((replay.status, replay.is_replay, replay.etag.as_str()), (200, true, shown.etag()));
        assert_shows(&replay.body, &shown.0["link"]);
        let mut other: Value = serde_json::from_str(body).unwrap();
        other["title"] = "Another".into();
        assert_eq!(create(&other.to_string()).await.status, 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_slug_of_its_links_is_a_link_without_clicks() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    let shown = Shown::of(ACME.id, "launch");
    let if_match = (IF_MATCH.as_str(), shown.etag());
    let deleted = running.call("member", Method::DELETE, &shown.path(), if_match, None).await;
    assert_eq!((deleted.status, &deleted.body["birth"]), (200, &json!(shown.birth())));
    assert_eq!(running.follow(&shown.short_path()).await.0, 404);
    let body = r#"{"url": "https://example.com/again", "id": "launch"}"#;
    let path = format!("/{}/link", ACME.id);
    let again = running.call("member", Method::POST, &path, ("accept", "*/*"), Some(body)).await;
    let birth = again.body["birth"].as_str().unwrap().to_owned();
    assert_eq!((again.status, birth.len(), &again.etag), (201, 16, &format!("\"{birth}-1\"")));
    let edit = Some(r#"{"title": "Late"}"#);
    assert_eq!(running.call("member", Method::PATCH, &shown.path(), if_match, edit).await.status, 412);
    let clicks = format!("{}/clicks", shown.path());
    assert_eq!(running.get("member", &clicks).await.body["total"], 0);
    assert_eq!(running.follow(&shown.short_path()).await.1.unwrap(), "https://example.com/again");
    running = running.restart().await;
    assert_eq!(running.get("member", &clicks).await.body["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_its_links_is_recorded_and_a_deleted_one_comes_back_with_its_clicks() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    let shown = Shown::of(ACME.id, "launch");
    let history = format!("/{}/-/history", ACME.id);
    assert_eq!(running.get("member", &history).await.body["data"], json!([]));
    let clicks = format!("{}/clicks", shown.path());
    let total = running.get("member", &clicks).await.body["total"].clone();
    let deleted = running.call("member", Method::DELETE, &shown.path(), ("accept", "*/*"), None).await;
    assert_eq!(deleted.status, 200);
    running = running.restart().await;
    let records = running.get("member", &history).await.body["data"].clone();
    assert_eq!((&records[0]["change"], &records[0]["can_undo"]), (&json!("delete"), &json!(true)));
    let undo = format!("{history}/{}/undo", records[0]["id"].as_str().unwrap());
    let restored = running.call("member", Method::POST, &undo, ("accept", "*/*"), None).await;
    assert_eq!((restored.status, &restored.body["birth"]), (200, &json!(shown.birth())));
    assert_eq!(running.get("member", &clicks).await.body["total"], total);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_links_are_found_by_url_and_by_search_from_the_first_start_on() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    // The second start finds the index complete, and so does the third, with the links created and edited since.
    for start in 0..3 {
        for shown in Shown::all() {
            let url = shown.text("/link/url");
            for (name, value) in [("url", url), ("q", url), ("q", shown.slug())] {
                let query: String = reqwest::Url::parse_with_params("http://x/", [(name, value)])
                    .unwrap()
                    .query()
                    .unwrap()
                    .into();
                let list = format!("/{}/link?{query}", shown.org());
                let answer = running.get(shown.user(), &list).await;
                let data = answer.body["data"].as_array().unwrap();
                let link = data.iter().find(|link| link["id"] == shown.slug());
                assert_shows(link.unwrap_or_else(|| panic!("{list}: {answer:?}")), &shown.0["link"]);
                assert!(data.iter().all(|link| link["org_id"] == shown.org()));
                assert!(name == "q" || data.iter().all(|link| link["url"] == url), "{list}");
            }
        }
        if start == 1 {
            let body = r#"{"url": "https://example.com/launch", "id": "another"}"#;
            let path = format!("/{}/link", ACME.id);
            let made = running.call("member", Method::POST, &path, ("accept", "*/*"), Some(body)).await;
            assert_eq!(made.status, 201);
        }
        running = running.restart().await;
    }
    let list = format!("/{}/link?url=https://example.com/launch", ACME.id);
    let found = running.get("member", &list).await.body;
    let slugs: Vec<&str> =
        found["data"].as_array().unwrap().iter().map(|link| link["id"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["another", "launch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clicks_of_its_organizations_are_those_of_their_links_from_the_first_start_on() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    for _ in 0..2 {
        for (org, user) in [(ACME.id, "member"), (GLOBEX.id, "outsider")] {
            let overview = running.get(user, &format!("/{org}/-/clicks?from=2026-11-25&to=2026-11-27")).await;
            assert_eq!(overview.status, 200, "{overview:?}");
            let links = overview.body["links"].as_array().unwrap();
            let mut all = 0;
            for shown in Shown::all().into_iter().filter(|shown| shown.org() == org) {
                let clicks = format!("{}/clicks?from=2026-11-25&to=2026-11-27", shown.path());
                let of_link = running.get(user, &clicks).await.body;
                let series = of_link["series"].as_array().unwrap().iter();
                let people: u64 = series.map(|point| point["clicks"].as_u64().unwrap()).sum();
                all += people;
                let found = links.iter().find(|link| link["birth"] == shown.birth());
                let found = found.map(|link| (&link["id"], link["clicks"].as_u64().unwrap()));
                assert!(found.is_none_or(|(id, _)| id == shown.slug()), "{found:?}");
                assert_eq!(found.map_or(0, |(_, clicks)| clicks), people, "{}", shown.slug());
            }
            assert_eq!(overview.body["clicks"], all, "{overview:?}");
            assert!(all > 0 || org != ACME.id, "the earlier version has counted clicks");
        }
        running = running.restart().await;
    }
}

#[tokio::test]
async fn days_that_an_earlier_version_counted_get_their_keys_and_the_slugs_of_links_that_exist() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let engine = Engine::start(listener, None, AllowedHosts::default()).unwrap();
    let client = client(&engine.url());
    LINKS.create(&client).await.unwrap();
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let attribute =
        |name: &str| AttributeDefinition::builder().attribute_name(name).attribute_type("S".into()).build();
    let create = client.create_table().table_name("clicks").billing_mode(BillingMode::PayPerRequest);
    let create = create.key_schema(key("link", KeyType::Hash)).key_schema(key("bucket", KeyType::Range));
    let create = create.attribute_definitions(attribute("link").unwrap());
    create.attribute_definitions(attribute("bucket").unwrap()).send().await.unwrap();

    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |value: &str| AttributeValue::N(value.to_owned());
    let item = |pairs: &[(&str, AttributeValue)]| -> HashMap<String, AttributeValue> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let link = item(&[
        ("org_id", text("acme")),
        ("id", text("launch")),
        ("birth", text("V1StGXR8_Z5jdHi6")),
        ("url", text("https://example.com/")),
        ("access", text("public")),
        ("enabled", AttributeValue::Bool(true)),
        ("creator_user_id", text("somebody")),
        ("created_at", number("1795383720000")),
        ("updated_at", number("1795383720000")),
        ("version", number("1")),
        ("newest", text("001795383720000#launch")),
    ]);
    client.put_item().table_name("links").set_item(Some(link)).send().await.unwrap();
    let counts = [
        ("clicks", number("3")),
        ("bots", number("1")),
        ("h:21", number("3")),
        ("ttl", number("2000000000")),
    ];
    let keys = [
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-22#0", Some("launch")),
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-23#7", Some("launch")),
        ("acme#wiki#1795339800000", "2026-11-22#0", Some("wiki")),
        ("acme#0000000000000000", "2026-11-22#0", None),
        ("globex#V1StGXR8_Z5jdHi6", "2026-11-22#0", None),
        ("acme#V1StGXR8_Z5jdHi6", "total#0", None),
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-22#referrers#0", None),
        ("@batch#0123", "@batch", None),
    ];
    for (link, bucket, _) in keys {
        let mut item = item(&counts);
        item.extend([("link".to_owned(), text(link)), ("bucket".to_owned(), text(bucket))]);
        client.put_item().table_name("clicks").set_item(Some(item)).send().await.unwrap();
    }
    // The second run has nothing to do.
    for _ in 0..2 {
        CLICKS.create(&client).await.unwrap();
        let items = client.scan().table_name("clicks").send().await.unwrap().items.unwrap();
        assert_eq!(items.len(), keys.len());
        for (link, bucket, slug) in keys {
            let found =
                items.iter().find(|item| item["link"] == text(link) && item["bucket"] == text(bucket));
            let mut expected = item(&counts);
            expected.extend([("link".to_owned(), text(link)), ("bucket".to_owned(), text(bucket))]);
            expected.extend(slug.map(|slug| ("id".to_owned(), text(slug))));
            if bucket.starts_with("2026") && !bucket.contains("referrers") {
                let org = link.split('#').next().unwrap();
                expected.insert("org_day".to_owned(), text(&format!("{org}#{bucket}")));
            }
            assert_eq!(found, Some(&expected), "{link} {bucket}");
        }
        let query =
            client.query().table_name("clicks").index_name("days").key_condition_expression("org_day = :day");
        let found =
            query.expression_attribute_values(":day", text("acme#2026-11-22#0")).send().await.unwrap();
        let mut links: Vec<&str> =
            found.items().iter().map(|item| item["link"].as_s().unwrap().as_str()).collect();
        links.sort_unstable();
        assert_eq!(links, ["acme#0000000000000000", "acme#V1StGXR8_Z5jdHi6", "acme#wiki#1795339800000"]);
        let mut names: Vec<&str> = found.items()[0].keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["bots", "bucket", "clicks", "link", "org_day"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_bots_are_separate_from_people_in_totals_series_and_devices_and_the_rest_is_unchanged() {
    let directory = Directory::with(DATABASE_WITH_BOTS);
    let mut running = directory.start().await;
    let before: Vec<Value> = serde_json::from_str(SHOWN_WITH_BOTS).unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    // The counts of a list by name.
    let counts = |list: &Value| -> BTreeMap<String, u64> {
        let list = list.as_array().unwrap().iter();
        let pairs = list.map(|one| (one["name"].as_str().unwrap().to_owned(), number(&one["clicks"])));
        pairs.filter(|(_, clicks)| *clicks > 0).collect()
    };
    let clicks = async |running: &Running<'_>, slug: &str, range: &str| -> Value {
        running.get("member", &format!("/{}/link/{slug}/clicks{range}", ACME.id)).await.body
    };
    let listed = running.get("member", &format!("/{}/link?include=clicks", ACME.id)).await.body;
    let overview = format!("/{}/-/clicks?from=2026-11-26&to=2026-11-26", ACME.id);
    let overview = running.get("member", &overview).await.body;
    assert!(before.iter().map(|before| number(&before["bots"])).sum::<u64>() > 10);
    for before in &before {
        let slug = before["slug"].as_str().unwrap();
        let (bots, people) = (number(&before["bots"]), number(&before["total"]) - number(&before["bots"]));
        let now = clicks(&running, slug, "?from=2026-11-26&to=2026-11-26").await;
        assert_eq!((&now["total"], &now["bots"]), (&people.into(), &bots.into()), "{slug}");
        assert_eq!(now["series"], json!([{ "at": "2026-11-26", "clicks": people, "bots": bots }]), "{slug}");
        let mut links = overview["links"].as_array().unwrap().iter();
        let in_overview =
            links.find(|link| link["id"] == slug).unwrap_or_else(|| panic!("{slug}: {overview}"));
        assert_eq!((&in_overview["clicks"], &in_overview["bots"]), (&people.into(), &bots.into()), "{slug}");
        let mut devices = counts(&before["devices"]);
        devices.remove("bot");
        assert_eq!(counts(&now["devices"]), devices, "{slug}");
        assert_eq!(counts(&now["countries"]), counts(&before["countries"]), "{slug}");
        // The hours had people and bots together.
        let (hours, hours_before) = (counts(&now["hours"]), counts(&before["hours"]));
        assert_eq!(hours.values().sum::<u64>(), people, "{slug}");
        assert!(hours.iter().all(|(hour, clicks)| *clicks <= hours_before[hour]), "{slug}: {hours:?}");
        // The referrers may be bots': the remaining people came directly.
        let mut referrers = counts(&before["referrers"]);
        referrers.remove("direct");
        let direct = people.saturating_sub(referrers.values().sum());
        referrers.extend((direct > 0).then(|| ("direct".to_owned(), direct)));
        assert_eq!(counts(&now["referrers"]), referrers, "{slug}");
        let data = listed["data"].as_array().unwrap();
        assert_eq!(data.iter().find(|link| link["id"] == slug).unwrap()["clicks"], people, "{slug}");
    }

    for before in &before {
        let path = format!("/{}/{}", ACME.id, before["slug"].as_str().unwrap());
        for user_agent in [PERSON, BOT, BOT] {
            assert_eq!(running.follow_as(user_agent, &path).await.0, 302);
        }
    }
    running = running.restart().await;
    for before in &before {
        let slug = before["slug"].as_str().unwrap();
        let (bots, people) = (number(&before["bots"]), number(&before["total"]) - number(&before["bots"]));
        let now = clicks(&running, slug, "").await;
        assert_eq!((&now["total"], &now["bots"]), (&(people + 1).into(), &(bots + 2).into()), "{slug}");
    }
}

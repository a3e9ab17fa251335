//! A data directory that an earlier version wrote. Its links have no birth, and contain their own idempotency keys.
//!
//! `dynamodb.sqlite.gz` is the database that this version left when it was stopped. The database keeps daily click
//! counts for ten years. `shown.json` contains this version's response about each link. `bots.sqlite.gz` and
//! `bots.json` are the database and the responses of a later version, which counted clicks by bots together with clicks
//! by people. Both files contain clicks by people and by bots.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

mod clicks;
mod search;

use flate2::read::GzDecoder;
use local::issuer::Key;
use local::stack::{Options, Stack};
use local::users::{ACME, GLOBEX, User};
use reqwest::header::{ETAG, IF_MATCH, LOCATION, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::fs::{self, File, Permissions};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

const DATABASE: &[u8] = include_bytes!("dynamodb.sqlite.gz");
const SHOWN: &str = include_str!("shown.json");
/// Both earlier versions kept each day's clicks for this long.
const RETENTION: (&str, &str) = ("CLICK_RETENTION_DAYS", "3650");

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A data directory as the earlier version left it: every user of the machine can read all files except the issuer's
/// key. The directory is deleted after the test.
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
        Answer::from_response(request.send().await.unwrap()).await
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

    /// Stops the stack, so that every click is counted, and starts it again.
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
    async fn from_response(response: Response) -> Self {
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

    fn named(org: &str, slug: &str) -> Self {
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

    /// The clicks of 2026-11-25 and 2026-11-26, none of which is by a bot.
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

    /// The birth, which is derived from the link's slug and creation time. The link's first entity tags begin with the
    /// creation time.
    fn birth(&self) -> String {
        let created_at = self.etag().trim_matches('"').split('-').next().unwrap();
        format!("{}#{created_at}", self.slug())
    }
}

/// Asserts that `now` contains every field of `before`, with the same value.
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
    for shown in
        [Shown::named(ACME.id, "launch"), Shown::named(ACME.id, "edited"), Shown::named(GLOBEX.id, "launch")]
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
    let shown = Shown::named(ACME.id, "launch");
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

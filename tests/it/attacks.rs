//! Each attack is tried on every route. A new route is attacked as soon as it is in the route table.
//!
//! Every attack contains the word `mallory`, so that it is easy to see whether the attack got through.

mod json;
mod text;

use crate::support::{ACME, Answer, Call, DOMAIN, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use local::functions::Function;
use local::routes::{ROUTES, Route};

const MARK: &str = "mallory";
/// The destination of the link in the tests.
const STORED: &str = "https://example.com/kept";

/// Text that tries to break out wherever a part of a request may end up: line ends, ends of strings, other hosts and
/// markup.
const PIECES: [&str; 22] = [
    "mallory\r\nSet-Cookie: mallory=1",
    "mallory\r\n\r\n<script>mallory()</script>",
    "mallory\nLocation: https://mallory.example",
    "mallory%0d%0aSet-Cookie:%20mallory=1",
    "mallory%0D%0A%0D%0A<html>",
    "mallory\u{2028}Location: https://mallory.example",
    "k7m2p9qr\0mallory",
    "k7m2p9qr%00mallory",
    "//mallory.example",
    "/\\mallory.example",
    "\\\\mallory.example",
    "@mallory.example",
    "k7m2p9qr@mallory.example",
    ".mallory.example",
    "https://mallory.example/",
    "https:mallory.example",
    "javascript:mallory()",
    "../../mallory",
    "%2e%2e%2fmallory",
    "%2f%2fmallory.example%2f..",
    "k7m2p9qr/..;/mallory",
    "\"><img src=x onerror=mallory()>",
];

/// The headers that a function may send.
const OURS: [&str; 17] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-security-policy",
    "cross-origin-opener-policy",
    "content-type",
    "etag",
    "idempotency-replayed",
    "link",
    "location",
    "referrer-policy",
    "retry-after",
    "signpost-change",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-robots-tag",
];

/// Headers that proxies, frameworks and careless servers trust.
const BELIEVED: [&str; 18] = [
    "accept-language",
    "cookie",
    "forwarded",
    "host",
    "if-none-match",
    "origin",
    "range",
    "referer",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-http-method-override",
    "x-method-override",
    "x-org-id",
    "x-original-url",
    "x-rewrite-url",
];

type Place = (&'static str, fn(Call, &str) -> Call);

const PLACES: [Place; 14] = [
    ("the headers that other servers trust", |call, piece| {
        BELIEVED.iter().fold(call, |call, name| call.header(name, piece))
    }),
    ("accept", |call, piece| call.header("accept", &format!("text/html,{piece}"))),
    ("authorization", |call, piece| call.header("authorization", piece)),
    ("a bearer token", |call, piece| call.header("authorization", &format!("Bearer {piece}"))),
    ("content-type", |call, piece| call.header("content-type", piece)),
    ("if-match", |call, piece| call.header("if-match", piece)),
    ("idempotency-key", |call, piece| call.header("idempotency-key", piece)),
    ("a header's name", |call, piece| call.header(piece, "x")),
    ("the organization", |call, piece| call.org(piece)),
    ("a handle", |call, piece| call.org(&format!("@{piece}"))),
    ("the slug", |call, piece| call.slug(piece)),
    ("a parameter", |call, piece| call.query(&format!("{piece}=1&url={piece}&next={piece}&cursor={piece}"))),
    ("the path alone", Call::path),
    ("the body", |call, piece| call.body(piece)),
];

/// Asserts what must be true of every response.
#[track_caller]
fn is_sound(answer: &Answer, attack: &str) {
    assert!(answer.status < 500, "{attack}: {}", answer.text);
    for (name, value) in &answer.headers {
        assert!(OURS.contains(&name.as_str()), "{attack}: {name}");
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{attack}: {name}: {value:?}");
        assert!(!value.to_lowercase().contains(MARK), "{attack}: {name}: {value}");
    }
    assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{attack}");
    let content_type = answer.headers.get("content-type").map(String::as_str).unwrap_or_default();
    if !["application/json", "application/problem+json"].contains(&content_type) {
        assert!(!answer.text.contains(MARK), "{attack}: {}", answer.text);
    }
    if let Some(location) = answer.headers.get("location") {
        let of_a_new_link = location.strip_prefix(&format!("/{ACME}/link/"));
        let is_plain = |slug: &str| slug.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A sign-out redirects to the front page.
        assert!(
            location == STORED || location == "/" || of_a_new_link.is_some_and(is_plain),
            "{attack}: {location}"
        );
    }
}

/// The first event of each route, sent by acme's owner, who has all permissions.
fn calls() -> Vec<(Route, Call)> {
    ROUTES.into_iter().map(|route| (route, Call::from_route(&route).by("owner"))).collect()
}

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

#[tokio::test]
async fn no_part_of_a_request_reaches_a_header_or_a_page_on_any_route() {
    let app = TestApp::start().await;
    for (route, call) in calls() {
        app.put(&[]).await;
        for (place, put) in PLACES {
            for piece in PIECES {
                let attack = format!("{} with {piece:?} in {place}", route.key());
                is_sound(&put(call.clone(), piece).send(&app).await, &attack);
                if matches!(route.function, Function::Delete | Function::Update) {
                    app.put(&[]).await;
                }
            }
        }
        // The attack may have changed the request's method or organization. Even then, the link must be unchanged.
        assert_eq!(Call::new("redirect").send(&app).await.headers["location"], STORED, "{}", route.key());
    }
}

#[tokio::test]
async fn no_trick_in_a_request_changes_the_location_of_a_redirect() {
    let root = [("ROOT_ORG", ACME), ("SHORT_BASE_URL", "https://go.example.com")];
    let app = TestApp::with_settings(&root).await;
    app.put(&[]).await;
    assert_eq!(Call::new("handle").by("owner").send(&app).await.status, 200);
    let mut led = 0;
    for name in ["redirect", "redirect-head", "redirect-root", "redirect-handle", "open", "open-head"] {
        for query in ["url", "next", "to", "redirect", "redirect_uri", "return", "continue", "Location"] {
            for piece in PIECES {
                let mut call = Call::new(name).query(&format!("{query}={piece}"));
                call = BELIEVED.iter().fold(call, |call, header| call.header(header, piece));
                let answer = call.send(&app).await;
                assert_eq!((answer.status, answer.headers["location"].as_str()), (302, STORED), "{name}");
                is_sound(&answer, name);
                led += 1;
            }
        }
        for slug in PIECES {
            let answer = Call::new(name).slug(slug).send(&app).await;
            assert_eq!(answer.status, 404, "{name} {slug:?}");
            assert!(!answer.headers.contains_key("location"), "{name} {slug:?}");
        }
    }
    assert_eq!(led, 6 * 8 * PIECES.len());
    // A members-only link redirects to the route of `open`, on this host.
    app.put(&[("access", text("members"))]).await;
    for piece in PIECES {
        let answer = Call::new("redirect").query(piece).header("host", piece).send(&app).await;
        assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
    }
}

#[tokio::test]
async fn smuggled_requests_and_repeated_or_large_headers_have_no_effect() {
    let app = TestApp::start().await;
    for (route, call) in calls() {
        app.put(&[]).await;
        let plain = call.send(&app).await.status;
        let token = call.event["headers"]["authorization"].as_str().unwrap_or_default().to_owned();
        let long = "m".repeat(10_240);
        for (name, value, wanted) in [
            ("content-length", "5,17", None),
            ("content-length", "-1", None),
            ("transfer-encoding", "chunked", None),
            ("transfer-encoding", "chunked,identity", None),
            ("connection", "close,x-org-id,authorization", None),
            ("expect", "100-continue", None),
            ("upgrade", "h2c", None),
            ("host", "a.example,b.example", None),
            ("x-long", &long, None),
            ("cookie", &long, None),
            ("authorization", &format!("{token},{token}"), Some(401)),
            ("authorization", &format!("Bearer {long}"), Some(401)),
            ("content-type", "application/json,text/plain", Some(415)),
            ("if-match", &long, Some(400)),
            ("idempotency-key", &long, Some(400)),
        ] {
            app.put(&[]).await;
            let answer = call.clone().header(name, value).send(&app).await;
            is_sound(&answer, &format!("{} {name}", route.key()));
            assert!(answer.status == plain || Some(answer.status) == wanted, "{} {name}", route.key());
        }
    }
}

#[tokio::test]
async fn no_route_stores_an_invalid_url_or_one_of_our_own() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for url in [
        "javascript:mallory()",
        "data:text/html,mallory",
        "//mallory.example",
        "\\\\mallory.example",
        "/\\mallory.example",
        "https:///",
        "https://user:password@mallory.example/",
        "https://mallory.example\r\n@example.com/",
        "https://mallory.example/\u{0}",
        "http://127.1/",
        "http://0x7f000001/",
        "http://[::ffff:169.254.169.254]/latest/meta-data/",
        "http://localhost./",
        "http://①②⑦.⓪.⓪.①/",
        &format!("https://{DOMAIN}/{ACME}/k7m2p9qr"),
        &format!("https://{}./", DOMAIN.to_uppercase()),
        &format!("https://example.com/{}", "m".repeat(2_048)),
    ] {
        for call in [Call::new("create"), Call::new("update")] {
            call.url(url).send(&app).await.is_problem(422, "validation_failed");
        }
    }
    assert_eq!(Call::new("redirect").send(&app).await.headers["location"], STORED);
    assert_eq!(app.count().await, 1);
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let model = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut folders =
        ["tests/it", "local/tests", "functions/docs/src"].map(|folder| root.join(folder)).to_vec();
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            match file.is_dir() {
                true => folders.push(file),
                false => sources.push_str(&std::fs::read_to_string(file).unwrap_or_default()),
            }
        }
    }
    let named: Vec<&str> = model.split('`').filter(|name| name.matches('_').count() > 3).collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert!(sources.contains(&format!("fn {name}()")), "{name}");
    }
}

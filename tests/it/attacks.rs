//! Attacks, each of them on every route: a new route is attacked as soon as it is in the route table.
//!
//! Every attack contains the word `mallory`, so that it is easy to see whether it got through.

use crate::house::{ACME, Answer, Call, DOMAIN, GLOBEX, House, signed};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::functions::Function;
use local::routes::{ROUTES, Route};
use serde_json::{Value, json};

const MARK: &str = "mallory";
/// The destination of the link in the test.
const STORED: &str = "https://example.com/kept";

/// Line ends, ends of text, other hosts and markup, for any place in which part of a request may end up.
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
const OURS: [&str; 16] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-security-policy",
    "cross-origin-opener-policy",
    "content-type",
    "etag",
    "idempotency-replayed",
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
    ("the headers others believe", |call, piece| {
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
        // A sign-out leads to the front page.
        assert!(
            location == STORED || location == "/" || of_a_new_link.is_some_and(is_plain),
            "{attack}: {location}"
        );
    }
}

/// The first event of each route, by acme's owner, who has all permissions.
fn calls() -> Vec<(Route, Call)> {
    ROUTES.into_iter().map(|route| (route, Call::by_route(&route).by("owner"))).collect()
}

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

#[tokio::test]
async fn no_part_of_a_request_reaches_a_header_or_a_page_on_any_route() {
    let house = House::open().await;
    for (route, call) in calls() {
        house.put(&[]).await;
        for (place, put) in PLACES {
            for piece in PIECES {
                let attack = format!("{} with {piece:?} in {place}", route.key());
                is_sound(&put(call.clone(), piece).send(&house).await, &attack);
                if matches!(route.function, Function::Delete | Function::Update) {
                    house.put(&[]).await;
                }
            }
        }
        // If the attack requested another method or organization, nothing was changed.
        assert_eq!(Call::of("redirect").send(&house).await.headers["location"], STORED, "{}", route.key());
    }
}

#[tokio::test]
async fn no_trick_in_a_request_changes_the_location_of_a_redirect() {
    let root = [("ROOT_ORG", ACME), ("SHORT_BASE_URL", "https://go.example.com")];
    let house = House::with(&root).await;
    house.put(&[]).await;
    assert_eq!(Call::of("handle").by("owner").send(&house).await.status, 200);
    let mut led = 0;
    for name in ["redirect", "redirect-head", "redirect-root", "redirect-handle", "open", "open-head"] {
        for query in ["url", "next", "to", "redirect", "redirect_uri", "return", "continue", "Location"] {
            for piece in PIECES {
                let mut call = Call::of(name).query(&format!("{query}={piece}"));
                call = BELIEVED.iter().fold(call, |call, header| call.header(header, piece));
                let answer = call.send(&house).await;
                assert_eq!((answer.status, answer.headers["location"].as_str()), (302, STORED), "{name}");
                is_sound(&answer, name);
                led += 1;
            }
        }
        for slug in PIECES {
            let answer = Call::of(name).slug(slug).send(&house).await;
            assert_eq!(answer.status, 404, "{name} {slug:?}");
            assert!(!answer.headers.contains_key("location"), "{name} {slug:?}");
        }
    }
    assert_eq!(led, 6 * 8 * PIECES.len());
    // Members only: leads to the open route, on this host.
    house.put(&[("access", text("members"))]).await;
    for piece in PIECES {
        let answer = Call::of("redirect").query(piece).header("host", piece).send(&house).await;
        assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
    }
}

#[tokio::test]
async fn look_alike_letters_are_invalid_in_slugs_handles_tags_and_organization_ids() {
    let house = House::open().await;
    house.put(&[]).await;
    let alike = [
        "lаunch",         // a Cyrillic а
        "lɑunch",         // a Latin alpha
        "ⅼaunch",         // the Roman numeral fifty
        "ｌａｕｎｃｈ",   // full width
        "𝗅𝖺𝗎𝗇𝖼𝗁",         // mathematical letters
        "la\u{301}unch",  // a combining accent
        "lau\u{200b}nch", // a space of no width
        "lau\u{ad}nch",   // a soft hyphen
        "lau\u{202e}hcn", // from right to left
        "\u{2066}launch\u{2069}",
        "\u{feff}launch",
        "launch\u{fe0f}",
        "\u{212a}elvin", // a sign that lower-cases to an ASCII letter
        "\u{17f}ale",    // one that upper-cases to one
        "xn--lunch-\u{e4}",
        "lau\tnch",
    ];
    let calls = calls();
    for text in alike {
        for (field, call) in [("id", Call::of("create")), ("tags", Call::of("create"))] {
            let value = if field == "id" { json!(text) } else { json!([text]) };
            let body = json!({ "url": "https://example.com/", field: value });
            call.body(&body.to_string()).send(&house).await.is_problem(422, "validation_failed");
        }
        let handle = json!({ "handle": text }).to_string();
        let claimed = Call::of("handle").by("owner").body(&handle).send(&house).await;
        claimed.is_problem(422, "validation_failed");
        for (route, call) in &calls {
            let attack = format!("{} {text:?}", route.key());
            if route.path.contains("{slug}") {
                assert_eq!(call.clone().slug(text).send(&house).await.status, 404, "{attack}");
            }
            if route.path.contains("{org_id}") {
                let refused = if route.function == Function::Redirect { 404 } else { 400 };
                assert_eq!(call.clone().org(text).send(&house).await.status, refused, "{attack}");
            }
        }
    }
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn a_title_cannot_reverse_the_text_next_to_it() {
    let house = House::open().await;
    house.put(&[]).await;
    for turn in
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{2028}\u{2029}".chars()
    {
        let body =
            json!({ "url": "https://example.com/", "title": format!("invoice{turn}fdp.exe") }).to_string();
        for call in [Call::of("create"), Call::of("update")] {
            let answer = call.body(&body).send(&house).await;
            assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/title", "invalid_title")]);
        }
    }
    for title in ["דוח שנתי 2026", "تقرير\u{200f} (2026)", "報告", "👩\u{200d}💻"] {
        let body = json!({ "url": "https://example.com/", "title": title });
        assert_eq!(house.link(body).await.body["title"], title);
    }
    // A title that was stored before the rule is still shown, and can be edited.
    house.put(&[("title", text("invoice\u{202e}fdp.exe"))]).await;
    assert_eq!(Call::of("read").send(&house).await.body["title"], "invoice\u{202e}fdp.exe");
}

#[tokio::test]
async fn markup_in_a_title_a_path_or_a_referrer_is_text_in_json_and_absent_from_pages() {
    let house = House::open().await;
    let markup = [
        "<script>mallory()</script>",
        "\"><svg onload=mallory()>",
        "'-mallory()-'",
        "</title><script>mallory()</script>",
        "javascript:mallory()//",
        "{{mallory}}${mallory}<%= mallory %>",
        "]]><mallory/>",
        "&lt;mallory&gt;",
    ];
    let calls = calls();
    for title in markup {
        house.put(&[("title", text(title))]).await;
        for (route, call) in &calls {
            for accept in ["text/html", "image/svg+xml", "*/*"] {
                let call = call.clone().header("accept", accept).header("referer", title);
                let call = call.header("user-agent", title).query(title);
                for call in
                    [call.clone(), call.clone().slug(title), call.clone().org(title), call.anonymous()]
                {
                    let answer = call.send(&house).await;
                    is_sound(&answer, &format!("{} {title}", route.key()));
                    if answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                        assert!(answer.headers.contains_key("content-security-policy"), "{}", route.key());
                    }
                }
            }
            house.put(&[("title", text(title))]).await;
        }
        assert_eq!(Call::of("read").send(&house).await.body["title"], title);
    }
}

#[tokio::test]
async fn smuggled_requests_and_repeated_or_large_headers_have_no_effect() {
    let house = House::open().await;
    for (route, call) in calls() {
        house.put(&[]).await;
        let plain = call.send(&house).await.status;
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
            house.put(&[]).await;
            let answer = call.clone().header(name, value).send(&house).await;
            is_sound(&answer, &format!("{} {name}", route.key()));
            assert!(answer.status == plain || Some(answer.status) == wanted, "{} {name}", route.key());
        }
    }
}

/// Whether the route reads a body.
fn reads_json(route: &Route) -> bool {
    ["POST", "PUT", "PATCH"].contains(&route.method) && route.function != Function::Session
}

#[tokio::test]
async fn deep_and_wide_json_is_refused_everywhere() {
    let house = House::open().await;
    house.put(&[]).await;
    let deep = [
        "[".repeat(10_000),
        "{\"a\":".repeat(3_000),
        format!("{{\"url\":{}{}}}", "[".repeat(8_000), "]".repeat(8_000)),
        format!("{{\"title\":{}1{}}}", "{\"a\":".repeat(2_500), "}".repeat(2_500)),
    ];
    // Names that collide under a hash without a seed (multiply by 31 and add), as many as fit.
    let colliding = (0..1_024_u32).map(|number| {
        let name: String = (0..10).map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" }).collect();
        format!("\"{name}\":0")
    });
    let wide = format!("{{{}}}", colliding.take(600).collect::<Vec<_>>().join(","));
    for (route, call) in calls() {
        for body in &deep {
            let answer =
                call.clone().header("content-type", "application/json").body(body).send(&house).await;
            is_sound(&answer, &route.key());
            if reads_json(&route) {
                answer.is_problem(400, "malformed_body");
            }
            house.put(&[]).await;

            let segment = BASE64_URL_SAFE_NO_PAD.encode(&body[..7_000]);
            for token in [format!("{segment}.e30.AA"), format!("eyJhbGciOiJSUzI1NiJ9.{segment}.AA")] {
                let answer =
                    call.clone().header("authorization", &format!("Bearer {token}")).send(&house).await;
                is_sound(&answer, &route.key());
                if route.path.contains("{org_id}") {
                    assert_eq!(answer.status, 401, "{}", route.key());
                }
            }

            let mut event = call.clone();
            event.event["requestContext"]["authorizer"] = body.as_str().into();
            is_sound(&event.send(&house).await, &route.key());
            house.put(&[]).await;
        }
        if reads_json(&route) {
            let answer = call.clone().body(&wide).send(&house).await;
            assert_eq!(answer.is_problem(422, "validation_failed").faults().len(), 100, "{}", route.key());
        }
    }
    let names: Vec<String> = (0..3_000).map(|number| format!("p{number}=")).collect();
    let answer = Call::of("list").query(&names.join("&")).send(&house).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults().len(), 100);
}

#[tokio::test]
async fn deep_claims_and_many_organizations_are_accepted_in_a_token() {
    let house = House::open().await;
    house.put(&[]).await;
    let deep = |depth: usize| (0..depth).fold(Value::Null, |inner, _| json!([inner]));
    let crowded = |claims: &mut Value| {
        let acme = claims["org_id_to_org_member_info"][ACME].clone();
        for number in 0..20 {
            let mut entry = acme.clone();
            entry["org_id"] = format!("org-{number}").into();
            claims["org_id_to_org_member_info"][format!("org-{number}")] = entry;
        }
    };
    // The session route responds to every valid token, member or not.
    for (route, call) in calls().into_iter().filter(|(route, _)| route.function != Function::Session) {
        let public = !route.path.contains("{org_id}");
        for (token, taken) in [
            (signed("owner", |claims| claims["properties"] = deep(100)), true),
            (signed("owner", |claims| claims["properties"] = deep(500)), false),
            (signed("owner", crowded), true),
        ] {
            let call = call.clone().header("authorization", &format!("Bearer {token}"));
            let answer = call.send(&house).await;
            is_sound(&answer, &route.key());
            assert_eq!(answer.status != 401, taken || public, "{}: {}", route.key(), answer.text);
            let foreign = call.org(GLOBEX).send(&house).await;
            assert!(public || foreign.status == if taken { 403 } else { 401 }, "{}", route.key());
            house.put(&[]).await;
        }
    }
}

#[tokio::test]
async fn no_route_stores_an_invalid_url_or_one_of_our_own() {
    let house = House::open().await;
    house.put(&[]).await;
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
        for call in [Call::of("create"), Call::of("update")] {
            call.url(url).send(&house).await.is_problem(422, "validation_failed");
        }
    }
    assert_eq!(Call::of("redirect").send(&house).await.headers["location"], STORED);
    assert_eq!(house.count().await, 1);
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let model = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let folders = ["tests/it", "local/tests", "functions/docs/src"]
        .map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let files = folders.into_iter().flatten().map(|file| file.unwrap().path());
    let sources: String = files.filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let named: Vec<&str> = model.split('`').filter(|name| name.matches('_').count() > 3).collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert!(sources.contains(&format!("fn {name}()")), "{name}");
    }
}

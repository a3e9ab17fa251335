//! Fuzz targets: each takes any bytes, and panics if Signpost responds in a way that must never happen.
//!
//! `cargo run -p fuzz` runs all targets over their corpora and over mutations of them, for a minute.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "targets report a bug by panicking"
)]

mod import;
mod issuer;
mod keys;
mod signpost;
mod store;
mod text;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use keys::KEYS;
use local::functions::Function;
use local::routes::ROUTES;
use serde_json::{Value, json};
use shared::model::{Namespace, OwnHost, ShortPath, Suffix, TargetRules, TargetUrl};
use signpost::Signpost;
use std::net::IpAddr;
use url::Url;

pub use crate::import::import;
pub use crate::text::text;

/// Fuzzes what a log subscription delivers to `tally`. The input is gzipped data, or is gzipped here if it begins with
/// a brace.
pub fn awslogs(data: &[u8]) {
    let data = if data.first() == Some(&b'{') { signpost::zipped(data) } else { data.to_vec() };
    let event = json!({ "awslogs": { "data": BASE64_STANDARD.encode(data) } });
    Signpost::with(|signpost| signpost.tally(&event));
}

/// Fuzzes a log line between two valid clicks. Both clicks must be counted, whatever the line contains.
pub fn click(data: &[u8]) {
    let lines = [CLICK, &String::from_utf8_lossy(data), CLICK];
    let lines = lines.iter().enumerate().map(|(id, line)| json!({ "id": id.to_string(), "message": line }));
    let batch = json!({
        "messageType": "DATA_MESSAGE",
        "logGroup": "redirect",
        "logStream": "an instance",
        "logEvents": lines.collect::<Vec<_>>(),
    });
    let data = BASE64_STANDARD.encode(signpost::zipped(batch.to_string().as_bytes()));
    let event = json!({ "awslogs": { "data": data } });
    let tally = Signpost::with(|signpost| signpost.tally(&event)).unwrap();
    assert_eq!(tally.clicks + tally.skipped as u64, 3, "{tally:?}");
    assert!(tally.clicks >= 2, "{tally:?}");
}

/// A log line as `redirect` writes it.
const CLICK: &str = r#"{"level":"INFO","timestamp":"2026-11-22T21:42:00.007Z","event":"click","version":2,"org_id":"1189c444-8a2d-4c41-8b4b-ae43ce79a492","birth":"V1StGXR8_Z5jdHi6","id":"k7m2p9qr","referrer":"news.example","device":"mobile","bot":false,"country":"DE"}"#;

/// A log line of a link that was created before the attribute `birth` existed.
const DERIVED_CLICK: &str = r#"{"level":"INFO","timestamp":"2026-11-22T21:42:00.007Z","event":"click","version":1,"org_id":"1189c444-8a2d-4c41-8b4b-ae43ce79a492","id":"k7m2p9qr","created_at":1795383720000,"referrer":"news.example","device":"mobile","bot":false,"country":"DE"}"#;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// All fuzz targets, each with the name of its corpus.
pub const TARGETS: [(&str, Target); 12] = [
    ("awslogs", awslogs),
    ("click", click),
    ("cursor", cursor),
    ("event", event),
    ("forward", forward),
    ("import", import),
    ("jwks", jwks),
    ("patch", patch),
    ("path", path),
    ("text", text),
    ("token", token),
    ("url", url),
];

/// Fuzzes an event. The first byte selects the function, and the second byte selects the store's responses. The rest is
/// the event, in which `<token>` is replaced by a valid token.
pub fn event(data: &[u8]) {
    let Some((&[function, store], event)) = data.split_first_chunk::<2>() else { return };
    let Ok(event) = str::from_utf8(event) else { return };
    let function = Function::ALL.get(usize::from(function) % Function::ALL.len()).copied();
    let event = event.replace("<token>", &Signpost::token());
    Signpost::with(|signpost| {
        signpost.answers_below_500(function.unwrap(), &event, store);
    });
}

/// Fuzzes the token after `Bearer` in a header. An input that begins with a brace consists of claims, or of a header
/// and claims separated by a dot. The issuer signs such an input first.
pub fn token(data: &[u8]) {
    let token = if data.first() == Some(&b'{') {
        let text = String::from_utf8_lossy(data);
        let (header, claims) = match text.split_once("}.{") {
            Some((header, claims)) => (format!("{header}}}"), format!("{{{claims}")),
            None => (r#"{"alg":"RS256"}"#.to_owned(), text.into_owned()),
        };
        let signed = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = Signpost::key().sign_text(&signed, Algorithm::RS256).unwrap();
        format!("{signed}.{signature}")
    } else {
        String::from_utf8_lossy(data).into_owned()
    };
    let authorization = format!("Bearer {token}");
    Signpost::with(|signpost| {
        let event = |function| {
            signpost.call(function, |event| event["headers"]["authorization"] = json!(authorization))
        };
        let mut is_in = signpost.others_admit(&event(Function::List));
        for function in [Function::List, Function::Open] {
            let answer = signpost.answers_below_500(function, &event(function), 0);
            let status = answer["statusCode"].as_u64().unwrap();
            assert!([200, 302, 401, 403].contains(&status), "{answer}");
            is_in |= status < 400;
        }
        // A caller may be admitted only if the claims contain acme's id. JSON can escape the letters of the id, and the
        // id can be in upper case, because it is a UUID.
        let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap_or_default());
        let claims: Value = serde_json::from_slice(&claims.unwrap_or_default()).unwrap_or_default();
        assert!(!is_in || claims.to_string().to_lowercase().contains(local::users::ACME.id), "{claims}");
    });
}

/// Fuzzes the issuer's response to a request for its keys, in PropelAuth's format and as a JWK Set. The
/// placeholders `<jwk ec>` and `<pem ec>`, and those with `rsa` or `ed`, are each replaced by a real key.
pub fn jwks(data: &[u8]) {
    let data = str::from_utf8(data).map_or_else(|_| data.to_vec(), |text| with_keys(text).into_bytes());
    Signpost::with(|signpost| signpost.fetches_keys(&data));
}

fn with_keys(text: &str) -> String {
    KEYS.iter().fold(text.to_owned(), |text, key| {
        let text = text.replace(&format!("<jwk {}>", key.name), &key.jwk);
        text.replace(&format!("<pem {}>", key.name), &key.pem)
    })
}

/// Fuzzes the query parameter `cursor`.
pub fn cursor(data: &[u8]) {
    let encoded: String = data.iter().map(|byte| format!("%{byte:02X}")).collect();
    Signpost::with(|signpost| {
        let event = signpost
            .call(Function::List, |event| event["rawQueryString"] = json!(format!("cursor={encoded}")));
        let answer = signpost.answers_below_500(Function::List, &event, 0);
        assert!([200, 400].contains(&answer["statusCode"].as_u64().unwrap()), "{answer}");
    });
}

/// Fuzzes the bodies of requests that edit a link, create a link or claim a handle. A body is sent as text if it is
/// UTF-8.
pub fn patch(data: &[u8]) {
    Signpost::with(|signpost| {
        for function in [Function::Update, Function::Create, Function::Handle] {
            let event = signpost.call(function, |event| match str::from_utf8(data) {
                Ok(text) => event["body"] = json!(text),
                Err(_) => {
                    event["body"] = json!(BASE64_STANDARD.encode(data));
                    event["isBase64Encoded"] = json!(true);
                }
            });
            let answer = signpost.answers_below_500(function, &event, 0);
            assert!([200, 201, 400, 413, 422].contains(&answer["statusCode"].as_u64().unwrap()), "{answer}");
        }
    });
}

/// Fuzzes what a link forwards: a path and, after a line feed, a query string. Whatever they contain, the result keeps the
/// destination's scheme, host, port, path, query and fragment.
pub fn forward(data: &[u8]) {
    const TARGET: &str = "https://example.com:8443/a/page?own=1#part";
    let text = String::from_utf8_lossy(data);
    let (path, query) = text.split_once('\n').unwrap_or((&text, ""));
    let path = format!("/{path}");
    let target = TargetUrl::parse(TARGET).unwrap();
    let suffix = Suffix { path: path.into(), query: query.into() };
    let Some(result) = target.with_suffix(&suffix) else { return };
    assert!(result.len() <= 2_048 && result.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    let (before, fragment) = result.split_once('#').unwrap();
    let (path, query) = before.split_once('?').unwrap();
    assert!(path.starts_with("https://example.com:8443/a/page/") && fragment == "part", "{text:?}");
    assert!(query == "own=1" || query.starts_with("own=1&"), "{text:?}");
    assert_eq!(Url::parse(&result).unwrap().as_str(), result, "{text:?}");
}

/// Fuzzes the path of a short URL. The path must resolve to the link that it names, or to no link.
pub fn path(data: &[u8]) {
    let path = String::from_utf8_lossy(data);
    Signpost::with(|signpost| {
        let event = signpost.call(Function::Redirect, |event| {
            event["rawPath"] = json!(path);
            event["requestContext"]["http"]["path"] = json!(path);
        });
        let answer = signpost.answers_below_500(Function::Redirect, &event, 0);
        assert!([200, 302, 404].contains(&answer["statusCode"].as_u64().unwrap()), "{answer}");
    });
    let Some(short) = ShortPath::parse(&path) else { return };
    let plus = if short.is_preview { "+" } else { "" };
    let plain = match &short.namespace {
        Namespace::Organization(org) => format!("/{org}/{}{plus}", short.slug),
        Namespace::Handle(handle) => format!("/@{handle}/{}{plus}", short.slug),
        Namespace::Root => format!("/{}{plus}", short.slug),
    };
    let mut rest = &*path.to_ascii_lowercase();
    for segment in plain.to_ascii_lowercase().split('/').skip(1) {
        let (_, behind) = rest.split_once(segment).unwrap_or_else(|| panic!("{path:?} is read as {plain}"));
        rest = behind;
    }
    let again = ShortPath::parse(&plain).map(|short| (short.namespace, short.slug, short.is_preview));
    assert_eq!(again, Some((short.namespace, short.slug, short.is_preview)), "{path:?}");
}

/// Fuzzes a link's destination.
pub fn url(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let rules = TargetRules::default();
    let own = [OwnHost::from_authority("go.example.com").unwrap()];
    let Ok(url) = rules.parse(text, &own) else { return };
    let written = url.as_str();
    assert!(written.len() <= 2_048 && written.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    let behind = written.strip_prefix("http://").or(written.strip_prefix("https://")).unwrap();
    let authority = behind.split(['/', '?', '#']).next().unwrap();
    assert!(!authority.is_empty() && !authority.contains('@'), "{text:?}");
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let ours = address.is_loopback() || address.is_private() || address.is_link_local();
            assert!(!ours && !address.is_unspecified(), "{text:?}");
        }
        Ok(IpAddr::V6(address)) => assert!(!address.is_loopback() && !address.is_unspecified(), "{text:?}"),
        Err(_) => {
            let name = host.trim_end_matches('.');
            assert!(
                !["localhost", "go.example.com"].contains(&name) && !name.ends_with(".localhost"),
                "{text:?}"
            );
            let labels = host.strip_suffix('.').unwrap_or(host).split('.');
            assert!(labels.into_iter().all(|label| (1..=63).contains(&label.len())), "{text:?}");
        }
    }
    assert_eq!(rules.parse(written, &own).unwrap(), url, "{text:?}");
}

/// Returns the first inputs of a target, in addition to its corpus: events from the repository, valid tokens and keys, and
/// other test data.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let events =
        || local::events::names().unwrap().into_iter().map(|name| local::events::load(&name).unwrap());
    match target {
        "event" => events()
            .flat_map(|event| {
                let route = ROUTES.iter().find(|route| event["routeKey"] == route.key());
                let function = Function::ALL
                    .iter()
                    .position(|function| Some(*function) == route.map(|route| route.function));
                let text = event.to_string();
                (0..3_u8).map(move |store| [&[function.unwrap() as u8, store], text.as_bytes()].concat())
            })
            .collect(),
        "patch" => events().filter_map(|event| Some(event["body"].as_str()?.as_bytes().to_vec())).collect(),
        "token" => {
            let mut claims = local::users::USERS.map(|user| user.claims(None)).to_vec();
            claims.push(local::users::USERS[0].claims(Some(local::users::ACME)));
            claims.iter_mut().for_each(signpost::issued);
            let mut seeds: Vec<_> = claims.iter().map(|claims| claims.to_string().into_bytes()).collect();
            seeds.push(Signpost::token().into_bytes());
            seeds
        }
        "jwks" => {
            let set = r#"{"keys":[<jwk rsa>,<jwk ec>,<jwk ed>]}"#;
            let pems = ["rsa", "ec", "ed"].map(|name| format!(r#"{{"verifier_key_pem":<pem {name}>}}"#));
            pems.iter().map(String::as_str).chain([set]).map(|seed| with_keys(seed).into_bytes()).collect()
        }
        "awslogs" => {
            let batch = |kind: &str| {
                json!({
                    "messageType": kind,
                    "owner": "123456789012",
                    "logGroup": "/aws/lambda/redirect",
                    "logStream": "2026/11/22/[$LATEST]a",
                    "subscriptionFilters": ["clicks"],
                    "logEvents": [{ "id": "3", "timestamp": 1_795_383_720_000_i64, "message": CLICK }],
                })
            };
            let batches =
                ["DATA_MESSAGE", "CONTROL_MESSAGE"].map(|kind| batch(kind).to_string().into_bytes());
            let zipped = batches.iter().map(|batch| signpost::zipped(batch));
            zipped.chain(batches.iter().cloned()).collect()
        }
        "forward" => ["ABC-1", "a b/\u{e9}?x#y%2f\nown=2&a=1", "..\n", "%2e%2e/%252e"].map(Vec::from).into(),
        "import" => import::seeds(),
        "path" => {
            let list: Value = serde_json::from_str(include_str!("../../tests/short-urls.json")).unwrap();
            let parts = ["lead", "preview", "elsewhere"].map(|part| list[part].as_array().unwrap().clone());
            let path = |entry: &Value| {
                let path = entry["path"].as_str().unwrap().replace("{org}", local::users::ACME.id);
                let mut parts = path.split('%');
                let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
                for part in parts {
                    decoded.push(u8::from_str_radix(&part[..2], 16).unwrap());
                    decoded.extend(&part.as_bytes()[2..]);
                }
                decoded
            };
            parts.iter().flatten().map(path).collect()
        }
        "click" => [CLICK, DERIVED_CLICK].map(|line| line.as_bytes().to_vec()).into(),
        "url" => {
            // The URL Standard's own test data.
            let data = include_str!("../../shared/src/model/urltestdata.json");
            let data: Vec<Value> = serde_json::from_str(data).unwrap();
            data.iter().filter_map(|case| Some(case["input"].as_str()?.as_bytes().to_vec())).collect()
        }
        _ => Vec::new(),
    }
}

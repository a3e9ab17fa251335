//! Sends the local gateway bytes that no HTTP client would send: two lengths, smuggled requests, targets on other
//! hosts.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, User};
use reqwest::Client;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;
use tokio::task::spawn_blocking;

const BODY: &str = r#"{"url":"https://example.com/kept"}"#;

struct Wire {
    stack: Stack,
    token: String,
}

/// A response. Several responses can arrive on one connection.
struct Answer {
    status: u16,
    head: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

impl Wire {
    /// A running Signpost with the links `kept` and `victim`.
    async fn open() -> Self {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let options = Options {
            host,
            port: 0,
            auth_port: 0,
            dynamodb_port: 0,
            allow_hosts: Vec::new(),
            data_dir: None,
            overrides: [("ROOT_ORG", ACME.id)].into_iter().collect(),
        };
        let stack = Stack::start(options).await.unwrap();
        let request = json!({ "user_id": User::named("owner").unwrap().id, "duration_in_minutes": 5 });
        let mint = Client::new().post(format!("{}/api/backend/v1/access_token", stack.auth));
        let minted: Value =
            mint.bearer_auth(API_KEY).json(&request).send().await.unwrap().json().await.unwrap();
        let wire = Self { token: minted["access_token"].as_str().unwrap().to_owned(), stack };
        for slug in ["kept", "victim", "last"] {
            let body = json!({ "id": slug, "url": format!("https://example.com/{slug}") }).to_string();
            let made = wire.create(&format!("Content-Length: {}\r\n", body.len()), &body);
            assert_eq!(wire.answers(&made).await[0].status, 201);
        }
        wire
    }

    /// Returns a request that creates a link. `headers` must include a header that declares the length of `body`.
    fn create(&self, headers: &str, body: &str) -> Vec<u8> {
        let token = &self.token;
        let target = format!("/{}/link", ACME.id);
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        );
        format!("{head}{headers}\r\n{body}").into_bytes()
    }

    /// Returns a request that a test hides inside another request. Signpost must not execute the hidden request.
    fn hidden(&self) -> String {
        let token = &self.token;
        format!(
            "DELETE /{}/link/victim HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n",
            ACME.id
        )
    }

    /// Sends these bytes and then one final request, and returns all responses until the connection is closed.
    async fn answers(&self, bytes: &[u8]) -> Vec<Answer> {
        let last = format!("GET /{}/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", ACME.id);
        let (address, bytes) = (self.stack.api.replace("http://", ""), [bytes, last.as_bytes()].concat());
        let text = spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            // If the connection is never closed, this timeout fails the test.
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            // A server that rejects the first part may close the connection before it has read the rest.
            let _ = stream.write_all(&bytes);
            let mut text = Vec::new();
            let end = stream.read_to_end(&mut text).map_err(|error| error.kind());
            let text = String::from_utf8(text).unwrap();
            assert!(end.is_ok() || end == Err(ErrorKind::ConnectionReset), "{end:?}: {text}");
            text
        });
        let text = text.await.unwrap();
        let mut rest = text.as_str();
        let mut answers = Vec::new();
        while let Some((head, behind)) = rest.split_once("\r\n\r\n") {
            let status = head.strip_prefix("HTTP/1.").and_then(|line| line.get(2..5));
            let status = status.unwrap_or_else(|| panic!("{text}")).parse().unwrap();
            let answer = Answer { status, head: head.to_owned() };
            let length: usize = answer.header("content-length").unwrap().parse().unwrap();
            rest = &behind[length..];
            answers.push(answer);
        }
        assert_eq!(rest, "", "{text}");
        answers
    }

    /// Asserts that the responses have exactly these statuses, that each `Location` is the stored one, that no response
    /// contains the attack, and that all links still exist.
    async fn is_answered(&self, what: &str, bytes: &[u8], statuses: &[u16]) {
        let answers = self.answers(bytes).await;
        let seen: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(seen, statuses, "{what}");
        for answer in &answers {
            let links = format!("/{}/link/", ACME.id);
            let allowed = match (answer.status, answer.header("location")) {
                (302, location) => {
                    ["https://example.com/kept", "https://example.com/last"].map(Some).contains(&location)
                }
                (201, location) => location.is_some_and(|location| location.starts_with(&links)),
                (_, location) => location.is_none(),
            };
            assert!(allowed && !answer.head.contains("evil"), "{what}: {}", answer.head);
        }
        let left = format!("GET /{}/victim HTTP/1.1\r\nHost: localhost\r\n\r\n", ACME.id);
        assert_eq!(self.answers(left.as_bytes()).await[0].status, 302, "{what}");
    }
}

#[tokio::test]
async fn a_body_with_an_ambiguous_length_is_the_last_of_its_connection() {
    let wire = Wire::open().await;
    let hidden = wire.hidden();
    let (length, all) = (BODY.len(), BODY.len() + hidden.len());
    let chunked = format!("{length:x}\r\n{BODY}\r\n0\r\n\r\n");
    let long = chunked.len() + hidden.len();
    for (what, headers, body, status) in [
        ("two lengths", format!("Content-Length: {length}\r\nContent-Length: {all}\r\n"), BODY, 400),
        ("the shorter last", format!("Content-Length: {all}\r\nContent-Length: {length}\r\n"), BODY, 400),
        ("a list", format!("Content-Length: {length}, {length}\r\n"), BODY, 400),
        ("a sign", format!("Content-Length: +{length}\r\n"), BODY, 400),
        ("hexadecimal", format!("Content-Length: 0x{length:x}\r\n"), BODY, 400),
        ("beyond a number", "Content-Length: 18446744073709551616\r\n".to_owned(), BODY, 400),
        ("a space", format!("Content-Length : {length}\r\n"), BODY, 400),
        (
            "a length and chunks",
            format!("Content-Length: {long}\r\nTransfer-Encoding: chunked\r\n"),
            &chunked,
            201,
        ),
        (
            "chunks and a length",
            format!("Transfer-Encoding: chunked\r\nContent-Length: {long}\r\n"),
            &chunked,
            201,
        ),
        ("no known coding", "Transfer-Encoding: xchunked\r\n".to_owned(), &chunked, 400),
        ("chunks within", "Transfer-Encoding: chunked, identity\r\n".to_owned(), &chunked, 400),
        (
            "two codings",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned(),
            &chunked,
            400,
        ),
        ("a folded line", "Transfer-Encoding:\r\n chunked\r\n".to_owned(), &chunked, 400),
        ("a coding's name", "Transfer-Encoding : chunked\r\n".to_owned(), &chunked, 400),
        ("a vertical tab", "Transfer-Encoding: \u{b}chunked\r\n".to_owned(), &chunked, 400),
        ("no number", "Transfer-Encoding: chunked\r\n".to_owned(), "x\r\n", 400),
        ("too large a number", "Transfer-Encoding: chunked\r\n".to_owned(), "fffffffffffffffff0\r\n", 400),
        ("a negative number", "Transfer-Encoding: chunked\r\n".to_owned(), "-1\r\n", 400),
        ("a chunk too long", "Transfer-Encoding: chunked\r\n".to_owned(), "1\r\n{}\r\n0\r\n\r\n", 400),
        ("a bare line feed", "Transfer-Encoding: chunked\r\n".to_owned(), "1\n{\r\n0\r\n\r\n", 400),
    ] {
        wire.is_answered(what, &wire.create(&headers, &format!("{body}{hidden}")), &[status]).await;
    }
    for (what, headers, body) in [
        ("two equal lengths", format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"), BODY),
        ("chunks", "Transfer-Encoding: chunked\r\n".to_owned(), &chunked),
    ] {
        wire.is_answered(what, &wire.create(&headers, body), &[201, 302]).await;
    }
    // Bytes within the declared length are the body, not a request.
    let get = format!(
        "GET /{}/kept HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        ACME.id,
        hidden.len()
    );
    let two = format!("{get}{hidden}GET /{}/kept HTTP/1.1\r\nHost: localhost\r\n\r\n", ACME.id);
    wire.is_answered("a body of a GET", two.as_bytes(), &[302, 302, 302]).await;
}

#[tokio::test]
async fn a_request_with_several_hosts_or_invalid_characters_is_refused() {
    let wire = Wire::open().await;
    let (acme, host) = (ACME.id, "Host: localhost\r\n");
    let kept = format!("/{acme}/kept");
    let large = |size| format!("X: {}\r\n{host}", "x".repeat(size));
    for (what, line, headers, statuses) in [
        (
            "another host's URL",
            format!("GET http://evil.example{kept} HTTP/1.1"),
            host.to_owned(),
            &[421, 302][..],
        ),
        ("this host's URL", format!("GET http://localhost{kept} HTTP/1.1"), host.to_owned(), &[302, 302]),
        ("a URL of no host", format!("GET http://{kept} HTTP/1.1"), host.to_owned(), &[400]),
        ("another scheme", format!("GET javascript:{kept} HTTP/1.1"), host.to_owned(), &[400]),
        ("two slashes", format!("GET //evil.example{kept} HTTP/1.1"), host.to_owned(), &[404, 302]),
        ("two slashes alone", "GET //evil.example HTTP/1.1".to_owned(), host.to_owned(), &[404, 302]),
        ("a backslash", format!("GET /\\evil.example{kept} HTTP/1.1"), host.to_owned(), &[404, 302]),
        ("a backslash first", "GET \\evil.example HTTP/1.1".to_owned(), host.to_owned(), &[400]),
        ("a user's host", "GET @evil.example HTTP/1.1".to_owned(), host.to_owned(), &[421, 302]),
        ("a user's host behind", format!("GET {kept}@evil.example HTTP/1.1"), host.to_owned(), &[404, 302]),
        (
            "a header in the slug",
            format!("GET {kept}%0d%0aLocation:%20http://evil.example HTTP/1.1"),
            host.to_owned(),
            &[404, 302],
        ),
        (
            "a header in the query",
            format!("GET {kept}?%0d%0aLocation:%20http://evil.example HTTP/1.1"),
            host.to_owned(),
            &[302, 302],
        ),
        ("dots", format!("GET /{acme}/%2e%2e HTTP/1.1"), host.to_owned(), &[404, 302]),
        ("dots in clear", format!("GET /x/../{acme}/kept HTTP/1.1"), host.to_owned(), &[404, 302]),
        ("a NUL in the path", format!("GET {kept}\0 HTTP/1.1"), host.to_owned(), &[400]),
        ("a CR in the path", format!("GET {kept}\rx HTTP/1.1"), host.to_owned(), &[400]),
        ("a space in the path", format!("GET {kept} x HTTP/1.1"), host.to_owned(), &[400]),
        ("a fragment", format!("GET {kept}#//evil.example HTTP/1.1"), host.to_owned(), &[302, 302]),
        ("an asterisk", "OPTIONS * HTTP/1.1".to_owned(), host.to_owned(), &[405, 302]),
        ("a tunnel", "CONNECT evil.example:443 HTTP/1.1".to_owned(), host.to_owned(), &[421, 302]),
        ("no version", format!("GET {kept}"), host.to_owned(), &[400]),
        ("an old version", format!("GET {kept} HTTP/0.9"), host.to_owned(), &[400]),
        ("a new version", "PRI * HTTP/2.0".to_owned(), host.to_owned(), &[400]),
        ("another host", format!("GET {kept} HTTP/1.1"), "Host: evil.example\r\n".to_owned(), &[421, 302]),
        (
            "two hosts",
            format!("GET {kept} HTTP/1.1"),
            "Host: localhost\r\nHost: evil.example\r\n".to_owned(),
            &[400, 302],
        ),
        ("no host", format!("GET {kept} HTTP/1.1"), String::new(), &[400, 302]),
        ("HTTP/1.0 without a host", format!("GET {kept} HTTP/1.0"), String::new(), &[302]),
        (
            "a host before",
            format!("GET {kept} HTTP/1.1"),
            format!("{host}X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n"),
            &[302, 302],
        ),
        (
            "another path before",
            format!("GET {kept} HTTP/1.1"),
            format!("{host}X-Original-URL: //evil.example\r\nX-HTTP-Method-Override: DELETE\r\n"),
            &[302, 302],
        ),
        ("a CR in a header", format!("GET {kept} HTTP/1.1"), format!("{host}X: a\rY: b\r\n"), &[400]),
        ("a NUL in a header", format!("GET {kept} HTTP/1.1"), format!("{host}X: a\0b\r\n"), &[400]),
        ("a NUL in a name", format!("GET {kept} HTTP/1.1"), format!("{host}X\0: b\r\n"), &[400]),
        ("no name", format!("GET {kept} HTTP/1.1"), format!("{host}: b\r\n"), &[400]),
        ("no colon", format!("GET {kept} HTTP/1.1"), format!("{host}X\r\n"), &[400]),
        ("a fold", format!("GET {kept} HTTP/1.1"), format!("{host}X: a\r\n b\r\n"), &[400]),
        ("a fold first", format!("GET {kept} HTTP/1.1"), format!(" X: a\r\n{host}"), &[400]),
        ("8 kB of a header", format!("GET {kept} HTTP/1.1"), large(8_000), &[302, 302]),
        ("11 kB of a header", format!("GET {kept} HTTP/1.1"), large(11_000), &[431, 302]),
        ("a megabyte of a header", format!("GET {kept} HTTP/1.1"), large(1_000_000), &[431]),
        ("200 headers", format!("GET {kept} HTTP/1.1"), format!("{host}{}", "X: a\r\n".repeat(200)), &[431]),
    ] {
        wire.is_answered(what, format!("{line}\r\n{headers}\r\n").as_bytes(), statuses).await;
    }
    // RFC 9112 (section 2.2) allows a line to end with a line feed alone.
    let bare = format!("GET {kept} HTTP/1.1\nHost: localhost\n\n");
    wire.is_answered("bare line feeds", bare.as_bytes(), &[302, 302]).await;
    let two = format!("GET {kept} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(2);
    wire.is_answered("two requests at once", two.as_bytes(), &[302, 302, 302]).await;
    let made = wire.create("X-Forwarded-Host: evil.example\r\nContent-Length: 34\r\n", BODY);
    wire.is_answered("a create request with another forwarded host", &made, &[201, 302]).await;
}

#[tokio::test]
async fn a_binary_body_arrives_as_its_bytes_and_a_head_request_gets_none() {
    let wire = Wire::open().await;
    let client = Client::new();
    let qr = format!("{}/{}/link/kept/qr?format=png", wire.stack.api, ACME.id);
    let png = client.get(qr).bearer_auth(&wire.token).send().await.unwrap();
    assert_eq!(png.headers()["content-type"], "image/png");
    let length: usize = png.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let png = png.bytes().await.unwrap();
    assert_eq!((&png[..8], png.len()), (b"\x89PNG\r\n\x1a\n".as_slice(), length));

    for path in ["/docs", "/openapi.json"] {
        let url = format!("{}{path}", wire.stack.api);
        let get = client.get(&url).header("accept-encoding", "gzip").send().await.unwrap();
        let head = client.head(&url).header("accept-encoding", "gzip").send().await.unwrap();
        for name in ["content-encoding", "content-type", "etag", "vary"] {
            assert_eq!(head.headers()[name], get.headers()[name], "{path} {name}");
        }
        let gzip = get.bytes().await.unwrap();
        assert_eq!(gzip[..2], [0x1f, 0x8b], "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
}

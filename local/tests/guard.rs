//! Requests from pages of other sites to the three ports, as raw bytes. Browsers would send some of these requests for
//! such a page, and would never send the others.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use local::stack::{Options, Stack};
use local::users::{ACME, User};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

const OWN_FRONT_END: &str = "https://app.example.com";

async fn stack() -> Stack {
    let settings = [
        ("CORS_ORIGINS", OWN_FRONT_END),
        ("SHORT_BASE_URL", "https://Go.Example.com"),
        ("ROOT_ORG", ACME.id),
    ];
    let options = Options {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        allow_hosts: vec!["host.docker.internal".parse().unwrap(), "10.1.2.3".parse().unwrap()],
        data_dir: None,
        overrides: settings.into_iter().collect(),
    };
    Stack::start(options).await.unwrap()
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

/// Opens a connection, sends a request that consists of these lines, and returns the complete response.
fn ask(url: &str, line: &str, headers: &[String], body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = format!("{line}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|header| text += &format!("{header}\r\n"));
    write!(stream, "{text}\r\n{body}").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// For each port, a request that an attacking page would send, and the response's status if the request were allowed.
fn actions(stack: &Stack) -> [(&str, &'static str, Vec<String>, String, u16); 3] {
    let mint = format!(r#"{{"user_id":"{}","duration_in_minutes":5}}"#, User::named("owner").unwrap().id);
    let authorization = |value: &str| format!("Authorization: {value}");
    let list = vec![
        "X-Amz-Target: DynamoDB_20120810.ListTables".to_owned(),
        "Content-Type: application/x-amz-json-1.0".to_owned(),
        authorization("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f"),
        "X-Amz-Date: 20261125T000000Z".to_owned(),
    ];
    [
        (
            &stack.api,
            "POST /1189c444-8a2d-4c41-8b4b-ae43ce79a492/link HTTP/1.1",
            Vec::new(),
            "{}".to_owned(),
            401,
        ),
        (
            &stack.auth,
            "POST /api/backend/v1/access_token HTTP/1.1",
            vec![authorization("Bearer local-api-key")],
            mint,
            200,
        ),
        (&stack.dynamodb, "POST / HTTP/1.1", list, "{}".to_owned(), 200),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_port_responds_only_under_its_own_host_names() {
    let stack = stack().await;
    for (url, line, headers, body, allowed) in actions(&stack) {
        let with_host = |hosts: &[&str]| {
            let mut headers = headers.clone();
            headers.extend(hosts.iter().map(|host| format!("Host: {host}")));
            status(&ask(url, line, &headers, &body))
        };
        let port = port(url);
        for host in [
            "localhost",
            "LOCALHOST.",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:7f00:1]",
            "app.localhost",
            "host.docker.internal",
            "Host.Docker.Internal.",
            "10.1.2.3",
            "go.example.com",
            "GO.EXAMPLE.COM",
        ] {
            assert_eq!(with_host(&[host]), allowed, "{url} {host}");
            assert_eq!(with_host(&[&format!("{host}:{port}")]), allowed, "{url} {host}");
            assert_eq!(with_host(&[&format!("{host}:9")]), allowed, "with another port: {url} {host}");
        }
        for host in [
            "evil.example",
            "evil.example:80",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "0.0.0.0",
            "[::]",
            "10.1.2.4",
            "localhost:3000@evil.example",
            "evil.example#localhost",
            "localhost, evil.example",
            "example.com",
            "x.go.example.com",
            "",
            "internal",
            "xn--lcalhost-s1a",
            "l\u{f6}calhost",
        ] {
            assert_eq!(with_host(&[host]), 421, "{url} {host}");
        }
        assert_eq!(with_host(&["localhost", "evil.example"]), 400, "{url}");
        assert_eq!(with_host(&[]), 400, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_of_an_absolute_url_is_checked_like_the_header() {
    let stack = stack().await;
    let host = vec!["Host: localhost".to_owned()];
    for url in [&stack.api, &stack.auth, &stack.dynamodb] {
        for (line, expected) in [
            ("GET http://evil.example/ HTTP/1.1", 421),
            ("GET http://localhost@evil.example/ HTTP/1.1", 421),
            ("CONNECT evil.example:443 HTTP/1.1", 421),
        ] {
            assert_eq!(status(&ask(url, line, &host, "")), expected, "{url} {line}");
        }
        let own = status(&ask(url, "GET http://localhost/ HTTP/1.1", &host, ""));
        assert_eq!(own, status(&ask(url, "GET / HTTP/1.1", &host, "")));
        assert_ne!(own, 421);
        // A program may omit `Host`, but no browser omits it.
        assert_eq!(status(&ask(url, "GET / HTTP/1.0", &[], "")), own);
        let foreign = vec!["Host: evil.example".to_owned()];
        assert_eq!(status(&ask(url, "GET / HTTP/1.0", &foreign, "")), 421);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_on_other_origins_are_refused_and_allowed_ones_reach_only_the_api() {
    let stack = stack().await;
    for (index, (url, line, headers, body, allowed)) in actions(&stack).into_iter().enumerate() {
        let (own, port) = (format!("localhost:{}", port(url)), port(url));
        let send = |line: &str, more: &[&str], body: &str| {
            let mut headers = headers.clone();
            headers.push(format!("Host: {own}"));
            headers.extend(more.iter().map(|header| (*header).to_owned()));
            ask(url, line, &headers, body)
        };
        for (more, is_allowed) in [
            (vec![], true),
            (vec![format!("Origin: http://{own}")], true),
            (vec![format!("Origin: http://LOCALHOST:{port}")], true),
            (vec![format!("Origin: http://{own}"), "Sec-Fetch-Site: same-origin".to_owned()], true),
            (vec!["Sec-Fetch-Site: none".to_owned()], true),
            (vec!["Origin: null".to_owned(), "Sec-Fetch-Site: same-origin".to_owned()], true),
            (vec![format!("Origin: {OWN_FRONT_END}")], index == 0),
            (vec!["Origin: https://go.example.com".to_owned()], index == 0),
            (vec!["Origin: http://go.example.com".to_owned()], false),
            (vec![format!("Origin: {OWN_FRONT_END}.evil.example")], false),
            (vec!["Origin: https://evil.example".to_owned()], false),
            (vec!["Origin: null".to_owned()], false),
            (vec!["Origin: null".to_owned(), "Sec-Fetch-Site: cross-site".to_owned()], false),
            (vec![String::from("Origin: ")], false),
            (vec![format!("Origin: http://127.0.0.1:{port}")], false),
            (vec!["Origin: http://localhost:5173".to_owned()], false),
            (vec!["Origin: http://localhost".to_owned()], false),
            (vec![format!("Origin: http://{own}.evil.example")], false),
            (vec![format!("Origin: http://evil.example@{own}/")], false),
            (vec![format!("Origin: chrome-extension://{own}")], false),
            (vec![format!("Origin: http://{own}"), "Origin: https://evil.example".to_owned()], false),
            (vec![format!("Origin: http://{own}, https://evil.example")], false),
            (
                vec!["Origin: https://evil.example".to_owned(), "Sec-Fetch-Site: same-origin".to_owned()],
                false,
            ),
            // The headers of a form submission from a browser that omits `Origin`.
            (vec!["Sec-Fetch-Site: cross-site".to_owned()], false),
            (vec!["Sec-Fetch-Site: same-site".to_owned()], false),
            (
                vec![
                    "Sec-Fetch-Site: cross-site".to_owned(),
                    "Sec-Fetch-Mode: navigate".to_owned(),
                    "Sec-Fetch-Dest: document".to_owned(),
                ],
                false,
            ),
        ] {
            let more: Vec<&str> = more.iter().map(String::as_str).collect();
            let answer = send(line, &more, &body);
            assert_eq!(status(&answer), if is_allowed { allowed } else { 403 }, "{url} {more:?}: {answer}");
            // Only the configured front end may read a response, and only from the API.
            let is_readable = answer.to_ascii_lowercase().contains("access-control-allow-origin");
            let is_own_front_end =
                more.len() == 1 && more.iter().all(|header| header.ends_with(OWN_FRONT_END));
            assert_eq!(is_readable, index == 0 && is_own_front_end, "{url} {more:?}: {answer}");
        }
        // Neither a form nor a WebSocket needs a preflight.
        for (what, line, more) in [
            ("a form", line, vec!["Content-Type: text/plain", "Origin: https://evil.example"]),
            (
                "a socket",
                "GET / HTTP/1.1",
                vec!["Connection: Upgrade", "Upgrade: websocket", "Origin: https://evil.example"],
            ),
            (
                "a preflight",
                "OPTIONS / HTTP/1.1",
                vec!["Origin: https://evil.example", "Access-Control-Request-Method: POST"],
            ),
            (
                "a preflight to a private network",
                "OPTIONS / HTTP/1.1",
                vec![
                    "Origin: https://evil.example",
                    "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Private-Network: true",
                ],
            ),
        ] {
            let answer = send(line, &more, &body);
            assert_eq!(status(&answer), 403, "{url} {what}");
            assert!(!answer.to_ascii_lowercase().contains("access-control-allow"), "{url} {what}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_can_be_followed_from_any_page_and_a_browser_can_be_sent_to_the_issuer() {
    let stack = stack().await;
    let from = |site: &str, mode: &str, dest: &str| {
        vec![
            "Host: localhost".to_owned(),
            format!("Sec-Fetch-Site: {site}"),
            format!("Sec-Fetch-Mode: {mode}"),
            format!("Sec-Fetch-Dest: {dest}"),
            "Referer: https://news.example/".to_owned(),
        ]
    };
    let link = "GET /nothing HTTP/1.1";
    let keys = "GET /.well-known/jwks.json HTTP/1.1";
    for site in ["cross-site", "same-site", "same-origin", "none"] {
        let headers = from(site, "navigate", "document");
        assert_eq!(status(&ask(&stack.api, link, &headers, "")), 404, "{site}");
        assert_eq!(status(&ask(&stack.api, &link.replace("GET", "HEAD"), &headers, "")), 404, "{site}");
        assert_eq!(status(&ask(&stack.auth, keys, &headers, "")), 200, "{site}");
        let is_own = matches!(site, "same-origin" | "none");
        for (mode, dest) in
            [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("websocket", "websocket")]
        {
            let headers = from(site, mode, dest);
            // A short link works as the source of an image, too.
            assert_eq!(status(&ask(&stack.api, link, &headers, "")), 404, "{site} {dest}");
            assert_eq!(
                status(&ask(&stack.auth, keys, &headers, "")),
                if is_own { 200 } else { 403 },
                "{site} {dest}"
            );
            let expected = if is_own { 200 } else { 403 };
            assert_eq!(
                status(&ask(&stack.dynamodb, "GET / HTTP/1.1", &headers, "")),
                expected,
                "{site} {dest}"
            );
        }
    }
    let no_browser = ["Host: localhost".to_owned()];
    assert_eq!(status(&ask(&stack.api, link, &no_browser, "")), 404);
    assert_eq!(status(&ask(&stack.auth, keys, &no_browser, "")), 200);
}

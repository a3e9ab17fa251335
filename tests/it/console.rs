use crate::support::{Call, TestApp};
use shared::model::Timestamp;

#[tokio::test]
async fn the_console_is_one_page_whose_policy_allows_only_its_own_script_and_styles() {
    let app = TestApp::start().await;
    let page = Call::new("console").anonymous().send(&app).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let policy = &page.headers["content-security-policy"];
    let directives: Vec<&str> = policy.split("; ").collect();
    let hash_of = |element: &str| {
        let (_, rest) = page.text.split_once(&format!("<{element}")).unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        let (text, more) = rest.split_once(&format!("</{}>", element.split(' ').next().unwrap())).unwrap();
        assert!(!more.contains(&format!("<{element}")), "there is one {element}");
        bundle::source(text)
    };
    let expected = [
        "default-src 'none'".to_owned(),
        format!("script-src {}", hash_of("script type=\"module\"")),
        format!("style-src {}", hash_of("style")),
        "connect-src 'self'".to_owned(),
        "img-src data: blob:".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
        "require-trusted-types-for 'script'".to_owned(),
        "trusted-types 'none'".to_owned(),
    ];
    assert_eq!(directives, expected);
    assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
    // The page's content security policy would block each of these.
    for absent in [" style=", " onclick=", "innerHTML", "import {", "<script src", "<link rel=\"stylesheet\""]
    {
        assert!(!page.text.contains(absent), "{absent}");
    }
    // The only host names in the page are an example and the host of the SVG namespace. A scheme without a host also
    // occurs, because the page adds a scheme to typed destinations.
    let known = ["", "example.com", "www.w3.org"];
    for rest in page.text.split("http").skip(1) {
        let Some(rest) = rest.strip_prefix("s").unwrap_or(rest).strip_prefix("://") else { continue };
        let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && !matches!(char, '.' | '-'));
        let host = &rest[..end.unwrap_or(rest.len())];
        assert!(known.contains(&host), "the page contains another origin: {host}");
    }
    let size = page.bytes.len();
    assert!(size <= 40_000, "the page is {size} bytes gzipped; the limit is 40,000");
}

#[tokio::test]
async fn the_console_has_an_entity_tag_and_head_gets_the_headers_of_get() {
    let app = TestApp::start().await;
    let get = Call::new("console").anonymous().send(&app).await;
    assert_eq!(get.headers["content-encoding"], "gzip");
    assert_eq!(get.headers["cache-control"], "public, max-age=300");
    let plain = Call::new("console").anonymous().header("accept-encoding", "identity").send(&app).await;
    assert_eq!((plain.status, &plain.text), (200, &get.text));
    assert_ne!(plain.headers["etag"], get.headers["etag"]);
    let head = Call::new("console-head").anonymous().send(&app).await;
    assert_eq!((head.status, &head.headers, head.bytes.len()), (200, &get.headers, 0));
    for name in ["console", "console-head"] {
        let call = Call::new(name).anonymous().header("if-none-match", &get.headers["etag"]);
        let unchanged = call.send(&app).await;
        assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0), "{name}");
        assert_eq!(unchanged.headers["content-security-policy"], get.headers["content-security-policy"]);
    }
    let post = Call::new("redirect-post").anonymous().path("/").send(&app).await;
    assert_eq!((post.status, post.headers["allow"].as_str()), (405, "GET, HEAD"));
}

#[tokio::test]
async fn on_another_host_the_console_redirects_to_its_own_at_most_once() {
    let app = TestApp::start().await;
    for (base, host, location) in [
        ("https://go.example.com", "go.example.com", None),
        ("https://go.example.com", "GO.example.com", None),
        ("https://go.example.com", "go.example.com:443", None),
        (
            "https://go.example.com",
            "a1.execute-api.eu-central-1.amazonaws.com",
            Some("https://go.example.com/?redirected=1"),
        ),
        ("http://127.0.0.1:3000", "127.0.0.1:3000", None),
        ("http://127.0.0.1:3000", "localhost:3000", Some("http://127.0.0.1:3000/?redirected=1")),
        ("http://127.0.0.1:3000", "[::1]:3000", Some("http://127.0.0.1:3000/?redirected=1")),
    ] {
        let functions = app.another_instance(&[("SHORT_BASE_URL", base)]);
        for name in ["console", "console-head"] {
            let mut call = Call::new(name).anonymous();
            call.event["requestContext"]["domainName"] = host.into();
            let answer = call.send_to(&functions, Timestamp::now()).await;
            let expected = if location.is_some() { 302 } else { 200 };
            assert_eq!(answer.status, expected, "{base} {host}");
            assert_eq!(answer.headers.get("location").map(String::as_str), location, "{base} {host}");
            assert!(location.is_none() || answer.headers["cache-control"] == "no-store");
            // Behind a CDN, the second request has the same host as the first, so the page must not redirect again.
            let again = call.query("redirected=1").send_to(&functions, Timestamp::now()).await;
            assert_eq!(again.status, 200, "{base} {host}");
        }
    }
}

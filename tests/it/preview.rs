//! The preview of a short URL with `+` at its end, and the page of a missing link.

use crate::support::faulty::Counting;
use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use shared::model::Timestamp;

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

/// Creates a fixture in which acme is the root organization and has a handle and a link.
async fn acme() -> TestApp {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    app.put(&[]).await;
    Call::new("handle").by("owner").send(&app).await;
    app
}

fn browser(path: &str) -> Call {
    Call::new("redirect-browser").path(path)
}

#[track_caller]
fn is_page(answer: &Answer, status: u64, title: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-robots-tag"], "noindex");
    let policy = &answer.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
    assert!(!answer.headers.contains_key("location") && !answer.headers.contains_key("set-cookie"));
    assert!(answer.text.contains(&format!("<title>{title}</title>")), "{}", answer.text);
    assert!(answer.text.contains(&format!("<h1>{title}</h1>")), "{}", answer.text);
    assert!(answer.text.contains("<meta name=\"robots\" content=\"noindex\">"), "{}", answer.text);
}

/// Returns the page's text about the destination: its host, and the URL as text and as a link.
fn shown(host: &str, url: &str) -> String {
    format!(
        "<dl><dt>{host}</dt><dd>{url}</dd></dl>\n<a rel=\"noreferrer nofollow\" href=\"{url}\">Go to {host}</a>"
    )
}

#[tokio::test]
async fn a_plus_after_a_short_url_shows_its_destination_without_a_click() {
    let app = acme().await;
    for path in [
        format!("/{ACME}/k7m2p9qr+"),
        "/@acme/K7M2P9QR+".to_owned(),
        "/k7m2p9qr+".to_owned(),
        format!("//{ACME}//k7m2p9qr+/)."),
        "/@acme/k7m2p9qr+&utm_source=x".to_owned(),
    ] {
        for accept in ["text/html,*/*;q=0.8", "*/*", "application/json", ""] {
            let get = browser(&path).header("accept", accept).send(&app).await;
            is_page(&get, 200, "Where this link leads");
            assert!(get.text.contains(&shown("example.com", "https://example.com/kept")), "{}", get.text);
            let head = browser(&path).header("accept", accept).method("HEAD").send(&app).await;
            assert_eq!((head.status, &head.headers, head.text.as_str()), (200, &get.headers, ""));
        }
        let answer = browser(&path).method("POST").send(&app).await;
        assert_eq!(answer.is_problem(405, "method_not_allowed").headers["allow"], "GET, HEAD");
    }
    for (name, value) in [("sec-purpose", "prefetch"), ("user-agent", "Googlebot/2.1")] {
        let answer = browser("/k7m2p9qr+").header(name, value).send(&app).await;
        is_page(&answer, 200, "Where this link leads");
    }
    assert_eq!(app.click_lines().len(), 0);
}

#[tokio::test]
async fn a_preview_does_one_read_like_a_redirect_and_is_cached_like_one() {
    let app = acme().await;
    let counting = Counting::with_settings(&app, &[("LINK_CACHE_SECONDS", "10")]);
    let now = Timestamp::now();
    for (path, status) in [("k7m2p9qr+", 200), ("k7m2p9qr", 302), ("k7m2p9qr+", 200)] {
        let answer = browser(&format!("/{ACME}/{path}")).send_to(&counting.functions, now).await;
        assert_eq!((answer.status, counting.calls()), (status, 1), "{path}");
    }
}

#[tokio::test]
async fn a_preview_never_shows_the_destination_of_a_link_that_does_not_open_for_anyone() {
    let app = acme().await;
    let off = ("enabled", Some(AttributeValue::Bool(false)));
    let over = ("expires_at", Some(AttributeValue::N("1".to_owned())));
    let members = ("access", text("members"));
    for (item, status, code, title) in [
        (vec![off.clone()], 410, "link_disabled", "Link switched off"),
        (vec![over.clone()], 410, "link_expired", "Link expired"),
        (vec![members.clone()], 403, "forbidden", "Members only"),
        (vec![members.clone(), off], 410, "link_disabled", "Link switched off"),
        (vec![members, over], 410, "link_expired", "Link expired"),
    ] {
        app.put(&item).await;
        for path in [format!("/{ACME}/k7m2p9qr+"), "/@acme/k7m2p9qr+".to_owned(), "/k7m2p9qr+".to_owned()] {
            for call in [browser(&path), browser(&path).signed_in("member"), browser(&path).by("owner")] {
                let page = call.clone().send(&app).await;
                is_page(&page, status, title);
                let problem = call.header("accept", "application/json").send(&app).await;
                problem.is_problem(status, code);
                for answer in [page, problem] {
                    assert!(!answer.text.contains("example.com"), "{}", answer.text);
                    assert!(!answer.headers.values().any(|value| value.contains("example.com")));
                }
            }
        }
    }
    assert_eq!(app.click_lines().len(), 0);
}

#[tokio::test]
async fn a_preview_of_a_members_only_link_links_to_the_open_route() {
    let app = acme().await;
    app.put(&[("access", text("members"))]).await;
    for path in [format!("/{ACME}/k7m2p9qr+"), "/@acme/k7m2p9qr+".to_owned(), "/K7M2P9QR+".to_owned()] {
        let page = browser(&path).send(&app).await;
        let link = format!("<a href=\"/{ACME}/-/open/k7m2p9qr\">Open the link</a>");
        assert!(page.text.contains(&link), "{}", page.text);
        assert_eq!(page.text.matches("<a ").count(), 1);
    }
}

#[tokio::test]
async fn a_destination_is_always_text_on_its_preview() {
    let app = acme().await;
    for (stored, host, escaped) in [
        (
            "https://example.com/\"><script>alert('1')</script>",
            "example.com",
            "https://example.com/&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;",
        ),
        ("https://example.com:8443?a=1&lt=2", "example.com", "https://example.com:8443?a=1&amp;lt=2"),
        ("http://[2606:4700::1111]:8080/", "[2606:4700::1111]", "http://[2606:4700::1111]:8080/"),
        ("https://a\"<b>.example/", "a&quot;&lt;b&gt;.example", "https://a&quot;&lt;b&gt;.example/"),
        ("https://bank.example@evil.example/", "evil.example", "https://bank.example@evil.example/"),
        ("https://evil.example\\@bank.example/", "evil.example", "https://evil.example\\@bank.example/"),
        ("https://evil.example#@bank.example", "evil.example", "https://evil.example#@bank.example"),
    ] {
        app.put(&[("url", text(stored))]).await;
        let page = browser("/k7m2p9qr+").send(&app).await;
        is_page(&page, 200, "Where this link leads");
        assert!(page.text.contains(&shown(host, escaped)), "{stored}: {}", page.text);
        assert!(!page.text.contains("<script") && !page.text.contains("alert('"));
    }
    // These are destinations as members write them. Characters of other scripts, and characters that change the text
    // direction, are shown encoded as ASCII.
    for (id, url, host, shown_url) in [
        ("idn", "https://аррӏе.example/", "xn--80ak6aa92e.example", "https://xn--80ak6aa92e.example/"),
        (
            "bidi",
            "https://example.com/\u{202e}moc.knab//:sptth",
            "example.com",
            "https://example.com/%E2%80%AEmoc.knab//:sptth",
        ),
    ] {
        let body = serde_json::json!({ "id": id, "url": url }).to_string();
        assert_eq!(Call::new("create").body(&body).send(&app).await.status, 201);
        let page = browser(&format!("/{id}+")).send(&app).await;
        assert!(page.text.contains(&shown(host, shown_url)), "{}", page.text);
        assert!(page.text.is_ascii(), "{}", page.text);
    }
    // A URL that could not be sent as a `Location` is not shown either.
    for url in ["javascript:alert(1)", "https://\u{202e}example.com/", "//evil.example"] {
        app.put(&[("url", text(url))]).await;
        browser("/k7m2p9qr+").send(&app).await.is_problem(500, "internal");
    }
}

#[tokio::test]
async fn the_page_of_a_missing_link_offers_to_create_it_and_is_the_same_for_every_organization_and_visitor() {
    let app = acme().await;
    let without_root = TestApp::start().await;
    let expected = "<p>Nothing is at <b>/lanuch</b>. Check the spelling.</p>\n\
                    <p>On the team? <a href=\"/#new=lanuch\">Create /lanuch</a></p>";
    let mut pages = Vec::new();
    for path in [
        format!("/{ACME}/lanuch"),
        format!("/{GLOBEX}/LANUCH"),
        "/0189c444-8a2d-4c41-8b4b-ae43ce79a492/lanuch".to_owned(),
        "/@acme/Lanuch".to_owned(),
        "/@nobody/lanuch).".to_owned(),
        "/lanuch".to_owned(),
        "/lanuch+".to_owned(),
        format!("/{ACME}/lanuch+/"),
        "/@nobody/lanuch+".to_owned(),
    ] {
        for call in [browser(&path), browser(&path).signed_in("member"), browser(&path).by("outsider")] {
            for app in [&app, &without_root] {
                let page = call.clone().header("host", "evil.example").send(app).await;
                is_page(&page, 404, "No such link");
                pages.push((page.text, page.headers));
                let problem = call.clone().header("accept", "*/*").send(app).await;
                problem.is_problem(404, "not_found");
                assert!(!problem.text.contains("lanuch"), "{}", problem.text);
            }
        }
    }
    assert!(pages[0].0.contains(expected), "{}", pages[0].0);
    assert!(pages.iter().all(|page| *page == pages[0]));
    // Except for the slug, the page is the same for every missing link.
    let other = browser("/x-1_y").send(&app).await;
    assert_eq!(other.text, pages[0].0.replace("lanuch", "x-1_y"));
    // The open route returns the same page for a missing link.
    let open = Call::new("open-signed-in").slug("lanuch").send(&app).await;
    assert_eq!((open.status, &open.text), (404, &pages[0].0));
}

#[tokio::test]
async fn a_path_without_a_valid_slug_offers_nothing_to_create_and_is_not_repeated() {
    let app = acme().await;
    for path in
        ["/<b>x</b>", "/-lanuch", "/lanuch.php", "/a/b/lanuch", "/lanuch++", "/@acme/la\"nuch", "/link"]
    {
        let page = browser(path).send(&app).await;
        is_page(&page, 404, "No such link");
        assert!(
            page.text.contains("<p>Nothing is at this address. Check the spelling.</p>"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("nuch") && !page.text.contains("<a "), "{path}: {}", page.text);
    }
}

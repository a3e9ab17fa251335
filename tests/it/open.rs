use crate::support::{Answer, Call, GLOBEX, SESSION, TestApp, signed, token};
use aws_sdk_dynamodb::types::AttributeValue;
use local::issuer::Key;
use shared::model::Timestamp;

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

#[tokio::test]
async fn only_a_member_can_follow_a_members_only_link() {
    let app = TestApp::start().await;
    app.put(&[("access", text("members"))]).await;
    for user in ["member", "colleague", "admin", "owner"] {
        let answer = Call::new("open").by(user).send(&app).await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_str()),
            (302, "https://example.com/kept"),
            "{user}"
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        let head = Call::new("open-head").by(user).send(&app).await;
        assert_eq!((head.status, &head.headers, head.text.as_str()), (302, &answer.headers, ""));
    }
    for user in ["outsider", "stranger"] {
        let answer = Call::new("open").by(user).send(&app).await;
        answer.is_problem(403, "forbidden");
        assert!(!answer.headers.contains_key("location") && !answer.text.contains("kept"));
    }
    Call::new("open").anonymous().send(&app).await.is_problem(401, "unauthenticated");
    Call::new("open").by("outsider").org(GLOBEX).send(&app).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_redirect_of_a_members_only_link_leads_to_the_open_route() {
    let app = TestApp::start().await;
    app.put(&[("access", text("members"))]).await;
    let redirect = Call::new("redirect").send(&app).await;
    assert_eq!(redirect.headers["location"], Call::new("open").event["rawPath"]);
}

#[tokio::test]
async fn a_disabled_or_expired_link_stays_closed_to_members() {
    let app = TestApp::start().await;
    app.put(&[("access", text("members")), ("enabled", Some(AttributeValue::Bool(false)))]).await;
    Call::new("open").send(&app).await.is_problem(410, "link_disabled");
    let second = Timestamp::now().seconds();
    app.put(&[("access", text("members")), ("expires_at", Some(AttributeValue::N(second.to_string())))])
        .await;
    Call::new("open").send(&app).await.is_problem(410, "link_expired");
    Call::new("open").slug("nothing").send(&app).await.is_problem(404, "not_found");
}

const CLIENT: (&str, &str) = ("SIGN_IN_CLIENT_ID", "signpost");
const SIGN_IN: &str = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/-/sign-in?return_to=/1189c444-8a2d-4c41-8b4b-ae43ce79a492/-/open/k7m2p9qr&org_id=1189c444-8a2d-4c41-8b4b-ae43ce79a492";

async fn with_a_link_for_members(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::with_settings(settings).await;
    app.put(&[("access", text("members"))]).await;
    app
}

/// Asserts that the response is a page that other sites cannot frame and that caches do not store.
#[track_caller]
fn assert_page(answer: &Answer, status: u64, title: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert!(answer.text.contains(&format!("<h1>{title}</h1>")), "{}", answer.text);
    let policy = &answer.headers["content-security-policy"];
    assert!(
        policy.starts_with("default-src 'none'") && policy.ends_with("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(!answer.text.contains("example.com/kept"), "the target");
}

#[tokio::test]
async fn a_browser_that_is_not_signed_in_is_sent_to_sign_in_and_from_there_back() {
    let app = with_a_link_for_members(&[CLIENT]).await;
    let now = Timestamp::now().seconds();
    let expired = signed("member", |claims| claims["exp"] = (now - 61).into());
    let foreign = Key::from_pem(&Key::generate().unwrap()).unwrap().sign(&serde_json::json!({})).unwrap();
    let call = || Call::new("open-browser");
    let older = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user"];
    for (case, call) in [
        ("no cookie", call()),
        ("from another site", call().header("sec-fetch-site", "cross-site")),
        ("without Fetch Metadata", older.into_iter().fold(call(), Call::without)),
        ("expired", call().cookie(SESSION, &expired)),
        ("foreign", call().cookie(SESSION, &foreign)),
        ("unreadable", call().cookie(SESSION, "x")),
        ("twice", call().cookie(SESSION, &token("member")).cookie(SESSION, &token("member"))),
        ("an unknown link", call().slug("nothing")),
    ] {
        let answer = call.send(&app).await;
        assert_eq!((answer.status, answer.text.as_str()), (302, ""), "{case}");
        let slug = if case == "an unknown link" { "nothing" } else { "k7m2p9qr" };
        assert_eq!(answer.headers["location"], SIGN_IN.replace("k7m2p9qr", slug), "{case}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{case}");
        assert_eq!(answer.cookies, [""; 0], "{case}");
    }
    assert_eq!(app.click_lines().len(), 0, "a visitor who does not reach the destination is not counted");
    let app = with_a_link_for_members(&[CLIENT, ("SHORT_BASE_URL", "https://go.example.com/")]).await;
    let answer = Call::new("open-browser").send(&app).await;
    let domain = SIGN_IN.split("/-/").next().unwrap();
    assert_eq!(answer.headers["location"], SIGN_IN.replace(domain, "https://go.example.com"));
}

#[tokio::test]
async fn a_member_with_a_session_is_redirected_from_any_site_and_counts_once() {
    let app = with_a_link_for_members(&[CLIENT]).await;
    for site in ["none", "same-origin", "same-site", "cross-site"] {
        let answer = Call::new("open-signed-in").header("sec-fetch-site", site).send(&app).await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_str()),
            (302, "https://example.com/kept"),
            "{site}"
        );
        assert_eq!(app.click_lines().len(), 1, "{site}");
    }
}

#[tokio::test]
async fn programs_frames_scripts_and_prefetches_are_never_sent_to_sign_in() {
    let app = with_a_link_for_members(&[CLIENT]).await;
    let call = || Call::new("open-browser");
    let to = |mode: &str, destination: &str| {
        call().header("sec-fetch-mode", mode).header("sec-fetch-dest", destination)
    };
    for (case, call) in [
        ("a program", Call::new("open").anonymous()),
        ("curl", Call::new("open").anonymous().header("accept", "*/*")),
        ("a program with a bad token", call().header("authorization", "Bearer x")),
        ("a frame", to("navigate", "iframe")),
        ("an old frame", to("navigate", "frame")),
        ("an object", to("navigate", "object")),
        ("a script", to("no-cors", "script")),
        ("fetch", to("cors", "empty")),
        ("an image", to("no-cors", "image")),
        ("a worker", to("same-origin", "worker")),
        ("a prefetch", call().header("sec-purpose", "prefetch")),
        ("a prerendering", call().header("sec-purpose", "prefetch;prerender")),
        ("an old prefetch", call().header("x-moz", "prefetch")),
        ("a preview", call().header("x-purpose", "preview")),
    ] {
        for user in [None, Some("outsider")] {
            let call = match user {
                Some(user) if !case.contains("bad token") => call.clone().cookie(SESSION, &token(user)),
                _ => call.clone(),
            };
            let answer = call.send(&app).await;
            assert!([401, 403].contains(&answer.status), "{case}: {}", answer.status);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{case}");
            assert!(!answer.headers.contains_key("location"), "{case}");
        }
    }
    let head = Call::new("open-head").anonymous().header("accept", "text/html").send(&app).await;
    assert_eq!((head.status, head.headers["www-authenticate"].as_str()), (401, "Bearer"));
    assert!(!head.headers.contains_key("location"));
}

#[tokio::test]
async fn without_browser_sign_in_a_browser_gets_a_page_that_says_what_to_do() {
    let app = with_a_link_for_members(&[("SIGN_IN_CLIENT_ID", "")]).await;
    let answer = Call::new("open-browser").send(&app).await;
    assert_page(&answer, 401, "Members only");
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert!(
        answer
            .text
            .contains("Only members of the organization can open this link. Ask one of them for access."),
        "{}",
        answer.text
    );
    let answer = Call::new("open-browser").cookie(SESSION, &token("outsider")).send(&app).await;
    assert_page(&answer, 403, "Members only");
    assert!(!answer.text.contains("<a "), "{}", answer.text);
}

#[tokio::test]
async fn a_member_of_another_organization_sees_their_account_and_can_change_it() {
    let app = with_a_link_for_members(&[CLIENT]).await;
    for (user, who) in [
        ("outsider", " (<bdi>Globex</bdi>). This link is for members of another organization."),
        ("stranger", ", who belongs to no organization. This link is for members of an organization."),
    ] {
        let token = signed(user, |claims| {
            claims["first_name"] = "O'<b>tto</b>".into();
            claims["last_name"] = "\"&\u{202e}".into();
        });
        let answer = Call::new("open-browser").cookie(SESSION, &token).send(&app).await;
        assert_page(&answer, 403, "Members only");
        let name = "You're signed in as <bdi>O&#39;&lt;b&gt;tto&lt;/b&gt; &quot;&amp;</bdi>";
        assert!(answer.text.contains(&format!("{name}{who}")), "{}", answer.text);
        let link =
            format!("<a href=\"{}&amp;change=1\">Use another account</a>", SIGN_IN.replace('&', "&amp;"));
        assert!(answer.text.contains(&link), "{}", answer.text);
    }
    let both = signed("outsider", |claims| {
        claims["org_id_to_org_member_info"]["7c2c57a4-1f2b-4d2e-9c1a-3f8c5f1f4a11"]["org_name"] =
            "<script>alert(1)</script>".into();
    });
    let answer = Call::new("open-browser").cookie(SESSION, &both).send(&app).await;
    assert!(!answer.text.contains("<script"), "{}", answer.text);
    // A caller with a token in the header is a program, which gets a problem instead of a page.
    Call::new("open-browser").by("outsider").send(&app).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_page_of_a_members_only_link_contains_nothing_of_the_request_except_a_valid_address() {
    let app = with_a_link_for_members(&[CLIENT]).await;
    for call in [
        Call::new("open-browser").slug("<script>"),
        Call::new("open-browser").slug("a\"b"),
        Call::new("open-browser").slug("-"),
        Call::new("open-browser").org("@<script>"),
        Call::new("open-browser").org("a\"b"),
    ] {
        for call in [call.clone(), call.cookie(SESSION, &token("outsider"))] {
            let answer = call.send(&app).await;
            assert!([400, 404].contains(&answer.status), "{}", answer.status);
            assert_page(&answer, answer.status, "No such link");
            assert!(!answer.text.contains("<script") && !answer.text.contains("a\"b"), "{}", answer.text);
        }
    }
    let call = Call::new("open-browser").cookie(SESSION, &token("outsider"));
    let call =
        call.query("x=<script>").header("host", "evil.example").header("referer", "https://evil.example");
    let answer =
        call.header("x-forwarded-host", "evil.example").header("user-agent", "evil").send(&app).await;
    assert_page(&answer, 403, "Members only");
    assert!(!answer.text.contains("evil") && !answer.text.contains("x="), "{}", answer.text);
}

#[tokio::test]
async fn a_browser_gets_a_page_for_a_members_only_link_that_does_not_redirect() {
    let app = TestApp::with_settings(&[CLIENT]).await;
    let call = Call::new("open-signed-in");
    assert_page(&call.send(&app).await, 404, "No such link");
    app.put(&[("access", text("members")), ("enabled", Some(AttributeValue::Bool(false)))]).await;
    assert_page(&call.send(&app).await, 410, "Link switched off");
    let second = Timestamp::now().seconds().to_string();
    app.put(&[("expires_at", Some(AttributeValue::N(second)))]).await;
    assert_page(&call.send(&app).await, 410, "Link expired");
}

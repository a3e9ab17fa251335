//! Tests of lists that are filtered by words (`q`), by destination (`url`) and by state (`state`).

mod by_url;

use crate::support::faulty::Counting;
use crate::support::lists::{fill, slugs, walk_filtered};
use crate::support::{ACME, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use url::form_urlencoded;

/// Returns a query string with these parameters.
fn query(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Returns all links in acme's list for these parameters.
async fn found(app: &TestApp, parameters: &[(&str, &str)]) -> Vec<String> {
    let page = Call::new("list").query(&query(parameters)).send(app).await;
    assert_eq!((page.status, &page.body["next_cursor"]), (200, &Value::Null), "{}", page.text);
    slugs(&page)
}

/// Returns the list of links that lead to `url`.
async fn leading_to(app: &TestApp, url: &str) -> Vec<String> {
    found(app, &[("url", url)]).await
}

/// Creates a link in acme that leads to `url`.
async fn link(app: &TestApp, id: &str, url: &str) {
    app.link(json!({ "id": id, "url": url })).await;
    // Links that were created in the same millisecond are ordered by slug.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
}

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

fn number(value: i64) -> Option<AttributeValue> {
    Some(AttributeValue::N(value.to_string()))
}

#[tokio::test]
async fn each_word_of_a_search_is_found_in_slug_title_destination_or_tags_ignoring_case() {
    let app = TestApp::start().await;
    for body in [
        json!({ "id": "launch", "url": "https://example.com/München", "title": "Der große Start", "tags": ["spring"] }),
        json!({ "id": "wiki", "url": "https://xn--mnchen-3ya.de/", "title": "STRASSE", "tags": ["q3_goals"] }),
        json!({ "id": "oncall", "url": "https://pagerduty.example.com/schedules/P4K2" }),
    ] {
        app.link(body).await;
    }
    for (search, mut expected) in [
        ("LAUNCH", vec!["launch"]),
        ("GROSSE", vec!["launch"]),
        ("straße", vec!["wiki"]),
        ("münchen", vec!["launch", "wiki"]),
        ("M%C3%BCnchen", vec!["launch"]),
        ("xn--mnchen", vec!["wiki"]),
        ("spring launch", vec!["launch"]),
        ("\tspring\u{3000}start ", vec!["launch"]),
        ("spring wiki", vec![]),
        ("example.com", vec!["launch", "oncall"]),
        ("p4k2", vec!["oncall"]),
        ("goals", vec!["wiki"]),
        ("https", vec!["launch", "wiki", "oncall"]),
        // The search ignores all other values of a link, such as its access or its organization.
        ("public", vec![]),
        ("true", vec![]),
        (ACME, vec![]),
    ] {
        let mut found = found(&app, &[("q", search)]).await;
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{search}");
    }
    assert_eq!(slugs(&Call::new("list-search").send(&app).await), ["launch"]);
}

#[tokio::test]
async fn an_invalid_search_url_and_state_are_all_named_at_once() {
    let app = TestApp::start().await;
    let long = "ü".repeat(101);
    for (q, url, state, faults) in [
        ("", "", "", ["invalid_url", "unknown_word", "invalid_search"]),
        (" \t\u{3000}", "example.com", "On", ["invalid_url", "unknown_word", "invalid_search"]),
        ("a\0b", "ftp://example.com/", "deleted", ["unsupported_scheme", "unknown_word", "invalid_search"]),
        (&long, "https://u:p@example.com/", "on ", ["credentials_in_url", "unknown_word", "invalid_search"]),
        ("\u{85}", "https://exa\0mple.com/", "0", ["control_character", "unknown_word", "invalid_search"]),
        ("\u{7f}", "https://", "on,off", ["invalid_url", "unknown_word", "invalid_search"]),
    ] {
        let query = query(&[("q", q), ("url", url), ("state", state)]);
        let answer = Call::new("list").query(&query).send(&app).await;
        let faults: Vec<_> = ["url", "state", "q"].into_iter().zip(faults).collect();
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
    let too_long = format!("https://example.com/{}", "x".repeat(2_048));
    let answer = Call::new("list").query(&query(&[("url", &too_long)])).send(&app).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("url", "too_long")]);
    // Invalid UTF-8 is replaced by replacement characters, which occur in no link.
    let answer = Call::new("list").query("q=%FF%FE&state=on").send(&app).await;
    assert_eq!((answer.status, slugs(&answer).len()), (200, 0));
    for hostile in ["#target", ":key) OR (1=1", "\"}{", "%", "_", "a AND b", "\u{202e}", "😀", "\u{feff}"] {
        assert_eq!(found(&app, &[("q", hostile)]).await, Vec::<String>::new(), "{hostile}");
    }
}

#[tokio::test]
async fn no_filter_finds_another_organizations_link_and_its_cursor_is_refused() {
    let app = TestApp::start().await;
    let url = "https://example.com/secret";
    let body = json!({ "id": "secret", "url": url, "title": "Secret" }).to_string();
    for number in 0..3 {
        let body = body.replace("\"secret\"", &format!("\"secret{number}\""));
        let created = Call::new("create").by("outsider").org(GLOBEX).body(&body).send(&app).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    for (parameter, value) in [("url", url), ("q", "secret"), ("q", GLOBEX), ("state", "on")] {
        assert_eq!(found(&app, &[(parameter, value)]).await, Vec::<String>::new(), "{parameter}");
    }
    link(&app, "ours", url).await;
    assert_eq!(leading_to(&app, url).await, ["ours"]);
    let filter = query(&[("url", url)]);
    let theirs =
        Call::new("list").by("outsider").org(GLOBEX).query(&format!("{filter}&limit=1")).send(&app).await;
    assert_eq!(slugs(&theirs), ["secret2"]);
    let cursor = theirs.body["next_cursor"].as_str().unwrap();
    let ours = Call::new("list").query(&format!("{filter}&limit=1&cursor={cursor}")).send(&app).await;
    ours.is_problem(400, "invalid_cursor");
    let denied = Call::new("list").org(GLOBEX).query(&filter).send(&app).await;
    denied.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_link_has_the_state_of_the_moment_of_the_request() {
    let app = TestApp::start().await;
    const DAY: i64 = 86_400;
    // The time is a whole number of seconds, as expiry times are.
    let now = Timestamp::now().seconds();
    let at_once = Timestamp::try_from(now * 1000).unwrap();
    let off = || ("enabled", Some(AttributeValue::Bool(false)));
    for (id, changes) in [
        ("always", vec![]),
        ("off", vec![off()]),
        ("off-expired", vec![off(), ("expires_at", number(now - 1))]),
        ("off-expiring", vec![off(), ("expires_at", number(now + DAY))]),
        ("expired", vec![("expires_at", number(now - 1))]),
        ("expires-at-once", vec![("expires_at", number(now))]),
        ("expires-next", vec![("expires_at", number(now + 1))]),
        ("expires-in-a-week", vec![("expires_at", number(now + 7 * DAY))]),
        ("expires-later", vec![("expires_at", number(now + 7 * DAY + 1))]),
        ("members", vec![("access", text("members"))]),
        ("members-off", vec![("access", text("members")), off()]),
    ] {
        let newest = format!("{:015}#{id}", now * 1000);
        let own = [("id", text(id)), ("newest", text(&newest))];
        app.put(&own.into_iter().chain(changes).collect::<Vec<_>>()).await;
    }
    let at = async |state: &str, millis: i64| {
        let now = Timestamp::try_from(now * 1000 + millis).unwrap();
        let page = Call::new("list").query(&format!("state={state}")).send_at(&app, now).await;
        let mut slugs = slugs(&page);
        slugs.sort();
        slugs.join(" ")
    };
    let on = "always expires-in-a-week expires-later expires-next members";
    assert_eq!(at("on", 0).await, on);
    assert_eq!(at("on", 999).await, on);
    assert_eq!(at("off", 0).await, "members-off off off-expired off-expiring");
    assert_eq!(at("expired", 0).await, "expired expires-at-once");
    assert_eq!(at("expired", 1000).await, "expired expires-at-once expires-next");
    assert_eq!(at("expiring", 0).await, "expires-in-a-week expires-next");
    assert_eq!(at("expiring", 1000).await, "expires-in-a-week expires-later");
    assert_eq!(at("members", 0).await, "members members-off");
    // The redirect agrees.
    for slug in at("on", 0).await.split(' ').filter(|slug| *slug != "members") {
        let path = format!("/{ACME}/{slug}");
        let answer = Call::new("redirect").path(&path).send_at(&app, at_once).await;
        assert_eq!(answer.status, 302, "{slug}");
    }
    for slug in at("expired", 0).await.split(' ') {
        let path = format!("/{ACME}/{slug}");
        let answer = Call::new("redirect").path(&path).send_at(&app, at_once).await;
        answer.is_problem(410, "link_expired");
    }
}

#[tokio::test]
async fn all_filters_can_be_combined_in_either_index() {
    let app = TestApp::start().await;
    let url = "https://example.com/launch";
    let fits = json!({ "url": url, "title": "Spring", "tags": ["print"], "access": "members" });
    let with = |id: &str, member: &str, value: Value| {
        let mut body = fits.clone();
        body["id"] = id.into();
        body[member] = value;
        body
    };
    for (user, body) in [
        ("member", with("la-fits", "enabled", json!(true))),
        ("member", with("la-url", "url", json!("https://example.com/other"))),
        ("member", with("la-title", "title", json!("Autumn"))),
        ("member", with("la-tag", "tags", json!(["web"]))),
        ("member", with("la-access", "access", json!("public"))),
        ("member", with("prefix", "enabled", json!(true))),
        ("colleague", with("la-creator", "enabled", json!(true))),
    ] {
        let created = Call::new("create").by(user).body(&body.to_string()).send(&app).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    let all = [
        ("url", url),
        ("q", "spring"),
        ("state", "members"),
        ("tag", "print"),
        ("prefix", "la"),
        ("creator", "me"),
    ];
    assert_eq!(found(&app, &all).await, ["la-fits"]);
    assert_eq!(walk_filtered(&app, &query(&all), 1).await.0, ["la-fits"]);
    for (left_out, other) in [
        ("url", "la-url"),
        ("q", "la-title"),
        ("state", "la-access"),
        ("tag", "la-tag"),
        ("prefix", "prefix"),
        ("creator", "la-creator"),
    ] {
        let rest: Vec<_> = all.into_iter().filter(|(name, _)| *name != left_out).collect();
        let mut found = found(&app, &rest).await;
        found.sort();
        let mut expected = ["la-fits", other];
        expected.sort_unstable();
        assert_eq!(found, expected, "without {left_out}");
    }
    let clicks = Call::new("list").query(&format!("{}&include=clicks", query(&all))).send(&app).await;
    assert_eq!(clicks.body["data"][0]["clicks"], 0);
    // A cursor works only with its own list.
    let page = Call::new("list").query("q=spring&limit=1").send(&app).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    for (filter, fits) in [
        ("q=SPRING%20", true),
        ("q=sprin", false),
        ("", false),
        ("q=spring&state=on", false),
        ("state=on", false),
    ] {
        let answer = Call::new("list").query(&format!("{filter}&cursor={cursor}")).send(&app).await;
        assert_eq!(answer.status, if fits { 200 } else { 400 }, "{filter}");
    }
}

#[tokio::test]
async fn a_search_of_many_links_is_complete_and_no_page_reads_more_than_its_limit() {
    let app = TestApp::start().await;
    let title = |title: &str| AttributeValue::S(title.to_owned());
    fill(&app, 2_500, |number, item| {
        let name = if [3, 1_200, 2_499].contains(&number) { "The Needle" } else { "Hay" };
        item.insert("title".to_owned(), title(name));
    })
    .await;
    let counting = Counting::new(&app);
    for (filter, expected) in [
        ("q=NEEDLE", vec!["link02499", "link01200", "link00003"]),
        ("q=needle+link&state=on&creator=me", vec!["link02499", "link01200", "link00003"]),
        ("q=pin", vec![]),
    ] {
        let (mut listed, mut cursor, mut count) = (Vec::new(), String::new(), 0);
        loop {
            let call = Call::new("list").query(&format!("{filter}{cursor}"));
            let page = call.send_to(&counting.functions, Timestamp::now()).await;
            assert_eq!(page.status, 200, "{}", page.text);
            assert!(counting.items_read() <= 2_000, "{filter}");
            listed.extend(slugs(&page));
            count += 1;
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(listed, expected, "{filter}");
        assert_eq!(count, 2, "{filter}");
    }
}

//! Lists by words (`q`), by destination (`url`) and by state (`state`).

use crate::faulty::Counting;
use crate::filters::{fill, walk_filtered};
use crate::house::{ACME, Call, DOMAIN, GLOBEX, House};
use crate::list::slugs;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::sync::Arc;
use url::form_urlencoded;

/// A query string of these parameters.
fn query(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// All links in acme's list for these parameters.
async fn found(house: &House, parameters: &[(&str, &str)]) -> Vec<String> {
    let page = Call::of("list").query(&query(parameters)).send(house).await;
    assert_eq!((page.status, &page.body["next_cursor"]), (200, &Value::Null), "{}", page.text);
    slugs(&page)
}

/// The list of links that lead to `url`.
async fn leading_to(house: &House, url: &str) -> Vec<String> {
    found(house, &[("url", url)]).await
}

/// Creates a link in acme that leads to `url`.
async fn link(house: &House, id: &str, url: &str) {
    house.link(json!({ "id": id, "url": url })).await;
    // Links of one millisecond are ordered by their slugs.
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
    let house = House::open().await;
    for body in [
        json!({ "id": "launch", "url": "https://example.com/München", "title": "Der große Start", "tags": ["spring"] }),
        json!({ "id": "wiki", "url": "https://xn--mnchen-3ya.de/", "title": "STRASSE", "tags": ["q3_goals"] }),
        json!({ "id": "oncall", "url": "https://pagerduty.example.com/schedules/P4K2" }),
    ] {
        house.link(body).await;
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
        // Only the fields themselves are searched.
        ("public", vec![]),
        ("true", vec![]),
        (ACME, vec![]),
    ] {
        let mut found = found(&house, &[("q", search)]).await;
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{search}");
    }
    assert_eq!(slugs(&Call::of("list-search").send(&house).await), ["launch"]);
}

#[tokio::test]
async fn an_invalid_search_url_and_state_are_all_named_at_once() {
    let house = House::open().await;
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
        let answer = Call::of("list").query(&query).send(&house).await;
        let faults: Vec<_> = ["url", "state", "q"].into_iter().zip(faults).collect();
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
    let too_long = format!("https://example.com/{}", "x".repeat(2_048));
    let answer = Call::of("list").query(&query(&[("url", &too_long)])).send(&house).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("url", "too_long")]);
    // Invalid UTF-8 becomes replacement characters, which occur in no link.
    let answer = Call::of("list").query("q=%FF%FE&state=on").send(&house).await;
    assert_eq!((answer.status, slugs(&answer).len()), (200, 0));
    for hostile in ["#target", ":key) OR (1=1", "\"}{", "%", "_", "a AND b", "\u{202e}", "😀", "\u{feff}"] {
        assert_eq!(found(&house, &[("q", hostile)]).await, Vec::<String>::new(), "{hostile}");
    }
}

#[tokio::test]
async fn a_url_finds_the_links_that_lead_exactly_there_newest_first_and_reads_no_others() {
    let house = House::open().await;
    fill(&house, 300, |_, _| {}).await;
    let target = "https://example.com/M%C3%BCnchen?from=flyer";
    link(&house, "first", target).await;
    link(&house, "second", target).await;
    link(&house, "third", "https://example.com/M%C3%BCnchen?from=mail").await;
    link(&house, "fourth", "HTTPS://EXAMPLE.com:443/München?from=flyer").await;
    let counting = Counting::of(&house);
    for url in [
        target,
        "https://Example.com/München?from=flyer",
        " https://example.com:443/M%C3%BCnchen?from=flyer\n",
    ] {
        let call = Call::of("list").query(&query(&[("url", url)]));
        let page = call.send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!(slugs(&page), ["fourth", "second", "first"], "{url}");
        assert_eq!((counting.items_read(), &page.body["next_cursor"]), (3, &Value::Null));
    }
    // One query, and one read of the handle, which the instance has cached by now.
    assert_eq!(counting.calls(), 3 + 1);
    for (url, expected) in [
        ("https://example.com/M%C3%BCnchen?from=mail", vec!["third"]),
        ("https://example.com/M%C3%BCnchen", vec![]),
        ("http://example.com/M%C3%BCnchen?from=flyer", vec![]),
        ("https://example.com/m%C3%BCnchen?from=flyer", vec![]),
        ("https://example.com/M%C3%BCnchen?from=flyer#", vec![]),
    ] {
        assert_eq!(leading_to(&house, url).await, expected, "{url}");
    }
    let filter = query(&[("url", target)]);
    for limit in [1, 2, 3, 100] {
        assert_eq!(walk_filtered(&house, &filter, limit).await.0, ["fourth", "second", "first"], "{limit}");
    }
    link(&house, "launch", "https://example.com/launch?from=flyer").await;
    assert_eq!(slugs(&Call::of("list-url").send(&house).await), ["launch"]);
}

#[tokio::test]
async fn a_url_that_the_rules_of_this_deployment_forbid_is_still_looked_up() {
    let lenient = House::with(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    link(&lenient, "printer", "http://192.168.0.7/").await;
    let strict = lenient.another_instance(&[]);
    for (url, expected) in [
        ("http://192.168.0.7", vec!["printer"]),
        ("http://localhost:3000/", vec![]),
        (&format!("https://{DOMAIN}/{ACME}/launch"), vec![]),
    ] {
        let call = Call::of("list").query(&query(&[("url", url)]));
        let page = call.send_to(&strict, Timestamp::now()).await;
        assert_eq!(
            (page.status, slugs(&page)),
            (200, expected.iter().map(|id| (*id).to_owned()).collect()),
            "{url}"
        );
    }
}

#[tokio::test]
async fn no_filter_finds_another_organizations_link_and_its_cursor_is_refused() {
    let house = House::open().await;
    let url = "https://example.com/secret";
    let body = json!({ "id": "secret", "url": url, "title": "Secret" }).to_string();
    for number in 0..3 {
        let body = body.replace("\"secret\"", &format!("\"secret{number}\""));
        let created = Call::of("create").by("outsider").org(GLOBEX).body(&body).send(&house).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    for (parameter, value) in [("url", url), ("q", "secret"), ("q", GLOBEX), ("state", "on")] {
        assert_eq!(found(&house, &[(parameter, value)]).await, Vec::<String>::new(), "{parameter}");
    }
    link(&house, "ours", url).await;
    assert_eq!(leading_to(&house, url).await, ["ours"]);
    let filter = query(&[("url", url)]);
    let theirs =
        Call::of("list").by("outsider").org(GLOBEX).query(&format!("{filter}&limit=1")).send(&house).await;
    assert_eq!(slugs(&theirs), ["secret2"]);
    let cursor = theirs.body["next_cursor"].as_str().unwrap();
    let ours = Call::of("list").query(&format!("{filter}&limit=1&cursor={cursor}")).send(&house).await;
    ours.is_problem(400, "invalid_cursor");
    let denied = Call::of("list").org(GLOBEX).query(&filter).send(&house).await;
    denied.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_link_is_found_by_its_url_from_creation_through_each_edit_until_it_is_deleted() {
    let house = House::open().await;
    let (one, two) = ("https://example.com/one", "https://example.com/two");
    let keyed = Call::of("create-idempotent").body(&json!({ "id": "keyed", "url": one }).to_string());
    assert_eq!(keyed.send(&house).await.status, 201);
    link(&house, "plain", one).await;
    assert_eq!(leading_to(&house, one).await, ["plain", "keyed"]);
    let edit = async |body: Value| {
        let edited = Call::of("update").slug("plain").body(&body.to_string()).send(&house).await;
        assert_eq!(edited.status, 200, "{}", edited.text);
    };
    edit(json!({ "url": two })).await;
    assert_eq!(
        (leading_to(&house, one).await, leading_to(&house, two).await),
        (vec!["keyed".into()], vec!["plain".into()])
    );
    edit(json!({ "title": "Two", "enabled": false })).await;
    assert_eq!(leading_to(&house, two).await, ["plain"]);
    let page = Call::of("list").query(&query(&[("url", two)])).send(&house).await;
    assert_eq!(page.body["data"][0], Call::of("read").slug("plain").send(&house).await.body);
    assert_eq!(Call::of("delete").slug("plain").send(&house).await.status, 200);
    assert_eq!(leading_to(&house, two).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_that_is_not_in_the_index_gets_there_with_its_next_write() {
    let house = House::open().await;
    let url = "https://example.com/kept";
    for (birth, body, expected) in [
        (None, r#"{"title": "New"}"#, url),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"title": "New"}"#, url),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"expires_at": "2099-01-01T00:00:00Z"}"#, url),
        (None, r#"{"url": "https://example.com/new"}"#, "https://example.com/new"),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"url": "https://example.com/new"}"#, "https://example.com/new"),
    ] {
        let birth: Vec<_> = birth.iter().map(|birth| ("birth", text(birth))).collect();
        house.put(&birth).await;
        assert_eq!(leading_to(&house, url).await, Vec::<String>::new());
        // An edit that changes nothing writes nothing.
        let unchanged = Call::of("update").body(&json!({ "url": url }).to_string()).send(&house).await;
        assert_eq!((unchanged.status, &unchanged.body["version"]), (200, &json!(1)));
        assert_eq!(leading_to(&house, url).await, Vec::<String>::new());
        let edited = Call::of("update").body(body).send(&house).await;
        assert_eq!((edited.status, &edited.body["version"]), (200, &json!(2)), "{}", edited.text);
        assert_eq!(leading_to(&house, expected).await, ["k7m2p9qr"], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_concurrent_edits_of_an_unindexed_link_the_index_has_the_last_url() {
    for _ in 0..10 {
        let house = Arc::new(House::open().await);
        house.put(&[]).await;
        let edits = (0..8).map(|number| match number % 2 {
            0 => json!({ "url": format!("https://example.com/{number}") }),
            _ => json!({ "title": format!("Title {number}") }),
        });
        let edits: Vec<_> = edits
            .map(|body| {
                let house = Arc::clone(&house);
                tokio::spawn(
                    async move { Call::of("update").body(&body.to_string()).send(&house).await.status },
                )
            })
            .collect();
        for edit in edits {
            assert_eq!(edit.await.unwrap(), 200);
        }
        let link = Call::of("read").send(&house).await;
        assert_eq!(leading_to(&house, link.body["url"].as_str().unwrap()).await, ["k7m2p9qr"]);
    }
}

#[tokio::test]
async fn an_item_under_another_urls_index_key_is_not_listed() {
    let house = House::open().await;
    let url = "https://example.com/kept";
    let target = format!("{ACME}#73301c8e4147ca63f4a948a40513385b");
    house.put(&[("target", text(&target))]).await;
    assert_eq!(leading_to(&house, url).await, ["k7m2p9qr"]);
    // The item after an edit by a version without this index.
    house.put(&[("target", text(&target)), ("url", text("https://example.com/other"))]).await;
    assert_eq!(leading_to(&house, url).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_has_the_state_of_the_moment_of_the_request() {
    let house = House::open().await;
    const DAY: i64 = 86_400;
    // A whole second, like an expiry.
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
        house.put(&own.into_iter().chain(changes).collect::<Vec<_>>()).await;
    }
    let at = async |state: &str, millis: i64| {
        let now = Timestamp::try_from(now * 1000 + millis).unwrap();
        let page = Call::of("list").query(&format!("state={state}")).send_at(&house, now).await;
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
        let answer = Call::of("redirect").path(&path).send_at(&house, at_once).await;
        assert_eq!(answer.status, 302, "{slug}");
    }
    for slug in at("expired", 0).await.split(' ') {
        let path = format!("/{ACME}/{slug}");
        let answer = Call::of("redirect").path(&path).send_at(&house, at_once).await;
        answer.is_problem(410, "link_expired");
    }
}

#[tokio::test]
async fn all_filters_can_be_combined_in_either_index() {
    let house = House::open().await;
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
        let created = Call::of("create").by(user).body(&body.to_string()).send(&house).await;
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
    assert_eq!(found(&house, &all).await, ["la-fits"]);
    assert_eq!(walk_filtered(&house, &query(&all), 1).await.0, ["la-fits"]);
    for (left_out, other) in [
        ("url", "la-url"),
        ("q", "la-title"),
        ("state", "la-access"),
        ("tag", "la-tag"),
        ("prefix", "prefix"),
        ("creator", "la-creator"),
    ] {
        let rest: Vec<_> = all.into_iter().filter(|(name, _)| *name != left_out).collect();
        let mut found = found(&house, &rest).await;
        found.sort();
        let mut expected = ["la-fits", other];
        expected.sort_unstable();
        assert_eq!(found, expected, "without {left_out}");
    }
    let clicks = Call::of("list").query(&format!("{}&include=clicks", query(&all))).send(&house).await;
    assert_eq!(clicks.body["data"][0]["clicks"], 0);
    // A cursor works with its own list only.
    let page = Call::of("list").query("q=spring&limit=1").send(&house).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    for (filter, fits) in [
        ("q=SPRING%20", true),
        ("q=sprin", false),
        ("", false),
        ("q=spring&state=on", false),
        ("state=on", false),
    ] {
        let answer = Call::of("list").query(&format!("{filter}&cursor={cursor}")).send(&house).await;
        assert_eq!(answer.status, if fits { 200 } else { 400 }, "{filter}");
    }
}

#[tokio::test]
async fn a_search_of_many_links_is_complete_and_no_page_reads_more_than_its_limit() {
    let house = House::open().await;
    let title = |title: &str| AttributeValue::S(title.to_owned());
    fill(&house, 2_500, |number, item| {
        let name = if [3, 1_200, 2_499].contains(&number) { "The Needle" } else { "Hay" };
        item.insert("title".to_owned(), title(name));
    })
    .await;
    let counting = Counting::of(&house);
    for (filter, expected) in [
        ("q=NEEDLE", vec!["link02499", "link01200", "link00003"]),
        ("q=needle+link&state=on&creator=me", vec!["link02499", "link01200", "link00003"]),
        ("q=pin", vec![]),
    ] {
        let (mut listed, mut cursor, mut count) = (Vec::new(), String::new(), 0);
        loop {
            let call = Call::of("list").query(&format!("{filter}{cursor}"));
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

//! Where a link can lead: never back to this deployment, never into a private network, and always to a host that can
//! exist.

use crate::support::{ACME, Answer, Call, DOMAIN, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::http::ShortUrls;

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

async fn create(app: &TestApp, url: &str) -> Answer {
    Call::new("create").url(url).send(app).await
}

/// Asserts that the URL is rejected both for a new link and in an edit, with this code at `/url`.
async fn is_refused(app: &TestApp, url: &str, code: &str) {
    for name in ["create", "update"] {
        let answer = Call::new(name).url(url).send(app).await;
        let faults = answer.is_problem(422, "validation_failed").faults();
        assert_eq!(faults, [("/url", code)], "{name} {url:?}");
    }
}

const BASES: [&str; 7] = [
    "https://go.example.com",
    "https://go.example.com/",
    "HTTPS://GO.example.com",
    "https://go.example.com.",
    "http://127.0.0.1:3000",
    "http://[::1]:3000/",
    "https://bücher.example",
];
const BASES_WITH_A_PATH: [&str; 6] = [
    "https://go.example.com/s",
    "https://go.example.com/s/",
    "https://go.example.com//",
    "https://go.example.com/%2e%2e/s",
    "https://go.example.com/;v=1",
    "https:\\\\go.example.com\\s",
];
const BASES_WITH_MORE: [&str; 3] =
    ["https://me@go.example.com", "https://go.example.com?a", "https://go.example.com#a"];

fn with_base(base: &str) -> Result<ShortUrls, String> {
    let settings = [("SHORT_BASE_URL", base)].into_iter().collect();
    ShortUrls::from_settings(&settings).map_err(|error| error.to_string())
}

#[test]
fn a_base_of_short_urls_with_a_path_stops_the_start_with_an_error_message() {
    for base in BASES {
        assert!(with_base(base).is_ok(), "{base}");
    }
    assert!(with_base("  https://go.example.com\n").is_ok() && with_base(" ").is_ok());
    for base in BASES_WITH_A_PATH {
        assert_eq!(
            with_base(base).unwrap_err(),
            "the setting SHORT_BASE_URL must not have a path; use only a scheme and a host, such as https://go.example.com",
            "{base}"
        );
    }
    for base in BASES_WITH_MORE {
        let refused = with_base(base).unwrap_err();
        assert!(refused.contains("user name, password, query or fragment"), "{base}: {refused}");
    }
    for base in ["go.example.com", "ftp://go.example.com", "https://go..example.com", "https://.example.com"]
    {
        assert_eq!(
            with_base(base).unwrap_err(),
            "the setting SHORT_BASE_URL is not an http or https URL",
            "{base}"
        );
    }
}

/// The parameter's pattern makes CloudFormation reject what the functions would reject when they start.
#[test]
fn a_base_of_short_urls_with_a_path_is_refused_by_the_deployment() {
    let template = crate::support::template::template();
    let pattern = template["Parameters"]["ShortBaseUrl"]["AllowedPattern"].as_str().unwrap();
    let pattern = regex_lite::Regex::new(pattern).unwrap();
    // The parameter requires a lower-case scheme and an ASCII host.
    for base in BASES.into_iter().filter(|base| base.starts_with("http") && base.is_ascii()).chain([""]) {
        assert!(pattern.is_match(base), "{base}");
    }
    for base in BASES_WITH_A_PATH.into_iter().chain(BASES_WITH_MORE) {
        assert!(!pattern.is_match(base), "{base}");
    }
}

#[tokio::test]
async fn no_spelling_of_a_url_can_lead_to_this_deployment() {
    for base in ["https://go.example.com", "https://GO.Example.com./", "http://go.example.com:8080"] {
        let app = TestApp::with_settings(&[("SHORT_BASE_URL", base)]).await;
        app.put(&[]).await;
        for url in [
            "https://go.example.com/acme/a",
            "http://GO.example.com.:8080",
            "https://go.example.com./",
            "https://go%2Eexample%2Ecom/",
            "https://%67o.example.com/",
            "https://ｇｏ.example.com/",
            "https://go。example。com/",
            "https://go.example\u{ad}.com/",
            "http://go.example.com:80/",
            &format!("https://{DOMAIN}/{ACME}/a"),
            &format!("https://{}./", DOMAIN.to_uppercase()),
        ] {
            is_refused(&app, url, "loop").await;
        }
        for url in ["https://www.go.example.com/", "https://example.com/", "https://go.example.com.example/"]
        {
            assert_eq!(create(&app, url).await.status, 201, "{url}");
        }
    }
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://bücher.example")]).await;
    app.put(&[]).await;
    for url in
        ["https://xn--bcher-kva.example/", "https://BÜCHER.example/", "https://bu\u{308}cher.example./"]
    {
        is_refused(&app, url, "loop").await;
    }
}

/// The API's default endpoint is one of Signpost's own hosts, even if the request was for a custom domain.
#[tokio::test]
async fn a_link_cannot_lead_to_the_apis_default_endpoint() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for url in [
        format!("https://{DOMAIN}/"),
        format!("https://{DOMAIN}./{ACME}/a"),
        "https://go.acme.example/".into(),
    ] {
        for name in ["create", "update"] {
            let mut call = Call::new(name).url(&url);
            call.event["requestContext"]["domainName"] = "Go.Acme.example".into();
            let answer = call.send(&app).await;
            assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/url", "loop")], "{url}");
        }
    }
    assert_eq!(create(&app, "https://f6g7h8i9j0.execute-api.eu-central-1.amazonaws.com/").await.status, 201);
}

/// On one machine, each port is a different server, and `localhost` is the same as `127.0.0.1`.
#[tokio::test]
async fn on_one_machine_a_link_can_lead_to_another_port_but_not_to_our_own() {
    let overrides = [("SHORT_BASE_URL", "http://127.0.0.1:3000"), ("ALLOW_PRIVATE_TARGETS", "true")];
    let app = TestApp::with_settings(&overrides).await;
    app.put(&[]).await;
    for url in [
        "http://127.0.0.1:3000/a",
        "http://localhost:3000/a",
        "http://LOCALHOST.:3000/",
        "http://acme.localhost:3000/",
        "http://[::1]:3000/",
        "http://0.0.0.0:3000/",
        "http://127.1:3000/",
        "http://[::ffff:127.0.0.1]:3000/",
    ] {
        is_refused(&app, url, "loop").await;
    }
    for url in
        ["http://127.0.0.1:5173/", "http://localhost:5173/", "http://[::1]:8080/", "http://10.0.0.1:3000/"]
    {
        assert_eq!(create(&app, url).await.status, 201, "{url}");
    }
    let mut call = Call::new("create").url("http://[2001:db8:0::7]:3000/");
    call.event["requestContext"]["domainName"] = "[2001:db8::7]:3000".into();
    assert_eq!(call.send(&app).await.is_problem(422, "validation_failed").faults(), [("/url", "loop")]);
}

#[tokio::test]
async fn white_space_and_invisible_characters_are_removed_around_a_url_and_not_within_it() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for around in [
        "\t",
        "\n",
        "\r\n",
        " ",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{a0}",
        "\u{2003}",
        "\u{2028}",
        "\u{3000}",
        "\u{200b}",
        "\u{200e}",
        "\u{200f}",
        "\u{202a}",
        "\u{2060}",
        "\u{2069}",
        "\u{feff}",
        "\u{61c}",
        "\u{200d}",
        "\u{ad}",
        " \t\r\n\u{a0}",
    ] {
        for sent in [
            format!("{around}https://example.com/a"),
            format!("https://example.com/a{around}"),
            format!("{around}https://example.com/a{around}"),
        ] {
            let created = create(&app, &sent).await;
            assert_eq!(
                (created.status, &created.body["url"]),
                (201, &json!("https://example.com/a")),
                "{sent:?}"
            );
            let edited = Call::new("update").url(&sent).send(&app).await;
            assert_eq!(
                (edited.status, &edited.body["url"]),
                (200, &json!("https://example.com/a")),
                "{sent:?}"
            );
        }
    }
    assert_eq!(
        create(&app, "https://example.com/a b\u{a0}c").await.body["url"],
        "https://example.com/a%20b%C2%A0c"
    );
    for url in [
        "https://exa\nmple.com/",
        "https://example.com/a\tb",
        "ht\ntps://example.com/",
        "\0https://example.com/",
    ] {
        is_refused(&app, url, "control_character").await;
    }
    for url in ["", " ", "\n", "\u{200b}\u{feff}"] {
        is_refused(&app, url, "invalid_url").await;
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_resolved_is_refused() {
    let app = TestApp::with_settings(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    app.put(&[]).await;
    let (long_label, label) = ("a".repeat(64), "a".repeat(63));
    for host in [
        "a..b",
        "a..example.com",
        ".a",
        ".example.com",
        "example..",
        ".",
        "..",
        "a%2E%2Eb.example",
        "a。。b.example",
        "．example.com",
        "a.\u{ad}.example",
        &format!("{long_label}.example"),
        &format!("{label}.{label}.{label}.{label}.example"),
    ] {
        is_refused(&app, &format!("https://{host}/"), "invalid_url").await;
    }
    for host in ["example.com.", "a.b.example", "wiki", &format!("{label}.example"), "10.0.0.1.", "[fe80::1]"]
    {
        assert_eq!(create(&app, &format!("https://{host}/")).await.status, 201, "{host}");
    }
}

#[tokio::test]
async fn addresses_that_embed_a_private_one_and_names_of_private_networks_are_refused() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for host in [
        // ISATAP addresses (RFC 5214), under a prefix that anyone can obtain.
        "[2600:1f18:1234::5efe:10.0.0.1]",
        "[2600:1f18:1234::200:5efe:192.168.1.1]",
        "[2600:1f18:1234:0:0:5efe:7f00:1]",
        "[2600:1f18::300:5efe:169.254.169.254]",
        "[2002:808:808::5efe:10.0.0.1]",
        // Addresses that are never assigned to a public host.
        "[100:0:0:1::1]",
        "[200::1]",
        "[4000::1]",
        "[64:ff9b:2::1]",
        "[2001:10::1]",
        "[2001:1ff::1]",
        "192.88.99.2",
        "printer.local",
        "LOCAL.",
        "metadata.google.internal",
        "wiki.acme.Internal.",
        "nas.home.arpa",
        "ｎａｓ.local",
        "a.b.localhost",
    ] {
        is_refused(&app, &format!("http://{host}/"), "private_address").await;
    }
    for host in [
        "[2600:1f18:1234::5efe:8.8.8.8]",
        "[2600:1f18:1234::5eff:10.0.0.1]",
        "[2600:1f18:1234::400:5efe:10.0.0.1]",
        "[2001:200::1]",
        "[2a00:1450:4001:82a::200e]",
        "192.88.98.1",
        "local.example",
        "mylocal",
        "internal.example.com",
        "arpa.example",
        "myhome.arpa.example",
    ] {
        assert_eq!(create(&app, &format!("http://{host}/")).await.status, 201, "{host}");
    }
}

/// A link that was stored before a rule existed can still be listed, followed, and edited in all other fields.
#[tokio::test]
async fn a_link_older_than_a_rule_can_still_be_read_listed_followed_and_edited() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    for (url, title) in [
        ("https://a..b/", " \u{200b}"),
        ("http://[2600:1f18::5efe:10.0.0.1]/", "\u{2066}a\u{2069}"),
        ("https://go.example.com./acme/a", "invoice\u{200f} 1 - 2"),
        ("http://metadata.google.internal/", "\u{3164}"),
        ("https://example.com/%E2%80%8B", "\u{fff9}a"),
    ] {
        app.put(&[("url", text(url)), ("title", text(title))]).await;
        let read = Call::new("read").send(&app).await;
        assert_eq!((&read.body["url"], &read.body["title"]), (&json!(url), &json!(title)));
        assert_eq!(Call::new("list").send(&app).await.body["data"][0], read.body);
        let redirect = Call::new("redirect").send(&app).await;
        assert_eq!((redirect.status, redirect.headers["location"].as_str()), (302, url));
        let edited = Call::new("update").body(r#"{"tags":["kept"],"enabled":false}"#).send(&app).await;
        assert_eq!((edited.status, &edited.body["tags"]), (200, &json!(["kept"])), "{}", edited.text);
        assert_eq!((&edited.body["url"], &edited.body["title"]), (&json!(url), &json!(title)));
        let mended = Call::new("update").body(r#"{"title":"Plain","enabled":true}"#).send(&app).await;
        assert_eq!((&mended.body["url"], &mended.body["title"]), (&json!(url), &json!("Plain")));
        let mended = Call::new("update").url("https://example.com/").send(&app).await;
        assert_eq!((mended.status, &mended.body["url"]), (200, &json!("https://example.com/")));
        assert_eq!(Call::new("delete").send(&app).await.status, 200);
    }
}

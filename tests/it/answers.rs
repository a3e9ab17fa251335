//! Error messages for mistakes of clients: they help the client, and reveal nothing that the client must not learn.

use crate::support::{ACME, Answer, Call, ISSUER, TestApp, signed, token};
use local::issuer::Key;
use local::routes::ROUTES;
use serde_json::{Value, json};
use shared::error::Unauthenticated;
use shared::model::Timestamp;

async fn list_with(app: &TestApp, authorization: &str) -> Answer {
    Call::new("list").header("authorization", authorization).send(app).await
}

fn expired(claims: &mut Value) {
    claims["exp"] = (Timestamp::now().seconds() - 100).into();
}

/// Asserts that the problem and the challenge contain this message.
#[track_caller]
fn assert_reason(answer: &Answer, reason: Unauthenticated, case: &str) {
    assert_eq!(answer.is_problem(401, "unauthenticated").body["detail"], reason.detail(), "{case}");
    let challenge = &answer.headers["www-authenticate"];
    let full = format!(r#"Bearer error="invalid_token", error_description="{}""#, reason.detail());
    assert!(*challenge == full || challenge == "Bearer", "{case}: {challenge}");
}

#[tokio::test]
async fn each_kind_of_malformed_credential_has_its_own_message() {
    use Unauthenticated::*;
    let app = TestApp::start().await;
    let token = token("member");
    let hex = "0123456789abcdef".repeat(8);
    for (header, reason) in [
        (format!("Bearer \"{token}\""), Quoted),
        (format!("Bearer '{token}'"), Quoted),
        (format!("Bearer <{token}>"), Quoted),
        (format!("Bearer Bearer {token}"), SchemeTwice),
        (format!("Bearer bearer: {token}"), SchemeTwice),
        (format!("Basic {token}"), OtherScheme),
        (format!("Token {token}"), OtherScheme),
        (token.clone(), NoScheme),
        ("Bearer".to_owned(), NoToken),
        (format!("Bearer  {token}"), WhiteSpace),
        (format!("Bearer {token}, Bearer {token}"), Several),
        ("Bearer undefined".to_owned(), Placeholder),
        ("Bearer $TOKEN".to_owned(), Placeholder),
        (format!("Bearer {}", &token[..token.len() - 20]), Incomplete),
        (format!("Bearer {}", token.rsplit_once('.').unwrap().0), Incomplete),
        (format!("Bearer {}...", &token[..30]), Incomplete),
        (format!("Bearer {}", &token[..30]), Incomplete),
        (format!("Bearer {}", &token[5..]), Damaged),
        ("Bearer opaque-access-token".to_owned(), NotAToken),
        (format!("Bearer {hex}"), ApiKey),
        ("Bearer sk_live_51Hk2".to_owned(), ApiKey),
        (format!("Bearer {}", signed("member", expired)), Expired),
    ] {
        assert_reason(&list_with(&app, &header).await, reason, &header);
    }
    for name in ["access_token", "token", "api_key"] {
        let call = Call::new("list").anonymous().query(&format!("{name}={token}"));
        assert_reason(&call.send(&app).await, InQuery, name);
    }
    assert_reason(&Call::new("list").anonymous().send(&app).await, Missing, "nothing");
}

#[tokio::test]
async fn responses_to_invalid_tokens_reveal_nothing_that_a_stranger_does_not_know() {
    let app = TestApp::start().await;
    let other = Key::from_pem(&Key::generate().unwrap()).unwrap();
    let now = Timestamp::now().seconds();
    let by_a_stranger = |change: &dyn Fn(&mut Value)| {
        let mut claims = json!({
            "sub": "x", "user_id": "x", "iss": ISSUER, "iat": now, "exp": now + 1800, "org_id_to_org_member_info": {},
        });
        change(&mut claims);
        other.sign(&claims).unwrap()
    };
    // The token is valid except for one changed character of its signature.
    let genuine = token("member");
    let (signed_part, signature) = genuine.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let nearly_right = format!("{signed_part}.{first}{}", &signature[1..]);
    let tokens = [
        ("a stranger's token", by_a_stranger(&|_| {})),
        ("a stranger's expired token", by_a_stranger(&expired)),
        (
            "a stranger's token from another issuer",
            by_a_stranger(&|claims| claims["iss"] = "https://x.example".into()),
        ),
        ("a stranger's token without a user", by_a_stranger(&|claims| claims["user_id"] = Value::Null)),
        ("nearly right", nearly_right),
        ("from another issuer", signed("member", |claims| claims["iss"] = "https://x.example".into())),
        (
            "from another issuer, and expired",
            signed("member", |claims| {
                claims["iss"] = "https://x.example".into();
                expired(claims);
            }),
        ),
        ("issued tomorrow", signed("member", |claims| claims["iat"] = (now + 86_400).into())),
        ("valid from tomorrow", signed("member", |claims| claims["nbf"] = (now + 86_400).into())),
        ("without a user", signed("member", |claims| claims["user_id"] = Value::Null)),
        ("with a broken membership", signed("member", |claims| claims["org_member_info"] = "x".into())),
    ];
    let reference = list_with(&app, &format!("Bearer {}", tokens[0].1)).await;
    assert_reason(&reference, Unauthenticated::Invalid, "a stranger's token");
    for (case, token) in &tokens {
        let answer = list_with(&app, &format!("Bearer {token}")).await;
        assert_eq!((answer.status, &answer.text), (reference.status, &reference.text), "{case}");
        assert_eq!(answer.headers, reference.headers, "{case}");
    }
    // Keys of any length and alphabet get the same response, so that no response reveals whether a key is the backend's
    // own.
    let keys = ["a1".repeat(64), "b2".repeat(64), "0".repeat(32), "sk_live_1".to_owned()];
    let reference = list_with(&app, &format!("Bearer {}", keys[0])).await;
    for key in keys {
        let answer = list_with(&app, &format!("Bearer {key}")).await;
        assert_eq!(
            (answer.text, answer.headers),
            (reference.text.clone(), reference.headers.clone()),
            "{key}"
        );
    }
}

#[tokio::test]
async fn an_invalid_organization_id_is_400_after_401_and_the_message_says_what_is_expected() {
    let app = TestApp::start().await;
    let upper_case = ACME.to_uppercase();
    for (org, sentence) in [
        ("@acme", "The path has a handle"),
        ("@ACME", "The path has a handle"),
        ("@", "The path has a handle"),
        ("acme", "The organization id in the path is invalid; expected a UUID"),
        ("ACME", "The organization id in the path is invalid; expected a UUID"),
        (
            "1189c444-8a2d-4c41-8b4b-ae43ce79a49",
            "The organization id in the path is invalid; expected a UUID",
        ),
        ("1189c4448a2d4c418b4bae43ce79a492", "The organization id in the path is invalid; expected a UUID"),
        ("a b", "The organization id in the path is invalid; it must be"),
        ("é", "The organization id in the path is invalid; it must be"),
    ] {
        for route in ROUTES.iter().filter(|route| route.path.contains("{org_id}") && route.method != "HEAD") {
            let call = Call::from_route(route).org(org);
            let case = format!("{} {org}", route.key());
            assert_eq!(call.clone().anonymous().send(&app).await.status, 401, "{case}");
            let answer = call.send(&app).await;
            let detail = answer.is_problem(400, "invalid_organization").body["detail"].as_str().unwrap();
            assert!(detail.starts_with(sentence), "{case}: {detail}");
        }
    }
    assert_eq!(Call::new("list").org(&upper_case).send(&app).await.status, 200);
    let unknown = Call::new("list").org("1189c444-8a2d-4c41-8b4b-ae43ce79a493").send(&app).await;
    unknown.is_problem(403, "forbidden");
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_api_routes_and_ignored_on_visitors_routes() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for name in ["create", "read", "update", "delete", "handle", "handle-get", "list", "stats"] {
        for query in ["utm_source=x", "access_token=x", "Limit=1"] {
            let answer = Call::new(name).by("owner").query(query).send(&app).await;
            let faults = answer.is_problem(400, "invalid_query").faults();
            assert_eq!(faults[0].1, "unknown_parameter", "{name} {query}");
            Call::new(name).by("outsider").query(query).send(&app).await.is_problem(403, "forbidden");
        }
    }
    for name in ["redirect", "docs", "docs-openapi", "console"] {
        let answer = Call::new(name).anonymous().query("utm_source=x&cursor=&a").send(&app).await;
        assert!(answer.status < 400, "{name}: {}", answer.text);
    }
    assert_eq!(Call::new("open").query("utm_source=x").send(&app).await.status, 302);
}

#[tokio::test]
async fn a_field_name_of_another_shortener_gets_ours_as_a_suggestion() {
    let app = TestApp::start().await;
    let messages = |answer: &Answer| -> Vec<String> {
        let errors = answer.body["errors"].as_array().unwrap().iter();
        errors.map(|error| error["message"].as_str().unwrap().to_owned()).collect()
    };
    let body =
        r#"{"long_url": "https://example.com/", "slug": "launch", "ttile": "x", "domain": "go.example"}"#;
    let answer = Call::new("create").body(body).send(&app).await;
    let text = messages(answer.is_problem(422, "validation_failed")).join("\n");
    for name in ["url", "id", "title"] {
        assert!(text.contains(&format!("did you mean '{name}'?")), "{text}");
    }
    assert_eq!(text.matches("did you mean").count(), 3, "{text}");
    let answer = Call::new("list").query("per_page=10&tags=x&page=2").send(&app).await;
    let text = messages(answer.is_problem(400, "invalid_query")).join("\n");
    for name in ["limit", "tag", "cursor"] {
        assert!(text.contains(&format!("did you mean '{name}'?")), "{text}");
    }
}

#[tokio::test]
async fn a_letter_outside_a_to_z_is_named_in_the_message() {
    let app = TestApp::start().await;
    let body = r#"{"url": "https://example.com/", "id": "möbel", "tags": ["größe"]}"#;
    let answer = Call::new("create").body(body).send(&app).await;
    for error in answer.is_problem(422, "validation_failed").body["errors"].as_array().unwrap() {
        assert!(error["message"].as_str().unwrap().contains("letters a to z"), "{error}");
    }
    let handle = Call::new("handle").by("owner").body(r#"{"handle": "käse"}"#).send(&app).await;
    let faults = &handle.is_problem(422, "validation_failed").body["errors"];
    assert!(faults[0]["message"].as_str().unwrap().contains("letters a to z"), "{faults}");
    let list = Call::new("list").query("prefix=%C3%B6l").send(&app).await;
    let faults = &list.is_problem(400, "invalid_query").body["errors"];
    assert!(faults[0]["message"].as_str().unwrap().contains("letters a to z"), "{faults}");
}

#[tokio::test]
async fn a_creator_must_be_a_user_id_of_the_provider() {
    let app = TestApp::start().await;
    for creator in [
        "alice",
        "alice@example.com",
        "0f3f5a0e-0004-4000-8000-00000000000",
        "auth0%7C1",
        "organization:acme",
    ] {
        let answer = Call::new("list").query(&format!("creator={creator}")).send(&app).await;
        assert_eq!(
            answer.is_problem(400, "invalid_query").faults(),
            [("creator", "invalid_user")],
            "{creator}"
        );
    }
    app.link(json!({ "url": "https://example.com/" })).await;
    let me = local::users::User::named("member").unwrap().id;
    for (creator, links) in [
        (me.to_owned(), 1),
        (me.to_uppercase(), 1),
        ("me".to_owned(), 1),
        (format!("organization:{ACME}"), 0),
        ("0f3f5a0e-0004-4000-8000-00000000ffff".to_owned(), 0),
    ] {
        let answer = Call::new("list").query(&format!("creator={creator}")).send(&app).await;
        assert_eq!((answer.status, answer.body["data"].as_array().unwrap().len()), (200, links), "{creator}");
    }
}

#[tokio::test]
async fn an_empty_parameter_with_a_default_counts_as_absent_but_an_empty_filter_is_refused() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (name, query) in [
        ("list", "cursor="),
        ("list", "limit=&cursor=&include="),
        ("stats", "from=&to=&by="),
        ("stats", "from="),
    ] {
        let answer = Call::new(name).query(query).send(&app).await;
        let plain = Call::new(name).query("").send(&app).await;
        assert_eq!((answer.status, &answer.text), (200, &plain.text), "{query}");
    }
    for filter in ["creator=", "tag=", "prefix="] {
        Call::new("list").query(filter).send(&app).await.is_problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn a_range_with_only_one_end_gets_the_other() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let now = Timestamp::from_rfc_3339("2026-11-25T12:00:00Z").unwrap();
    let token = signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 60).into();
    });
    for (query, first, last) in [
        // These days are before the first day that can be represented, or after the last one.
        ("to=1970-01-01", None, None),
        ("to=1970-01-03", None, None),
        ("from=1970-01-01", None, None),
        ("from=2030-01-01", None, None),
        ("to=9999-12-31", None, None),
        ("from=9999-12-31", None, None),
        ("from=2026-11-20", Some("2026-11-20"), Some("2026-11-25")),
        ("to=2026-11-26", Some("2026-10-28"), Some("2026-11-25")),
        ("to=2025-10-22", Some("2025-10-21"), Some("2025-10-22")),
    ] {
        let call = Call::new("stats").header("authorization", &format!("Bearer {token}")).query(query);
        let answer = call.send_at(&app, now).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let series = answer.body["series"].as_array().unwrap();
        let ends =
            [series.first(), series.last()].map(|point| point.map(|point| point["at"].as_str().unwrap()));
        assert_eq!(ends, [first, last], "{query}");
        assert_eq!((&answer.body["from"], &answer.body["to"]), (&json!(first), &json!(last)), "{query}");
    }
}

#[tokio::test]
async fn a_json_body_is_accepted_without_a_content_type_and_with_a_byte_order_mark() {
    let app = TestApp::start().await;
    let mut bare = Call::new("create").body("\u{feff}{\"url\": \"https://example.com/\"}");
    bare.event["headers"].as_object_mut().unwrap().remove("content-type");
    assert_eq!(bare.send(&app).await.status, 201);
    for charset in ["utf8", "us-ascii", "\"UTF8\""] {
        let content_type = format!("application/json; charset={charset}");
        assert_eq!(Call::new("create").header("content-type", &content_type).send(&app).await.status, 201);
    }
    bare.body("url=https://example.com/").send(&app).await.is_problem(415, "unsupported_media_type");
}

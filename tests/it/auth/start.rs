//! Keys and claims descriptions that can never match a token. With them, the functions do not start, but print an error
//! message.

mod keys;

use crate::support::watched::Watched;
use crate::support::{Call, KEY, TestApp, functions, settings};
use local::stack::{engine_settings, sdk_config};
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;

fn refused(auth: &[(&str, &str)]) -> String {
    let settings = settings().overridden_by(auth.iter().copied().collect());
    // No call is made, so the address does not matter.
    match Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")) {
        Ok(_) => "it starts".to_owned(),
        Err(sentence) => sentence.to_string(),
    }
}

/// Returns a claims description with these organizations.
fn claims(organizations: &Value, more: &Value) -> String {
    let mut claims = json!({ "user": ["sub"], "organizations": organizations });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims.to_string()
}

#[test]
fn a_description_that_no_token_can_meet_stops_the_start_with_an_error_message() {
    let one = json!({ "kind": "one", "at": ["o"], "id": ["id"] });
    let of_root = json!({ "kind": "one", "at": [], "id": ["org_id"] });
    let map = json!({ "kind": "map", "at": ["o"] });
    let strings = json!({ "kind": "strings", "at": ["g"], "pattern": "{org}" });
    let with = |source: &Value, name: &str, value: Value| {
        let mut source = source.clone();
        source[name] = value;
        source
    };
    let require = |value: Value| json!({ "require": value });
    for (organizations, more, rule) in [
        // Claims that can never have a value, or whose value can never have the required form.
        (
            json!([map.clone(), with(&map, "at", json!([]))]),
            json!({}),
            "organizations[1].at is an empty path",
        ),
        (json!([with(&strings, "at", json!([]))]), json!({}), "organizations[0].at is an empty path"),
        (json!([with(&one, "id", json!([]))]), json!({}), "organizations[0].id is an empty path"),
        (json!([with(&map, "id", json!([]))]), json!({}), "organizations[0].id is an empty path"),
        (
            json!([with(&one, "at", json!(["exp"]))]),
            json!({}),
            "organizations[0].at reads exp, which is a number",
        ),
        (
            json!([with(&of_root, "id", json!(["iat"]))]),
            json!({}),
            "organizations[0].id reads iat, which is a number",
        ),
        (
            json!([with(&strings, "at", json!(["iss"]))]),
            json!({}),
            "organizations[0].at reads iss, which is a string",
        ),
        (json!([with(&map, "at", json!(["iss", "org"]))]), json!({}), "organizations[0].at is inside iss"),
        (json!([one]), json!({ "user": ["exp"] }), "user reads exp, which is a number"),
        (json!([one]), json!({ "user": [] }), "user is an empty path"),
        (json!([one]), json!({ "impersonator": [] }), "impersonator is an empty path"),
        // Roles that make every token invalid, or that no user can have.
        (
            json!([with(&one, "roles", json!([[]]))]),
            json!({}),
            "organizations[0].roles[0] can never contain a role",
        ),
        (
            json!([with(&map, "roles", json!([["r"], []]))]),
            json!({}),
            "organizations[0].roles[1] can never contain a role",
        ),
        (
            json!([with(&one, "roles", json!([["id", "r"]]))]),
            json!({}),
            "organizations[0].roles[0] can never contain a role",
        ),
        (
            json!([with(&of_root, "roles", json!([["nbf"]]))]),
            json!({}),
            "organizations[0].roles[0] can never contain a role",
        ),
        // Descriptions in which two JSON fields contradict each other.
        (json!([one]), json!({ "user": ["o"] }), "organizations[0].at overlaps with user"),
        (
            json!([one]),
            json!({ "user": ["o", "id", "u"] }),
            "organizations[0].id is a string, and cannot contain user",
        ),
        (json!([with(&one, "at", json!(["sub", "o"]))]), json!({}), "organizations[0].at overlaps with user"),
        (json!([with(&of_root, "id", json!(["sub", "o"]))]), json!({}), "organizations[0].id is inside user"),
        (
            json!([map]),
            json!({ "user": ["o", "sub"] }),
            "organizations[0].at contains only objects, and cannot contain user",
        ),
        (
            json!([strings]),
            json!({ "user": ["g", "sub"] }),
            "organizations[0].at is an array, and cannot contain user",
        ),
        (json!([one]), json!({ "impersonator": ["sub", "act"] }), "impersonator is inside user"),
        (json!([one]), json!({ "user": ["act", "sub", "id"] }), "user is inside impersonator"),
        // Requirements that no token can meet.
        (json!([one]), require(json!([{ "at": [], "is": "x" }])), "require[0].at is an empty path"),
        (
            json!([one]),
            require(json!([{ "at": ["exp"], "is": "1" }])),
            "require[0].at reads exp, which is a number",
        ),
        (json!([one]), require(json!([{ "at": ["iss"], "is": "x" }])), "require[0] can never be met"),
        (json!([one]), require(json!([{ "at": ["sub", "x"], "is": "x" }])), "require[0].at is inside user"),
        (
            json!([one]),
            require(json!([{ "at": ["o"], "is": "x" }])),
            "organizations[0].at overlaps with require[0].at",
        ),
        (
            json!([one]),
            require(json!([{ "at": ["typ"], "is": "a" }, { "at": ["typ"], "is": "b" }])),
            "require[1] and require[0] can never be met together",
        ),
        // A source that is never used, because an earlier source always takes precedence.
        (
            json!([one, one]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([map, one]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([map, map]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([strings, with(&strings, "pattern", json!("{org}:{role}"))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        // Sources whose claim is inside the claim of an earlier source.
        (
            json!([one, with(&strings, "at", json!(["o", "names"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim or a claim that contains it",
        ),
        (
            json!([strings, map, with(&of_root, "id", json!(["o", "id"]))]),
            json!({}),
            "organizations[2] is never used, because organizations[1] reads",
        ),
        (
            json!([of_root, with(&map, "at", json!(["org_id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
        (
            json!([of_root, with(&of_root, "id", json!(["org_id", "id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
        (
            json!([one, with(&one, "id", json!(["id", "id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
    ] {
        let claims = claims(&organizations, &more);
        let sentence = refused(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]);
        let expected = format!("the setting AUTH_CLAIMS is invalid: {rule}");
        assert!(sentence.starts_with(&expected), "{claims}\n{sentence}\n{expected}");
    }
    for (organizations, more) in [
        (json!([one, map]), json!({})),
        (json!([map, strings, of_root]), json!({})),
        (json!([with(&strings, "at", json!(["o", "names"])), one]), json!({})),
        (
            json!([of_root, with(&map, "at", json!(["org_ids"])), with(&of_root, "id", json!(["o", "id"]))]),
            json!({}),
        ),
        (json!([one, with(&one, "id", json!(["org_id"]))]), json!({})),
        (json!([map, with(&strings, "at", json!(["o"]))]), json!({})),
        (json!([with(&one, "id", json!(["exp"]))]), json!({})),
        (
            json!([of_root]),
            require(json!([{ "at": ["typ"], "is": "a" }, { "at": ["iss"], "is": crate::support::ISSUER }])),
        ),
        (json!([map]), json!({ "user": ["o", "acme", "sub"] })),
    ] {
        let claims = claims(&organizations, &more);
        assert_eq!(
            refused(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]),
            "it starts",
            "{claims}"
        );
    }
    let sentence = refused(&[("AUTH_PROVIDER", "cognito"), ("AUTH_AUDIENCE", "client")]);
    assert!(
        sentence
            .starts_with("the setting AUTH_AUDIENCE is set, but Cognito's access tokens contain no audience")
    );
}

#[tokio::test]
async fn each_form_of_a_claim_is_read_by_the_source_that_fits_it() {
    let app = TestApp::start().await;
    let one = |at: Value, id: &str| json!({ "kind": "one", "at": at, "id": [id] });
    for (organizations, forms) in [
        (
            json!([one(json!([]), "org_id"), one(json!([]), "tenant")]),
            vec![json!({ "org_id": "acme" }), json!({ "tenant": "acme" })],
        ),
        (
            json!([one(json!([]), "a"), one(json!([]), "b"), one(json!([]), "c")]),
            vec![json!({ "c": "acme" })],
        ),
        (
            json!([one(json!(["o"]), "id"), one(json!(["o"]), "org_id")]),
            vec![json!({ "o": { "id": "acme" } }), json!({ "o": { "org_id": "acme" } })],
        ),
        (
            json!([one(json!(["o"]), "id"), { "kind": "map", "at": ["o"] }, { "kind": "strings", "at": ["o"], "pattern": "{org}" }]),
            vec![json!({ "o": { "id": "acme" } }), json!({ "o": { "acme": {} } }), json!({ "o": ["acme"] })],
        ),
    ] {
        let auth = [("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims(&organizations, &json!({})))];
        let auth = auth.map(|(name, value)| (name.to_owned(), value.to_string()));
        let settings = engine_settings(&app.url).overridden_by(settings());
        let functions = functions(&settings.overridden_by(auth.into_iter().collect()), &Watched::default());
        let now = Timestamp::now();
        let list = async |org: &str, more: &Value| {
            let mut token = json!({ "iss": crate::support::ISSUER, "iat": now.seconds(), "exp": now.seconds() + 300, "sub": "u" });
            token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let token = format!("Bearer {}", KEY.sign(&token).unwrap());
            Call::new("list").org(org).header("authorization", &token).send_to(&functions, now).await.status
        };
        for form in &forms {
            assert_eq!(list("acme", form).await, 200, "{organizations} {form}");
            assert_eq!(list("globex", form).await, 403, "{organizations} {form}");
        }
        assert_eq!(list("acme", &json!({})).await, 403, "{organizations}");
    }
}

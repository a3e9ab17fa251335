//! What the token endpoint returns for a code, and to which clients.

use super::{App, claims, error, exchange_form, location, parameters, query, set_cookie, with};
use local::issuer::{Key, TokenEndpoint};
use local::users::{ACME, GLOBEX, USERS, many};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_code_works_once_and_only_for_the_client_that_requested_it() {
    let app = App::start().await;
    let code = app.code(&parameters(), "member").await;
    assert_eq!(app.exchange(&code).send().await.unwrap().status(), 200);
    assert_eq!(error(app.exchange(&code)).await, (400, "invalid_grant".to_owned()));
    for (field, value) in [
        ("redirect_uri", Some("https://go.example.com/-/callback/")),
        ("redirect_uri", None),
        ("code_verifier", Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")),
        ("code_verifier", Some("")),
        ("code_verifier", None),
    ] {
        let code = app.code(&parameters(), "member").await;
        let fields = exchange_form(&code).into_iter().filter(|(name, _)| *name != field);
        let fields: Vec<_> = fields.chain(value.map(|value| (field, value))).collect();
        assert_eq!(
            error(app.exchange_with(&fields)).await,
            (400, "invalid_grant".to_owned()),
            "{field} {value:?}"
        );
        // The failed attempt has used up the code.
        assert_eq!(error(app.exchange(&code)).await, (400, "invalid_grant".to_owned()), "{field} {value:?}");
    }
    assert_eq!(error(app.exchange("guess")).await, (400, "invalid_grant".to_owned()));
    let code = app.code(&parameters(), "member").await;
    for (fields, expected) in [
        (vec![("client_id", "local-client"), ("code", &code)], "invalid_request"),
        (vec![("client_id", "local-client"), ("grant_type", "authorization_code")], "invalid_request"),
        (vec![("client_id", "local-client"), ("grant_type", "refresh_token")], "unsupported_grant_type"),
        (vec![("client_id", "local-client"), ("client_id", "local-client")], "invalid_request"),
    ] {
        assert_eq!(error(app.exchange_with(&fields)).await, (400, expected.to_owned()), "{fields:?}");
    }
    let json = app.client.post(app.url("/propelauth/oauth/token")).json(&json!({ "code": code }));
    assert_eq!(error(json).await, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn the_client_is_public_or_proves_itself_and_a_wrong_secret_is_refused() {
    let app = App::start().await;
    let without_client = |code: &str| -> Vec<(&'static str, String)> {
        let fields = exchange_form(code).into_iter().filter(|(name, _)| *name != "client_id");
        fields.map(|(name, value)| (name, value.to_owned())).collect()
    };
    let send = async |client_id: Option<&str>, field: Option<&str>, basic: Option<(&str, &str)>| {
        let code = app.code(&parameters(), "member").await;
        let mut fields = without_client(&code);
        fields.extend(client_id.map(|id| ("client_id", id.to_owned())));
        fields.extend(field.map(|secret| ("client_secret", secret.to_owned())));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut request = app.exchange_with(&fields);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        request.send().await.unwrap()
    };
    let (id, secret) = ("local-client", "local-secret");
    for (client_id, field, basic) in [
        (Some(id), None, None),
        (Some(id), Some(secret), None),
        (None, None, Some((id, secret))),
        (Some(id), None, Some((id, secret))),
    ] {
        assert_eq!(send(client_id, field, basic).await.status(), 200, "{client_id:?} {field:?} {basic:?}");
    }
    for (client_id, field, basic) in [
        (None, None, None),
        (Some("other"), None, None),
        (Some(id), Some("wrong"), None),
        (Some(id), Some(""), None),
        (None, None, Some((id, "wrong"))),
        (None, None, Some((id, ""))),
        (None, None, Some(("other", secret))),
        (Some("other"), None, Some((id, secret))),
    ] {
        let answer = send(client_id, field, basic).await;
        assert_eq!(answer.status(), 401, "{client_id:?} {field:?} {basic:?}");
        assert!(answer.headers().contains_key("www-authenticate"));
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_client");
    }
    assert_eq!(send(Some(id), Some(secret), Some((id, secret))).await.status(), 400);
}

#[tokio::test]
async fn an_organization_makes_the_token_smaller_and_only_for_its_members() {
    let app = App::start().await;
    for (user, organization, only) in [
        ("colleague", ACME.id, true),
        ("colleague", GLOBEX.id, true),
        ("outsider", ACME.id, false),
        ("member", "unknown", false),
    ] {
        let tokens = app.tokens(&with("org_id", Some(organization)), user).await;
        let claims = claims(&tokens["access_token"]);
        let named = claims["org_member_info"]["org_id"] == organization;
        assert_eq!(
            (named, claims.get("org_id_to_org_member_info").is_none()),
            (only, only),
            "{user} {organization}"
        );
    }
    let answer = app.press(&with("org_id", Some(ACME.id)), "colleague").send().await.unwrap();
    let (cookie, _) = set_cookie(&answer);
    // If the next request contains no organization, its tokens contain all the user's organizations.
    let code = query(&location(&app.authorize(&parameters(), Some(&cookie)).await));
    let tokens: Value =
        app.exchange(code["code"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    assert_eq!(claims(&tokens["access_token"])["org_id_to_org_member_info"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn the_scope_openid_adds_an_id_token_and_userinfo_returns_the_same() {
    let app = App::start().await;
    let mut parameters = with("scope", Some("openid email"));
    parameters.push(("nonce", "n-0S6".to_owned()));
    let tokens = app.tokens(&parameters, "member").await;
    let id_token = claims(&tokens["id_token"]);
    for (claim, value) in [
        ("iss", json!(app.stack.auth)),
        ("aud", json!("local-client")),
        ("nonce", json!("n-0S6")),
        ("sub", json!(USERS[2].id)),
        ("email", json!("member@signpost.test")),
        ("email_verified", json!(true)),
        ("name", json!("Maya Rao")),
    ] {
        assert_eq!(id_token[claim], value, "{claim}");
    }
    assert_eq!(id_token["exp"].as_i64().unwrap() - id_token["iat"].as_i64().unwrap(), 1800);
    assert!(
        claims(&app.tokens(&with("scope", Some("openid")), "member").await["id_token"])
            .get("nonce")
            .is_none()
    );

    let access_token = tokens["access_token"].as_str().unwrap();
    let ask = async |token: &str| {
        let request = app.client.get(app.url("/propelauth/oauth/userinfo"));
        let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let (status, profile) = ask(access_token).await;
    assert_eq!((status, &profile["sub"], &profile["name"]), (200, &id_token["sub"], &id_token["name"]));
    for refused in
        ["", "guess", tokens["id_token"].as_str().unwrap(), &access_token[..access_token.len() - 4]]
    {
        assert_eq!(ask(refused).await.0, 401, "{refused}");
    }
}

#[tokio::test]
async fn a_test_can_make_it_slow_down_rotate_keys_and_issue_expired_or_large_tokens() {
    let app = App::start().await;
    let issuer = &app.stack.issuer;
    let code = app.code(&parameters(), "member").await;
    issuer.set_token_endpoint(TokenEndpoint::Down);
    assert_eq!(app.exchange(&code).send().await.unwrap().status(), 503);
    issuer.set_token_endpoint(TokenEndpoint::Slow(Duration::from_secs(600)));
    let impatient = app.exchange(&code).timeout(Duration::from_millis(200)).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    issuer.set_token_endpoint(TokenEndpoint::Up);
    let tokens: Value = app.exchange(&code).send().await.unwrap().json().await.unwrap();
    assert_eq!(app.list(tokens["access_token"].as_str().unwrap(), ACME.id).await, 200);

    issuer.set_token_minutes(-5);
    let expired = app.tokens(&parameters(), "member").await;
    assert_eq!(app.list(expired["access_token"].as_str().unwrap(), ACME.id).await, 401);
    issuer.set_token_minutes(30);

    assert_eq!(app.press(&parameters(), "many").send().await.unwrap().status(), 400);
    issuer.add_user(many());
    let crowded = app.tokens(&parameters(), "many").await;
    let token = crowded["access_token"].as_str().unwrap();
    assert!(token.len() > 3_900, "{} bytes", token.len());
    let first = many().roles[0].0.id;
    assert_eq!(app.list(token, first).await, 200);
    assert!(
        app.tokens(&with("org_id", Some(first)), "many").await["access_token"].as_str().unwrap().len()
            < 3_900
    );

    issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    let rotated = app.tokens(&parameters(), "member").await;
    let jwks: Value =
        app.client.get(app.url("/.well-known/jwks.json")).send().await.unwrap().json().await.unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    let userinfo = app.client.get(app.url("/propelauth/oauth/userinfo"));
    let profile = userinfo.bearer_auth(rotated["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(profile.status(), 200);
}

//! Tokens of other providers, each read with the provider's preset or with its claims description in `docs/sign-in.md`.

use crate::support::{Call, KEY, TestApp, settings};
use local::functions::Functions;
use local::stack::{engine_settings, sdk_config};
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;

/// Returns the documentation's description of this provider's claims.
fn documented(provider: &str) -> String {
    let document = include_str!("../../../docs/sign-in.md");
    let section = document.split("\n## ").find(|section| section.starts_with(provider)).unwrap();
    section.split_once("```json\n").unwrap().1.split_once("```").unwrap().0.to_owned()
}

struct Provider {
    app: TestApp,
    functions: Functions,
    issuer: String,
}

impl Provider {
    async fn new(issuer: &str, auth: &[(&str, &str)]) -> Self {
        let app = TestApp::start().await;
        let settings = engine_settings(&app.url).overridden_by(settings());
        let settings = settings.overridden_by([("AUTH_ISSUER", issuer)].into_iter().collect());
        let functions = Functions::new(&settings.overridden_by(auth.iter().copied().collect())).unwrap();
        Self { app, functions, issuer: issuer.to_owned() }
    }

    fn call(&self, name: &str, org: &str, claims: &Value) -> Call {
        let now = Timestamp::now().seconds();
        let mut token = json!({ "iss": self.issuer, "iat": now, "exp": now + 300 });
        token.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        Call::new(name).org(org).header("authorization", &format!("Bearer {}", KEY.sign(&token).unwrap()))
    }

    /// Returns what a token with these claims can do in an organization: the status of a list request, the creator of a
    /// created link, and whether the caller may delete other users' links.
    async fn is(&self, org: &str, claims: &Value) -> (u64, Option<String>, bool) {
        let now = Timestamp::now();
        let listed = self.call("list", org, claims).send_to(&self.functions, now).await.status;
        if listed != 200 {
            return (listed, None, false);
        }
        let created = self.call("create", org, claims).send_to(&self.functions, now).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let creator = created.body["creator_user_id"].as_str().unwrap().to_owned();
        let item = [
            ("org_id", aws_sdk_dynamodb::types::AttributeValue::S(org.to_owned())),
            ("creator_user_id", aws_sdk_dynamodb::types::AttributeValue::S("somebody".to_owned())),
        ];
        self.app.put(&item.map(|(name, value)| (name, Some(value)))).await;
        let deleted = self.call("delete", org, claims).slug("k7m2p9qr").send_to(&self.functions, now).await;
        (200, Some(creator), deleted.status == 200)
    }
}

fn member(user: &str) -> (u64, Option<String>, bool) {
    (200, Some(user.to_owned()), false)
}

fn admin(user: &str) -> (u64, Option<String>, bool) {
    (200, Some(user.to_owned()), true)
}

const STRANGER: (u64, Option<String>, bool) = (403, None, false);
const NOBODY: (u64, Option<String>, bool) = (401, None, false);

#[tokio::test]
async fn auth0_tokens_have_one_organization_and_roles_from_an_action() {
    let auth =
        [("AUTH_PROVIDER", "auth0"), ("AUTH_AUDIENCE", "https://signpost"), ("AUTH_ADMIN_ROLES", "admin")];
    let auth0 = Provider::new("https://acme.eu.auth0.com/", &auth).await;
    let token = |more: Value| {
        let mut claims = json!({ "sub": "auth0|123", "aud": ["https://signpost", "https://acme.eu.auth0.com/userinfo"], "org_id": "org_abc" });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    assert_eq!(auth0.is("org_abc", &token(json!({}))).await, member("auth0|123"));
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "https://signpost/roles": ["admin"] }))).await,
        admin("auth0|123")
    );
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "https://signpost/roles": "admin" }))).await,
        admin("auth0|123")
    );
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "https://signpost/roles": ["Admin", "user"] }))).await,
        member("auth0|123")
    );
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "https://signpost/roles": [] }))).await,
        member("auth0|123")
    );
    assert_eq!(auth0.is("org_abc", &token(json!({ "https://signpost/roles": [7] }))).await, NOBODY);
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "https://signpost/roles": { "admin": true } }))).await,
        NOBODY
    );
    assert_eq!(auth0.is("org_xyz", &token(json!({}))).await, STRANGER);
    assert_eq!(auth0.is("org_abc", &token(json!({ "org_id": null }))).await, STRANGER);
    assert_eq!(auth0.is("org_abc", &token(json!({ "org_id": ["org_abc"] }))).await, NOBODY);
    // This is an ID token, which is meant for the browser's client.
    assert_eq!(auth0.is("org_abc", &token(json!({ "aud": "client-id" }))).await, NOBODY);
    // Without the slash at its end, the URL is that of a different issuer.
    assert_eq!(auth0.is("org_abc", &token(json!({ "iss": "https://acme.eu.auth0.com" }))).await, NOBODY);
    // This token belongs to a machine, which used client credentials.
    assert_eq!(
        auth0.is("org_abc", &token(json!({ "sub": "client@clients", "gty": "client-credentials" }))).await,
        member("client@clients")
    );
}

#[tokio::test]
async fn cognito_has_groups_that_name_organization_and_role() {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf";
    let cognito = Provider::new(issuer, &[("AUTH_PROVIDER", "cognito")]).await;
    let token = |groups: Value| json!({ "sub": "u-1", "token_use": "access", "cognito:groups": groups });
    assert_eq!(cognito.is("acme", &token(json!(["acme:Admin"]))).await, admin("u-1"));
    assert_eq!(cognito.is("acme", &token(json!(["acme:Member"]))).await, member("u-1"));
    assert_eq!(cognito.is("acme", &token(json!(["acme:Member", "globex:Owner"]))).await, member("u-1"));
    assert_eq!(cognito.is("globex", &token(json!(["acme:Member", "globex:Owner"]))).await, admin("u-1"));
    assert_eq!(cognito.is("acme", &token(json!(["acme:Member", "acme:Admin"]))).await, admin("u-1"));
    assert_eq!(
        cognito.is("acme", &token(json!(["eu-central-1_AbCdEf_Google", "acme:"]))).await,
        member("u-1")
    );
    for groups in [
        json!([]),
        json!(["acme"]),
        json!(["Admin"]),
        json!([":Admin"]),
        json!(["acme:x:Admin"]),
        Value::Null,
    ] {
        assert_eq!(cognito.is("acme", &token(groups.clone())).await, STRANGER, "{groups}");
    }
    for groups in [json!("acme:Admin"), json!([7]), json!({ "acme": "Admin" })] {
        assert_eq!(cognito.is("acme", &token(groups.clone())).await, NOBODY, "{groups}");
    }
    for kind in [json!("id"), json!(null), json!(["access"]), json!("Access")] {
        let mut token = token(json!(["acme:Admin"]));
        token["token_use"] = kind;
        assert_eq!(cognito.is("acme", &token).await, NOBODY);
    }
}

#[tokio::test]
async fn keycloak_has_a_map_by_alias_or_a_list_of_aliases() {
    let keycloak = Provider::new(
        "https://id.acme.test/realms/staff",
        &[("AUTH_PROVIDER", "keycloak"), ("AUTH_ADMIN_ROLES", "admin")],
    )
    .await;
    let token = |organization: Value| json!({ "sub": "u-1", "typ": "Bearer", "organization": organization });
    let with_role = |role: &str| json!({ "acme": { "id": "0f3f", "realm_access": { "roles": ["user", role] } }, "globex": {} });
    assert_eq!(keycloak.is("acme", &token(with_role("admin"))).await, admin("u-1"));
    assert_eq!(keycloak.is("acme", &token(with_role("editor"))).await, member("u-1"));
    assert_eq!(keycloak.is("globex", &token(with_role("admin"))).await, member("u-1"));
    assert_eq!(keycloak.is("acme", &token(json!({ "acme": {} }))).await, member("u-1"));
    assert_eq!(keycloak.is("acme", &token(json!(["acme", "globex"]))).await, member("u-1"));
    // A realm role gives no permissions in an organization.
    let mut realm = token(json!(["acme"]));
    realm["realm_access"] = json!({ "roles": ["admin"] });
    assert_eq!(keycloak.is("acme", &realm).await, member("u-1"));
    assert_eq!(keycloak.is("initech", &token(with_role("admin"))).await, STRANGER);
    for wrong in [
        json!("acme"),
        json!([7]),
        json!({ "acme": "admin" }),
        json!({ "acme": { "realm_access": { "roles": "x", "y": 1 }, "z": [] } }),
    ] {
        let answer = keycloak.is("acme", &token(wrong.clone())).await;
        assert!(answer == NOBODY || answer == member("u-1"), "{wrong}: {answer:?}");
    }
    for kind in ["ID", "Refresh", "bearer"] {
        let mut token = token(with_role("admin"));
        token["typ"] = kind.into();
        assert_eq!(keycloak.is("acme", &token).await, NOBODY, "{kind}");
    }
}

#[tokio::test]
async fn clerk_of_both_versions_is_described_in_the_documentation() {
    let claims = documented("Clerk");
    let auth = [
        ("AUTH_PROVIDER", "custom"),
        ("AUTH_CLAIMS", claims.as_str()),
        ("AUTH_ADMIN_ROLES", "admin,org:admin"),
    ];
    let clerk = Provider::new("https://clerk.acme.test", &auth).await;
    let second = |role: &str| json!({ "sub": "user_1", "v": 2, "o": { "id": "org_abc", "slg": "acme", "rol": role, "per": "read" } });
    assert_eq!(clerk.is("org_abc", &second("admin")).await, admin("user_1"));
    assert_eq!(clerk.is("org_abc", &second("member")).await, member("user_1"));
    assert_eq!(clerk.is("org_xyz", &second("admin")).await, STRANGER);
    let first =
        |role: &str| json!({ "sub": "user_1", "org_id": "org_abc", "org_role": role, "org_slug": "acme" });
    assert_eq!(clerk.is("org_abc", &first("org:admin")).await, admin("user_1"));
    assert_eq!(clerk.is("org_abc", &first("org:member")).await, member("user_1"));
    // Claims of version 2 take precedence; claims of version 1 in the same token are ignored.
    let mut both = second("member");
    both["org_id"] = "org_xyz".into();
    both["org_role"] = "org:admin".into();
    assert_eq!(clerk.is("org_abc", &both).await, member("user_1"));
    assert_eq!(clerk.is("org_xyz", &both).await, STRANGER);
    assert_eq!(clerk.is("org_abc", &json!({ "sub": "user_1" })).await, STRANGER);
    assert_eq!(clerk.is("org_abc", &json!({ "sub": "user_1", "o": "org_abc" })).await, NOBODY);
    assert_eq!(clerk.is("org_abc", &json!({ "sub": "user_1", "o": {} })).await, NOBODY);
}

#[tokio::test]
async fn workos_is_described_in_the_documentation() {
    let claims = documented("WorkOS");
    let auth = [("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", claims.as_str()), ("AUTH_ADMIN_ROLES", "admin")];
    let workos = Provider::new("https://api.workos.com", &auth).await;
    let token = |more: Value| {
        let mut claims = json!({ "sub": "user_01", "sid": "session_01", "org_id": "org_01" });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    assert_eq!(workos.is("org_01", &token(json!({ "role": "admin" }))).await, admin("user_01"));
    assert_eq!(workos.is("org_01", &token(json!({ "role": "member" }))).await, member("user_01"));
    assert_eq!(
        workos.is("org_01", &token(json!({ "role": "member", "roles": ["member", "admin"] }))).await,
        admin("user_01")
    );
    assert_eq!(workos.is("org_01", &token(json!({}))).await, member("user_01"));
    assert_eq!(workos.is("org_02", &token(json!({ "role": "admin" }))).await, STRANGER);
    assert_eq!(
        workos.is("org_01", &token(json!({ "act": { "sub": "support@acme.test" } }))).await,
        member("user_01")
    );
    assert_eq!(workos.is("org_01", &token(json!({ "act": { "sub": 7 } }))).await, NOBODY);
}

#[tokio::test]
async fn a_pattern_can_have_its_parts_in_either_order_or_only_an_organization() {
    for (pattern, text, expected) in [
        ("{org}:{role}", "acme:Admin", admin("u")),
        ("{role}@{org}", "Admin@acme", admin("u")),
        ("/{org}/{role}", "/acme/Admin", admin("u")),
        ("org-{org}-role-{role}!", "org-acme-role-Admin!", admin("u")),
        ("org-{org}-role-{role}!", "org-acme-role-Admin", STRANGER),
        ("{org}", "acme", member("u")),
        ("/orgs/{org}", "/orgs/acme", member("u")),
        ("/orgs/{org}", "acme", STRANGER),
    ] {
        let claims = json!({ "user": ["sub"], "organizations": [{ "kind": "strings", "at": ["groups"], "pattern": pattern }] });
        let claims = claims.to_string();
        let provider =
            Provider::new("https://id.acme.test", &[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)])
                .await;
        assert_eq!(
            provider.is("acme", &json!({ "sub": "u", "groups": [text] })).await,
            expected,
            "{pattern} {text}"
        );
    }
}

#[test]
fn an_invalid_description_of_a_provider_stops_the_start_with_an_error_message() {
    let good = r#"{"user":["sub"],"organizations":[{"kind":"one","at":["o"],"id":["id"],"roles":[["r"]]}]}"#;
    let pattern = |pattern: &str| {
        format!(
            r#"{{"user":["sub"],"organizations":[{{"kind":"strings","at":["g"],"pattern":"{pattern}"}}]}}"#
        )
    };
    let claims_of_a_preset = [("AUTH_CLAIMS", good)];
    let no_auth_url = "AUTH_ISSUER is not a PropelAuth auth URL";
    let cases: Vec<(&[(&str, &str)], &str)> = vec![
        (&[("AUTH_PROVIDER", "okta")], "AUTH_PROVIDER must be one of"),
        (&[("AUTH_PROVIDER", "Auth0")], "AUTH_PROVIDER must be one of"),
        (&[("AUTH_PROVIDER", "auth0")], "AUTH_AUDIENCE is missing"),
        (&[("AUTH_PROVIDER", "custom")], "AUTH_CLAIMS is missing"),
        (&claims_of_a_preset, "AUTH_CLAIMS is only for the AUTH_PROVIDER 'custom'"),
        (&[("AUTH_ALGORITHMS", "HS256")], "AUTH_ALGORITHMS must be one or more of"),
        (&[("AUTH_ALGORITHMS", "none")], "AUTH_ALGORITHMS must be one or more of"),
        (&[("AUTH_ALGORITHMS", "RS256,")], "AUTH_ALGORITHMS must be one or more of"),
        (
            &[("AUTH_VERIFIER_KEY", ""), ("AUTH_JWKS_URL", "keys.json")],
            "AUTH_JWKS_URL is not an http or https URL",
        ),
        (
            &[("AUTH_VERIFIER_KEY", ""), ("AUTH_PROVIDER", "cognito"), ("AUTH_ISSUER", "pool")],
            "AUTH_ISSUER is not a URL",
        ),
        (&[("AUTH_ISSUER", "auth.acme.test")], no_auth_url),
        (&[("AUTH_ISSUER", "https://auth.acme.test/")], no_auth_url),
        (&[("AUTH_ISSUER", "https://auth.acme.test/api")], no_auth_url),
        (&[("AUTH_ISSUER", "https://Auth.acme.test")], no_auth_url),
        (&[("AUTH_ISSUER", "https://auth.acme.test:443")], no_auth_url),
        (&[("AUTH_ISSUER", "https:auth.acme.test")], no_auth_url),
        (&[("AUTH_ISSUER", "wss://auth.acme.test")], no_auth_url),
    ];
    let refused = |auth: &[(&str, &str)]| {
        let settings = settings().overridden_by(auth.iter().copied().collect());
        Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap_err().to_string()
    };
    for (auth, sentence) in cases {
        let told = refused(auth);
        assert!(told.starts_with(&format!("the setting {sentence}")), "{told}");
    }
    let claims = [
        "{".to_owned(),
        "[]".to_owned(),
        r#"{"user":["sub"]}"#.to_owned(),
        r#"{"user":["sub"],"organizations":[]}"#.to_owned(),
        r#"{"user":"sub","organizations":[]}"#.to_owned(),
        good.replace("[\"sub\"]", "[]"),
        good.replace("one", "all"),
        good.replace("roles", "role"),
        good.replace("\"at\":[\"o\"],", ""),
        good.replace("{\"user\"", "{\"users\":[],\"user\""),
        pattern("{role}"),
        pattern("{org}{role}"),
        pattern("{org}:{org}"),
        pattern("{org}:{role}:{role}"),
        pattern(""),
    ];
    for claims in claims {
        let told = refused(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]);
        assert!(told.starts_with("the setting AUTH_CLAIMS "), "{claims}: {told}");
    }
    let settings =
        settings().overridden_by([("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", good)].into_iter().collect());
    Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap();
}

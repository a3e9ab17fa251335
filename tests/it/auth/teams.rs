//! Teams whose tokens contain no organization: ID tokens, and a fixed organization with a condition and admins.

mod conditions;
mod names;

use crate::support::{Call, ISSUER, KEY, TestApp, settings};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::Algorithm;
use local::stack::sdk_config;
use serde_json::{Value, json};
use shared::auth::{AuthError, Caller, Credential, Verifier};
use shared::error::Unauthenticated;
use shared::model::Timestamp;

const CLIENT: &str = "1234-abc.apps.googleusercontent.com";
const GOOGLE: &str = "https://accounts.google.com";

type Auth<'a> = [(&'a str, &'a str)];

const WORKSPACE: [(&str, &str); 6] = [
    ("AUTH_PROVIDER", "google"),
    ("AUTH_ISSUER", ""),
    ("AUTH_AUDIENCE", CLIENT),
    ("AUTH_ORGANIZATION", "acme=Acme Inc."),
    ("AUTH_ORGANIZATION_IF", "hd=example.com"),
    ("AUTH_ADMINS", "Ada@example.com"),
];

/// A provider without a preset, which issues ID tokens.
const COMPANY: [(&str, &str); 6] = [
    ("AUTH_PROVIDER", "custom"),
    ("AUTH_TOKEN", "id"),
    ("AUTH_AUDIENCE", CLIENT),
    ("AUTH_ORGANIZATION", "acme"),
    ("AUTH_ORGANIZATION_IF", "groups=staff"),
    ("AUTH_ADMINS", "groups=admins"),
];

fn start(settings_of: &[&Auth<'_>]) -> Result<Verifier, String> {
    let auth: Vec<(&str, &str)> = settings_of.concat();
    let settings = settings().overridden_by(auth.into_iter().collect());
    Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).map_err(|error| error.to_string())
}

/// Returns the claims of a user at example.com, with `more` merged in; null removes a claim.
fn claims(issuer: &str, more: Value) -> Value {
    let now = Timestamp::now().seconds();
    let mut claims = json!({ "iss": issuer, "iat": now, "exp": now + 3600, "sub": "1084", "aud": CLIENT,
        "azp": CLIENT, "nonce": "n-1", "email": "bob@example.com", "email_verified": true, "hd": "example.com",
        "name": "Bob Stone", "groups": ["sales", "staff"] });
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn verify(verifier: &Verifier, token: &str) -> Result<Caller, AuthError> {
    let by_header = verifier.verify(Credential::Header(&format!("Bearer {token}")), Timestamp::now()).await;
    let by_cookie = verifier.verify(Credential::Cookie(token), Timestamp::now()).await;
    assert_eq!(by_header.as_ref().map(Caller::user_id).ok(), by_cookie.as_ref().map(Caller::user_id).ok());
    by_header
}

/// Returns what the token's caller is in the organization `acme`: an admin, a member or a stranger. If the token is
/// rejected, returns that instead.
async fn what_is(verifier: &Verifier, token: &str) -> &'static str {
    match verify(verifier, token).await {
        Ok(caller) => match caller.memberships().get(&"acme".parse().unwrap()) {
            Some(membership) if membership.manages_all_links => "admin",
            Some(_) => "member",
            None => "stranger",
        },
        Err(AuthError::Refused) => "refused",
        Err(AuthError::Unauthenticated(Unauthenticated::Expired)) => "expired",
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn only_workspace_accounts_of_the_domain_are_members() {
    let ada = json!({ "email": "ada@example.com" });
    let personal = json!({ "hd": null, "email": "bob@gmail.com" });
    let now = Timestamp::now().seconds();
    // A service account's token. The account's owner can get tokens for any audience.
    let service = json!({ "hd": null, "azp": "1167", "email": "x@y.iam.gserviceaccount.com" });
    let cases: Vec<(&Auth<'_>, Value, &str)> = vec![
        (&[], json!({}), "member"),
        (&[], ada.clone(), "admin"),
        (&[], json!({ "email": "ADA@EXAMPLE.COM" }), "admin"),
        (&[], json!({ "email": "ada@example.com", "email_verified": false }), "member"),
        (&[], json!({ "email": "ada@example.com", "email_verified": "true" }), "member"),
        (&[], json!({ "email": "ada@example.com", "email_verified": null }), "member"),
        (&[], json!({ "email": null }), "member"),
        (&[], json!({ "hd": "example.org" }), "stranger"),
        (&[], json!({ "hd": "example.com.evil.test" }), "stranger"),
        (&[], json!({ "hd": "Example.com" }), "stranger"),
        (&[], json!({ "hd": "" }), "stranger"),
        (&[], json!({ "hd": null }), "stranger"),
        (&[], json!({ "hd": true }), "stranger"),
        // An admin's address alone does not make the user a member.
        (&[], json!({ "email": "ada@example.com", "hd": "example.org" }), "stranger"),
        (&[], personal.clone(), "stranger"),
        // For another client.
        (&[], json!({ "aud": "other" }), "refused"),
        (&[], json!({ "aud": null }), "refused"),
        (&[], json!({ "aud": [CLIENT] }), "member"),
        (&[], json!({ "aud": [CLIENT, "other"] }), "member"),
        (&[], json!({ "aud": [CLIENT, "other"], "azp": "other" }), "refused"),
        (&[], json!({ "aud": [CLIENT, "other"], "azp": null }), "refused"),
        (&[], json!({ "aud": ["other"], "azp": CLIENT }), "refused"),
        (&[], json!({ "azp": null }), "member"),
        (&[], json!({ "azp": "other" }), "refused"),
        (&[], json!({ "azp": [CLIENT] }), "refused"),
        (&[], service.clone(), "refused"),
        (&[("AUTH_AUDIENCE", ""), ("SIGN_IN_CLIENT_ID", CLIENT)], json!({}), "member"),
        (&[("AUTH_AUDIENCE", ""), ("SIGN_IN_CLIENT_ID", "other")], json!({}), "refused"),
        (&[("SIGN_IN_CLIENT_ID", "other")], json!({}), "member"),
        (&[("AUTH_TOKEN", "id"), ("AUTH_ISSUER", GOOGLE)], json!({}), "member"),
        // The nonce is not checked here, but by the function that requested the token.
        (&[], json!({ "nonce": null }), "member"),
        (&[], json!({ "exp": now - 61 }), "expired"),
        (&[], json!({ "exp": now - 61, "aud": "other" }), "refused"),
        (&[], json!({ "iat": now + 90 }), "refused"),
        (&[], json!({ "sub": null }), "refused"),
        (&[], json!({ "iss": "accounts.google.com" }), "refused"),
        // An address is accepted only if Google hosts the mailbox.
        (&[("AUTH_ORGANIZATION_IF", "*@example.com")], json!({}), "member"),
        (&[("AUTH_ORGANIZATION_IF", "email=*@Example.com")], json!({}), "member"),
        (&[("AUTH_ORGANIZATION_IF", "*@example.com")], json!({ "hd": null }), "stranger"),
        (&[("AUTH_ORGANIZATION_IF", "*@example.com")], json!({ "email_verified": false }), "stranger"),
        (&[("AUTH_ORGANIZATION_IF", "*@example.com")], json!({ "email": "bob@x.example.com" }), "stranger"),
        (
            &[("AUTH_ORGANIZATION_IF", "*@example.com")],
            json!({ "email": "x@evil.test@example.com" }),
            "stranger",
        ),
        (&[("AUTH_ORGANIZATION_IF", "*@example.com")], json!({ "email": "@example.com" }), "stranger"),
        (&[("AUTH_ORGANIZATION_IF", "hd=example.com, bob@gmail.com")], personal.clone(), "member"),
        (&[("AUTH_ORGANIZATION_IF", "hd=example.com, bob@gmail.com")], json!({}), "member"),
        (
            &[("AUTH_ORGANIZATION_IF", "hd=example.com,hd=example.org")],
            json!({ "hd": "example.org" }),
            "member",
        ),
        (&[("AUTH_ORGANIZATION_IF", "sub=1084")], personal, "member"),
        (&[("AUTH_ORGANIZATION_IF", "sub=1085")], json!({}), "stranger"),
        (&[("AUTH_ADMINS", "sub=1084")], json!({}), "admin"),
        (&[("AUTH_ADMINS", "hd=example.com")], json!({}), "admin"),
        (&[("AUTH_ADMINS", "")], ada, "member"),
    ];
    for (auth, more, expected) in cases {
        let verifier = start(&[&WORKSPACE, auth]).unwrap();
        let token = KEY.sign(&claims(GOOGLE, more.clone())).unwrap();
        assert_eq!(what_is(&verifier, &token).await, expected, "{auth:?} {more}");
    }
}

#[tokio::test]
async fn one_group_of_the_provider_has_the_members_and_another_the_admins() {
    let role =
        [("AUTH_ORGANIZATION_IF", "/realm_access/roles=staff"), ("AUTH_ADMINS", "/realm_access/roles=boss")];
    let of_url = [("AUTH_ORGANIZATION_IF", "https://example.com/groups=staff"), ("AUTH_ADMINS", "")];
    let pointer = [("AUTH_ORGANIZATION_IF", "/https:~1~1example.com~1groups/eu=staff"), ("AUTH_ADMINS", "")];
    let address = [("AUTH_ORGANIZATION_IF", "*@example.com"), ("AUTH_ADMINS", "ada@example.com")];
    let cases: Vec<(&Auth<'_>, Value, &str)> = vec![
        (&[], json!({}), "member"),
        (&[], json!({ "groups": "staff" }), "member"),
        (&[], json!({ "groups": ["staff", "admins"] }), "admin"),
        (&[], json!({ "groups": ["admins"] }), "stranger"),
        (&[], json!({ "groups": ["Staff", "staff ", "staffing"] }), "stranger"),
        (&[], json!({ "groups": [["staff"]] }), "stranger"),
        (&[], json!({ "groups": { "staff": true } }), "stranger"),
        (&[], json!({ "groups": [7, "staff"] }), "member"),
        (&[], json!({ "groups": [] }), "stranger"),
        (&[], json!({ "groups": null }), "stranger"),
        (&[("AUTH_ORGANIZATION_IF", "groups=On call, EU,groups=x")], json!({}), "is not started"),
        (&[("AUTH_ORGANIZATION_IF", "groups=On call")], json!({ "groups": ["On call"] }), "member"),
        (&role, json!({ "realm_access": { "roles": ["staff"] } }), "member"),
        (&role, json!({ "realm_access": { "roles": ["staff", "boss"] } }), "admin"),
        (&role, json!({ "realm_access": "staff" }), "stranger"),
        (&of_url, json!({ "https://example.com/groups": ["staff"] }), "member"),
        (&pointer, json!({ "https://example.com/groups": { "eu": "staff" } }), "member"),
        (&address, json!({ "hd": null }), "member"),
        (&address, json!({ "hd": null, "email": "ada@example.com" }), "admin"),
        (&address, json!({ "hd": null, "email_verified": null }), "stranger"),
    ];
    for (auth, more, expected) in cases {
        let outcome = match start(&[&COMPANY, auth]) {
            Ok(verifier) => what_is(&verifier, &KEY.sign(&claims(ISSUER, more.clone())).unwrap()).await,
            Err(_) => "is not started",
        };
        assert_eq!(outcome, expected, "{auth:?} {more}");
    }
}

/// The claims are those of a user in a directory. The directory's administrators can set the user's address.
#[tokio::test]
async fn entra_ids_groups_count_and_its_addresses_never_do() {
    let issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
    let group = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
    let condition = format!("groups={group}");
    let entra = [
        ("AUTH_ISSUER", issuer),
        ("AUTH_ORGANIZATION_IF", condition.as_str()),
        ("AUTH_ADMINS", "roles=Admin"),
    ];
    let verifier = start(&[&COMPANY, &entra]).unwrap();
    let user = |more: Value| KEY.sign(&claims(issuer, more)).unwrap();
    assert_eq!(what_is(&verifier, &user(json!({ "groups": [group] }))).await, "member");
    assert_eq!(what_is(&verifier, &user(json!({ "groups": [group], "roles": ["Admin"] }))).await, "admin");
    assert_eq!(what_is(&verifier, &user(json!({ "email": "bob@example.com" }))).await, "stranger");
    for every in ["common", "organizations", "consumers"] {
        let every = format!("https://login.microsoftonline.com/{every}/v2.0");
        let refused = start(&[&COMPANY, &entra, &[("AUTH_ISSUER", every.as_str())]]).unwrap_err();
        assert!(
            refused.starts_with("the setting AUTH_ISSUER does not contain an Entra ID directory's id"),
            "{refused}"
        );
    }
    for address in ["bob@example.com", "*@example.com", "email=bob@example.com"] {
        for name in ["AUTH_ORGANIZATION_IF", "AUTH_ADMINS"] {
            let refused = start(&[&COMPANY, &entra, &[(name, address)]]).unwrap_err();
            assert!(refused.contains("which Entra ID does not verify"), "{refused}");
        }
    }
}

/// Tests an access token and an ID token of each provider that signs both with the same key.
#[tokio::test]
async fn an_access_token_is_refused_as_an_id_token_and_an_id_token_as_an_access_token() {
    let (api, one) = ("https://signpost", json!({ "org_id": "acme" }));
    let groups = json!({ "cognito:groups": ["acme:Member"], "azp": null });
    let aliases = json!({ "organization": ["acme"] });
    let presets = [
        ("auth0", api, one, json!({ "aud": api }), json!({})),
        ("cognito", "", groups, json!({ "aud": null, "token_use": "access" }), json!({ "token_use": "id" })),
        ("keycloak", api, aliases, json!({ "aud": api, "typ": "Bearer" }), json!({ "typ": "ID" })),
    ];
    let with = |parts: &[&Value]| {
        let parts = parts.iter().flat_map(|part| part.as_object().unwrap().clone());
        KEY.sign(&claims(ISSUER, Value::Object(parts.collect()))).unwrap()
    };
    for (provider, audience, organization, access, id) in presets {
        let provider = ("AUTH_PROVIDER", provider);
        let (access, id) = (with(&[&organization, &access]), with(&[&organization, &id]));
        let of_access = start(&[&[provider, ("AUTH_AUDIENCE", audience)]]).unwrap();
        let of_id = start(&[&[provider, ("AUTH_AUDIENCE", CLIENT), ("AUTH_TOKEN", "id")]]).unwrap();
        assert_eq!(what_is(&of_access, &access).await, "member", "{provider:?}");
        assert_eq!(what_is(&of_access, &id).await, "refused", "{provider:?}");
        assert_eq!(what_is(&of_id, &id).await, "member", "{provider:?}");
        assert_eq!(what_is(&of_id, &access).await, "refused", "{provider:?}");
        assert_eq!((of_access.takes_id_tokens(), of_id.takes_id_tokens()), (false, true));
    }
    // The header alone makes the token invalid, whatever its issuer and audience.
    let company = start(&[&COMPANY]).unwrap();
    for (typ, expected) in
        [("JWT", "member"), ("at+jwt", "refused"), ("AT+JWT", "refused"), ("application/at+jwt", "refused")]
    {
        let header = json!({ "alg": "RS256", "typ": typ }).to_string();
        let parts =
            [header, claims(ISSUER, json!({})).to_string()].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        let parts = parts.join(".");
        let token = format!("{parts}.{}", KEY.sign_text(&parts, Algorithm::RS256).unwrap());
        assert_eq!(what_is(&company, &token).await, expected, "{typ}");
    }
    // Access tokens of a company's own issuer, for the API.
    let of_access = start(&[&COMPANY, &[("AUTH_TOKEN", "access"), ("AUTH_AUDIENCE", api)]]).unwrap();
    assert_eq!(what_is(&of_access, &with(&[&json!({ "aud": api })])).await, "member");
    assert_eq!(what_is(&of_access, &with(&[&json!({})])).await, "refused");
}

#[tokio::test]
async fn a_team_creates_links_and_its_admins_manage_them() {
    let app = TestApp::with_settings(&WORKSPACE).await;
    let as_user = |name: &str, more: Value| {
        let token = KEY.sign(&claims(GOOGLE, more)).unwrap();
        Call::new(name).org("acme").header("authorization", &format!("Bearer {token}"))
    };
    let created = as_user("create", json!({})).send(&app).await;
    assert_eq!((created.status, &created.body["creator_user_id"]), (201, &json!("1084")), "{}", created.text);
    let slug = created.body["id"].as_str().unwrap();
    let other = as_user("delete", json!({ "sub": "2" })).slug(slug).send(&app).await;
    assert_eq!(other.status, 403, "{}", other.text);
    assert_eq!(as_user("list", json!({ "hd": "example.org" })).send(&app).await.status, 403);
    assert_eq!(as_user("list", json!({ "aud": "other" })).send(&app).await.status, 401);
    let ada = json!({ "sub": "3", "email": "ada@example.com" });
    assert_eq!(as_user("delete", ada).slug(slug).send(&app).await.status, 200);
}

//! Teams whose tokens name no organization: ID tokens, one fixed organization under a condition, and its admins.

use crate::house::{Call, House, ISSUER, KEY, settings};
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

/// A provider of ID tokens without a preset.
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

/// The claims of a user at example.com, some of them replaced; null removes one.
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

/// The rights of a token's bearer in the organization `acme`.
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
    // Of a service account: anyone can have one issue a token for any audience.
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
        // An admin's address alone does not make a member.
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
        // The nonce is compared by the function that requested the token.
        (&[], json!({ "nonce": null }), "member"),
        (&[], json!({ "exp": now - 61 }), "expired"),
        (&[], json!({ "exp": now - 61, "aud": "other" }), "refused"),
        (&[], json!({ "iat": now + 90 }), "refused"),
        (&[], json!({ "sub": null }), "refused"),
        (&[], json!({ "iss": "accounts.google.com" }), "refused"),
        // An address counts only if Google hosts its mailbox.
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

/// Claims of a directory's user, whose address its administrators can set.
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
            refused.starts_with("the setting AUTH_ISSUER does not name an Entra ID directory"),
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

/// An access token of each provider whose ID tokens are signed with the same key, and its ID token.
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
    // Refused by its header, whatever its issuer and audience.
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
async fn a_caller_has_a_name_a_nonce_and_the_organizations_name() {
    let verifier = start(&[&WORKSPACE]).unwrap();
    let caller = |more: Value| KEY.sign(&claims(GOOGLE, more)).unwrap();
    let bob = verify(&verifier, &caller(json!({}))).await.unwrap();
    assert_eq!((bob.user_id().as_str(), bob.name(), bob.nonce()), ("1084", Some("Bob Stone"), Some("n-1")));
    let membership = &bob.memberships()[&"acme".parse().unwrap()];
    assert_eq!(
        (membership.organization_name.as_deref(), membership.role.as_deref()),
        (Some("Acme Inc."), None)
    );
    let unnamed = verify(&verifier, &caller(json!({ "name": null, "nonce": null }))).await.unwrap();
    assert_eq!((unnamed.name(), unnamed.nonce()), (Some("bob@example.com"), None));
    let odd = verify(&verifier, &caller(json!({ "name": 7, "email": " ", "nonce": 7 }))).await.unwrap();
    assert_eq!((odd.name(), odd.nonce()), (None, None));
}

/// The names that each provider's tokens have for the user, the organization and the role.
#[tokio::test]
async fn each_providers_tokens_have_the_user_the_organization_and_the_role() {
    const ORG: &str = "1189c444-8a2d-4c41-8b4b-ae43ce79a492";
    let propelauth = |more: Value| {
        let entry = json!({ "org_id": ORG, "org_name": "Acme Inc", "user_role": "Admin",
            "inherited_user_roles_plus_current_role": ["Admin", "Member"] });
        let mut claims = json!({ "user_id": "u", "org_member_info": entry, "name": null });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    const CUSTOM: &str = r#"{"user":["sub"],"name":[["nick"],["name"]],
        "organizations":[{"kind":"one","at":["o"],"id":["id"],"name":["label"],"roles":[["r"]]}]}"#;
    let cases: Vec<(&Auth<'_>, Value, &str, [Option<&str>; 3])> = vec![
        (
            &[],
            propelauth(json!({ "first_name": "Ada", "last_name": "King" })),
            ORG,
            [Some("Ada King"), Some("Acme Inc"), Some("Admin")],
        ),
        (
            &[],
            propelauth(json!({ "first_name": "Ada", "last_name": "" })),
            ORG,
            [Some("Ada"), Some("Acme Inc"), Some("Admin")],
        ),
        (&[], propelauth(json!({})), ORG, [Some("bob@example.com"), Some("Acme Inc"), Some("Admin")]),
        (
            &[],
            propelauth(json!({ "email": null, "username": "ada" })),
            ORG,
            [Some("ada"), Some("Acme Inc"), Some("Admin")],
        ),
        (
            &[("AUTH_PROVIDER", "auth0"), ("AUTH_AUDIENCE", CLIENT)],
            json!({ "org_id": "acme", "org_name": "acme-inc", "https://signpost/roles": ["editor", "Admin"] }),
            "acme",
            [Some("Bob Stone"), Some("acme-inc"), Some("Admin")],
        ),
        (
            &[("AUTH_PROVIDER", "cognito")],
            json!({ "token_use": "access", "cognito:groups": ["acme:Editor"], "name": null, "email": null,
                "username": "bob" }),
            "acme",
            [Some("bob"), None, Some("Editor")],
        ),
        (
            &[("AUTH_PROVIDER", "keycloak")],
            json!({ "typ": "Bearer", "organization": { "acme": { "realm_access": { "roles": ["user"] } } } }),
            "acme",
            [Some("Bob Stone"), None, Some("user")],
        ),
        (
            &[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", CUSTOM)],
            json!({ "o": { "id": "acme", "label": "Acme", "r": "x" }, "nick": "bobby" }),
            "acme",
            [Some("bobby"), Some("Acme"), Some("x")],
        ),
        (
            &[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", CUSTOM)],
            json!({ "o": { "id": "acme", "label": 7 } }),
            "acme",
            [Some("Bob Stone"), None, None],
        ),
    ];
    for (auth, more, org, [name, organization, role]) in cases {
        let verifier = start(&[auth]).unwrap();
        let caller = verify(&verifier, &KEY.sign(&claims(ISSUER, more.clone())).unwrap()).await.unwrap();
        let membership = &caller.memberships()[&org.parse().unwrap()];
        assert_eq!(caller.name(), name, "{more}");
        assert_eq!(membership.organization_name.as_deref(), organization, "{more}");
        assert_eq!(membership.role.as_deref(), role, "{more}");
    }
}

#[test]
fn a_description_that_admits_everyone_or_no_one_stops_the_start_with_an_error_message() {
    let cases: Vec<(&Auth<'_>, &str)> = vec![
        (&[("AUTH_ORGANIZATION", "")], "AUTH_ORGANIZATION is missing"),
        (
            &[("AUTH_ORGANIZATION_IF", "")],
            "AUTH_ORGANIZATION_IF is missing; without a condition, everyone who",
        ),
        (&[("AUTH_ORGANIZATION", "Acme Inc.")], "AUTH_ORGANIZATION is not an organization id"),
        (&[("AUTH_ORGANIZATION", "=Acme")], "AUTH_ORGANIZATION is not an organization id"),
        (&[("AUTH_ORGANIZATION", "acme=")], "AUTH_ORGANIZATION has an empty name"),
        (&[("AUTH_AUDIENCE", "")], "AUTH_AUDIENCE is missing, and so is SIGN_IN_CLIENT_ID"),
        (&[("AUTH_TOKEN", "access")], "AUTH_TOKEN is 'access', but Google's access tokens are opaque"),
        (&[("AUTH_TOKEN", "ID")], "AUTH_TOKEN must be 'access' or 'id'"),
        (&[("AUTH_ISSUER", "accounts.google.com")], "AUTH_ISSUER is not Google's"),
        (&[("AUTH_CLAIMS", "{}")], "AUTH_CLAIMS is only for the AUTH_PROVIDER 'custom'"),
    ];
    for (auth, sentence) in cases {
        let refused = start(&[&WORKSPACE, auth]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {sentence}")), "{auth:?}: {refused}");
    }
    const ORGANIZATIONS: &str = r#"{"user":["sub"],"organizations":[{"kind":"one","at":["o"],"id":["id"]}]}"#;
    const REQUIRED: &str = r#"{"user":["sub"],"require":[{"at":["unit"],"is":"eu"}]}"#;
    let fixed = [("AUTH_ORGANIZATION", "acme"), ("AUTH_ORGANIZATION_IF", "groups=x")];
    let cases: Vec<(&Auth<'_>, &str)> = vec![
        (&[("AUTH_CLAIMS", ORGANIZATIONS)], "AUTH_ORGANIZATION is set, but AUTH_CLAIMS says where"),
        (&[("AUTH_ORGANIZATION", ""), ("AUTH_ADMINS", "")], "AUTH_CLAIMS is missing"),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION", "")],
            "AUTH_CLAIMS is invalid: organizations is empty",
        ),
        (
            &[("AUTH_CLAIMS", ORGANIZATIONS), ("AUTH_ORGANIZATION", "")],
            "AUTH_ORGANIZATION_IF is set, but AUTH_ORGANIZATION is not",
        ),
        (
            &[("AUTH_CLAIMS", ORGANIZATIONS), ("AUTH_ORGANIZATION", ""), ("AUTH_ORGANIZATION_IF", "")],
            "AUTH_ADMINS is set, but AUTH_ORGANIZATION is not",
        ),
        (&[("AUTH_TOKEN", ""), ("AUTH_AUDIENCE", "")], "AUTH_AUDIENCE is missing; with AUTH_ORGANIZATION"),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION_IF", "groups=x,unit=us")],
            "AUTH_ORGANIZATION_IF is invalid: condition 2 can never be met together with require[0]",
        ),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ADMINS", "/unit/x=us")],
            "AUTH_ADMINS is invalid: condition 1 can never be met together with require[0]",
        ),
        (
            &[("AUTH_CLAIMS", REQUIRED), ("AUTH_ORGANIZATION_IF", "unit=eu")],
            "AUTH_ORGANIZATION_IF is invalid: condition 1 is met by every token",
        ),
        (
            &[("AUTH_ORGANIZATION_IF", "/sub/x=y")],
            "AUTH_ORGANIZATION_IF is invalid: condition 1 is inside the user id",
        ),
        (&[("AUTH_CLAIMS", r#"{"user":["exp"]}"#)], "AUTH_CLAIMS is invalid: user reads exp"),
    ];
    for (auth, sentence) in cases {
        let refused = start(&[&COMPANY, auth]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {sentence}")), "{auth:?}: {refused}");
    }
    let only = "AUTH_ORGANIZATION is only for the AUTH_PROVIDERs 'google' and 'custom'";
    for provider in ["propelauth", "auth0", "cognito", "keycloak"] {
        let refused = start(&[&fixed, &[("AUTH_PROVIDER", provider)]]).unwrap_err();
        assert!(refused.starts_with(&format!("the setting {only}")), "{provider}: {refused}");
    }
    let propelauth = start(&[&[("AUTH_TOKEN", "id"), ("AUTH_AUDIENCE", "x")]]).unwrap_err();
    assert!(
        propelauth.starts_with("the setting AUTH_TOKEN is 'id', but PropelAuth's ID tokens"),
        "{propelauth}"
    );
    let cognito = [("AUTH_PROVIDER", "cognito"), ("AUTH_TOKEN", "id")];
    assert!(start(&[&cognito]).unwrap_err().starts_with("the setting AUTH_AUDIENCE is missing, and so is"));
}

#[test]
fn a_condition_that_does_not_separate_members_from_others_is_refused() {
    let public = "is met by everyone with an address at a public mail provider";
    let (shared, varying) =
        ("reads a claim that is the same for all users", "reads a claim that is a number or is different");
    let writable = "reads a claim that users can change";
    let cases = [
        ("*", "is neither claim=value nor an e-mail address"),
        ("hd", "is neither claim=value nor an e-mail address"),
        (",", "is neither claim=value nor an e-mail address"),
        ("=x", "does not name a claim"),
        ("/=x", "contains a JSON Pointer with an empty name"),
        ("/groups/=x", "contains a JSON Pointer with an empty name"),
        ("hd=", "has no value"),
        ("groups= ", "has no value"),
        ("email=", "has no value"),
        ("hd=*", "contains '*'"),
        ("groups=*", "contains '*'"),
        ("groups=staff*", "contains '*'"),
        ("hd=Example.com", "is not a Workspace domain"),
        ("hd=example", "is not a Workspace domain"),
        ("hd=@example.com", "is not a Workspace domain"),
        ("hd=gmail.com", "names a public mail provider's domain"),
        ("email=*", "is not an e-mail address"),
        ("email=*@*", "is not an e-mail address"),
        ("email=*@com", "is not an e-mail address"),
        ("email=*@*.com", "is not an e-mail address"),
        ("email=*.com", "is not an e-mail address"),
        ("email=a*@example.com", "is not an e-mail address"),
        ("email=a@b@example.com", "is not an e-mail address"),
        ("*@gmail.com", public),
        ("email=*@GMAIL.com", public),
        ("/email=*@outlook.com", public),
        ("*@hotmail.co.uk", public),
        ("*@yahoo.com", public),
        ("*@icloud.com", public),
        ("iss=https://accounts.google.com", shared),
        ("aud=x", shared),
        ("azp=x", shared),
        ("/aud/x=y", shared),
        ("email_verified=true", shared),
        ("scope=openid", shared),
        ("cid=0oa1b2c3", shared),
        ("appid=6731de76-14a6-49ae-97bc-6eba6914391e", shared),
        ("exp=1", varying),
        ("nonce=n-1", varying),
        ("preferred_username=bob@example.com", writable),
        ("upn=bob@example.com", writable),
        ("name=Bob", writable),
        ("zoneinfo=Europe/Berlin", writable),
        ("birthdate=1990-01-01", writable),
        ("/user/gender=female", writable),
        ("/user/name=Bob", writable),
        ("/user/email=bob@example.com", "reads an address that is not verified"),
        ("email_domain=example.com", "reads an address that is not verified"),
        ("tid=9188040d-6c67-4c5b-b112-36a304b66dad", "is met by every personal Microsoft account"),
    ];
    for (condition, rule) in cases {
        for base in [&WORKSPACE, &COMPANY] {
            for name in ["AUTH_ORGANIZATION_IF", "AUTH_ADMINS"] {
                let refused = start(&[base, &[(name, condition)]]).unwrap_err();
                let sentence = format!("the setting {name} is invalid: condition 1 {rule}");
                assert!(refused.starts_with(&sentence), "{condition}: {refused}");
            }
        }
        // Such a condition next to a good one admits just as many.
        let both = format!("groups=staff,{condition}");
        let refused = start(&[&COMPANY, &[("AUTH_ORGANIZATION_IF", both.as_str())]]).unwrap_err();
        assert!(
            refused.starts_with("the setting AUTH_ORGANIZATION_IF is invalid: condition 2 "),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_team_creates_links_and_its_admins_manage_them() {
    let house = House::with(&WORKSPACE).await;
    let as_user = |name: &str, more: Value| {
        let token = KEY.sign(&claims(GOOGLE, more)).unwrap();
        Call::of(name).org("acme").header("authorization", &format!("Bearer {token}"))
    };
    let created = as_user("create", json!({})).send(&house).await;
    assert_eq!((created.status, &created.body["creator_user_id"]), (201, &json!("1084")), "{}", created.text);
    let slug = created.body["id"].as_str().unwrap();
    let other = as_user("delete", json!({ "sub": "2" })).slug(slug).send(&house).await;
    assert_eq!(other.status, 403, "{}", other.text);
    assert_eq!(as_user("list", json!({ "hd": "example.org" })).send(&house).await.status, 403);
    assert_eq!(as_user("list", json!({ "aud": "other" })).send(&house).await.status, 401);
    let ada = json!({ "sub": "3", "email": "ada@example.com" });
    assert_eq!(as_user("delete", ada).slug(slug).send(&house).await.status, 200);
}

//! What each provider's tokens say about a user: the id, the name, the organization and the role.

use super::{Auth, CLIENT, GOOGLE, WORKSPACE, claims, start, verify};
use crate::support::{ISSUER, KEY};
use serde_json::{Value, json};

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

/// The user, the organization and the role are read from the right claims of each provider's tokens.
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

//! `LINK_EDITORS`: members who are not admins but can change the links of other members.

use crate::support::{Call, ISSUER, KEY, TestApp, settings};
use local::stack::sdk_config;
use serde_json::{Value, json};
use shared::auth::{Credential, Verifier};
use shared::model::Timestamp;

/// What a session says about the first organization: the role, and the two permissions.
async fn session(app: &TestApp, user: &str) -> Value {
    let answer = Call::new("session").by(user).send(app).await;
    let organization = &answer.body["organizations"][0];
    json!([organization["role"], organization["edits_all_links"], organization["manages_all_links"]])
}

#[tokio::test]
async fn without_the_setting_only_admins_edit_all_links() {
    let app = TestApp::start().await;
    assert_eq!(session(&app, "colleague").await, json!(["Member", false, false]));
    assert_eq!(session(&app, "admin").await, json!(["Admin", true, true]));
    let slug = app.link_by("member").await;
    for name in ["update", "delete"] {
        let call = Call::new(name).by("colleague").slug(&slug);
        call.send(&app).await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn members_edit_and_delete_each_others_links_but_do_not_choose_the_handle() {
    for editors in ["Member", "Editor, Member", "*"] {
        let app = TestApp::with_settings(&[("LINK_EDITORS", editors)]).await;
        assert_eq!(session(&app, "colleague").await, json!(["Member", true, false]), "{editors}");
        assert_eq!(session(&app, "owner").await, json!(["Owner", true, true]), "{editors}");
        let slug = app.link_by("member").await;
        let call = |name: &str, user: &str| Call::new(name).by(user).slug(&slug);
        assert_eq!(call("update", "colleague").send(&app).await.status, 200, "{editors}");
        Call::new("handle").by("colleague").send(&app).await.is_problem(403, "forbidden");
        call("delete", "outsider").send(&app).await.is_problem(403, "forbidden");
        assert_eq!(call("delete", "colleague").send(&app).await.status, 200, "{editors}");
    }
}

#[tokio::test]
async fn a_role_that_is_not_listed_edits_only_its_own_links() {
    let app = TestApp::with_settings(&[("LINK_EDITORS", "Editor, member")]).await;
    assert_eq!(session(&app, "colleague").await, json!(["Member", false, false]));
    assert_eq!(session(&app, "admin").await, json!(["Admin", true, true]), "an admin needs no other role");
    let slug = app.link_by("member").await;
    let call = Call::new("delete").by("colleague").slug(&slug);
    call.send(&app).await.is_problem(403, "forbidden");
}

/// Returns a caller's permissions in acme. The provider has the settings `auth`, and the caller's token contains the
/// claims `more`.
async fn permissions(auth: &[(&str, &str)], more: Value) -> (bool, bool) {
    let now = Timestamp::now();
    let mut claims = json!({ "iss": ISSUER, "sub": "u1", "iat": now.seconds(), "exp": now.seconds() + 60 });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings = settings().overridden_by(auth.iter().copied().collect());
    let verifier = Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap();
    let header = format!("Bearer {}", KEY.sign(&claims).unwrap());
    let caller = verifier.verify(Credential::Header(&header), now).await.unwrap();
    let member = verifier.member(caller, "acme".parse().unwrap()).unwrap();
    (member.edits_all_links, member.manages_all_links)
}

#[tokio::test]
async fn of_several_roles_the_one_with_the_greatest_permission_counts() {
    let claims =
        r#"{"user":["sub"],"organizations":[{"kind":"strings","at":["groups"],"pattern":"{org}:{role}"}]}"#;
    let one = r#"{"user":["sub"],"organizations":[{"kind":"one","at":[],"id":["org"],"roles":[["roles"]]}]}"#;
    for (roles, expected) in [
        (&["editor"][..], (true, false)),
        (&["reader"], (false, false)),
        (&["reader", "editor"], (true, false)),
        (&["editor", "reader"], (true, false)),
        (&["editor", "admin"], (true, true)),
        (&["admin", "editor"], (true, true)),
        (&[], (false, false)),
    ] {
        let auth = |claims| {
            let roles = [("AUTH_ADMIN_ROLES", "admin"), ("LINK_EDITORS", "editor")];
            [&roles[..], &[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", claims)]].concat()
        };
        assert_eq!(
            permissions(&auth(one), json!({ "org": "acme", "roles": roles })).await,
            expected,
            "{roles:?}"
        );
        let groups: Vec<String> = roles.iter().map(|role| format!("acme:{role}")).collect();
        if !groups.is_empty() {
            assert_eq!(permissions(&auth(claims), json!({ "groups": groups })).await, expected, "{roles:?}");
        }
    }
}

#[tokio::test]
async fn without_roles_only_the_star_lets_members_edit_all_links() {
    let team = [
        ("AUTH_PROVIDER", "custom"),
        ("AUTH_TOKEN", "id"),
        ("AUTH_AUDIENCE", "client"),
        ("AUTH_ORGANIZATION", "acme"),
        ("AUTH_ORGANIZATION_IF", "groups=staff"),
        ("AUTH_ADMINS", "groups=admins"),
    ];
    for (editors, groups, expected) in [
        ("", json!(["staff"]), (false, false)),
        ("staff", json!(["staff"]), (false, false)),
        ("*", json!(["staff"]), (true, false)),
        ("*", json!(["staff", "admins"]), (true, true)),
        ("", json!(["staff", "admins"]), (true, true)),
    ] {
        let auth = [&team[..], &[("LINK_EDITORS", editors)]].concat();
        let claims = json!({ "aud": "client", "groups": groups });
        assert_eq!(permissions(&auth, claims).await, expected, "{editors:?} {groups}");
    }
}

#[test]
fn an_empty_role_is_malformed() {
    let settings = settings().overridden_by([("LINK_EDITORS", "Member,,Editor")].into_iter().collect());
    let error = Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap_err();
    assert_eq!(error.to_string(), "the setting LINK_EDITORS contains an empty role");
}

//! Organizations and roles in a token: who is a member, and who is an admin.

use crate::auth::tokens::list_with;
use crate::support::{ACME, Call, GLOBEX, TestApp, signed};
use serde_json::{Value, json};

fn entry(claims: &mut Value) -> &mut Value {
    &mut claims["org_id_to_org_member_info"][ACME]
}

#[tokio::test]
async fn an_active_organization_is_the_users_only_one() {
    let app = TestApp::start().await;
    let globex_only = |claims: &mut Value| {
        claims["org_member_info"] = claims["org_id_to_org_member_info"][GLOBEX].clone();
    };
    for both in [true, false] {
        let token = signed("colleague", |claims| {
            globex_only(claims);
            if !both {
                claims.as_object_mut().unwrap().remove("org_id_to_org_member_info");
            }
        });
        let call = Call::new("list").header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.clone().org(GLOBEX).send(&app).await.status, 200);
        call.send(&app).await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_organization_under_another_ones_key_makes_the_token_invalid() {
    let app = TestApp::start().await;
    let token = signed("member", |claims| entry(claims)["org_id"] = GLOBEX.into());
    list_with(&app, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn admin_rights_follow_the_organizations_role_structure() {
    let app = TestApp::start().await;
    let single = |role: &str, inherited: &[&str]| json!({ "user_role": role, "inherited_user_roles_plus_current_role": inherited });
    let multi = |role: &str, additional: &[&str]| {
        json!({
            "org_role_structure": "multi_role", "user_role": role, "additional_roles": additional,
            "inherited_user_roles_plus_current_role": [role],
        })
    };
    let cases = [
        (single("Owner", &["Owner", "Admin", "Member"]), true),
        (single("Admin", &["Admin", "Member"]), true),
        (single("Boss", &["Boss", "Admin", "Member"]), true),
        (single("Member", &["Member"]), false),
        (single("Admin", &["Member"]), false),
        (single("Owner", &[]), true),
        (single("admin", &["admin"]), false),
        (
            json!({ "user_role": "Member", "inherited_user_roles_plus_current_role": ["Member"], "additional_roles": ["Admin"] }),
            false,
        ),
        (multi("Owner", &[]), true),
        (multi("Admin", &[]), true),
        (multi("Role A", &["Admin"]), true),
        (multi("Role A", &["Owner"]), true),
        (multi("Role A", &["Role B"]), false),
        (
            json!({ "org_role_structure": "multi_role", "user_role": "Role A", "inherited_user_roles_plus_current_role": ["Role A", "Admin"] }),
            false,
        ),
    ];
    for (roles, manages) in cases {
        let slug = app.link_by("owner").await;
        let token = signed("member", |claims| {
            let entry = entry(claims);
            for optional in ["org_role_structure", "additional_roles", "url_safe_org_name", "org_metadata"] {
                entry.as_object_mut().unwrap().remove(optional);
            }
            entry.as_object_mut().unwrap().extend(roles.as_object().unwrap().clone());
        });
        let call = Call::new("delete").slug(&slug).header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send(&app).await.status, if manages { 200 } else { 403 }, "{roles}");
    }
}

#[tokio::test]
async fn the_admin_roles_can_be_configured() {
    let app = TestApp::with_settings(&[("AUTH_ADMIN_ROLES", "Boss, Editor")]).await;
    let slug = app.link_by("member").await;
    Call::new("delete").by("owner").slug(&slug).send(&app).await.is_problem(403, "forbidden");
    let editor =
        signed("owner", |claims| entry(claims)["inherited_user_roles_plus_current_role"] = json!(["Editor"]));
    let call = Call::new("delete").slug(&slug).header("authorization", &format!("Bearer {editor}"));
    assert_eq!(call.send(&app).await.status, 200);
}

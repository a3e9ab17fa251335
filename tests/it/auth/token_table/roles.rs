//! What the roles in a token permit.

use super::{HEADER, claims_of, signed_text};
use crate::support::{ACME, Call, GLOBEX, TestApp};
use local::functions::Function;
use local::routes::{ROUTES, Route};
use serde_json::{Value, json};

/// The roles in a token, and whether a user with these roles can manage all links.
pub fn roles() -> [(Value, bool); 19] {
    let single = |role: &str, inherited: &[&str]| json!({ "user_role": role, "inherited_user_roles_plus_current_role": inherited });
    let multi = |role: &str, additional: &[&str]| {
        json!({
            "org_role_structure": "multi_role", "user_role": role, "additional_roles": additional,
            "inherited_user_roles_plus_current_role": [role],
        })
    };
    [
        (single("Owner", &["Owner", "Admin", "Member"]), true),
        (single("Admin", &["Admin", "Member"]), true),
        (single("Boss", &["Boss", "Admin", "Member"]), true),
        (single("Member", &["Member"]), false),
        (single("owner", &["owner"]), false),
        (single("admin", &["admin", "member"]), false),
        (single("ADMIN", &["ADMIN"]), false),
        (single("Admin ", &["Admin "]), false),
        (single("Administrator", &["Administrator"]), false),
        (single("Admin", &[]), false),
        (single("Admin", &["Member"]), false),
        (single("Member", &["Member", "Admin"]), true),
        (single("Owner", &[]), true),
        (single("", &[]), false),
        (multi("Owner", &[]), true),
        (multi("Role A", &["Admin"]), true),
        (multi("Role A", &["Owner"]), true),
        (multi("Role A", &["Role B"]), false),
        (multi("Role A", &["admin"]), false),
    ]
}

/// Every member may create and import links. To change another member's link or to claim a handle, a user needs a role that
/// manages links.
#[tokio::test]
async fn every_route_that_changes_something_checks_organization_and_role() {
    let mut cases = 0;
    let untouched = TestApp::start().await;
    let changing = |route: &&Route| ["POST", "PUT", "PATCH", "DELETE"].contains(&route.method);
    for route in ROUTES.iter().filter(changing).filter(|route| route.path.contains("{org_id}")) {
        for (role, manages) in &roles() {
            for (org, user, active) in [
                (ACME, "colleague", false),
                (ACME, "colleague", true),
                (ACME, "outsider", false),
                (GLOBEX, "member", false),
                (ACME, "stranger", false),
            ] {
                let mut claims = claims_of(user);
                let map = claims["org_id_to_org_member_info"].as_object_mut().unwrap();
                for entry in map.values_mut() {
                    entry.as_object_mut().unwrap().remove("org_role_structure");
                    entry.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
                }
                let is_member = map.contains_key(org);
                if active {
                    claims["org_member_info"] = claims["org_id_to_org_member_info"][ACME].clone();
                }
                let token = signed_text(HEADER, &claims.to_string());
                let call =
                    Call::from_route(route).org(org).header("authorization", &format!("Bearer {token}"));
                let is_open = [Function::Create, Function::Import].contains(&route.function);
                let allowed = is_member && (*manages || is_open);
                // Only a permitted call changes the store, so only a permitted call needs its own fixture.
                let own = if allowed { Some(TestApp::start().await) } else { None };
                let app = own.as_ref().unwrap_or(&untouched);
                app.put(&[]).await;
                app.put_record().await;
                let answer = call.send(app).await;
                let name =
                    format!("{} {user} in {org}, active {active}, {role}: {}", route.key(), answer.text);
                assert_eq!(answer.status < 300, allowed, "{name}");
                if !allowed {
                    answer.is_problem(403, "forbidden");
                    assert_eq!(app.count().await, 1, "{name}");
                }
                cases += 1;
            }
        }
    }
    assert!(cases >= 300, "{cases} cases");
}

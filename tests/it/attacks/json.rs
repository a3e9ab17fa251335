//! JSON that is deep or wide, in bodies and in tokens.

use super::{calls, is_sound};
use crate::support::{ACME, Call, GLOBEX, TestApp, signed};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::functions::Function;
use local::routes::Route;
use serde_json::{Value, json};

/// Whether the route reads a body.
fn reads_json(route: &Route) -> bool {
    let has_json = ![Function::Session, Function::Import].contains(&route.function);
    has_json && ["POST", "PUT", "PATCH"].contains(&route.method)
}

#[tokio::test]
async fn deep_and_wide_json_is_refused_everywhere() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let deep = [
        "[".repeat(10_000),
        "{\"a\":".repeat(3_000),
        format!("{{\"url\":{}{}}}", "[".repeat(8_000), "]".repeat(8_000)),
        format!("{{\"title\":{}1{}}}", "{\"a\":".repeat(2_500), "}".repeat(2_500)),
    ];
    // The body contains as many names as fit. All of them have the same hash under a function without a seed (multiply
    // by 31 and add).
    let colliding = (0..1_024_u32).map(|number| {
        let name: String = (0..10).map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" }).collect();
        format!("\"{name}\":0")
    });
    let wide = format!("{{{}}}", colliding.take(600).collect::<Vec<_>>().join(","));
    for (route, call) in calls() {
        for body in &deep {
            let answer = call.clone().header("content-type", "application/json").body(body).send(&app).await;
            is_sound(&answer, &route.key());
            if reads_json(&route) {
                answer.is_problem(400, "malformed_body");
            }
            app.put(&[]).await;

            let segment = BASE64_URL_SAFE_NO_PAD.encode(&body[..7_000]);
            for token in [format!("{segment}.e30.AA"), format!("eyJhbGciOiJSUzI1NiJ9.{segment}.AA")] {
                let answer =
                    call.clone().header("authorization", &format!("Bearer {token}")).send(&app).await;
                is_sound(&answer, &route.key());
                if route.path.contains("{org_id}") {
                    assert_eq!(answer.status, 401, "{}", route.key());
                }
            }

            let mut event = call.clone();
            event.event["requestContext"]["authorizer"] = body.as_str().into();
            is_sound(&event.send(&app).await, &route.key());
            app.put(&[]).await;
        }
        if reads_json(&route) {
            let answer = call.clone().body(&wide).send(&app).await;
            assert_eq!(answer.is_problem(422, "validation_failed").faults().len(), 100, "{}", route.key());
        }
    }
    let names: Vec<String> = (0..3_000).map(|number| format!("p{number}=")).collect();
    let answer = Call::new("list").query(&names.join("&")).send(&app).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults().len(), 100);
}

#[tokio::test]
async fn deep_claims_and_many_organizations_are_accepted_in_a_token() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let deep = |depth: usize| (0..depth).fold(Value::Null, |inner, _| json!([inner]));
    let crowded = |claims: &mut Value| {
        let acme = claims["org_id_to_org_member_info"][ACME].clone();
        for number in 0..20 {
            let mut entry = acme.clone();
            entry["org_id"] = format!("org-{number}").into();
            claims["org_id_to_org_member_info"][format!("org-{number}")] = entry;
        }
    };
    // The session route accepts every valid token, whether or not its user is a member.
    for (route, call) in calls().into_iter().filter(|(route, _)| route.function != Function::Session) {
        let public = !route.path.contains("{org_id}");
        for (token, taken) in [
            (signed("owner", |claims| claims["properties"] = deep(100)), true),
            (signed("owner", |claims| claims["properties"] = deep(500)), false),
            (signed("owner", crowded), true),
        ] {
            let call = call.clone().header("authorization", &format!("Bearer {token}"));
            let answer = call.send(&app).await;
            is_sound(&answer, &route.key());
            assert_eq!(answer.status != 401, taken || public, "{}: {}", route.key(), answer.text);
            let foreign = call.org(GLOBEX).send(&app).await;
            assert!(public || foreign.status == if taken { 403 } else { 401 }, "{}", route.key());
            app.put(&[]).await;
        }
    }
}

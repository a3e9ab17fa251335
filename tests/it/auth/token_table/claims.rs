//! Tokens with all kinds of claims.

use super::{Table, claims_of, without};
use crate::support::{ACME, GLOBEX, ISSUER};
use serde_json::{Value, json};
use shared::model::Timestamp;

pub fn claims(table: &mut Table) {
    let now = Timestamp::now().seconds();
    for claim in ["iss", "exp", "iat", "user_id"] {
        table.claims(&format!("no {claim}"), |claims| without(claims, claim), 401);
        for wrong in [Value::Null, json!(true), json!({}), json!([]), json!("")] {
            table.claim(claim, wrong, 401);
        }
    }
    for issuer in [
        "https://auth.acme.test/",
        "https://AUTH.acme.test",
        "http://auth.acme.test",
        "auth.acme.test",
        " https://auth.acme.test",
        "https://auth.acme.test ",
        "https://auth.acme.test.evil.example",
        "https://auth.acme.tes",
        "https://auth.acme.test:443",
    ] {
        table.claim("iss", issuer.into(), 401);
    }
    table.claim("iss", json!([ISSUER]), 401);
    table.claim("iss", json!({ "iss": ISSUER }), 401);
    table.claim("iss", json!(7), 401);
    for (expiry, status) in [
        (json!(now + 1), 200),
        (json!(now), 200),
        (json!(now - 50), 200),
        (json!(now - 61), 401),
        (json!(now - 62), 401),
        (json!(now - 86_400), 401),
        (json!(0), 401),
        (json!(-1), 401),
        (json!(now as f64 + 0.5), 200),
        (json!(now as f64 - 61.5), 401),
        (json!(i64::MAX), 200),
        (json!(u64::MAX), 200),
        (json!(i64::MIN), 401),
        (json!(1e300), 200),
        (json!("9999999999"), 401),
        (json!([now + 60]), 401),
        (json!((now + 1800).to_string()), 401),
    ] {
        table.claim("exp", expiry, status);
    }
    for (issued, status) in [
        (json!(now), 200),
        (json!(now + 50), 200),
        (json!(now + 70), 401),
        (json!(now + 86_400), 401),
        (json!(0), 200),
        (json!(-1), 200),
        (json!(now as f64 + 0.25), 200),
        (json!(now.to_string()), 401),
        (json!(u64::MAX), 401),
        (json!(1e300), 401),
    ] {
        table.claim("iat", issued, status);
    }
    for (begun, status) in [
        (json!(now), 200),
        (json!(now + 50), 200),
        (json!(now + 70), 401),
        (json!(now + 86_400), 401),
        (json!(0), 200),
        (json!("0"), 401),
        (json!(now.to_string()), 401),
        (Value::Null, 401),
        (json!([]), 401),
        (json!(true), 401),
        (json!(1e300), 401),
    ] {
        table.claim("nbf", begun, status);
    }
    for user in
        [json!(7), json!(["a"]), json!("a\nb"), json!("a\u{0}"), json!("a\u{7f}"), json!("x".repeat(256))]
    {
        table.claim("user_id", user, 401);
    }
    for user in [json!("a"), json!("auth0|1234"), json!("Zoë"), json!("a b"), json!("x".repeat(255))] {
        table.claim("user_id", user, 200);
    }
    for (claim, value) in [
        ("aud", json!("anything")),
        ("aud", json!(["a", "b"])),
        ("aud", json!(7)),
        ("aud", Value::Null),
        ("sub", json!(7)),
        ("jti", json!({})),
        ("login_method", json!({ "login_method": "telepathy" })),
        ("login_method", json!("none")),
        ("login_method", Value::Null),
        ("email", Value::Null),
        ("email", json!(7)),
        ("properties", json!([])),
        ("impersonator_user_id", json!("0f3f5a0e-0001-4000-8000-000000000001")),
        ("impersonator_user_id", Value::Null),
        ("org_member_info", Value::Null),
        ("iat", json!(now - 86_400)),
    ] {
        table.claim(claim, value, 200);
    }
    for impersonator in [json!(7), json!(""), json!({}), json!("a\nb")] {
        table.claim("impersonator_user_id", impersonator, 401);
    }
}

fn entry(claims: &mut Value) -> &mut Value {
    &mut claims["org_id_to_org_member_info"][ACME]
}

pub fn organizations(table: &mut Table) {
    let map = "org_id_to_org_member_info";
    let active = "org_member_info";
    table.claims("no organization at all", |claims| without(claims, map), 403);
    table.claim(map, json!({}), 403);
    table.claim(map, Value::Null, 403);
    for wrong in [
        json!([]),
        json!("x"),
        json!(7),
        json!({ ACME: null }),
        json!({ ACME: [] }),
        json!({ ACME: {} }),
        json!({ ACME: "Member" }),
    ] {
        table.claim(map, wrong, 401);
    }
    for wrong in
        [json!({}), json!([]), json!("x"), json!(7), json!({ "org_id": ACME }), json!({ "org_id": 7 })]
    {
        table.claim(active, wrong, 401);
    }
    table.claims(
        "only the other organization",
        |claims| claims[map] = claims_of("outsider")[map].clone(),
        403,
    );
    table.claims(
        "an active organization",
        |claims| {
            claims[active] = claims[map][ACME].clone();
            without(claims, map);
        },
        200,
    );
    table.claims(
        "another active organization",
        |claims| {
            claims[active] = claims_of("outsider")[map][GLOBEX].clone();
            without(claims, map);
        },
        403,
    );
    table.claims(
        "a map, and this organization active",
        |claims| claims[active] = claims[map][ACME].clone(),
        200,
    );
    table.claims(
        "a map, and the other organization active",
        |claims| claims[active] = claims_of("outsider")[map][GLOBEX].clone(),
        403,
    );
    table.claims(
        "a broken map, but this organization is active",
        |claims| {
            claims[active] = claims[map][ACME].clone();
            claims[map] = json!([]);
        },
        200,
    );
    table.claims("under another's key", |claims| entry(claims)["org_id"] = GLOBEX.into(), 401);
    table.claims(
        "under its own key in lower case",
        |claims| entry(claims)["org_id"] = ACME.to_uppercase().into(),
        401,
    );
    table.claims(
        "one of two organizations under another's key",
        |claims| {
            let mut other = claims_of("outsider")[map][GLOBEX].clone();
            other["org_id"] = ACME.into();
            claims[map][GLOBEX] = other;
        },
        401,
    );
    table.claims(
        "next to an entry with an invalid id",
        |claims| {
            let mut other = claims[map][ACME].clone();
            other["org_id"] = "@prime".into();
            claims[map]["@prime"] = other;
        },
        200,
    );
    for required in ["org_id", "user_role", "inherited_user_roles_plus_current_role"] {
        table.claims(&format!("an entry without {required}"), |claims| without(entry(claims), required), 401);
        for wrong in [Value::Null, json!(7), json!({})] {
            table.claims(
                &format!("{required} {wrong}"),
                |claims| entry(claims)[required] = wrong.clone(),
                401,
            );
        }
    }
    for optional in [
        "org_role_structure",
        "additional_roles",
        "url_safe_org_name",
        "org_metadata",
        "org_name",
        "user_permissions",
    ] {
        table.claims(&format!("an entry without {optional}"), |claims| without(entry(claims), optional), 200);
        table.claims(&format!("{optional} null"), |claims| entry(claims)[optional] = Value::Null, 200);
    }
    table.claims(
        "a role structure that is not a string",
        |claims| entry(claims)["org_role_structure"] = json!(1),
        401,
    );
    table.claims(
        "an unknown role structure",
        |claims| entry(claims)["org_role_structure"] = "circle".into(),
        200,
    );
    table.claims(
        "additional roles that are not strings",
        |claims| entry(claims)["additional_roles"] = json!([1]),
        401,
    );
    table.claims(
        "twenty more organizations",
        |claims| {
            for index in 0..20 {
                let mut other = claims[map][ACME].clone();
                other["org_id"] = format!("org-{index}").into();
                claims[map][format!("org-{index}")] = other;
            }
        },
        200,
    );
}

//! The decisions on all tokens, written for `checks/sdk.py`, which compares them with the decisions of PropelAuth's
//! own SDK.

use super::roles::roles;
use super::{HEADER, Table, claims_of, signed_text};
use crate::support::{ACME, Call, ISSUER, KEY, TestApp};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The number of tokens with two changes.
const PAIRS: usize = 400;

/// Writes tokens, each with Signpost's decisions: the status of a request for the list of links, and whether the caller
/// manages all links. The tokens are those of the table, plus one for each role, plus some with two changes at once.
pub async fn write_decisions(path: &Path, mut table: Table, app: &TestApp) {
    let base = claims_of("member");
    for (role, _) in roles() {
        let mut claims = base.clone();
        let entry = claims["org_id_to_org_member_info"][ACME].as_object_mut().unwrap();
        entry.remove("org_role_structure");
        entry.extend(role.as_object().unwrap().clone());
        table.changed.push((format!("role {role}"), claims));
    }
    let alone = table.changed.iter().skip(table.changed.len() - roles().len());
    let mut tokens: Vec<(Vec<&str>, String)> = table
        .cases
        .iter()
        .map(|(name, authorization, _)| (vec![name.as_str()], authorization.clone()))
        .collect();
    let bearer = |claims: &Value| format!("Bearer {}", signed_text(HEADER, &claims.to_string()));
    tokens.extend(alone.map(|(name, claims)| (vec![name.as_str()], bearer(claims))));
    for number in 0..PAIRS {
        let count = table.changed.len();
        let (first, one) = &table.changed[number % count];
        let (second, other) = &table.changed[(number * 31 + number / count) % count];
        let both = combined(Some(&base), Some(one), Some(other)).unwrap();
        tokens.push((vec![first, second], bearer(&both)));
    }
    let mut decisions = Vec::new();
    for (names, authorization) in tokens {
        let list = Call::new("list-without-token").header("authorization", &authorization).send(app).await;
        // The handle is invalid, but only a caller who manages all links gets the error that says so.
        let claim = Call::new("handle").anonymous().header("authorization", &authorization);
        let claimed = claim.body(r#"{"handle":"-"}"#).send(app).await;
        decisions.push(json!([names, authorization, list.status, claimed.status == 422]));
    }
    let decisions = json!({ "key": KEY.public_pem(), "issuer": ISSUER, "org": ACME, "decisions": decisions });
    std::fs::write(path, decisions.to_string()).unwrap();
}

/// Returns `base` with the changes in `first` and in `second`. If both change a value, the value from `second` is used.
fn combined(base: Option<&Value>, first: Option<&Value>, second: Option<&Value>) -> Option<Value> {
    if let (Some(Value::Object(base)), Some(Value::Object(first)), Some(Value::Object(second))) =
        (base, first, second)
    {
        let names = first.keys().chain(second.keys());
        let members = names.filter_map(|name| {
            Some((name.clone(), combined(base.get(name), first.get(name), second.get(name))?))
        });
        return Some(Value::Object(members.collect::<Map<_, _>>()));
    }
    if second == base { first.cloned() } else { second.cloned() }
}

//! The calls that a step makes.

use crate::support::Call;
use crate::tenants::link::Edit;
use crate::tenants::model::{KEYS, SLUGS};
use crate::tenants::people::{ORGS, TOKENS, url};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// With the user agent of a program, visits would be counted as a bot's.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

static EVENTS: LazyLock<BTreeMap<&str, Call>> = LazyLock::new(|| {
    let names = [
        "create",
        "delete",
        "handle",
        "handle-get",
        "history-undo",
        "list",
        "open",
        "read",
        "read-qr",
        "redirect",
        "stats",
        "update",
    ];
    names.into_iter().map(|name| (name, Call::new(name).header("user-agent", BROWSER))).collect()
});

pub fn call(name: &str, user: usize, org: usize) -> Call {
    let call = EVENTS[name].clone().org(ORGS[org]);
    call.header("authorization", &format!("Bearer {}", TOKENS[user]))
}

pub fn create(user: usize, org: usize, chosen: Option<usize>, key: Option<usize>, number: usize) -> Call {
    let mut body = json!({ "url": url(org, number) });
    if let Some(slug) = chosen {
        body["id"] = SLUGS[slug].into();
    }
    let call = call("create", user, org).body(&body.to_string());
    key.map_or(call.clone(), |key| call.header("idempotency-key", KEYS[key]))
}

pub fn edit(user: usize, org: usize, slug: &str, edit: &Edit, version: Option<&str>) -> Call {
    let time = |seconds: i64| Timestamp::try_from(seconds * 1000).unwrap().to_string();
    let fields = [
        ("id", edit.slug.clone().map(Value::from)),
        ("url", edit.url.clone().map(Value::from)),
        ("creator_user_id", edit.creator.clone().map(Value::from)),
        ("expires_at", edit.expires_at.map(|expiry| expiry.map(time).into())),
    ];
    let body: serde_json::Map<String, Value> =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let call = call("update", user, org).slug(slug).body(&Value::Object(body).to_string());
    version.map_or(call.clone(), |version| call.header("if-match", version))
}

pub fn delete(user: usize, org: usize, slug: &str, version: Option<&str>) -> Call {
    let call = call("delete", user, org).slug(slug);
    version.map_or(call.clone(), |version| call.header("if-match", version))
}

pub fn claim(user: usize, org: usize, handle: &str) -> Call {
    call("handle", user, org).body(&json!({ "handle": handle }).to_string())
}

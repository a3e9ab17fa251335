//! The calls that a step makes.

use crate::support::Call;
use crate::tenants::model::{KEYS, ORGS, SLUGS, TOKENS, url};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

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
    names.into_iter().map(|name| (name, Call::new(name))).collect()
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

pub fn edit(user: usize, org: usize, slug: &str, number: usize, version: Option<&str>) -> Call {
    let call = call("update", user, org).slug(slug).url(&url(org, number));
    version.map_or(call.clone(), |version| call.header("if-match", version))
}

pub fn delete(user: usize, org: usize, slug: &str, version: Option<&str>) -> Call {
    let call = call("delete", user, org).slug(slug);
    version.map_or(call.clone(), |version| call.header("if-match", version))
}

pub fn claim(user: usize, org: usize, handle: &str) -> Call {
    call("handle", user, org).body(&json!({ "handle": handle }).to_string())
}

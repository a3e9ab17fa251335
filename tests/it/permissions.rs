//! Each function has the DynamoDB permissions that its role in `template.yaml` grants, and uses all of them.
//!
//! In all tests the functions call the store through [`Watched`], which plays the part of IAM: a call that the template
//! does not allow fails the test. One test finds unused permissions by sending all events.

use crate::history::undo_of;
use crate::support::template::{AUTH, template, variables};
use crate::support::watched::{GRANTED, Watched, needed, with_permissions_of};
use crate::support::{Call, TestApp, functions};
use local::functions::Function;
use local::{events, subscription};
use serde_json::json;
use shared::model::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the names of all functions. `tally`, which counts clicks, has no route.
fn all() -> impl Iterator<Item = &'static str> {
    Function::ALL.map(Function::name).into_iter().chain(["tally"])
}

/// Returns what a function with a field of this type needs: settings, and the table on which its role grants actions.
fn needs(field: &str) -> Vec<&'static str> {
    let store = ["AWS_ENDPOINT_URL_DYNAMODB", "TLS_ROOTS"];
    match field {
        "Arc<LinkStore>" => [&["links", "LINKS_TABLE"], &store[..]].concat(),
        "Arc<ClickStore>" => [&["clicks", "CLICKS_TABLE"], &store[..]].concat(),
        "Arc<ChangeStore>" => vec!["history", "HISTORY_TABLE", "HISTORY_RETENTION_DAYS"],
        "Authenticator" => [&AUTH[..], &["SHORT_BASE_URL"]].concat(),
        "ClickLog" => vec!["TRUST_CDN_HEADERS"],
        "Option<Provider>" => vec!["SIGN_IN_CLIENT_ID", "SIGN_IN_CLIENT_SECRET_PARAMETER", "TLS_ROOTS"],
        "Option<OrgId>" => vec!["ROOT_ORG"],
        "ShortUrls" => vec!["ROOT_ORG", "SHORT_BASE_URL"],
        "SignIn" => vec!["SHORT_BASE_URL", "SIGN_IN_CLIENT_ID"],
        "Site" => vec!["SHORT_BASE_URL"],
        "SlugGenerator" => vec!["SLUG_LENGTH"],
        "TargetRules" => vec!["ALLOW_PRIVATE_TARGETS"],
        other => panic!("this test does not know what a field of the type {other} needs"),
    }
}

/// Returns the settings that this function reads for its store, in addition to those that all functions with this
/// store read.
fn settings_of_use(function: &str) -> &'static [&'static str] {
    match function {
        "redirect" => &["LINK_CACHE_SECONDS"],
        "stats" | "tally" => &["CLICK_RETENTION_DAYS"],
        _ => &[],
    }
}

/// Returns the source files of a function.
fn sources(function: &str) -> Vec<String> {
    let folder = format!("{}/../functions/{function}/src", env!("CARGO_MANIFEST_DIR"));
    sources_in(folder.as_ref())
}

fn sources_in(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() { sources_in(&path) } else { vec![fs::read_to_string(path).unwrap()] }
    };
    paths.flat_map(read).collect()
}

/// Returns the types of a function's fields, as declared in its source.
fn fields(function: &str) -> Vec<String> {
    let sources = sources(function).concat();
    let (_, name) = sources.split_once("impl Lambda for ").unwrap();
    let (name, _) = name.split_once(' ').unwrap();
    let (_, rest) = sources.split_once(&format!("pub struct {name}")).unwrap();
    let Some(rest) = rest.strip_prefix(" {\n") else { return Vec::new() };
    let (fields, _) = rest.split_once("\n}").unwrap();
    let fields = fields.lines().filter(|line| !line.trim_start().starts_with("//"));
    fields.map(|line| line.split_once(": ").unwrap().1.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn a_function_has_the_fields_that_its_permissions_and_settings_are_for_and_no_others() {
    let template = template();
    for function in all() {
        let fields = fields(function);
        let mut needed: BTreeSet<&str> = fields.iter().flat_map(|field| needs(field)).collect();
        needed.extend(settings_of_use(function));
        let granted = GRANTED.iter().filter(|(name, ..)| name == function);
        let tables = granted.map(|(_, _, resource)| resource.split('/').next().unwrap());
        let settings = variables(&template, function);
        let has = tables.chain(settings.iter().map(String::as_str)).collect();
        assert_eq!(needed, has, "{function} has the fields {fields:?}");
        // A function calls AWS only through the clients in its fields.
        for source in sources(function) {
            assert!(!source.contains("::connect(") && !source.contains("aws_sdk_"), "{function}");
        }
    }
}

#[tokio::test]
async fn nothing_is_granted_that_no_function_uses() {
    let app = TestApp::start().await;
    let watched = Watched::default();
    // Clicks are counted first, because only links with clicks are read for the overview.
    app.put(&[]).await;
    Call::new("redirect").send(&app).await;
    let lines = app.click_lines();
    let click = json!({ "id": "1", "timestamp": Timestamp::now().millis(), "message": lines[0].text });
    let batch = subscription::event(lines[0].stream.0, "an instance", vec![click]).unwrap();
    let instance = functions(&app.settings, &watched);
    let tally = instance.tally(&batch, Timestamp::now());
    with_permissions_of("tally".to_owned(), tally).await.unwrap();
    // One of the events frees this alias.
    app.link(json!({ "url": "https://example.com/", "id": "launch-2025" })).await;
    let rename = Call::new("update").slug("launch-2025").body(r#"{"id": "renamed-before"}"#);
    assert_eq!(rename.send(&app).await.status, 200);
    for event in events::names().unwrap() {
        app.put(&[]).await;
        // Each event gets a separate instance: otherwise an earlier call would have cached what the function has to
        // read.
        let instance = functions(&app.settings, &watched);
        Call::new(&event).by("owner").send_to(&instance, Timestamp::now()).await;
    }
    undo_each_kind(&app, &watched).await;
    retry_after_a_rename(&app, &watched).await;
    import_again_after_a_delete(&app, &watched).await;
    let unused: Vec<_> = GRANTED.difference(&watched.used()).cloned().collect();
    assert!(unused.is_empty(), "the template grants permissions that are never used: {unused:?}");
}

/// Undoes a create, an edit, a delete, and a delete after which another link took the slug.
async fn undo_each_kind(app: &TestApp, watched: &Watched) {
    let instance = functions(&app.settings, watched);
    let send = async |call: Call| call.by("owner").send_to(&instance, Timestamp::now()).await;
    let undo = async |change: &str| send(undo_of(change)).await.status;
    let create = Call::new("create").body(r#"{"url": "https://example.com/", "id": "undone"}"#);
    let created = send(create.clone()).await;
    let slug = created.body["id"].as_str().unwrap().to_owned();
    let edited = send(Call::new("update").slug(&slug)).await;
    assert_eq!(undo(&edited.headers["signpost-change"]).await, 200);
    let deleted = send(Call::new("delete").slug(&slug)).await;
    let again = send(create).await;
    assert_eq!(undo(&deleted.headers["signpost-change"]).await, 409);
    assert_eq!(undo(&again.headers["signpost-change"]).await, 200);
    assert_eq!(undo(&deleted.headers["signpost-change"]).await, 200);
}

/// Retries a create with an idempotency key. The key's link has been renamed, and its first slug is free again.
async fn retry_after_a_rename(app: &TestApp, watched: &Watched) {
    let instance = functions(&app.settings, watched);
    let send = async |call: Call| call.by("owner").send_to(&instance, Timestamp::now()).await;
    let create = Call::new("create").header("idempotency-key", "renamed");
    let create = create.body(r#"{"url": "https://example.com/", "id": "first"}"#);
    assert_eq!(send(create.clone()).await.status, 201);
    assert_eq!(send(Call::new("update").slug("first").body(r#"{"id": "second"}"#)).await.status, 200);
    assert_eq!(send(Call::new("delete").slug("first")).await.status, 200);
    assert_eq!(send(create).await.body["id"], "second");
}

/// Imports a row again after its link was deleted.
async fn import_again_after_a_delete(app: &TestApp, watched: &Watched) {
    let instance = functions(&app.settings, watched);
    let send = async |call: Call| call.by("owner").send_to(&instance, Timestamp::now()).await;
    let import = Call::new("import").body("url,id\nhttps://example.com/,imported\n");
    for _ in 0..2 {
        assert_eq!(send(import.clone()).await.body["summary"]["created"], 1);
        assert_eq!(send(Call::new("delete").slug("imported")).await.status, 200);
    }
}

#[tokio::test]
async fn each_function_is_primed_by_what_it_may_do() {
    let app = TestApp::start().await;
    for name in all() {
        let watched = Watched::default();
        let functions = functions(&app.settings, &watched);
        match Function::ALL.into_iter().find(|function| function.name() == name) {
            Some(function) => with_permissions_of(name.to_owned(), functions.prime(function)).await,
            None => with_permissions_of(name.to_owned(), functions.prime_tally()).await,
        }
        let calls = usize::from(!["docs", "console", "session"].contains(&name));
        assert_eq!(watched.used().len(), calls, "{name}");
    }
}

#[tokio::test]
#[should_panic(expected = "the template does not grant (\"redirect\", \"PutItem\", \"history\")")]
async fn a_call_that_is_not_granted_fails_its_test() {
    let app = TestApp::start().await;
    let route = Call::new("create").event;
    let event = serde_json::value::to_raw_value(&route).unwrap();
    let share = app.functions.invoke(Function::Create, &event, Timestamp::now());
    with_permissions_of(Function::Redirect.name().to_owned(), share).await;
}

#[test]
fn a_transaction_needs_the_permission_of_each_of_its_parts() {
    let part = |kind: &str, table: &str| json!({ kind: { "TableName": table } });
    let body = json!({ "TransactItems": [
        part("Put", "a"), part("Update", "b"), part("Delete", "c"), part("ConditionCheck", "d"),
    ] });
    let pairs = [("PutItem", "a"), ("UpdateItem", "b"), ("DeleteItem", "c"), ("ConditionCheckItem", "d")];
    let pairs = pairs.map(|(action, table)| (action.to_owned(), table.to_owned()));
    assert_eq!(needed("TransactWriteItems", &body), pairs);
    let body = json!({ "RequestItems": { "a": {}, "b": {} } });
    let pairs = ["a", "b"].map(|table| ("BatchGetItem".to_owned(), table.to_owned()));
    assert_eq!(needed("BatchGetItem", &body), pairs);
}

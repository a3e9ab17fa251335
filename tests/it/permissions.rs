//! Each function has the DynamoDB permissions that its role in `template.yaml` grants, and uses all of them.
//!
//! All tests call the functions through [`Watched`], which plays the part of IAM: a call that the template does not grant
//! fails the test that made it. Unused permissions are found by sending all events.

use crate::history::undo_of;
use crate::house::{Call, House, functions};
use crate::template::{AUTH, actions, statements, template, texts, variables};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use local::events;
use local::functions::Function;
use local::subscription;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, LazyLock, Mutex};

/// A function, an action, and the table or index of a table that it is performed on.
type Permission = (String, String, String);

/// The permissions in `template.yaml`.
static GRANTED: LazyLock<BTreeSet<Permission>> = LazyLock::new(|| granted(&template()));

/// Permissions besides DynamoDB: what Lambda does with the function's role, and the read of the provider's API key, which
/// tests/it/template.rs checks.
const PLATFORM: [&str; 6] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ssm:GetParameter",
];

tokio::task_local! {
    /// The running function.
    static RUNNING: String;
}

/// Runs part of a test with this function's permissions.
pub async fn with_permissions_of<T>(function: String, share: impl Future<Output = T>) -> T {
    RUNNING.scope(function, share).await
}

/// A client that allows functions only what the template grants, and records what they did.
#[derive(Debug, Clone)]
pub struct Watched {
    inner: SharedHttpClient,
    used: Arc<Mutex<BTreeSet<Permission>>>,
}

impl Watched {
    /// Watches the calls through another client.
    pub fn over(inner: impl HttpClient + 'static) -> Self {
        Self { inner: SharedHttpClient::new(inner), used: Arc::default() }
    }

    /// The permissions used so far.
    pub fn used(&self) -> BTreeSet<Permission> {
        self.used.lock().unwrap().clone()
    }
}

impl Default for Watched {
    fn default() -> Self {
        Self::over(Builder::new().build_http())
    }
}

impl HttpClient for Watched {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(WatchedConnector { inner, used: Arc::clone(&self.used) })
    }
}

#[derive(Debug)]
struct WatchedConnector {
    inner: SharedHttpConnector,
    used: Arc<Mutex<BTreeSet<Permission>>>,
}

impl HttpConnector for WatchedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let function = RUNNING.get();
        let operation = request.headers().get("x-amz-target").unwrap().rsplit('.').next().unwrap();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        for (action, resource) in needed(operation, &body) {
            let permission = (function.clone(), action, resource);
            assert!(GRANTED.contains(&permission), "the template does not grant {permission:?}");
            self.used.lock().unwrap().insert(permission);
        }
        self.inner.call(request)
    }
}

/// The actions that a request needs, each with its table or index.
///
/// A transaction is not an action of its own: it needs one for each of its parts.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
fn needed(operation: &str, body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_a_transaction = |actions: &[(&str, &str)]| {
        let parts = body["TransactItems"].as_array().unwrap().iter();
        let part = |part: &Value| {
            let (kind, content) = part.as_object().unwrap().iter().next().unwrap();
            let (_, action) = actions.iter().find(|(known, _)| known == kind).unwrap();
            ((*action).to_owned(), text(&content["TableName"]))
        };
        parts.map(part).collect()
    };
    match operation {
        "TransactWriteItems" => of_a_transaction(&[
            ("Put", "PutItem"),
            ("Update", "UpdateItem"),
            ("Delete", "DeleteItem"),
            ("ConditionCheck", "ConditionCheckItem"),
        ]),
        "TransactGetItems" => of_a_transaction(&[("Get", "GetItem")]),
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().unwrap().keys();
            tables.map(|table| (operation.to_owned(), table.clone())).collect()
        }
        _ => {
            let table = text(&body["TableName"]);
            let index = body["IndexName"].as_str();
            let resource = index.map_or(table.clone(), |index| format!("{table}/index/{index}"));
            vec![(operation.to_owned(), resource)]
        }
    }
}

/// The permissions in a template's roles, with the tables' names on this machine.
fn granted(template: &Value) -> BTreeSet<Permission> {
    let mut granted = BTreeSet::new();
    for (role, statement) in statements(template) {
        // CodeDeploy's is the only role without a function.
        let Some(function) =
            role.strip_suffix("Role").map(str::to_lowercase).filter(|name| name != "deployment")
        else {
            continue;
        };
        for action in actions(&statement) {
            let Some(action) = action.strip_prefix("dynamodb:") else {
                assert!(PLATFORM.contains(&action.as_str()), "{function}: {action}");
                continue;
            };
            for resource in texts(&statement["Resource"]) {
                let resource = resource.replace("${", "").replace('}', "");
                let (table, index) = resource.split_once("Table.Arn").unwrap();
                granted.insert((
                    function.clone(),
                    action.to_owned(),
                    format!("{}{index}", table.to_lowercase()),
                ));
            }
        }
    }
    granted
}

/// The names of all functions. The one that counts clicks has no route.
fn all() -> impl Iterator<Item = &'static str> {
    Function::ALL.map(Function::name).into_iter().chain(["tally"])
}

/// What a field of this type gives a function: a table on which its role grants actions, and settings.
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
        other => panic!("this test does not know what a field of the type {other} can touch"),
    }
}

/// The settings of a store that only some functions with that store use.
fn settings_of_use(function: &str) -> &'static [&'static str] {
    match function {
        "redirect" => &["LINK_CACHE_SECONDS"],
        "stats" | "tally" => &["CLICK_RETENTION_DAYS"],
        _ => &[],
    }
}

/// The source files of a function.
fn sources(function: &str) -> Vec<String> {
    let folder = format!("{}/../functions/{function}/src", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The types of a function's fields, as its source declares them.
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
        // It makes all calls through its fields.
        for source in sources(function) {
            assert!(!source.contains("::connect(") && !source.contains("aws_sdk_"), "{function}");
        }
    }
}

#[tokio::test]
async fn nothing_is_granted_that_no_function_uses() {
    let house = House::open().await;
    let watched = Watched::default();
    // First, because links with clicks are read by their slugs.
    house.put(&[]).await;
    Call::of("redirect").send(&house).await;
    let lines = house.click_lines();
    let click = json!({ "id": "1", "timestamp": Timestamp::now().millis(), "message": lines[0].text });
    let batch = subscription::event(lines[0].stream.0, "an instance", vec![click]).unwrap();
    let instance = functions(&house.settings, &watched);
    let tally = instance.tally(&batch, Timestamp::now());
    with_permissions_of("tally".to_owned(), tally).await.unwrap();
    // One of the events frees this alias.
    house.link(json!({ "url": "https://example.com/", "id": "launch-2025" })).await;
    let rename = Call::of("update").slug("launch-2025").body(r#"{"id": "renamed-before"}"#);
    assert_eq!(rename.send(&house).await.status, 200);
    for event in events::names().unwrap() {
        house.put(&[]).await;
        // A separate instance: another function would have cached what it has to read.
        let instance = functions(&house.settings, &watched);
        Call::of(&event).by("owner").send_to(&instance, Timestamp::now()).await;
    }
    undo_each_kind(&house, &watched).await;
    let unused: Vec<_> = GRANTED.difference(&watched.used()).cloned().collect();
    assert!(unused.is_empty(), "granted and never used: {unused:?}");
}

/// Undoes a create, an edit and a delete, and a delete whose slug was taken.
async fn undo_each_kind(house: &House, watched: &Watched) {
    let instance = functions(&house.settings, watched);
    let send = async |call: Call| call.by("owner").send_to(&instance, Timestamp::now()).await;
    let undo = async |change: &str| send(undo_of(change)).await.status;
    let create = Call::of("create").body(r#"{"url": "https://example.com/", "id": "undone"}"#);
    let created = send(create.clone()).await;
    let slug = created.body["id"].as_str().unwrap().to_owned();
    let edited = send(Call::of("update").slug(&slug)).await;
    assert_eq!(undo(&edited.headers["signpost-change"]).await, 200);
    let deleted = send(Call::of("delete").slug(&slug)).await;
    let again = send(create).await;
    assert_eq!(undo(&deleted.headers["signpost-change"]).await, 409);
    assert_eq!(undo(&again.headers["signpost-change"]).await, 200);
    assert_eq!(undo(&deleted.headers["signpost-change"]).await, 200);
}

#[tokio::test]
async fn each_function_is_primed_by_what_it_may_do() {
    let house = House::open().await;
    for name in all() {
        let watched = Watched::default();
        let functions = functions(&house.settings, &watched);
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
    let house = House::open().await;
    let route = Call::of("create").event;
    let event = serde_json::value::to_raw_value(&route).unwrap();
    let share = house.functions.invoke(Function::Create, &event, Timestamp::now());
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

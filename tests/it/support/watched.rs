//! A client that plays the part of IAM: a call that `template.yaml` does not allow fails the test.

use super::template::{actions, statements, template, texts};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

/// A function, an action, and the table or index on which the function performs it.
pub type Permission = (String, String, String);

/// The permissions in `template.yaml`.
pub static GRANTED: LazyLock<BTreeSet<Permission>> = LazyLock::new(|| granted(&template()));

/// Permissions other than DynamoDB's: those that Lambda itself uses, and the one for reading the provider's API key.
/// tests/it/template/permissions.rs checks them.
pub const PLATFORM: [&str; 6] = [
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

/// A client that allows functions only what the template grants, and records which permissions they use.
#[derive(Debug, Clone)]
pub struct Watched {
    inner: SharedHttpClient,
    used: Arc<Mutex<BTreeSet<Permission>>>,
}

impl Watched {
    /// Watches the calls, and passes them to another client.
    pub fn new(inner: impl HttpClient + 'static) -> Self {
        Self { inner: SharedHttpClient::new(inner), used: Arc::default() }
    }

    /// Returns the permissions used so far.
    pub fn used(&self) -> BTreeSet<Permission> {
        self.used.lock().unwrap().clone()
    }
}

impl Default for Watched {
    fn default() -> Self {
        Self::new(Builder::new().build_http())
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
pub struct WatchedConnector {
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

/// Returns the actions that a request needs, each with its table or index.
///
/// A transaction has no action of its own in IAM: it needs the permissions of each of its parts.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
pub fn needed(operation: &str, body: &Value) -> Vec<(String, String)> {
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

/// Returns the permissions in a template's roles, with the tables' names on this machine.
pub fn granted(template: &Value) -> BTreeSet<Permission> {
    let mut granted = BTreeSet::new();
    for (role, statement) in statements(template) {
        // CodeDeploy's role is the only one that does not belong to a function.
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

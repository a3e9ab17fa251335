//! `template.yaml` is what is deployed: every other place with the same facts must agree with it.

use local::functions::Function;
use local::routes::{ROUTES, Route};
use local::tables::{CLICKS, HISTORY, Index, LINKS, Table};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

pub fn template() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    // CloudFormation's tags are ignored: `!Ref Table` reads as `Table`.
    serde_saphyr::from_str(&text).unwrap()
}

fn properties(template: &Value, function: Function) -> Value {
    template["Resources"][format!("{function:?}Function")]["Properties"].clone()
}

/// The default route's short URLs, for a document and a router without a default route.
const SHORT_URLS: [Route; 4] = [
    Route { method: "GET", path: "/{org_id}/{slug}", function: Function::Redirect },
    Route { method: "HEAD", path: "/{org_id}/{slug}", function: Function::Redirect },
    Route { method: "GET", path: "/{slug}", function: Function::Redirect },
    Route { method: "HEAD", path: "/{slug}", function: Function::Redirect },
];

#[test]
fn the_routes_are_those_of_the_local_stack() {
    let template = template();
    let mut deployed = BTreeSet::new();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        for event in
            resource["Properties"]["Events"].as_object().into_iter().flat_map(|events| events.values())
        {
            let route = &event["Properties"];
            assert_eq!((&event["Type"], &route["PayloadFormatVersion"]), (&json!("HttpApi"), &json!("2.0")));
            deployed.insert(format!(
                "{} {} {name}",
                route["Method"].as_str().unwrap(),
                route["Path"].as_str().unwrap()
            ));
        }
    }
    let local =
        ROUTES.iter().map(|route| format!("{} {} {:?}Function", route.method, route.path, route.function));
    assert_eq!(deployed, local.collect());
}

#[test]
fn the_routes_are_those_of_cargo_lambda() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).unwrap();
    let router = text
        .split("[workspace.metadata.lambda.watch.router]\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let mut lines = BTreeSet::new();
    let all = || ROUTES.into_iter().filter(|route| *route != Route::DEFAULT).chain(SHORT_URLS);
    for route in all() {
        let routes = all().filter(|other| other.path == route.path);
        let mut methods: Vec<String> = routes
            .map(|other| {
                let function = other.function.name();
                format!("{{ method = \"{}\", function = \"{function}\" }}", other.method)
            })
            .collect();
        methods.sort();
        lines.insert(format!("\"{}\" = [{}]", route.path, methods.join(", ")));
    }
    assert_eq!(router.lines().map(str::to_owned).collect::<BTreeSet<_>>(), lines);
}

#[test]
fn the_routes_are_those_of_the_open_api_document() {
    let documented = openapi::operations().into_iter().map(|(method, path)| format!("{method} {path}"));
    let local = ROUTES.into_iter().filter(|route| *route != Route::DEFAULT).chain(SHORT_URLS);
    assert_eq!(documented.collect::<BTreeSet<_>>(), local.map(|route| route.key()).collect());
}

#[test]
fn a_front_end_on_another_origin_sees_the_same_on_aws_and_here() {
    let template = template();
    let condition = &template["Resources"]["Api"]["Properties"]["CorsConfiguration"];
    assert_eq!((&condition[0], &condition[2]), (&json!("HasCorsOrigins"), &json!("AWS::NoValue")));
    let cors = &condition[1];
    let listed = |name: &str| -> BTreeSet<String> {
        cors[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let here = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(listed("AllowMethods"), here(&local::cors::METHODS));
    assert_eq!(listed("AllowHeaders"), here(&local::cors::REQUEST_HEADERS));
    assert_eq!(listed("ExposeHeaders"), here(&local::cors::RESPONSE_HEADERS));
    assert_eq!(cors["MaxAge"], local::cors::MAX_AGE.as_secs());
    // No page on another origin calls the API with its user's cookie.
    assert_eq!(cors.get("AllowCredentials"), None);
    let methods: BTreeSet<&str> =
        ROUTES.iter().map(|route| route.method).filter(|method| !["ANY", "HEAD"].contains(method)).collect();
    assert_eq!(methods, local::cors::METHODS.into_iter().collect());
    assert_eq!(template["Parameters"]["CorsOrigins"]["Default"], "");
}

#[test]
fn the_tables_are_those_of_the_local_stack() {
    the_table_is("LinksTable", LINKS);
    the_table_is("ClicksTable", CLICKS);
    the_table_is("HistoryTable", HISTORY);
}

fn the_table_is(name: &str, local: Table) {
    let template = template();
    let resource = &template["Resources"][name];
    let table = &resource["Properties"];
    let keys = |partition_key: &str, sort_key: &str| {
        json!([
            { "AttributeName": partition_key, "KeyType": "HASH" },
            { "AttributeName": sort_key, "KeyType": "RANGE" },
        ])
    };
    assert_eq!(table["KeySchema"], keys(local.partition_key, local.sort_key));
    let index = |index: &Index| {
        let projection = match index.attributes {
            None => json!({ "ProjectionType": "ALL" }),
            Some(names) => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names }),
        };
        json!({
            "IndexName": index.name,
            "KeySchema": keys(index.partition_key, index.sort_key),
            "Projection": projection,
        })
    };
    let indexes: Vec<Value> = local.indexes.iter().map(index).collect();
    let expected = (!indexes.is_empty()).then(|| Value::from(indexes));
    assert_eq!(table.get("GlobalSecondaryIndexes"), expected.as_ref());
    let text = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let names = local.key_attributes().into_iter();
    assert_eq!(table["AttributeDefinitions"], names.map(text).collect::<Value>());
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": local.ttl, "Enabled": true }));
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(
        (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
        (&json!("Retain"), &json!("Retain"))
    );
}

#[test]
fn each_function_has_only_the_permissions_it_needs_and_writes_only_its_own_log() {
    let template = template();
    let table = |action: Value| json!({ "Effect": "Allow", "Action": action, "Resource": "LinksTable.Arn" });
    let clicks =
        |action: Value| json!({ "Effect": "Allow", "Action": action, "Resource": "ClicksTable.Arn" });
    let dead_letters =
        json!({ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "TallyDeadLetters.Arn" });
    let indexes = ["${LinksTable.Arn}/index/newest", "${LinksTable.Arn}/index/target"];
    let indexes = json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": indexes });
    let record = json!({ "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "HistoryTable.Arn" });
    let record = || record.clone();
    let days = ["ClicksTable.Arn", "${ClicksTable.Arn}/index/days"];
    let days = json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": days });
    // Functions that show a link read the organization's handle for its short URL.
    let get = "dynamodb:GetItem";
    for (function, mut statements) in [
        ("Create", vec![table(json!(["dynamodb:PutItem", get, "dynamodb:BatchGetItem"])), record()]),
        ("List", vec![indexes, table(json!(get)), clicks(json!("dynamodb:BatchGetItem"))]),
        ("Redirect", vec![table(json!(get))]),
        ("Read", vec![table(json!(get))]),
        ("Update", vec![table(json!(["dynamodb:UpdateItem", get])), record()]),
        ("Delete", vec![table(json!(["dynamodb:DeleteItem", get])), record()]),
        (
            "History",
            vec![
                table(json!([
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                    "dynamodb:DeleteItem",
                    get,
                    "dynamodb:BatchGetItem",
                ])),
                json!({
                    "Effect": "Allow",
                    "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem", get],
                    "Resource": "HistoryTable.Arn",
                }),
                json!({
                    "Effect": "Allow",
                    "Action": "dynamodb:Query",
                    "Resource": ["HistoryTable.Arn", "${HistoryTable.Arn}/index/link"],
                }),
            ],
        ),
        ("Handle", vec![table(json!(["dynamodb:PutItem", get]))]),
        ("Open", vec![table(json!(get))]),
        ("Docs", Vec::new()),
        ("Console", Vec::new()),
        ("Session", Vec::new()),
        ("Stats", vec![table(json!([get, "dynamodb:BatchGetItem"])), days]),
        ("Tally", vec![clicks(json!(["dynamodb:PutItem", "dynamodb:UpdateItem"])), dead_letters]),
    ] {
        statements.push(json!({
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("{function}Logs.Arn"),
        }));
        let properties = &template["Resources"][format!("{function}Function")]["Properties"];
        assert_eq!(properties["Role"], format!("{function}Role.Arn"));
        let role = &template["Resources"][format!("{function}Role")]["Properties"];
        assert!(role["ManagedPolicyArns"].is_null());
        let asks = variables(&template, &function.to_lowercase()).contains("AUTH_API_KEY_PARAMETER");
        statements.extend(asks.then(|| json!(["HasAuthApiKeyParameter", api_key(), "AWS::NoValue"])));
        let secret = json!(["HasSignInClientSecretParameter", client_secret(), "AWS::NoValue"]);
        statements.extend((function == "Session").then_some(secret));
        statements.push(json!(["HasTracing", tracing(), "AWS::NoValue"]));
        let policies = role["Policies"].as_array().unwrap();
        assert_eq!(policies.len(), 1);
        assert_eq!(policies[0]["PolicyDocument"]["Statement"], Value::from(statements), "{function}");
    }
}

/// The permissions for tracing. Lambda checks them when it creates the function.
fn tracing() -> Value {
    let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })
}

/// The permissions to read the provider's API key from the Parameter Store.
fn api_key() -> Value {
    let key = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${AuthApiKeyParameter}";
    json!({ "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": key })
}

/// The permissions of `session` to read its client's secret from the Parameter Store.
fn client_secret() -> Value {
    let secret =
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${SignInClientSecretParameter}";
    json!({ "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": secret })
}

#[test]
fn only_the_function_that_signs_people_in_reads_the_clients_secret_and_it_touches_no_table() {
    let template = template();
    let condition = json!([["SignInClientSecretParameter", ""]]);
    assert_eq!(template["Conditions"]["HasSignInClientSecretParameter"], condition);
    for (role, statement) in statements(&template) {
        if statement == client_secret() {
            assert_eq!(role, "SessionRole");
        }
        assert!(role != "SessionRole" || !statement.to_string().contains("dynamodb"), "{statement}");
    }
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        let variables = &function["Environment"]["Variables"];
        let is_session = name == "SessionFunction";
        assert_eq!(!variables["SIGN_IN_CLIENT_SECRET_PARAMETER"].is_null(), is_session, "{name}");
        // A secret itself is in no variable.
        assert!(variables["SIGN_IN_CLIENT_SECRET"].is_null(), "{name}");
    }
}

#[test]
fn a_client_id_needs_a_provider_that_describes_its_endpoints() {
    let rules = &template()["Rules"];
    let rule = &rules["BrowserSignIn"];
    assert_eq!(rule["RuleCondition"], json!([[["SignInClientId", ""]], ["AuthProvider", "custom"]]));
    assert_eq!(rule["Assertions"][0]["Assert"], json!(["AuthJwksUrl", ""]));
    let rule = &rules["SecretOfAClient"];
    assert_eq!(rule["RuleCondition"], json!([["SignInClientSecretParameter", ""]]));
    assert_eq!(rule["Assertions"][0]["Assert"], json!([["SignInClientId", ""]]));
}

/// The names of the environment variables of the function with this name.
pub fn variables(template: &Value, function: &str) -> BTreeSet<String> {
    let mut functions = resources(template, "AWS::Serverless::Function").into_iter();
    let (_, function) =
        functions.find(|(name, _)| name.to_lowercase() == format!("{function}function")).unwrap();
    let variables = function["Environment"]["Variables"].as_object();
    variables.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

#[test]
fn click_lines_are_delivered_to_tally_and_no_log_level_drops_them() {
    let resources = &template()["Resources"];
    for function in ["Redirect", "Open"] {
        assert_eq!(
            resources[format!("{function}Function")]["Properties"]["LoggingConfig"]["ApplicationLogLevel"],
            "INFO"
        );
        let subscription = &resources[format!("{function}LogsSubscription")];
        assert_eq!(subscription["DependsOn"], format!("{function}LogsPermission"));
        let properties = &subscription["Properties"];
        assert_eq!(properties["LogGroupName"], format!("{function}Logs"));
        assert_eq!(properties["FilterPattern"], r#"{ $.event = "click" }"#);
        // The permission, the queue of failed batches and the gradual deployment belong to the alias.
        assert_eq!(properties["DestinationArn"], "TallyFunction.Alias");
        let permission = &resources[format!("{function}LogsPermission")]["Properties"];
        assert_eq!(
            (&permission["Principal"], &permission["SourceArn"]),
            (&json!("logs.amazonaws.com"), &json!(format!("{function}Logs.Arn")))
        );
    }
    let subscriptions = resources.as_object().unwrap().values();
    let subscribed = subscriptions.filter(|resource| resource["Type"] == "AWS::Logs::SubscriptionFilter");
    assert_eq!(subscribed.count(), 2, "the log of who counts clicks has none, or it would count itself");
    let invocations = &resources["TallyFunction"]["Properties"]["EventInvokeConfig"];
    assert_eq!(invocations["DestinationConfig"]["OnFailure"]["Destination"], "TallyDeadLetters.Arn");
    // The marker of a batch is kept for 30 days.
    assert_eq!(resources["TallyDeadLetters"]["Properties"]["MessageRetentionPeriod"], 14 * 24 * 60 * 60);
    assert_eq!(resources["TallyFunction"]["Properties"]["Timeout"], 60);
}

#[test]
fn nothing_is_granted_by_wildcard_or_policy_template() {
    let template = template();
    // X-Ray's actions have no resources, and DescribeAlarms returns composite alarms only with a permission on all of them.
    let on_all =
        BTreeSet::from(["xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:DescribeAlarms"]);
    for (role, statement) in statements(&template) {
        let actions = actions(&statement);
        if statement["Resource"] == "*" {
            assert!(actions.iter().all(|action| on_all.contains(action.as_str())), "{role}: {statement}");
        } else {
            assert!(!statement.to_string().contains('*'), "{role}: {statement}");
        }
    }
    let types = template["Resources"].as_object().unwrap().values().map(|resource| &resource["Type"]);
    assert_eq!(
        types.filter(|kind| *kind == "AWS::IAM::Policy").count(),
        0,
        "attached after the function exists"
    );
    let resources = template["Resources"].to_string();
    assert!(!resources.contains("Policies\":{") && !resources.contains("CrudPolicy"), "a policy of SAM's");
}

/// Each statement of each role's policies, conditional ones included, with the role's name.
pub fn statements(template: &Value) -> Vec<(String, Value)> {
    let mut statements = Vec::new();
    for (name, role) in resources(template, "AWS::IAM::Role") {
        assert!(role["ManagedPolicyArns"].is_null(), "{name}");
        for policy in role["Policies"].as_array().unwrap() {
            for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                let statement = if statement.is_array() { &statement[1] } else { statement };
                assert_eq!(statement["Effect"], "Allow", "{name}");
                statements.push((name.to_owned(), statement.clone()));
            }
        }
    }
    statements
}

/// The actions of a statement, written as one text or as a list.
pub fn actions(statement: &Value) -> Vec<String> {
    texts(&statement["Action"])
}

/// One text, or a list of them.
pub fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    value.as_array().map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect())
}

/// The settings of every function that verifies tokens.
pub const AUTH: [&str; 16] = [
    "AUTH_PROVIDER",
    "AUTH_ISSUER",
    "AUTH_VERIFIER_KEY",
    "AUTH_JWKS_URL",
    "AUTH_ALGORITHMS",
    "AUTH_AUDIENCE",
    "AUTH_ADMIN_ROLES",
    "AUTH_CLAIMS",
    "AUTH_TOKEN",
    "AUTH_ORGANIZATION",
    "AUTH_ORGANIZATION_IF",
    "AUTH_ADMINS",
    "AUTH_API_KEY_PARAMETER",
    "AUTH_API_KEY_ROLE",
    "AUTH_URL",
    "AUTH_API_KEY",
];

#[test]
fn functions_that_verify_tokens_can_read_the_api_key_parameter_only_if_it_is_set() {
    let template = template();
    assert_eq!(template["Conditions"]["HasAuthApiKeyParameter"], json!([["AuthApiKeyParameter", ""]]));
    let reading = statements(&template).into_iter().filter(|(_, statement)| *statement == api_key());
    let reading: BTreeSet<String> = reading.map(|(role, _)| role).collect();
    let asking = Function::ALL.into_iter().filter(|function| {
        let variables = &properties(&template, *function)["Environment"]["Variables"];
        variables["AUTH_API_KEY_PARAMETER"] == "AuthApiKeyParameter"
    });
    assert_eq!(reading, asking.map(|function| format!("{function:?}Role")).collect());
}

#[test]
fn overrides_for_local_invocations_are_declared() {
    let template = template();
    let text = fs::read_to_string(local::events::directory().join("env.json")).unwrap();
    let overrides: Value = serde_json::from_str(&text).unwrap();
    for function in Function::ALL {
        let declared = properties(&template, function)["Environment"]["Variables"].clone();
        for name in overrides[format!("{function:?}Function")].as_object().unwrap().keys() {
            assert!(declared.get(name).is_some(), "{function:?} {name}");
        }
    }
}

#[test]
fn each_function_is_built_from_its_own_package_and_logs_json() {
    let template = template();
    for function in Function::ALL {
        let name = function.name();
        let resource = &template["Resources"][format!("{function:?}Function")];
        assert_eq!(resource["Metadata"]["BuildMethod"], "rust-cargolambda");
        assert_eq!(resource["Metadata"]["BuildProperties"]["Binary"], name);
        assert_eq!(resource["Properties"]["CodeUri"], format!("functions/{name}"));
        let logging = &resource["Properties"]["LoggingConfig"];
        assert_eq!((&logging["LogFormat"], &logging["SystemLogLevel"]), (&json!("JSON"), &json!("WARN")));
        assert_eq!(logging["LogGroup"], format!("{function:?}Logs"));
    }
    let tally = &template["Resources"]["TallyFunction"];
    assert_eq!(tally["Metadata"]["BuildProperties"]["Binary"], "tally");
    assert_eq!(tally["Properties"]["CodeUri"], "functions/tally");
    assert_eq!(tally["Properties"]["LoggingConfig"]["LogGroup"], "TallyLogs");
    assert_eq!(template["Globals"]["Function"]["Runtime"], "provided.al2023");
}

#[test]
fn each_functions_timeout_is_longer_than_that_of_its_requests() {
    let template = template();
    for function in Function::ALL {
        let own = properties(&template, function)["Timeout"].as_u64();
        let deployed = own.or(template["Globals"]["Function"]["Timeout"].as_u64());
        assert_eq!(deployed, Some(function.timeout().as_secs()), "{function:?}");
    }
}

/// The resources of this type, by name.
fn resources<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let resources = template["Resources"].as_object().unwrap().iter();
    let of_kind = resources.filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(name, resource)| (name.as_str(), &resource["Properties"])).collect()
}

/// The changes for which CloudFormation creates a new, empty table: the name, the resource's own name, the keys, local
/// indexes, an import.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
#[test]
fn no_table_is_ever_replaced_by_a_deployment() {
    let template = template();
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let keys = |partition: &str, sort: &str| json!([key(partition, "HASH"), key(sort, "RANGE")]);
    let tables = resources(&template, "AWS::DynamoDB::Table");
    let found: Vec<_> = tables.iter().map(|(name, table)| (*name, table["KeySchema"].clone())).collect();
    let expected = [
        ("ClicksTable", keys("link", "bucket")),
        ("HistoryTable", keys("org_id", "id")),
        ("LinksTable", keys("org_id", "id")),
    ];
    assert_eq!(found, expected);
    for (name, table) in tables {
        for fixed in ["TableName", "LocalSecondaryIndexes", "ImportSourceSpecification"] {
            assert!(table[fixed].is_null(), "{name} {fixed}");
        }
        for attribute in table["AttributeDefinitions"].as_array().unwrap() {
            assert_eq!(attribute["AttributeType"], "S", "{name} {attribute}");
        }
        let resource = &template["Resources"][name];
        assert_eq!((&resource["DeletionPolicy"], &resource["Condition"]), (&json!("Retain"), &Value::Null));
        assert_eq!(table["DeletionProtectionEnabled"], true);
        assert_eq!(table["SSESpecification"][0], "HasKmsKey");
    }
}

#[test]
fn at_most_ten_alarms_notify_people_and_each_has_its_runbook_section() {
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    let watched = template["Globals"]["Function"]["DeploymentPreference"]["Alarms"].as_array().unwrap();
    assert!((1..=10).contains(&alarms.len()), "{}", alarms.len());
    let runbook = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).unwrap();
    for (name, alarm) in alarms {
        // While idle, alarms are Signpost's only cost: without a topic there are only those that deployments watch.
        let condition = &template["Resources"][name]["Condition"];
        let topic = if watched.contains(&json!(name)) {
            assert_eq!(condition, &Value::Null, "{name}");
            json!(["HasAlarmTopic", ["AlarmTopicArn"], "AWS::NoValue"])
        } else {
            assert_eq!(condition, "HasAlarmTopic", "{name}");
            json!(["AlarmTopicArn"])
        };
        assert_eq!((&alarm["AlarmActions"], &alarm["OKActions"]), (&topic, &topic), "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        assert!(runbook.contains(&format!("\n### {name}\n")), "docs/operations.md says nothing of {name}");
        // The metric of an HTTP API. A REST API's has another name and dimension, and would never fire.
        if alarm["Namespace"] == "AWS/ApiGateway" {
            assert_eq!(
                (&alarm["MetricName"], &alarm["Dimensions"][0]["Name"]),
                (&json!("5xx"), &json!("ApiId"))
            );
        }
        assert!(alarm["Metrics"].as_array().is_none_or(|metrics| metrics.len() <= 11), "{name}");
    }
}

#[test]
fn a_gradual_deployment_watches_functions_and_never_the_api() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(globals["AutoPublishAlias"], "live");
    let preference = &globals["DeploymentPreference"];
    assert_eq!(preference["Enabled"], "GradualDeployment");
    assert_eq!(template["Parameters"]["GradualDeployment"]["Default"], "false");
    let watched = texts(&preference["Alarms"]);
    for alarm in &watched {
        let alarm = template["Resources"][alarm].to_string();
        assert!(alarm.contains("AWS/Lambda") || alarm.contains("Signpost/"), "{alarm}");
        assert!(!alarm.contains("ApiId") && !alarm.contains("\"Api\""), "{alarm}");
    }
    let mut crashes = BTreeMap::new();
    for name in ["VisitorErrorsAlarm", "MemberErrorsAlarm"] {
        assert!(watched.iter().any(|alarm| alarm == name), "{name}");
        let metrics = template["Resources"][name]["Properties"]["Metrics"].as_array().unwrap();
        // One is the sum, and CloudWatch adds up ten at most.
        assert!(metrics.len() <= 9, "{name} leaves no room for a new function");
        let expression = metrics[0]["Expression"].as_str().unwrap();
        for metric in &metrics[1..] {
            assert!(expression.contains(&format!("FILL({}, 0)", metric["Id"].as_str().unwrap())), "{name}");
            let metric = &metric["MetricStat"]["Metric"];
            assert_eq!(
                (&metric["Namespace"], &metric["MetricName"]),
                (&json!("AWS/Lambda"), &json!("Errors"))
            );
            let function = metric["Dimensions"][0]["Value"].as_str().unwrap().to_owned();
            assert_eq!(crashes.insert(function, name), None, "a function is counted twice");
        }
    }
    let functions = resources(&template, "AWS::Serverless::Function");
    assert_eq!(functions.len(), Function::ALL.len() + 1);
    let names: Vec<&str> = functions.keys().copied().collect();
    assert_eq!(crashes.keys().collect::<Vec<_>>(), names, "a function whose crashes no deployment sees");
    for (name, function) in functions {
        // Otherwise an alias would keep a setting's old value.
        assert_eq!(function["AutoPublishAliasAllProperties"], true, "{name}");
        let release = json!("Release");
        assert_eq!(
            (&function["Description"], &function["VersionDescription"]),
            (&release, &release),
            "{name}"
        );
    }
}

#[test]
fn each_function_has_a_log_with_a_retention_whose_failures_are_counted() {
    let template = template();
    for (name, log) in resources(&template, "AWS::Logs::LogGroup") {
        assert_eq!(log["RetentionInDays"], "LogRetentionDays", "{name}");
        assert_eq!(log["KmsKeyId"], json!(["HasKmsKey", "KmsKeyArn", "AWS::NoValue"]), "{name}");
    }
    let filters = resources(&template, "AWS::Logs::MetricFilter");
    let functions = resources(&template, "AWS::Serverless::Function");
    assert_eq!(filters.len(), functions.len());
    for function in functions.keys().map(|name| name.replace("Function", "")) {
        let filter = filters[format!("{function}ErrorLines").as_str()];
        assert_eq!(filter["LogGroupName"], format!("{function}Logs"));
        assert_eq!(filter["FilterPattern"], r#"{ $.level = "ERROR" }"#);
        let metric = &filter["MetricTransformations"][0];
        let alarm = &template["Resources"]["ErrorLinesAlarm"]["Properties"];
        assert_eq!(metric["MetricName"], alarm["MetricName"]);
        assert_eq!(metric["MetricNamespace"], alarm["Namespace"]);
    }
}

#[test]
fn every_route_of_the_api_has_a_limit_and_redirects_have_one_only_on_request() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    let limits = |name: &str| json!({ "ThrottlingRateLimit": name, "ThrottlingBurstLimit": name });
    let expected: Value = ROUTES
        .iter()
        .map(|route| match *route {
            Route::DEFAULT => {
                (route.key(), json!(["LimitsRedirects", limits("RedirectsPerSecond"), "AWS::NoValue"]))
            }
            _ => (route.key(), limits("ApiRequestsPerSecond")),
        })
        .collect();
    assert_eq!(api["RouteSettings"], expected);
    // They would limit the default route too.
    assert_eq!(api.get("DefaultRouteSettings"), None);
    assert_eq!(template["Parameters"]["RedirectsPerSecond"]["Default"], 0);
    assert_eq!(template["Conditions"]["LimitsRedirects"], json!([["RedirectsPerSecond", "0"]]));
}

#[test]
fn the_access_log_identifies_neither_the_caller_nor_the_link() {
    let template = template();
    let format = template["Resources"]["Api"]["Properties"]["AccessLogSettings"][1]["Format"].clone();
    let format: Value = serde_json::from_str(format.as_str().unwrap()).unwrap();
    let values = format.as_object().unwrap().values();
    let variables: BTreeSet<&str> = values.map(|value| value.as_str().unwrap()).collect();
    let harmless = [
        "$context.requestId",
        "$context.requestTime",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationStatus",
        "$context.responseLength",
    ];
    assert_eq!(variables, BTreeSet::from(harmless));
}

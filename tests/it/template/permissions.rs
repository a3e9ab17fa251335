//! What each role may do, and which settings each function gets.

use super::properties;
use crate::support::template::{actions, resources, statements, template, variables};
use local::functions::Function;
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    // A function that returns a link reads the organization's handle for the short URL.
    let get = "dynamodb:GetItem";
    for (function, mut statements) in [
        (
            "Create",
            vec![
                table(json!(["dynamodb:PutItem", get, "dynamodb:BatchGetItem"])),
                record(),
                // Needed for an idempotency key if its link has been renamed.
                json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": "${HistoryTable.Arn}/index/link" }),
            ],
        ),
        ("List", vec![indexes, table(json!(get)), clicks(json!("dynamodb:BatchGetItem"))]),
        ("Redirect", vec![table(json!(get))]),
        ("Read", vec![table(json!(get))]),
        (
            "Update",
            vec![
                table(json!(["dynamodb:UpdateItem", "dynamodb:PutItem", get, "dynamodb:BatchGetItem"])),
                record(),
            ],
        ),
        ("Delete", vec![table(json!(["dynamodb:DeleteItem", "dynamodb:UpdateItem", get])), record()]),
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
        (
            "Import",
            vec![
                table(json!(["dynamodb:PutItem", get, "dynamodb:BatchGetItem"])),
                record(),
                json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": "${HistoryTable.Arn}/index/link" }),
                // Needed to find another link with the same destination.
                json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": "${LinksTable.Arn}/index/target" }),
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

/// The permissions for tracing. Lambda checks these permissions when it creates a function.
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
        // No variable contains the client secret.
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
        // The filter must send to the alias and not to the function, because the permission, the queue of failed batches
        // and the gradual deployment are all attached to the alias.
        assert_eq!(properties["DestinationArn"], "TallyFunction.Alias");
        let permission = &resources[format!("{function}LogsPermission")]["Properties"];
        assert_eq!(
            (&permission["Principal"], &permission["SourceArn"]),
            (&json!("logs.amazonaws.com"), &json!(format!("{function}Logs.Arn")))
        );
    }
    let subscriptions = resources.as_object().unwrap().values();
    let subscribed = subscriptions.filter(|resource| resource["Type"] == "AWS::Logs::SubscriptionFilter");
    assert_eq!(
        subscribed.count(),
        2,
        "the log of `tally` must have no filter, or `tally` would count its own lines"
    );
    let invocations = &resources["TallyFunction"]["Properties"]["EventInvokeConfig"];
    assert_eq!(invocations["DestinationConfig"]["OnFailure"]["Destination"], "TallyDeadLetters.Arn");
    // A batch must not stay here for longer than its marker, which is kept for 30 days.
    assert_eq!(resources["TallyDeadLetters"]["Properties"]["MessageRetentionPeriod"], 14 * 24 * 60 * 60);
    assert_eq!(resources["TallyFunction"]["Properties"]["Timeout"], 60);
}

#[test]
fn nothing_is_granted_by_wildcard_or_policy_template() {
    let template = template();
    // X-Ray's actions have no resources, and DescribeAlarms returns composite alarms only to callers with a permission
    // on all alarms.
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
        "a separate policy would be attached only after the function exists"
    );
    let resources = template["Resources"].to_string();
    assert!(!resources.contains("Policies\":{") && !resources.contains("CrudPolicy"), "a policy of SAM's");
}

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

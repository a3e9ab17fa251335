//! Tables, alarms, logs, limits and gradual deployments.

use crate::support::template::{resources, template, texts};
use local::functions::Function;
use local::routes::{ROUTES, Route};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// CloudFormation creates a new, empty table if an update changes the table's name, the resource's name in the
/// template, the keys, the local indexes, or an import.
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
        // If Signpost is idle, alarms are its only cost. So a stack without a topic for alarms has only the alarms that
        // deployments watch.
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
        assert!(runbook.contains(&format!("\n### {name}\n")), "docs/operations.md does not describe {name}");
        // This is the metric of an HTTP API. The metric of a REST API has another name and dimension, and an alarm on
        // that metric would never go off.
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
        // The first entry is the sum of the others, and CloudWatch adds up at most ten metrics.
        assert!(metrics.len() <= 11, "{name} has too many metrics");
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
    assert_eq!(
        crashes.keys().collect::<Vec<_>>(),
        names,
        "deployments do not watch the crashes of a function"
    );
    for (name, function) in functions {
        // Without this, an alias would keep a setting's old value.
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
    // Default settings would limit the default route too.
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

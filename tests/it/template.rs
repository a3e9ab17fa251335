//! `template.yaml` is what is deployed, so every other place with the same facts must agree with it.

mod operations;
mod permissions;

use crate::support::template::template;
use local::functions::Function;
use local::routes::{ROUTES, Route};
use local::tables::{CLICKS, HISTORY, Index, LINKS, Table};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

fn properties(template: &Value, function: Function) -> Value {
    template["Resources"][format!("{function:?}Function")]["Properties"].clone()
}

/// The routes of short URLs, for the OpenAPI document and the local router, which have no default route.
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
    // A page on another origin must not be able to call the API with the cookie of the page's visitor.
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

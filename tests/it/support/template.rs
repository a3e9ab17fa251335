//! `template.yaml` as JSON, and the permissions in its statements.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

pub fn template() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    // CloudFormation's tags are ignored, so `!Ref Table` is parsed as `Table`.
    serde_saphyr::from_str(&text).unwrap()
}

/// Returns the names of this function's environment variables.
pub fn variables(template: &Value, function: &str) -> BTreeSet<String> {
    let mut functions = resources(template, "AWS::Serverless::Function").into_iter();
    let (_, function) =
        functions.find(|(name, _)| name.to_lowercase() == format!("{function}function")).unwrap();
    let variables = function["Environment"]["Variables"].as_object();
    variables.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// Returns each statement of each role's policies, including conditional ones, with the role's name.
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

/// Returns the actions of a statement, which are written as one string or as a list.
pub fn actions(statement: &Value) -> Vec<String> {
    texts(&statement["Action"])
}

/// Returns the strings in a value that is one string or a list of strings.
pub fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    value.as_array().map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect())
}

/// The settings of every function that verifies tokens.
pub const AUTH: [&str; 17] = [
    "AUTH_PROVIDER",
    "AUTH_ISSUER",
    "AUTH_VERIFIER_KEY",
    "AUTH_JWKS_URL",
    "AUTH_ALGORITHMS",
    "AUTH_AUDIENCE",
    "AUTH_ADMIN_ROLES",
    "LINK_EDITORS",
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

/// Returns the resources of this type, by name.
pub fn resources<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let resources = template["Resources"].as_object().unwrap().iter();
    let of_kind = resources.filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(name, resource)| (name.as_str(), &resource["Properties"])).collect()
}

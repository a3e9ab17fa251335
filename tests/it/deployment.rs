//! What a first deployment needs: permissions; names and settings within AWS's limits; workflows; SAM's
//! configuration. Without these tests, only a deployment would reveal a mistake. Each test links to AWS's own rule.

mod github;
mod policy;

use crate::support::template::{actions, statements, template, texts};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

/// The maximum length of a stack's name, which is documented in docs/operations.md.
const MAX_STACK_NAME: usize = 35;
/// The maximum number of characters that CloudFormation adds to a generated name: a hyphen and 13 random ones.
const RANDOM_SUFFIX: usize = 14;

fn text(path: &str) -> String {
    fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap()
}

fn of_type<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let resources = template["Resources"].as_object().unwrap().iter();
    resources.filter(|(_, one)| one["Type"] == kind).map(|(name, one)| (name.as_str(), one)).collect()
}

/// Lambda checks `xray:PutTraceSegments` when it creates a function with active tracing, but CloudFormation may attach
/// a separate policy later.
#[test]
fn a_traced_function_has_the_permission_to_trace_when_it_is_created() {
    let template = template();
    let roles = of_type(&template, "AWS::IAM::Role");
    for name in of_type(&template, "AWS::Serverless::Function").into_keys() {
        let role = name.replace("Function", "Role");
        let statements = &roles[role.as_str()]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let tracing = statements.as_array().unwrap().iter().find(|statement| statement[0] == "HasTracing");
        let actions = actions(&tracing.unwrap()[1]);
        assert_eq!(actions, ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "{role}");
    }
}

/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html>: the resource of GetAlias
/// and UpdateAlias is a function, and the resource of GetProvisionedConcurrencyConfig is an alias.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>: composite alarms need a
/// permission on all alarms.
#[test]
fn code_deploy_may_move_each_alias_and_read_alarms() {
    let template = template();
    let functions: BTreeSet<&str> = of_type(&template, "AWS::Serverless::Function").into_keys().collect();
    let mut granted = BTreeMap::new();
    for (role, statement) in statements(&template) {
        if role == "DeploymentRole" {
            for action in actions(&statement) {
                granted.insert(action, texts(&statement["Resource"]).into_iter().collect::<BTreeSet<_>>());
            }
        }
    }
    let unqualified: BTreeSet<String> = functions.iter().map(|name| format!("{name}.Arn")).collect();
    let aliases: BTreeSet<String> = functions.iter().map(|name| format!("${{{name}.Arn}}:live")).collect();
    let expected = [
        ("cloudwatch:DescribeAlarms", BTreeSet::from(["*".to_owned()])),
        ("lambda:GetAlias", unqualified.clone()),
        ("lambda:GetProvisionedConcurrencyConfig", aliases),
        ("lambda:UpdateAlias", unqualified),
    ];
    assert_eq!(granted, expected.map(|(action, on)| (action.to_owned(), on)).into());
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
#[test]
fn a_role_is_assumed_by_its_service_for_this_account_alone() {
    let template = template();
    for (name, role) in of_type(&template, "AWS::IAM::Role") {
        let trust = role["Properties"]["AssumeRolePolicyDocument"]["Statement"].as_array().unwrap();
        assert_eq!(trust.len(), 1, "{name}");
        let account = json!({ "StringEquals": { "aws:SourceAccount": "AWS::AccountId" } });
        assert_eq!(trust[0]["Condition"], account, "{name}");
    }
}

/// If the description of a version changes, CloudFormation replaces the version:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html>.
/// SAM itself gives versions only a `DeletionPolicy`, and copies other policies from the function.
#[test]
fn the_previous_version_is_kept_for_a_rollback() {
    let template = template();
    let functions = of_type(&template, "AWS::Serverless::Function");
    assert!(!functions.is_empty());
    for (name, function) in functions {
        assert_eq!(function["UpdateReplacePolicy"], "Retain", "{name}");
        assert!(function["DeletionPolicy"].is_null(), "{name}: it would overrule what SAM gives to versions");
    }
}

/// `AsyncEventsDropped` also counts events that were sent to the queue:
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics>
#[test]
fn an_alarm_goes_off_for_clicks_that_are_lost_and_not_for_those_in_the_queue() {
    let template = template();
    let alarm = &of_type(&template, "AWS::CloudWatch::Alarm")["TallyDeliveriesAlarm"]["Properties"];
    let metrics = alarm["Metrics"].as_array().unwrap();
    let mut watched = BTreeSet::new();
    for metric in &metrics[1..] {
        let id = metric["Id"].as_str().unwrap();
        assert!(metrics[0]["Expression"].as_str().unwrap().contains(&format!("FILL({id}, 0)")), "{id}");
        let metric = &metric["MetricStat"]["Metric"];
        let value = metric["Dimensions"][0]["Value"].as_str().unwrap();
        watched.insert((metric["MetricName"].as_str().unwrap(), value));
    }
    let expected = [
        ("DeliveryErrors", "OpenLogs"),
        ("DeliveryErrors", "RedirectLogs"),
        ("DestinationDeliveryFailures", "TallyFunction"),
    ];
    assert_eq!(watched, expected.into());
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>: a function's name has at most 64
/// characters.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: a role's name has at most 64
/// characters. CloudFormation would truncate a longer name, and docs/deploy-policy.json would not cover the truncated
/// name.
#[test]
fn resource_names_fit_for_every_documented_stack_name() {
    let template = template();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let physical = function["Properties"]["FunctionName"].as_str().unwrap();
        let suffix = physical.strip_prefix("${AWS::StackName}").unwrap();
        assert!(MAX_STACK_NAME + suffix.len() <= 64, "{name}");
    }
    for name in of_type(&template, "AWS::IAM::Role").into_keys() {
        assert!(MAX_STACK_NAME + 1 + name.len() + RANDOM_SUFFIX <= 64, "{name}");
    }
    assert!(text("docs/operations.md").contains(&format!("at most {MAX_STACK_NAME} characters")));
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>: a function's variables have at most 4 KB
/// in total. Lambda measures names and values as JSON.
#[test]
fn the_longest_settings_that_are_accepted_fit_into_a_function() {
    let template = template();
    // Combinations that are rejected are not counted: PropelAuth with custom claims or a fixed organization, any other
    // provider with PropelAuth's settings, and two sources of keys.
    let fixed = ["AuthClaims", "AuthJwksUrl", "AuthOrganization", "AuthOrganizationIf", "AuthAdmins"];
    let propelauths = ["AuthApiKeyParameter", "AuthApiKeyRole", "AuthUrl", "AuthJwksUrl"];
    for excluded in [&fixed[..], &propelauths] {
        for (name, function) in of_type(&template, "AWS::Serverless::Function") {
            let variables = function["Properties"]["Environment"]["Variables"].as_object();
            let sizes = variables.into_iter().flatten().map(|(variable, value)| {
                let value = value.as_str().unwrap();
                let default = || template["Parameters"][value]["Default"].as_str().unwrap().len();
                let value = if excluded.contains(&value) { default() } else { longest(&template, value) };
                // The additional bytes are quotes, a colon and a comma.
                variable.len() + value + 6
            });
            let size: usize = sizes.sum::<usize>() + 1;
            assert!(size <= 4096, "{name} without {excluded:?}: {size} bytes");
        }
    }
    for rule in ["OthersClaims", "OthersApiKey", "OneKeySource", "OneOrganization", "NoOrganization"] {
        assert!(template["Rules"][rule].is_object(), "{rule}");
    }
}

/// Returns the maximum size of a variable's value as JSON, in bytes. `reference` names a parameter or
/// a table, or is empty.
fn longest(template: &Value, reference: &str) -> usize {
    if reference.is_empty() {
        return 0;
    }
    let parameter = &template["Parameters"][reference];
    if parameter.is_null() {
        assert_eq!(template["Resources"][reference]["Type"], "AWS::DynamoDB::Table", "{reference}");
        return MAX_STACK_NAME + 1 + reference.len() + RANDOM_SUFFIX;
    }
    if let Some(values) = parameter["AllowedValues"].as_array() {
        return values.iter().map(|value| value.as_str().unwrap().len()).max().unwrap();
    }
    if parameter["Type"] == "Number" {
        return parameter["MaxValue"].to_string().len();
    }
    let characters = parameter["MaxLength"].as_u64();
    let characters =
        usize::try_from(characters.unwrap_or_else(|| panic!("{reference} has no MaxLength"))).unwrap();
    let pattern = parameter["AllowedPattern"].as_str().unwrap();
    match reference {
        // In JSON, quotes are escaped, and these values are JSON that may consist mostly of quotes. The pattern allows
        // only ASCII characters.
        "AuthClaims" => {
            assert!(pattern.contains(r"[\t\r\n -~]"));
            2 * characters
        }
        // A PEM line has 64 characters, and its line end is escaped.
        "AuthVerifierKey" => characters + 2 * characters.div_ceil(64),
        // Names can contain any letters; a letter has at most four bytes.
        "AuthAdminRoles" | "AuthApiKeyRole" | "AuthOrganization" => 4 * characters,
        // These values contain neither quotes nor backslashes.
        "LinkEditors" => {
            assert!(pattern.contains(r"[ !#-+\--\[\]-~]"), "{reference}: {pattern}");
            characters
        }
        "AuthOrganizationIf" | "AuthAdmins" => {
            assert!(pattern.contains(r"[!#-)+\--<>-\[\]-~]"), "{reference}: {pattern}");
            characters
        }
        _ => {
            let ascii = ["[!-~]", "[A-Za-z0-9", "[!\"$-", "(RS256|"];
            assert!(ascii.iter().any(|class| pattern.contains(class)), "{reference}: {pattern}");
            characters
        }
    }
}

#[test]
fn no_function_is_in_a_vpc() {
    let template = template();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"]["VpcConfig"].is_null(), "{name}");
    }
    assert!(template["Globals"]["Function"]["VpcConfig"].is_null());
    let endpoint = template["Parameters"]["DynamoDbEndpointUrl"]["Description"].as_str().unwrap();
    assert!(endpoint.contains("cannot reach a VPC endpoint"), "{endpoint}");
}

#[test]
fn the_cost_of_the_access_log_is_the_same_in_docs_and_template() {
    let page = text("docs/cost.md");
    let row = page.lines().find(|line| line.starts_with("| access log |")).unwrap();
    let dollars: f64 = row.split('|').nth(2).unwrap().trim().parse().unwrap();
    let template = template();
    let description = template["Parameters"]["AccessLog"]["Description"].as_str().unwrap().to_owned();
    assert!(description.contains(&format!("about {:.0} cents", dollars * 100.0)), "{description}");
}

#[test]
fn build_and_deployment_read_the_parameters_from_one_file_that_git_ignores() {
    let config = text("samconfig.toml");
    for section in ["build", "deploy"] {
        let section = config.split(&format!("[default.{section}.parameters]\n")).nth(1).unwrap();
        let section = section.split("\n[").next().unwrap();
        assert!(
            section.lines().any(|line| line == "parameter_overrides = \"file://parameters.yaml\""),
            "{section}"
        );
    }
    assert!(text(".gitignore").lines().any(|line| line == "/parameters.yaml"));
    let template = template();
    for (name, value) in yaml("parameters.example.yaml").as_object().unwrap() {
        let parameter = &template["Parameters"][name];
        assert!(parameter.is_object(), "{name}");
        assert!(value.is_string(), "{name}: SAM would write true as True");
        if let Some(allowed) = parameter["AllowedValues"].as_array() {
            let allowed =
                allowed.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            assert!(allowed.collect::<Vec<_>>().contains(&value.as_str().unwrap().to_owned()), "{name}");
        }
    }
}

/// If the file does not contain a parameter, `sam deploy` keeps the stack's value (`UsePreviousValue` in
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html>). So only a file that
/// contains all parameters can roll back a change, as docs/operations.md says.
#[test]
fn the_example_names_each_parameter_with_its_default() {
    let template = template();
    let example = yaml("parameters.example.yaml");
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        let value = example[name].as_str().unwrap_or_else(|| panic!("the example does not contain {name}"));
        // The example has placeholders for these two values, because each operator gets them from PropelAuth.
        if !["AuthIssuer", "AuthVerifierKey"].contains(&name.as_str()) {
            let default = &parameter["Default"];
            assert_eq!(default.as_str().map_or_else(|| default.to_string(), str::to_owned), value, "{name}");
        }
    }
}

/// A deployment that changes nothing must not fail.
#[test]
fn a_deployment_without_changes_succeeds() {
    let config = text("samconfig.toml");
    let deploy = config.split("[default.deploy.parameters]\n").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(deploy.lines().any(|line| line == "fail_on_empty_changeset = false"), "{deploy}");
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>: a certificate's first name has at
/// most 64 characters.
#[test]
fn a_domain_is_short_enough_for_the_certificate_that_the_stack_makes() {
    let template = template();
    let certificate =
        of_type(&template, "AWS::CertificateManager::Certificate").into_values().next().unwrap();
    assert_eq!(certificate["Properties"]["DomainName"], "DomainName");
    assert_eq!(template["Parameters"]["DomainName"]["MaxLength"], 64);
}

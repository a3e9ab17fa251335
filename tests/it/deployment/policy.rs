//! `docs/deploy-policy.json` grants the permissions that a deployment of the template needs, and only on this stack's
//! resources.

use super::{MAX_STACK_NAME, text};
use crate::support::template::{actions, template, texts};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The actions that CloudFormation needs for each resource type, given the template's properties and attributes. AWS's
/// schema for each type lists these permissions under create, read, update and delete.
/// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>
const NEEDED: [(&str, &str); 18] = [
    (
        "AWS::ApiGatewayV2::Api",
        "apigateway:POST apigateway:GET apigateway:PATCH apigateway:PUT apigateway:DELETE apigateway:TagResource \
         apigateway:UntagResource logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery \
         logs:DeleteLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:DescribeResourcePolicies \
         logs:DescribeLogGroups",
    ),
    (
        "AWS::ApiGatewayV2::ApiMapping",
        "apigateway:POST apigateway:GET apigateway:PATCH apigateway:PUT apigateway:DELETE",
    ),
    (
        "AWS::ApiGatewayV2::DomainName",
        "apigateway:POST apigateway:GET apigateway:PATCH apigateway:PUT apigateway:DELETE iam:CreateServiceLinkedRole",
    ),
    (
        "AWS::CertificateManager::Certificate",
        "acm:RequestCertificate acm:DescribeCertificate acm:DeleteCertificate acm:AddTagsToCertificate \
         acm:ListTagsForCertificate acm:RemoveTagsFromCertificate acm:UpdateCertificateOptions \
         route53:ChangeResourceRecordSets",
    ),
    (
        "AWS::CloudWatch::Alarm",
        "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms cloudwatch:TagResource \
         cloudwatch:UntagResource cloudwatch:ListTagsForResource",
    ),
    (
        "AWS::CloudWatch::Dashboard",
        "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards cloudwatch:TagResource \
         cloudwatch:UntagResource cloudwatch:ListTagsForResource",
    ),
    (
        "AWS::CodeDeploy::Application",
        "codedeploy:CreateApplication codedeploy:GetApplication codedeploy:DeleteApplication \
         codedeploy:TagResource codedeploy:UntagResource codedeploy:ListTagsForResource",
    ),
    (
        "AWS::CodeDeploy::DeploymentGroup",
        "codedeploy:CreateDeploymentGroup codedeploy:GetDeploymentGroup codedeploy:UpdateDeploymentGroup \
         codedeploy:DeleteDeploymentGroup codedeploy:CreateDeployment codedeploy:GetDeployment \
         codedeploy:GetDeploymentConfig codedeploy:StopDeployment codedeploy:ListDeployments \
         codedeploy:GetApplicationRevision codedeploy:RegisterApplicationRevision iam:PassRole",
    ),
    // DeleteTable is not included: tables survive the stack, and no deployment deletes one.
    (
        "AWS::DynamoDB::Table",
        "dynamodb:CreateTable dynamodb:DescribeTable dynamodb:UpdateTable dynamodb:DescribeContinuousBackups \
         dynamodb:UpdateContinuousBackups dynamodb:DescribeTimeToLive dynamodb:UpdateTimeToLive \
         dynamodb:DescribeContributorInsights dynamodb:DescribeKinesisStreamingDestination \
         dynamodb:GetResourcePolicy dynamodb:ListTagsOfResource dynamodb:TagResource dynamodb:UntagResource \
         kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt",
    ),
    (
        "AWS::IAM::Role",
        "iam:CreateRole iam:GetRole iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy iam:DeleteRole \
         iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies \
         iam:TagRole iam:UntagRole iam:ListRoleTags",
    ),
    (
        "AWS::Lambda::Alias",
        "lambda:CreateAlias lambda:GetAlias lambda:UpdateAlias lambda:DeleteAlias lambda:GetProvisionedConcurrencyConfig \
         codedeploy:CreateDeployment codedeploy:GetDeployment codedeploy:GetDeploymentGroup \
         codedeploy:GetDeploymentConfig codedeploy:StopDeployment",
    ),
    (
        "AWS::Lambda::EventInvokeConfig",
        "lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig lambda:UpdateFunctionEventInvokeConfig \
         lambda:DeleteFunctionEventInvokeConfig",
    ),
    (
        "AWS::Lambda::Function",
        "lambda:CreateFunction lambda:GetFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration \
         lambda:DeleteFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionRecursionConfig \
         lambda:GetFunctionScalingConfig lambda:GetRuntimeManagementConfig lambda:PutFunctionConcurrency \
         lambda:DeleteFunctionConcurrency lambda:ListTags lambda:TagResource lambda:UntagResource iam:PassRole \
         s3:GetObject",
    ),
    ("AWS::Lambda::Permission", "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission"),
    (
        "AWS::Lambda::Version",
        "lambda:PublishVersion lambda:GetFunctionConfiguration lambda:ListVersionsByFunction lambda:DeleteFunction",
    ),
    (
        "AWS::Logs::LogGroup",
        "logs:CreateLogGroup logs:DescribeLogGroups logs:PutRetentionPolicy logs:DeleteRetentionPolicy \
         logs:AssociateKmsKey logs:DisassociateKmsKey logs:GetDataProtectionPolicy logs:DeleteLogGroup \
         logs:TagResource logs:UntagResource logs:ListTagsForResource logs:PutMetricFilter \
         logs:DescribeMetricFilters logs:DeleteMetricFilter logs:PutSubscriptionFilter \
         logs:DescribeSubscriptionFilters logs:DeleteSubscriptionFilter",
    ),
    (
        "AWS::Route53::RecordSet",
        "route53:ChangeResourceRecordSets route53:GetChange route53:GetHostedZone route53:ListResourceRecordSets",
    ),
    (
        "AWS::SQS::Queue",
        "sqs:CreateQueue sqs:GetQueueUrl sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:DeleteQueue sqs:TagQueue \
         sqs:UntagQueue sqs:ListQueueTags",
    ),
];

/// Returns the resource types that SAM generates from a type in the template. Each of them is a key of [`NEEDED`].
fn deployed_as(kind: &str) -> Vec<&str> {
    match kind {
        "AWS::Serverless::HttpApi" => vec!["AWS::ApiGatewayV2::Api"],
        "AWS::Serverless::Function" => vec![
            "AWS::Lambda::Function",
            "AWS::Lambda::Version",
            "AWS::Lambda::Alias",
            "AWS::Lambda::Permission",
            "AWS::Lambda::EventInvokeConfig",
            "AWS::CodeDeploy::Application",
            "AWS::CodeDeploy::DeploymentGroup",
        ],
        "AWS::Logs::MetricFilter" | "AWS::Logs::SubscriptionFilter" => vec!["AWS::Logs::LogGroup"],
        kind => vec![kind],
    }
}

#[test]
fn the_deploy_policy_has_each_permission_that_the_template_needs() {
    let policy: Value = serde_json::from_str(&text("docs/deploy-policy.json")).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let granted: BTreeSet<String> = statements.iter().flat_map(actions).collect();
    let needed: BTreeMap<&str, &str> = NEEDED.into();
    let template = template();
    let resources = template["Resources"].as_object().unwrap().values();
    let types: BTreeSet<&str> = resources.map(|resource| resource["Type"].as_str().unwrap()).collect();
    for kind in types.into_iter().flat_map(deployed_as) {
        let actions = needed.get(kind).unwrap_or_else(|| panic!("the test does not know the type {kind}"));
        for action in actions.split_whitespace() {
            assert!(granted.contains(action), "{kind} needs {action}");
        }
    }
    assert!(!granted.contains("dynamodb:DeleteTable"));
}

#[test]
fn the_deploy_policy_covers_this_stack_alone() {
    let document = text("docs/deploy-policy.json");
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: the size of a role's inline
    // policies.
    let longest = document
        .replace("ACCOUNT", "123456789012")
        .replace("REGION", "ap-southeast-1")
        .replace("STACK", &"s".repeat(MAX_STACK_NAME));
    assert!(longest.split_whitespace().map(str::len).sum::<usize>() <= 10_240);
    let policy: Value = serde_json::from_str(&document).unwrap();
    // Actions without a resource type, and actions on resources whose names AWS chooses.
    let unnamed = ["WithoutResources", "AccessLog", "DomainProof"];
    let chosen_by_aws = [
        "Transform",
        "Artifacts",
        "Api",
        "ApiServiceRole",
        "Domain",
        "DomainRecords",
        "DomainRecordChanges",
        "Key",
    ];
    for statement in policy["Statement"].as_array().unwrap() {
        let name = statement["Sid"].as_str().unwrap();
        assert!(!actions(statement).iter().any(|action| action.contains('*')), "{name}");
        for resource in texts(&statement["Resource"]) {
            let ours = resource.contains("STACK") || chosen_by_aws.contains(&name);
            let sams = resource.contains("/aws-sam-cli-managed-default/")
                || resource.contains(":CodeDeployDefault.");
            assert!(ours || sams || (resource == "*" && unnamed.contains(&name)), "{name}: {resource}");
        }
        if actions(statement).iter().any(|action| action == "iam:PassRole") {
            let services = json!(["lambda.amazonaws.com", "codedeploy.amazonaws.com"]);
            assert_eq!(statement["Condition"]["StringEquals"]["iam:PassedToService"], services);
        }
    }
}

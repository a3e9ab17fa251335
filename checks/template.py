#!/usr/bin/env python3
"""Lints template.yaml as written. Also translates it into plain CloudFormation with each kind of parameters, as AWS does at
deployment. Lints the result too, because what SAM adds can cause a dangling reference, a cycle or an excessive permission.
Finally checks that the template refuses invalid parameters.

The other checks take their functions, settings and routes from here.
"""

import copy
import functools
import json
import re
import subprocess
import sys
from collections import namedtuple

from samtranslator.yaml_helper import yaml_parse
from stack import ROOT

REGION = "us-east-1"

# Actions that the template grants on all resources (`*`). For each, docs/security.md says why.
ON_ALL_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:DescribeAlarms"}

# The parameters that have no default.
REQUIRED = {
    "AuthIssuer": "https://auth.example.com",
    "AuthVerifierKey": "-----BEGIN PUBLIC KEY-----\\nMIIB\\n-----END PUBLIC KEY-----",
}
ACCOUNT = f"{REGION}:123456789012"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
CERTIFICATE = {"DomainName": "go.example.com", "CertificateArn": f"arn:aws:acm:{ACCOUNT}:certificate/{UUID}"}
API_KEY = {"AuthApiKeyParameter": "/signpost/propelauth-api-key"}
GOOGLE = {
    "AuthProvider": "google", "AuthIssuer": "https://accounts.google.com", "AuthVerifierKey": "", "AuthAudience": "client",
}  # fmt: skip
CUSTOM = {"AuthProvider": "custom", "AuthVerifierKey": ""}
COMPANY = CUSTOM | {"AuthAudience": "client"}
TEAM = {"AuthOrganization": "acme=Acme Inc.", "AuthOrganizationIf": "hd=example.com"}
GRADUAL = {"GradualDeployment": "true"}

ACCEPTED = [
    {},
    {"Architecture": "arm64"},
    {"AuthProvider": "propelauth", "AuthVerifierKey": ""} | API_KEY,
    {"DomainName": "go.example.com", "HostedZoneId": "Z0123456789ABCDEFGHIJ"},
    CERTIFICATE | {"CorsOrigins": "https://app.example.com"},
    CUSTOM | {"AuthClaims": '{"user": ["sub"], "organizations": []}'},
    {"SignInClientId": "client", "SignInClientSecretParameter": "/signpost/client-secret"},
    GOOGLE | TEAM | {"AuthAdmins": "ada@example.com, groups=On call"},
    COMPANY | {"AuthToken": "id", "AuthOrganization": "acme", "AuthOrganizationIf": "/realm_access/roles=staff"},
    {"Tracing": "true"},
    GRADUAL,
    GRADUAL | {
        "Tracing": "true", "RedirectsPerSecond": "500", "AccessLog": "false", "TallyConcurrency": "10",
        "KmsKeyArn": f"arn:aws:kms:{ACCOUNT}:key/{UUID}", "AlarmTopicArn": f"arn:aws:sns:{ACCOUNT}:alarms",
    },
    GRADUAL | {"Tracing": "true"} | API_KEY,
]  # fmt: skip

# Malformed conditions, and conditions that would admit anyone.
OPEN_CONDITIONS = [
    "*", "hd", "hd=", "hd=*", "groups=staff*", "hd=example.com,", "hd=,groups=x", "email=*", "*@gmail.com", "email=*@GMAIL.com",
    "/email=*@outlook.com", "*@hotmail.co.uk", "*@yahoo.com", "hd=example.com, *@icloud.com", "iss=https://accounts.google.com",
    "/iss=x", "groups=x,aud=y", "=x", 'groups="x"', "email_verified=true",
]  # fmt: skip
REFUSED = [
    ("AuthOrganization must be set; Google's tokens", GOOGLE),
    ("AuthOrganizationIf must be set", GOOGLE | {"AuthOrganization": "acme"}),
    ("AuthIssuer must be https://accounts.google.com", GOOGLE | TEAM | {"AuthIssuer": "https://id.example.com"}),
    ('AuthToken must be "id" or empty', GOOGLE | TEAM | {"AuthToken": "access"}),
    ("AuthAudience must be the client id", GOOGLE | TEAM | {"AuthAudience": ""}),
    ("AuthAudience must be the client id", CUSTOM | TEAM | {"AuthToken": "id"}),
    ("AuthAudience must be set", CUSTOM | TEAM),
    ("AuthOrganization must name the organization of all users", COMPANY),
    ("AuthOrganizationIf and AuthAdmins are only", GOOGLE | {"AuthOrganizationIf": "hd=example.com"}),
    ("AuthOrganizationIf and AuthAdmins are only", {"AuthAdmins": "ada@example.com"}),
    ("AuthOrganization is only for", TEAM | {"AuthAudience": "client"}),
    ("AuthToken must be empty", {"AuthToken": "id", "AuthAudience": "client"}),
    ("AuthAdmins: It must be e-mail addresses", GOOGLE | TEAM | {"AuthAdmins": "hd="}),
    *(
        ("AuthOrganizationIf: It must be empty, or", GOOGLE | {"AuthOrganization": "acme", "AuthOrganizationIf": condition})
        for condition in OPEN_CONDITIONS
    ),
]

Function = namedtuple("Function", "name resource settings routes")


@functools.cache
def parsed():
    return yaml_parse((ROOT / "template.yaml").read_text())


def parameter_values(parameters):
    return {name: str(one.get("Default", "")) for name, one in parsed()["Parameters"].items()} | parameters


def functions():
    """Yields each function: its name, its resource's name, its settings as template values, and its routes as methods and
    paths."""
    for name, resource in parsed()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            events = [event["Properties"] for event in properties.get("Events", {}).values() if event["Type"] == "HttpApi"]
            yield Function(
                resource["Metadata"]["BuildProperties"]["Binary"],
                name,
                properties.get("Environment", {}).get("Variables", {}),
                [(event["Method"], event["Path"]) for event in events],
            )


def environment(function, parameters):
    """Returns the function's settings. `parameters` gives a value for each parameter and resource that the settings
    refer to."""
    values = parameter_values(parameters)
    return {name: values[value["Ref"]] if isinstance(value, dict) else value for name, value in function.settings.items()}


class NoManagedPolicies:
    """The managed policies that SAM would request from AWS. The template defines all roles, so SAM needs no policy."""

    def load(self):
        return {}


def translated(parameters):
    # Imported here because the import takes a second, and other checks do not need the module.
    from samtranslator.translator.transform import transform

    template = copy.deepcopy(parsed())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` puts the address of the uploaded code here.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    plain = transform(template, parameters, NoManagedPolicies())
    # SAM has already replaced this parameter, so a linter would report it as unused. The layout of the parameters still
    # lists this parameter, so the layout is left out too.
    del plain["Parameters"]["GradualDeployment"]
    del plain["Metadata"]["AWS::CloudFormation::Interface"]
    return plain


def statements(resources):
    """Yields every statement of every role and separate policy, with the name of its resource."""
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        policies = {"AWS::IAM::Role": properties.get("Policies", []), "AWS::IAM::Policy": [properties]}
        for policy in policies.get(resource["Type"], []):
            for statement in policy["PolicyDocument"]["Statement"]:
                # `Fn::If` has three parts: the condition, the value if it is true, and the value if it is false.
                branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
                yield from ((name, branch) for branch in branches if "Effect" in branch)


def faults(resources):
    """Yields excessive permissions, and function versions that a rollback needs but a deployment would delete."""
    for name, statement in statements(resources):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        on_all = statement["Resource"] == "*" and ON_ALL_RESOURCES.issuperset(actions)
        if not on_all and "*" in json.dumps([actions, statement["Resource"]]):
            yield f"{name} has a policy with a wildcard: {statement}"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role" and resource["Properties"].get("ManagedPolicyArns"):
            yield f"{name} has a managed policy, which allows more than one function needs"
        policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        if resource["Type"] == "AWS::Lambda::Version" and policies != {"Retain"}:
            yield f"{name} is not kept after its replacement: {policies}"


def holds(condition, values):
    """Evaluates a condition of a rule.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html"""
    [(function, arguments)] = condition.items()
    if function == "Fn::Equals":
        first, second = (values[one["Ref"]] if isinstance(one, dict) else one for one in arguments)
        return first == second
    results = [holds(one, values) for one in arguments]
    return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[function]


def refusals(parameters):
    """Yields the constraints and rules that these parameters break. CloudFormation reports them before it changes anything."""
    values = parameter_values(parameters)
    for name, value in values.items():
        declared = parsed()["Parameters"][name]
        allowed = declared.get("AllowedValues")
        too_long = len(value) > declared.get("MaxLength", 4096)
        matches = re.fullmatch(declared.get("AllowedPattern", ".*"), value, re.DOTALL)
        if too_long or not matches or value not in map(str, allowed or [value]):
            yield f"{name}: {declared.get('ConstraintDescription', allowed)}"
    for rule in parsed()["Rules"].values():
        if "RuleCondition" not in rule or holds(rule["RuleCondition"], values):
            yield from (one["AssertDescription"] for one in rule["Assertions"] if not holds(one["Assert"], values))


def lint(plain):
    from cfnlint.api import ManualArgs
    from cfnlint.api import lint as cfn_lint

    return map(str, cfn_lint(json.dumps(plain), config=ManualArgs(regions=[REGION])))


def main():
    subprocess.run(["cfn-lint", "-r", REGION, "--", "template.yaml"], cwd=ROOT, check=True)
    subprocess.run(["sam", "validate", "--lint"], cwd=ROOT, check=True)
    for parameters in ACCEPTED:
        plain = translated(REQUIRED | parameters)
        found = [*refusals(REQUIRED | parameters), *faults(plain["Resources"]), *lint(plain)]
        if found:
            sys.exit("\n".join([f"With {parameters or 'its defaults'}:", *found]))
        print(f"With {parameters or 'its defaults'}, template.yaml becomes valid plain CloudFormation.")
    for sentence, parameters in REFUSED:
        found = "\n".join(refusals(REQUIRED | parameters))
        if sentence not in found:
            sys.exit(f"With {parameters}, template.yaml should say \"{sentence}\", but says: {found}")
    print(f"template.yaml rejects {len(REFUSED)} invalid sets of parameters, each with the expected message.")


if __name__ == "__main__":
    main()

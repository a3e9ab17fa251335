#!/usr/bin/env python3
"""Translates template.yaml into plain CloudFormation, as AWS would at deployment, and prints it.

A linter looks at what is written; a reference that leads nowhere, a cycle or a right too many may also come from what
SAM makes of it. Parameters that the template refuses are an error; with --refused, they are what is printed.

Usage: template.py [--refused] [PARAMETER=VALUE ...] > plain.json
"""

import json
import re
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parent.parent / "template.yaml"

# The parameters that have no default.
REQUIRED = {
    "AuthIssuer": "https://auth.example.com",
    "AuthVerifierKey": "-----BEGIN PUBLIC KEY-----\\nMIIB\\n-----END PUBLIC KEY-----",
}


class NoManagedPolicies:
    """Stands for the list that SAM would ask AWS for. The roles are written out, so that nothing of it is needed."""

    def load(self):
        return {}


def translated(parameters):
    # Here, because it takes a second, and nothing else needs it.
    from samtranslator.translator.transform import transform

    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` puts the address of the uploaded code here.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    plain = transform(template, parameters, NoManagedPolicies())
    # SAM has done as this parameter says, and a linter would miss its use in what is left.
    del plain["Parameters"]["GradualDeployment"]
    # The console's form names it too.
    del plain["Metadata"]["AWS::CloudFormation::Interface"]
    return plain


# Actions that have no resources, or that are refused on less than all of them. docs/security.md says which and why.
ON_ALL_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:DescribeAlarms"}


def statements(resources):
    """Every statement of every role's and every separate policy, with the name of the resource that has it."""
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        policies = {"AWS::IAM::Role": properties.get("Policies", []), "AWS::IAM::Policy": [properties]}
        for policy in policies.get(resource["Type"], []):
            for statement in policy["PolicyDocument"]["Statement"]:
                # [condition, if it holds, if not]
                branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
                yield from ((name, branch) for branch in branches if "Effect" in branch)


def excessive_rights(resources):
    for name, statement in statements(resources):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        on_all = statement["Resource"] == "*" and ON_ALL_RESOURCES.issuperset(actions)
        if not on_all and "*" in json.dumps([actions, statement["Resource"]]):
            yield f"{name} has a policy with a wildcard: {statement}"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role" and resource["Properties"].get("ManagedPolicyArns"):
            yield f"{name} has a managed policy, which allows more than one function needs"


def lost_versions(resources):
    """Versions that a deployment would delete, and with them the way back."""
    for name, resource in resources.items():
        policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        if resource["Type"] == "AWS::Lambda::Version" and policies != {"Retain"}:
            yield f"{name} does not outlive its replacement: {policies}"


def holds(condition, values):
    """Whether a condition of a rule holds. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html"""
    [(function, arguments)] = condition.items()
    if function == "Fn::Equals":
        first, second = (values[one["Ref"]] if isinstance(one, dict) else one for one in arguments)
        return first == second
    results = [holds(one, values) for one in arguments]
    return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[function]


def refusals(parameters):
    """What CloudFormation answers to these parameters before it does anything: the broken constraints and rules."""
    template = yaml_parse(TEMPLATE.read_text())
    declared = template["Parameters"]
    values = {name: str(one.get("Default", "")) for name, one in declared.items()} | parameters
    for name, value in values.items():
        allowed, pattern = declared[name].get("AllowedValues"), declared[name].get("AllowedPattern", ".*")
        too_long = len(value) > declared[name].get("MaxLength", 4096)
        if too_long or not re.fullmatch(pattern, value, re.DOTALL) or value not in map(str, allowed or [value]):
            yield f"{name}: {declared[name].get('ConstraintDescription', allowed)}"
    for rule in template["Rules"].values():
        if "RuleCondition" in rule and not holds(rule["RuleCondition"], values):
            continue
        for assertion in rule["Assertions"]:
            if not holds(assertion["Assert"], values):
                yield assertion["AssertDescription"]


def main():
    only_refused = sys.argv[1:2] == ["--refused"]
    parameters = REQUIRED | dict(argument.split("=", 1) for argument in sys.argv[1 + only_refused :])
    refused = "\n".join(refusals(parameters))
    if only_refused:
        print(refused)
        return
    if refused:
        sys.exit(refused)
    plain = translated(parameters)
    resources = plain["Resources"]
    faults = [*excessive_rights(resources), *lost_versions(resources)]
    if faults:
        sys.exit("\n".join(faults))
    json.dump(plain, sys.stdout, indent=2)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Translates template.yaml into plain CloudFormation, as AWS would at deployment, and prints it.

A linter looks at what is written; a reference that leads nowhere, a cycle or a right too many may also come from what
SAM makes of it. Usage: template.py [PARAMETER=VALUE ...] > plain.json
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
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
    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` puts the address of the uploaded code here.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    plain = transform(template, parameters, NoManagedPolicies())
    # SAM has done as this parameter says, and a linter would miss its use in what is left.
    del plain["Parameters"]["GradualDeployment"]
    # The form that names it too.
    del plain["Metadata"]
    return plain


def statements(resources):
    """Every statement of every policy, by the name of its role or its own."""
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        # X-Ray's two actions know no resources, and are granted only where tracing is asked for.
        own = [] if name == "TracingPolicy" else [properties]
        policies = {"AWS::IAM::Role": properties.get("Policies", []), "AWS::IAM::Policy": own}
        for policy in policies.get(resource["Type"], []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def rights_too_many(resources):
    for name, statement in statements(resources):
        if "*" in json.dumps([statement["Action"], statement["Resource"]]):
            yield f"{name} has a policy with a wildcard: {statement}"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role" and resource["Properties"].get("ManagedPolicyArns"):
            yield f"{name} has a managed policy, which allows more than one function needs"


def main():
    parameters = REQUIRED | dict(argument.split("=", 1) for argument in sys.argv[1:])
    plain = translated(parameters)
    faults = list(rights_too_many(plain["Resources"]))
    if faults:
        sys.exit("\n".join(faults))
    json.dump(plain, sys.stdout, indent=2)


if __name__ == "__main__":
    main()

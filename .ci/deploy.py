#!/usr/bin/env python3
"""Deploys template.yaml to a CloudFormation of its own on this machine, by the real `sam deploy`, and walks through what
came of it: the API, an update, DynamoDB's faults, and the deletion that leaves the tables.

MiniStack stands in for AWS, in a network namespace, because it listens on all addresses. It passes over an HTTP API's
OpenAPI document, so the routes are made here of the translated template: that they are sound is for cfn-lint and
tests/it/template.rs to say, and not proved by this. `.ci/run` calls it after `sam build` and `cargo test`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from faults import FaultyDynamoDb, faults_are_survived
from smoke import TARGET, Api, is_json, is_problem, is_redirect_to, listed_short_urls
from stack import ACME, API_KEY, ROOT, USERS, Processes, free_port, token
from template import translated

MINISTACK = [str(ROOT / ".ci/tools/ministack/bin/python"), str(ROOT / ".ci/local_aws.py")]
STACK = "signpost-local"
BUCKET = "artifacts"


def client(service):
    import boto3

    return boto3.client(service)


def enter_namespace():
    """Runs this again where it has the network to itself, or says that it cannot."""
    for how in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if subprocess.run([*how, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0:
            inside = 'ip link set lo up && exec "$@"'
            os.execvp(how[0], [*how, "sh", "-c", inside, "sh", sys.executable, __file__, "--inside"])
    print("*" * 100)
    print("*** SKIPPED: no network namespace may be made here, so the local deployment was NOT RUN and proves nothing.")
    print("*" * 100)


def use_ministack(port):
    """From here on, whatever speaks to AWS in this process or a child of it speaks to MiniStack."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }


def answers(url):
    return subprocess.run(["curl", "-sf", "-o", "/dev/null", url]).returncode == 0


def start_ministack(processes, folder, port):
    environment = os.environ | {
        "GATEWAY_PORT": str(port),
        "S3_DATA_DIR": f"{folder}/s3",
        "STATE_DIR": f"{folder}/state",
        "TMPDIR": folder,
        "LOG_LEVEL": "WARNING",
    }
    processes.start("ministack", MINISTACK, environment)
    processes.wait_until("ministack", lambda: answers(f"http://127.0.0.1:{port}/_ministack/health"))


def sam(*arguments):
    start = time.monotonic()
    run = subprocess.run(["sam", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    print(f"sam {arguments[0]}: {time.monotonic() - start:.0f} s")
    return run.stdout


def deploy(parameters):
    sam(
        "deploy", "--stack-name", STACK, "--s3-bucket", BUCKET, "--no-resolve-s3", "--capabilities",
        "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--parameter-overrides",
        *(f'{name}="{value}"' for name, value in parameters.items()),
    )  # fmt: skip
    stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack["StackStatus"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def resources():
    """The physical ids of the stack's resources, by their names in the template."""
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = (resource for page in pages for resource in page["StackResourceSummaries"])
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found}


def lasting(found):
    """All resources but the versions of functions, of which each change of a setting makes new ones."""
    return {name: identifier for name, identifier in found.items() if "FunctionVersion" not in name}


def make_routes(parameters):
    """Makes the routes that the API's OpenAPI document describes, and gives the API's id."""
    gateway, deployed = client("apigatewayv2"), resources()
    paths = translated(parameters)["Resources"]["Api"]["Properties"]["Body"]["paths"]
    integrations = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            described = operation["x-amazon-apigateway-integration"]
            (alias,) = re.findall(r"\$\{(\w+)\}/invocations", json.dumps(described["uri"]))
            if alias not in integrations:
                integrations[alias] = gateway.create_integration(
                    ApiId=deployed["Api"],
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=deployed[alias],
                    PayloadFormatVersion=described["payloadFormatVersion"],
                )["IntegrationId"]
            gateway.create_route(
                ApiId=deployed["Api"],
                RouteKey=path if operation.get("isDefaultRoute") else f"{method.upper()} {path}",
                Target=f"integrations/{integrations[alias]}",
            )
    print(f"{len(integrations)} functions behind {sum(map(len, paths.values()))} routes")
    return deployed["Api"]


class DeployedApi(Api):
    """The API by the host name that it has on AWS."""

    def __init__(self, port, tokens, api_id):
        super().__init__(port, tokens)
        self.host = f"{api_id}.execute-api.localhost:{port}"

    def call(self, method, path, user=None, body=None, headers=None):
        return super().call(method, path, user, body, {"Host": self.host} | (headers or {}))


def eventually(check, seconds=15):
    """Tries until it holds: an instance remembers a link for ten seconds, and counts arrive when they do."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def a_link_lives_and_dies(api):
    path = f"/{ACME}/link"
    is_problem(api.call("POST", path, body={"url": TARGET}), 401, "unauthenticated")
    is_problem(api.call("POST", path, "outsider", {"url": TARGET}), 403, "forbidden")

    link = is_json(api.call("POST", path, "member", {"url": TARGET}), 201)
    slug = link["id"]
    assert link["short_url"].endswith(f"/{ACME}/{slug}"), link
    listed = is_json(api.call("GET", path, "colleague"), 200)
    assert listed == {"data": [link], "next_cursor": None}, listed
    is_redirect_to(api.call("GET", f"/{ACME}/{slug}"), TARGET)
    is_problem(api.call("DELETE", f"{path}/{slug}", "colleague"), 403, "forbidden")
    assert is_json(api.call("DELETE", f"{path}/{slug}", "member"), 200) == link
    eventually(lambda: is_problem(api.call("GET", f"/{ACME}/{slug}"), 404, "not_found"))


def every_function_answers(api):
    path = f"/{ACME}/link"
    made = api.call("POST", path, "member", {"url": TARGET, "id": "launch", "access": "members"})
    is_json(made, 201)
    is_redirect_to(api.call("GET", f"/{ACME}/launch"), f"/{ACME}/-/open/launch")
    is_redirect_to(api.call("GET", f"/{ACME}/-/open/launch", "colleague"), TARGET)
    edited = is_json(api.call("PATCH", f"{path}/launch", "admin", {"access": "public"}), 200)
    assert is_json(api.call("GET", f"{path}/launch", "member"), 200) == edited
    assert api.call("GET", f"{path}/launch/qr", "member").status == 200
    assert is_json(api.call("PUT", f"/{ACME}/-/handle", "admin", {"handle": "acme"}), 200)["handle"] == "acme"
    is_redirect_to(eventually(lambda: redirected(api, "/@acme/launch", TARGET)), TARGET)
    assert is_json(api.call("GET", "/openapi.json"), 200)["openapi"].startswith("3.1.")


def the_default_route_takes_the_rest(api):
    """`launch` leads to the target by now. This is about the route; the smoke test sends the whole list."""
    pasted = [path for _, path in listed_short_urls("lead") if path.startswith(f"/{ACME}/launch")]
    for path in pasted[::8]:
        is_redirect_to(api.call("GET", path), TARGET)
    refused = api.call("POST", f"/{ACME}/launch")
    is_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET, HEAD", refused
    refused = api.call("PUT", f"/{ACME}/link")
    is_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET, POST", refused
    is_problem(api.call("GET", "/a/b/c"), 404, "not_found")
    assert api.call("GET", "/robots.txt").status == api.call("GET", "/favicon.ico").status == 200


def redirected(api, path, target):
    answer = api.call("GET", path)
    is_redirect_to(answer, target)
    return answer


def error_lines(function):
    """How many lines of a function's log the metric filter behind its alarm counts. MiniStack keeps the filter and does
    not apply it."""
    group = f"/aws/lambda/{STACK}-{function}"
    (metric_filter,) = client("logs").describe_metric_filters(logGroupName=group)["metricFilters"]
    assert metric_filter["filterPattern"] == '{ $.level = "ERROR" }', metric_filter
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    lines = [json.loads(message) for message in messages if message.startswith("{")]
    return sum(line.get("level") == "ERROR" for line in lines)


def clicks_are_counted(api):
    path = f"/{ACME}/link"
    is_json(api.call("POST", path, "member", {"url": TARGET, "id": "counted"}), 201)
    for _ in range(3):
        is_redirect_to(api.call("GET", f"/{ACME}/counted"), TARGET)
    api.call("HEAD", f"/{ACME}/counted")

    def three():
        counts = is_json(api.call("GET", f"{path}/counted/clicks", "colleague"), 200)
        assert counts["total"] == 3, counts

    eventually(three)


def an_alarm_goes_off(found):
    """As the last point of the list in docs/operations.md rehearses it."""
    alarm = found["ApiFailuresAlarm"]
    watch = client("cloudwatch")
    watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a rehearsal")
    (found,) = watch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert found["StateValue"] == "ALARM", found


def a_lost_table_is_restored(api, table, folder):
    """As docs/operations.md says it, from a copy, since no emulator has AWS's backups."""
    dynamodb = client("dynamodb")
    links = is_json(api.call("GET", f"/{ACME}/link", "member"), 200)
    copy = [sys.executable, "docs/links.py"]
    subprocess.run([*copy, "export", table, f"{folder}/links.jsonl"], cwd=ROOT, check=True)

    lost = dynamodb.describe_table(TableName=table)["Table"]
    assert lost["DeletionProtectionEnabled"], lost
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    # An instance remembers where a link leads; the list and a link that none has asked for do not.
    assert api.call("GET", f"/{ACME}/link", "member").status == 500

    index = {name: lost["GlobalSecondaryIndexes"][0][name] for name in ("IndexName", "KeySchema", "Projection")}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=lost["AttributeDefinitions"],
        KeySchema=lost["KeySchema"],
        GlobalSecondaryIndexes=[index],
        DeletionProtectionEnabled=True,
    )
    subprocess.run([*copy, "import", table, f"{folder}/links.jsonl"], cwd=ROOT, check=True)
    assert is_json(api.call("GET", f"/{ACME}/link", "member"), 200) == links
    is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)


def items(table):
    return client("dynamodb").scan(TableName=table)["Items"]


def verifier_key(issuer):
    command = ["curl", "-sSf", f"{issuer}/api/v1/token_verification_metadata", "-H", f"Authorization: Bearer {API_KEY}"]
    pem = json.loads(subprocess.check_output(command))["verifier_key_pem"]
    return "\\n".join(pem.strip().splitlines())


def main():
    port = free_port()
    use_ministack(port)
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        _, issuer, _ = processes.start_stack()
        start_ministack(processes, folder, port)
        client("s3").create_bucket(Bucket=BUCKET)

        topic = client("sns").create_topic(Name="alarms")["TopicArn"]
        required = {"AuthIssuer": issuer, "AuthVerifierKey": verifier_key(issuer), "AlarmTopicArn": topic}
        deploy(required)
        api = DeployedApi(port, {user: token(issuer, user) for user in USERS}, make_routes(required))
        a_link_lives_and_dies(api)
        every_function_answers(api)
        the_default_route_takes_the_rest(api)
        clicks_are_counted(api)

        before = resources()
        an_alarm_goes_off(before)
        with FaultyDynamoDb(f"http://127.0.0.1:{port}") as dynamodb:
            deploy(required | {"DynamoDbEndpointUrl": dynamodb.url, "Release": "2"})
            assert lasting(resources()) == lasting(before), "an update replaced something"
            is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)
            assert dynamodb.calls() > 0, "the update has not reached the functions"
            faults_are_survived(api, dynamodb, error_lines)
            a_lost_table_is_restored(api, before["LinksTable"], folder)

        tables = [before["LinksTable"], before["ClicksTable"]]
        kept = [items(table) for table in tables]
        assert all(kept), kept
        sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")
        stacks = client("cloudformation").list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
        assert any(stack["StackName"] == STACK for stack in stacks), stacks
        assert [items(table) for table in tables] == kept, "the tables are not as they were"
    print("The template deploys, works, updates and goes, and links and clicks stay.")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        main()
    else:
        enter_namespace()

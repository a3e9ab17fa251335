#!/usr/bin/env python3
"""Deploys template.yaml to a CloudFormation of its own on this machine, by the real `sam deploy`, and does what
docs/operations.md says: a first deployment that fails and goes on, an update of one parameter and a plain deployment after it,
the way back, DynamoDB's faults, the re-feeding of batches of clicks, and the deletion that leaves the tables.

MiniStack stands in for AWS, in a network namespace, because it listens on all addresses. It passes over an HTTP API's
OpenAPI document, so the routes are made here of the translated template: that they are sound is for cfn-lint and
tests/it/template.rs to say, and not proved by this. `.ci/run` calls it after `sam build` and `cargo test`.
"""

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import yaml
from faults import FaultyDynamoDb, faults_are_survived
from smoke import TARGET, Api, is_json, is_problem, is_redirect_to, listed_short_urls
from stack import ACME, API_KEY, ROOT, USERS, Processes, eventually, free_port, token
from template import translated

TOOLS = ROOT / ".ci/tools/ministack/bin"
MINISTACK = [str(TOOLS / "python"), str(ROOT / "checks/local_aws.py")]
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


def sam(*arguments, status=0):
    start = time.monotonic()
    run = subprocess.run(["sam", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == status, run.stdout + run.stderr
    print(f"sam {arguments[0]}: {time.monotonic() - start:.0f} s")
    return run.stdout


class Operator:
    """Deploys by a parameters.yaml, as docs/operations.md says."""

    def __init__(self, folder, parameters):
        self.file = Path(folder) / "parameters.yaml"
        shutil.copy(ROOT / "parameters.example.yaml", self.file)
        self.set(**parameters)

    def set(self, **changed):
        """Edits the file."""
        # JSON is YAML.
        self.file.write_text(json.dumps(yaml.safe_load(self.file.read_text()) | changed))

    def deploy(self, *options, status=0):
        sam(
            "deploy", "--stack-name", STACK, "--s3-bucket", BUCKET, "--no-resolve-s3", "--capabilities", "CAPABILITY_IAM",
            "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{self.file}",
            *options, status=status,
        )  # fmt: skip
        stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        assert status or stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack["StackStatus"]
        return stack


def a_first_deployment_that_failed_goes_on(operator):
    """A log group that is there already, as a function leaves that was once invoked under this name, stops a first deployment."""
    logs = client("logs")
    left_over = f"/aws/lambda/{STACK}-tally"
    logs.create_log_group(logGroupName=left_over)
    stack = operator.deploy("--disable-rollback", status=1)
    assert stack["StackStatus"] == "CREATE_FAILED", stack["StackStatus"]
    failed = resources()
    tables = {name: failed[name] for name in ("LinksTable", "ClicksTable")}
    assert all(tables.values()), failed
    logs.delete_log_group(logGroupName=left_over)
    operator.deploy("--disable-rollback")
    created = resources()
    assert tables == {name: created[name] for name in tables}, "the second deployment made other tables"


def live(function):
    """Returns the version that the function's callers get: its number and its environment."""
    found = client("lambda").get_function_configuration(FunctionName=f"{STACK}-{function}", Qualifier="live")
    return found["Version"], found["Environment"]["Variables"]


def versions(function):
    """The function's versions, each with its description."""
    pages = client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=f"{STACK}-{function}")
    found = (version for page in pages for version in page["Versions"])
    return {one["Version"]: one["Description"] for one in found if one["Version"] != "$LATEST"}


def a_parameter_is_updated_and_taken_back(operator, api):
    first, environment = live("redirect")
    assert environment["LINK_CACHE_SECONDS"] == "10", environment
    before = operator.file.read_text()

    operator.set(LinkCacheSeconds="1", Release="2")
    operator.deploy()
    second, environment = live("redirect")
    assert (second != first, environment["LINK_CACHE_SECONDS"]) == (True, "1"), (second, environment)

    # Nothing of the update is taken back by a deployment of nothing else.
    operator.deploy()
    assert live("redirect") == (second, environment)

    kept = versions("redirect")
    assert (kept.get(first), kept.get(second)) == ("1", "2"), kept
    function = {"FunctionName": f"{STACK}-redirect", "Name": "live"}
    client("lambda").update_alias(**function, FunctionVersion=first)
    assert live("redirect")[1]["LINK_CACHE_SECONDS"] == "10"
    is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)
    client("lambda").update_alias(**function, FunctionVersion=second)

    # The file before takes the value back.
    operator.file.write_text(before)
    operator.set(Release="3")
    operator.deploy()
    third, environment = live("redirect")
    assert (third != second, environment["LINK_CACHE_SECONDS"]) == (True, "10"), (third, environment)


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


def a_link_lives_and_dies(api):
    path = f"/{ACME}/link"
    is_problem(api.call("POST", path, body={"url": TARGET}), 401, "unauthenticated")
    is_problem(api.call("POST", path, "outsider", {"url": TARGET}), 403, "forbidden")

    link = is_json(api.call("POST", path, "member", {"url": TARGET}), 201)
    slug = link["id"]
    assert link["short_url"].endswith(f"/{ACME}/{slug}"), link
    listed = is_json(api.call("GET", path, "colleague"), 200)
    assert (listed["data"], listed["next_cursor"]) == ([link], None), listed
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

    parts = ("IndexName", "KeySchema", "Projection")
    indexes = [{name: index[name] for name in parts} for index in lost["GlobalSecondaryIndexes"]]
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=lost["AttributeDefinitions"],
        KeySchema=lost["KeySchema"],
        GlobalSecondaryIndexes=indexes,
        DeletionProtectionEnabled=True,
    )
    # As a version without the index `target` left them.
    items = [json.loads(line) for line in Path(folder, "links.jsonl").read_text().splitlines()]
    unindexed = [{name: value for name, value in item.items() if name != "target"} for item in items]
    Path(folder, "earlier.jsonl").write_text("".join(json.dumps(item) + "\n" for item in unindexed))
    subprocess.run([*copy, "import", table, f"{folder}/earlier.jsonl"], cwd=ROOT, check=True)
    assert is_json(api.call("GET", f"/{ACME}/link", "member"), 200) == links
    by_url = f"/{ACME}/link?{urlencode({'url': TARGET})}"
    assert is_json(api.call("GET", by_url, "member"), 200)["data"] == []
    subprocess.run([*copy, "index", table], cwd=ROOT, check=True)
    assert "launch" in [link["id"] for link in is_json(api.call("GET", by_url, "member"), 200)["data"]]
    by_key = lambda item: (item["org_id"]["S"], item["id"]["S"])  # noqa: E731
    assert sorted(dynamodb.scan(TableName=table)["Items"], key=by_key) == sorted(items, key=by_key)
    is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)


def a_name_is_removed(api, table):
    """As docs/security.md says it."""
    (link,) = [link for link in is_json(api.call("GET", f"/{ACME}/link", "member"), 200)["data"] if link["id"] == "launch"]
    assert link["creator_name"], link
    remove = [sys.executable, "docs/links.py", "remove-name", table, link["creator_user_id"]]
    subprocess.run(remove, cwd=ROOT, check=True)
    assert is_json(api.call("GET", f"/{ACME}/link/launch", "member"), 200) == {**link, "creator_name": None}
    assert not [item for item in items(table) if link["creator_name"] in str(item)]


def click_batch(api, number):
    """The record of a failed invocation of `tally`, as Lambda sends it to the queue, with a click on the link "counted"."""
    group = f"/aws/lambda/{STACK}-redirect"
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [event["message"] for page in pages for event in page["events"]]
    birth = is_json(api.call("GET", f"/{ACME}/link/counted", "member"), 200)["birth"]
    (line, *_) = [line for line in lines if '"click"' in line and f'"{birth}"' in line]
    event = {
        "messageType": "DATA_MESSAGE",
        "owner": "000000000000",
        "logGroup": group,
        "logStream": "an/instance",
        "subscriptionFilters": ["clicks"],
        "logEvents": [{"id": str(number), "timestamp": int(time.time() * 1000), "message": line}],
    }
    data = base64.b64encode(gzip.compress(json.dumps(event).encode())).decode()
    return json.dumps({"version": "1.0", "requestPayload": {"awslogs": {"data": data}}})


# Version 1 of the AWS CLI, which is the one in the package registry, sends requests for queues to AWS unless it is told so.
AWS_CLI = """#!/bin/sh
[ "$1" != sqs ] || set -- --endpoint-url "$QUEUES" "$@"
exec {aws} "$@"
"""


def start_refeed(folder, queues):
    aws = Path(folder) / "cli/aws"
    if not aws.exists():
        aws.parent.mkdir()
        aws.write_text(AWS_CLI.format(aws=shutil.which("aws", path=f"{TOOLS}:{os.environ['PATH']}")))
        aws.chmod(0o755)
    environment = os.environ | {"PATH": f"{aws.parent}:{os.environ['PATH']}", "QUEUES": queues}
    command = ["functions/tally/refeed", STACK]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def ends(refeed, status, *texts):
    output = refeed.stdout.read()
    refeed.wait()
    assert refeed.returncode == status and all(text in output for text in texts), (refeed.returncode, output)
    assert status == 0 or "The queue is empty" not in output, output


def dead_letters_are_refed(api, dynamodb, queue, folder):
    """A refused read, a batch that fails again, a message that is no batch, and a batch that comes late."""
    sqs = client("sqs")

    def refeed(queues=os.environ["AWS_ENDPOINT_URL"]):
        return start_refeed(folder, queues)

    with FaultyDynamoDb(os.environ["AWS_ENDPOINT_URL"]) as proxy:
        proxy.fault = "refused"
        ends(refeed(proxy.url), 1, "AccessDenied", "The queue could not be read; 0 batches were counted so far.")

    sqs.send_message(QueueUrl=queue, MessageBody=click_batch(api, 1))
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    dynamodb.fault = "failing"
    ends(refeed(), 1, "0 batches were counted; 2 failed again and stay in the queue.", "not the record of an invocation")
    dynamodb.fault = None
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]:
        if message["Body"] == "{}":
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    started = refeed()
    # The first batch is counted, and the next one comes while it polls.
    assert started.stdout.readline().startswith("1: ")
    sqs.send_message(QueueUrl=queue, MessageBody=click_batch(api, 2))
    ends(started, 0, "The queue is empty; 2 batches were counted.")
    counts = is_json(api.call("GET", f"/{ACME}/link/counted/clicks", "colleague"), 200)
    assert counts["total"] == 5, counts


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
        operator = Operator(folder, required)
        a_first_deployment_that_failed_goes_on(operator)
        api = DeployedApi(port, {user: token(issuer, user) for user in USERS}, make_routes(required))
        a_link_lives_and_dies(api)
        every_function_answers(api)
        the_default_route_takes_the_rest(api)
        clicks_are_counted(api)

        before = resources()
        an_alarm_goes_off(before)
        a_parameter_is_updated_and_taken_back(operator, api)
        with FaultyDynamoDb(f"http://127.0.0.1:{port}") as dynamodb:
            operator.set(LinkCacheSeconds="1", DynamoDbEndpointUrl=dynamodb.url, Release="4")
            operator.deploy()
            assert lasting(resources()) == lasting(before), "an update replaced something"
            is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)
            assert dynamodb.calls() > 0, "the update has not reached the functions"
            faults_are_survived(api, dynamodb, error_lines)
            dead_letters_are_refed(api, dynamodb, before["TallyDeadLetters"], folder)
            a_lost_table_is_restored(api, before["LinksTable"], folder)
            a_name_is_removed(api, before["LinksTable"])

        tables = [before["LinksTable"], before["ClicksTable"]]
        kept = [items(table) for table in tables]
        assert all(kept), kept
        sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")
        stacks = client("cloudformation").list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
        assert any(stack["StackName"] == STACK for stack in stacks), stacks
        assert [items(table) for table in tables] == kept, "the tables are not as they were"
    print("The template deploys, works, updates, goes back and goes, and links and clicks stay.")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        main()
    else:
        enter_namespace()

#!/usr/bin/env python3
"""Deploys template.yaml with `sam deploy` to MiniStack, a CloudFormation on this machine, and follows docs/operations.md. The
steps are a first deployment that fails and is continued, an update and a rollback, DynamoDB's faults, the re-feeding of batches
of clicks, a restored table, and the deletion that retains the tables.

MiniStack listens on all addresses, so it runs in a network namespace. It ignores an HTTP API's OpenAPI document, so this script
creates the template's routes itself. cfn-lint and tests/it/template.rs check that those routes are sound. This script needs
`sam build` and target/debug/local.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import journey
import requests
import template
import yaml
from client import Client, assert_json, assert_problem, assert_redirect, session, shown
from faults import FaultyDynamoDb, faults_are_survived
from stack import ACME, API_KEY, ROOT, TARGET, Processes, eventually, free_port, tokens

TOOLS = ROOT / ".ci/tools/ministack/bin"
STACK = "signpost-local"
BUCKET = "artifacts"


@functools.cache
def aws(service):
    import boto3

    return boto3.client(service)


def pages(service, operation, key, **arguments):
    """Yields the items under `key` from all pages of an operation's result."""
    for page in aws(service).get_paginator(operation).paginate(**arguments):
        yield from page[key]


def enter_namespace():
    """Runs this script again in a network namespace, or reports that it cannot create one."""
    for unshare in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0:
            inside = 'ip link set lo up && exec "$@"'
            os.execvp(unshare[0], [*unshare, "sh", "-c", inside, "sh", sys.executable, __file__, "--inside"])
    print("*" * 100)
    print("*** SKIPPED: cannot create a network namespace here, so the local deployment was NOT RUN and proves nothing.")
    print("*" * 100)


def start_ministack(processes, folder):
    """Starts MiniStack and returns its address. From here on, calls to AWS from this process and its children go to MiniStack."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }
    folders = {"S3_DATA_DIR": f"{folder}/s3", "STATE_DIR": f"{folder}/state", "TMPDIR": folder}
    command = [str(TOOLS / "python"), str(ROOT / "checks/local_aws.py")]
    processes.start("ministack", command, os.environ | folders | {"GATEWAY_PORT": str(port), "LOG_LEVEL": "WARNING"})

    def is_healthy():
        try:
            return session().get(f"{url}/_ministack/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    processes.wait_until("ministack", is_healthy)
    aws("s3").create_bucket(Bucket=BUCKET)
    return url


def sam(*arguments, status=0):
    start = time.monotonic()
    run = subprocess.run(["sam", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == status, run.stdout + run.stderr
    print(f"sam {arguments[0]}: {time.monotonic() - start:.0f} s")


class Operator:
    """Deploys with a parameters.yaml, as described in docs/operations.md."""

    def __init__(self, folder, parameters):
        self.file = Path(folder) / "parameters.yaml"
        shutil.copy(ROOT / "parameters.example.yaml", self.file)
        self.set(**parameters)

    def set(self, **changed):
        # JSON is YAML.
        self.file.write_text(json.dumps(yaml.safe_load(self.file.read_text()) | changed))

    def deploy(self, *options, status=0, ends_as=("CREATE_COMPLETE", "UPDATE_COMPLETE")):
        sam(
            "deploy", "--stack-name", STACK, "--s3-bucket", BUCKET, "--no-resolve-s3", "--capabilities", "CAPABILITY_IAM",
            "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{self.file}",
            *options, status=status,
        )  # fmt: skip
        (stack,) = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        assert stack["StackStatus"] in ends_as, stack["StackStatus"]


def resources():
    """Returns the physical id of each of the stack's resources, keyed by the resource's name in the template."""
    found = pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=STACK)
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found}


def without_versions(found):
    """Returns all resources except the functions' versions, because every changed setting creates new versions."""
    return {name: identifier for name, identifier in found.items() if "FunctionVersion" not in name}


def a_first_deployment_that_failed_is_continued(operator):
    """The first deployment fails because a log group already exists. A deleted function of the same name can leave such a
    log group behind."""
    left_over = f"/aws/lambda/{STACK}-tally"
    aws("logs").create_log_group(logGroupName=left_over)
    operator.deploy("--disable-rollback", status=1, ends_as=("CREATE_FAILED",))
    failed = resources()
    tables = {name: failed[name] for name in ("LinksTable", "HistoryTable", "ClicksTable")}
    assert all(tables.values()), failed
    aws("logs").delete_log_group(logGroupName=left_over)
    operator.deploy("--disable-rollback")
    assert tables.items() <= resources().items(), "the second deployment created new tables"


def make_routes():
    """Creates the template's routes, which invoke the functions' aliases, and returns the API's id."""
    gateway, deployed = aws("apigatewayv2"), resources()
    api = deployed["Api"]
    for function in template.functions():
        alias = deployed[f"{function.resource}Aliaslive"]
        made = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=alias, PayloadFormatVersion="2.0"
        )
        for method, path in function.routes:
            key = path if path == "$default" else f"{method} {path}"
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")
    return api


def the_default_route_takes_the_rest(api):
    """The link `launch` redirects to its destination. MiniStack decodes paths in the same way as API Gateway."""
    for entry in json.loads((ROOT / "tests/short-urls.json").read_text())["lead"]:
        if entry["path"].startswith("/{org}/launch"):
            assert_redirect(api.call("GET", entry["path"].replace("{org}", ACME)), TARGET)
    for method, path, allowed in (("POST", f"/{ACME}/launch", "GET, HEAD"), ("PUT", f"/{ACME}/link", "GET, POST")):
        refused = api.call(method, path)
        assert_problem(refused, 405, "method_not_allowed")
        assert refused.headers["Allow"] == allowed, shown(refused)
    assert_problem(api.call("GET", "/a/b/c"), 404, "not_found")
    assert api.call("GET", "/robots.txt").status_code == api.call("GET", "/favicon.ico").status_code == 200


def log_messages(function):
    found = pages("logs", "filter_log_events", "events", logGroupName=f"/aws/lambda/{STACK}-{function}")
    return [event["message"] for event in found]


def error_lines(function):
    """Counts the lines that match the metric filter of a function's alarm. MiniStack stores the filter but does not apply it."""
    group = f"/aws/lambda/{STACK}-{function}"
    (metric_filter,) = aws("logs").describe_metric_filters(logGroupName=group)["metricFilters"]
    assert metric_filter["filterPattern"] == '{ $.level = "ERROR" }', metric_filter
    return sum(json.loads(message).get("level") == "ERROR" for message in log_messages(function) if message.startswith("{"))


def days_of_an_earlier_version_are_indexed(api, clicks, links):
    """Follows docs/operations.md. The days are stored in the same way as in an earlier version, which did not have the index
    `days`."""

    def overview():
        return assert_json(api.call("GET", f"/{ACME}/-/clicks", "member"))

    counted = overview()
    # The other links were followed only by bots.
    assert counted["links"][0]["id"] == "counted", counted
    for item in items(clicks):
        if "org_day" in item:
            key = {name: item[name] for name in ("link", "bucket")}
            aws("dynamodb").update_item(TableName=clicks, Key=key, UpdateExpression="REMOVE org_day, id")
    assert overview()["links"] == []
    links_py("days", clicks, links)
    assert overview() == counted


def an_alarm_goes_off(name):
    """Rehearses an alarm with the same call as the command in the last item of the list in docs/operations.md."""
    aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    (found,) = aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert found["StateValue"] == "ALARM", found


def live(function):
    """Returns the version that the function's callers reach, and the cache time of that version."""
    found = aws("lambda").get_function_configuration(FunctionName=f"{STACK}-{function}", Qualifier="live")
    return found["Version"], found["Environment"]["Variables"]["LINK_CACHE_SECONDS"]


def a_parameter_is_updated_and_rolled_back(operator, api):
    first, before = live("redirect"), operator.file.read_text()
    assert first[1] == "10", first
    operator.set(LinkCacheSeconds="1", Release="2")
    operator.deploy()
    second = live("redirect")
    assert second[0] != first[0] and second[1] == "1", second
    # A deployment without changes does not revert anything.
    operator.deploy()
    assert live("redirect") == second

    found = pages("lambda", "list_versions_by_function", "Versions", FunctionName=f"{STACK}-redirect")
    kept = {version["Version"]: version["Description"] for version in found}
    assert (kept.get(first[0]), kept.get(second[0])) == ("1", "2"), kept
    alias = {"FunctionName": f"{STACK}-redirect", "Name": "live"}
    aws("lambda").update_alias(**alias, FunctionVersion=first[0])
    assert live("redirect") == first
    assert_redirect(api.call("GET", f"/{ACME}/launch"), TARGET)
    aws("lambda").update_alias(**alias, FunctionVersion=second[0])

    # The earlier parameters.yaml restores the earlier value.
    operator.file.write_text(before)
    operator.set(Release="3")
    operator.deploy()
    third = live("redirect")
    assert third[0] != second[0] and third[1] == "10", third


def links_py(*arguments):
    subprocess.run([sys.executable, "docs/links.py", *map(str, arguments)], cwd=ROOT, check=True)


def items(table):
    found = pages("dynamodb", "scan", "Items", TableName=table)
    return sorted(found, key=functools.partial(json.dumps, sort_keys=True))


def a_lost_table_is_restored(api, table, folder):
    """Follows docs/operations.md, but restores from a copy, because no emulator has AWS's backups."""
    links = assert_json(api.call("GET", journey.LINKS, "member"))
    before = items(table)
    links_py("export", table, f"{folder}/links.jsonl")
    lost = aws("dynamodb").describe_table(TableName=table)["Table"]
    assert lost["DeletionProtectionEnabled"], lost
    aws("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    aws("dynamodb").delete_table(TableName=table)
    # An instance caches a link's destination, but not a list.
    assert api.call("GET", journey.LINKS, "member").status_code == 500

    parts = ("IndexName", "KeySchema", "Projection")
    aws("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=lost["AttributeDefinitions"],
        KeySchema=lost["KeySchema"],
        GlobalSecondaryIndexes=[{name: index[name] for name in parts} for index in lost["GlobalSecondaryIndexes"]],
        DeletionProtectionEnabled=True,
    )
    # The items are imported without the attribute `target`, as if an earlier version without this index had written them.
    exported = map(json.loads, Path(folder, "links.jsonl").read_text().splitlines())
    unindexed = [{name: value for name, value in item.items() if name != "target"} for item in exported]
    Path(folder, "earlier.jsonl").write_text("".join(json.dumps(item) + "\n" for item in unindexed))
    links_py("import", table, f"{folder}/earlier.jsonl")
    assert assert_json(api.call("GET", journey.LINKS, "member")) == links

    def slugs_by_url():
        found = assert_json(api.call("GET", f"{journey.LINKS}?url={quote(TARGET, safe='')}", "member"))
        return [link["id"] for link in found["data"]]

    assert slugs_by_url() == []
    links_py("index", table)
    assert "launch" in slugs_by_url()
    assert items(table) == before
    assert_redirect(api.call("GET", f"/{ACME}/launch"), TARGET)


def a_name_is_removed(api, table, history):
    """Removes a person's name from all their links, with the command in docs/security.md."""
    link = assert_json(api.call("GET", f"{journey.LINKS}/launch", "member"))
    assert link["creator_name"], link
    links_py("remove-name", table, link["creator_user_id"])
    assert assert_json(api.call("GET", f"{journey.LINKS}/launch", "member")) == link | {"creator_name": None}
    assert link["creator_name"] not in str(items(table))
    assert link["creator_name"] in str(items(history))
    links_py("remove-name-from-history", history, link["creator_user_id"])
    assert link["creator_name"] not in str(items(history))


# Version 1 of the AWS CLI, which is the one in the package registry, sends requests for queues to AWS unless it gets this option.
AWS_CLI = """#!/bin/sh
[ "$1" != sqs ] || set -- --endpoint-url "$QUEUES" "$@"
exec {aws} "$@"
"""


def dead_letters_are_refed(api, dynamodb, queue, folder):
    """Covers a rejected read, a batch that fails again, a message that is not a batch, and a batch that arrives late."""
    sqs = aws("sqs")
    cli = Path(folder) / "cli/aws"
    cli.parent.mkdir()
    cli.write_text(AWS_CLI.format(aws=shutil.which("aws", path=f"{TOOLS}:{os.environ['PATH']}")))
    cli.chmod(0o755)
    birth = assert_json(api.call("GET", f"{journey.LINKS}/counted", "member"))["birth"]
    parts = ('"click"', f'"{birth}"', '"bot":false')
    line = next(line for line in log_messages("redirect") if all(part in line for part in parts))

    def send(number):
        """Sends the record of a failed invocation of `tally`, as Lambda does. The batch has a person's click on the link
        `counted`."""
        record = {"version": "1.0", "requestPayload": journey.click_batch([line], number)}
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(record))

    def refeed(queues=os.environ["AWS_ENDPOINT_URL"]):
        environment = os.environ | {"PATH": f"{cli.parent}:{os.environ['PATH']}", "QUEUES": queues}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(["functions/tally/refeed", STACK], cwd=ROOT, env=environment, **pipes)

    def ends(running, status, *texts):
        output, _ = running.communicate()
        assert running.returncode == status and all(text in output for text in texts), (running.returncode, output)
        assert status == 0 or "The queue is empty" not in output, output

    with FaultyDynamoDb(os.environ["AWS_ENDPOINT_URL"]) as proxy:
        proxy.inject("refused")
        ends(refeed(proxy.url), 1, "AccessDenied", "The queue could not be read; 0 batches were counted so far.")

    send(1)
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    dynamodb.inject("failing")
    ends(refeed(), 1, "0 batches were counted; 2 failed again and stay in the queue.", "not the record of an invocation")
    dynamodb.inject(None)
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]:
        if message["Body"] == "{}":
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    started = refeed()
    # The first batch is counted, and the next one arrives while `refeed` is still polling.
    assert started.stdout.readline().startswith("1: ")
    send(2)
    ends(started, 0, "The queue is empty; 2 batches were counted.")
    journey.clicks_are(api, "counted", 5, 1)


def verifier_key(issuer):
    bearer = {"Authorization": f"Bearer {API_KEY}"}
    answer = session().get(f"{issuer}/api/v1/token_verification_metadata", headers=bearer, timeout=10)
    return "\\n".join(answer.json()["verifier_key_pem"].strip().splitlines())


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack()
        url = start_ministack(processes, folder)
        topic = aws("sns").create_topic(Name="alarms")["TopicArn"]
        required = {"AuthIssuer": stack.issuer, "AuthVerifierKey": verifier_key(stack.issuer), "AlarmTopicArn": topic}
        operator = Operator(folder, required)
        a_first_deployment_that_failed_is_continued(operator)
        # The API's host name has the same form as on AWS.
        host = f"{make_routes()}.execute-api.localhost:{url.rsplit(':', 1)[1]}"
        api = Client(url, tokens(stack.issuer), host)
        journey.only_members_are_admitted(api)
        journey.a_link_is_made_followed_and_deleted(api)
        journey.every_function_answers(api)
        the_default_route_takes_the_rest(api)
        journey.create(api, id="counted")
        journey.visits(api, "counted")
        eventually(lambda: journey.clicks_are(api, "counted", 3, 1))

        before = resources()
        days_of_an_earlier_version_are_indexed(api, before["ClicksTable"], before["LinksTable"])
        an_alarm_goes_off(before["ApiFailuresAlarm"])
        a_parameter_is_updated_and_rolled_back(operator, api)
        with FaultyDynamoDb(url) as dynamodb:
            operator.set(LinkCacheSeconds="1", DynamoDbEndpointUrl=dynamodb.url, Release="4")
            operator.deploy()
            assert without_versions(resources()) == without_versions(before), "an update replaced a resource"
            assert_redirect(api.call("GET", f"/{ACME}/launch"), TARGET)
            assert dynamodb.calls() > 0, "the update has not reached the functions"
            faults_are_survived(api, dynamodb, error_lines)
            dead_letters_are_refed(api, dynamodb, before["TallyDeadLetters"], folder)
            a_lost_table_is_restored(api, before["LinksTable"], folder)
            a_name_is_removed(api, before["LinksTable"], before["HistoryTable"])

        tables = [before["LinksTable"], before["HistoryTable"], before["ClicksTable"]]
        retained = [items(table) for table in tables]
        assert all(retained), retained
        sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")
        deleted = pages("cloudformation", "list_stacks", "StackSummaries", StackStatusFilter=["DELETE_COMPLETE"])
        assert STACK in [one["StackName"] for one in deleted]
        assert [items(table) for table in tables] == retained, "the deletion changed the tables"
    print("The template was deployed, served requests, was updated, rolled back and deleted, and links and clicks remain.")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        main()
    else:
        enter_namespace()

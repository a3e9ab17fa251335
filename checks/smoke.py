#!/usr/bin/env python3
"""Runs the release bootstraps behind the Lambda APIs of cargo-lambda, with the settings from template.yaml and the local stack's
store and issuer, and calls them over HTTP.

It needs `cargo lambda build --release` and target/debug/local. cargo-lambda's gateway does not decode paths as AWS's does;
`deploy.py` and `local/tests/short_urls.rs` test paths that need decoding.
"""

import json
import random
import socket
import subprocess
import tempfile

import journey
import template
from client import Client, assert_json, assert_problem, assert_redirect, shown
from stack import ACME, API_KEY, ROOT, TARGET, Processes, eventually, free_port, tokens

# The events that the functions log if nothing fails. A function that is not listed here logs nothing.
LOGGED = dict.fromkeys(["create", "update", "delete", "history", "import", "handle"], {"mutation"}) | dict.fromkeys(["redirect", "open"], {"click"})


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def bootstrap(name):
    return [str(ROOT / "target/lambda" / name / "bootstrap")]


def environment(function, lambda_port, stack):
    """Returns the template's settings and the variables that Lambda itself sets, but no variables of this machine."""
    parameters = {
        "LinksTable": "links",
        "HistoryTable": "history",
        "ClicksTable": "clicks",
        "DynamoDbEndpointUrl": f"http://127.0.0.1:{stack.dynamodb_port}",
        "AuthIssuer": stack.issuer,
        "AuthUrl": stack.issuer,
        "AuthVerifierKey": "",
        "SignInClientId": "local-client",
        "ShortBaseUrl": "https://go.example.com",
        "RootOrg": ACME,
        "LinkCacheSeconds": "0",
    }
    settings = template.environment(function, parameters)
    # There is no verifier key, so the functions fetch the key from the issuer.
    credential = {"AUTH_API_KEY": API_KEY} if "AUTH_API_KEY" in settings else {}
    return settings | credential | {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{lambda_port}/.rt/{function.name}",
    }  # fmt: skip


def a_function_url_takes_pasted_short_urls(api):
    """cargo-lambda's router has no default route, so this uses a function URL, which accepts any path."""
    assert_redirect(api.call("GET", "/lambda-url/redirect/@acme//launch).&utm_source=x"), TARGET)
    assert_redirect(api.call("HEAD", "/lambda-url/redirect/launch/"), TARGET)


def forwarded(rounds=400):
    """Yields paths and query strings, the same ones in each run."""
    random_ = random.Random(21)
    parts = ["a", "B-1", "é", " ", "%", "%2f", "%2E", ".", "..", "..;", "\\", "/", "//", "?", "#", "@", ":", "&", "=", "'", '"',
             "<", "[", "|", "~", "+", "\x7f", "x" * 700]  # fmt: skip
    queries = ["a", "own", "=", "&", "1", "%20", "+", "%", "'", "é", "?", "/", "x" * 900]
    for _ in range(rounds):
        path = "".join(random_.choices(parts, k=random_.randrange(6)))
        query = "".join(random_.choices(queries, k=random_.randrange(6)))
        yield random_.choice(["", "/"]) and f"/{path}", query


def forwarded_urls_are_those_of_the_url_standard(api):
    """Checks the forwarded URLs against Node's URL parser."""
    targets = ["https://example.com/", "https://example.com:8443/a%20b/?own=1&two+words=2#part", "http://example.com/a?"]
    cases, answers = [], []
    for number, target in enumerate(targets):
        journey.create(api, id=f"forward{number}", url=target, forward="path")
        for path, query in forwarded():
            event = {
                "version": "2.0", "routeKey": "$default", "rawPath": f"/{ACME}/forward{number}{path}", "rawQueryString": query,
                "headers": {}, "isBase64Encoded": False,
                "requestContext": {"http": {"method": "GET", "path": f"/{ACME}/forward{number}{path}"}, "requestId": "forward"},
            }  # fmt: skip
            answer = api.call("POST", "/2015-03-31/functions/redirect/invocations", body=event).json()
            cases.append([target, path, query])
            answers.append(answer["headers"].get("location") if answer["statusCode"] == 302 else None)
    lines = "\n".join(map(json.dumps, cases))
    node = subprocess.run(["node", ROOT / "checks/forward.mjs"], input=lines, capture_output=True, text=True, timeout=60, check=True)
    for case, answer, expected in zip(cases, answers, map(json.loads, node.stdout.splitlines()), strict=True):
        assert answer == expected, (case, answer, expected)
    refused = answers.count(None)
    assert 50 < refused < len(answers) - 300, refused
    print(f"{len(answers)} forwarded URLs are those of the URL Standard, or refused as it would: {refused}")


def paths_of_the_api_are_not_forwarded(stack):
    """Calls the local gateway, which finds routes in the same way as API Gateway."""
    api = Client(f"http://127.0.0.1:{stack.port}", tokens(stack.issuer))
    journey.create(api, id="jira", url="https://example.com/browse", forward="path")
    assert_redirect(api.call("GET", "/jira/ABC-1"), "https://example.com/browse/ABC-1")
    for function in template.functions():
        for method, path in function.routes:
            if "{org_id}" in path:
                answer = api.call(method, path.format(org_id="jira", slug="x", record="y"))
                assert answer.status_code != 302, shown(answer)


def a_browser_is_sent_to_sign_in(api, issuer):
    navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = api.call("GET", f"/{ACME}/-/open/launch", headers=navigation)
    assert answer.headers["Location"].startswith("https://go.example.com/-/sign-in?"), shown(answer)
    answer = api.call("GET", "/-/sign-in?return_to=/docs&redirected=1", headers=navigation)
    assert answer.status_code == 302, shown(answer)
    assert answer.headers["Location"].startswith(f"{issuer}/propelauth/oauth/authorize?"), shown(answer)
    assert "-flow-" in answer.headers["Set-Cookie"], shown(answer)
    assert_problem(api.call("GET", "/-/session"), 401, "unauthenticated")
    assert_problem(api.call("POST", "/-/sign-out"), 403, "forbidden")


def clicks_are_counted(api, log):
    """Passes to `tally` the click lines that `redirect` logged, and checks the counts that a member sees."""
    journey.create(api, id="counted")
    before = len(log.read_text().splitlines())
    journey.visits(api, "counted")

    def lines():
        found = log.read_text().splitlines()[before:]
        assert len(found) == 4, found
        return found

    batch = journey.click_batch(eventually(lines))
    counted = api.call("POST", "/2015-03-31/functions/tally/invocations", body=batch)
    assert counted.json() == {"clicks": 4, "skipped": 0}, shown(counted)
    journey.clicks_are(api, "counted", 3, 1)
    listed = assert_json(api.call("GET", f"{journey.LINKS}?prefix=counted&include=clicks", "member"))["data"]
    assert [link["clicks"] for link in listed] == [3], listed


def a_missing_setting_stops_the_start(settings):
    start = subprocess.run(
        bootstrap("create"), env=settings | {"AUTH_ISSUER": ""}, capture_output=True, text=True, timeout=10
    )
    assert start.returncode != 0 and "the setting AUTH_ISSUER is missing" in start.stderr, start


def main():
    functions = list(template.functions())
    lambda_port = free_port()
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack(ROOT_ORG=ACME)
        processes.start("lambda", ["cargo", "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", str(lambda_port)])
        processes.wait_until("lambda", lambda: listens(lambda_port))
        for function in functions:
            processes.start(function.name, bootstrap(function.name), environment(function, lambda_port, stack))

        api = Client(f"http://127.0.0.1:{lambda_port}", tokens(stack.issuer))
        journey.only_members_are_admitted(api)
        journey.a_link_is_made_followed_and_deleted(api)
        journey.every_function_answers(api)
        a_function_url_takes_pasted_short_urls(api)
        forwarded_urls_are_those_of_the_url_standard(Client(api.base, api.tokens, verbose=False))
        paths_of_the_api_are_not_forwarded(stack)
        a_browser_is_sent_to_sign_in(api, stack.issuer)
        clicks_are_counted(api, processes.log("redirect"))
        a_missing_setting_stops_the_start(environment(functions[0], lambda_port, stack))

        for function in functions:
            assert processes.running[function.name].poll() is None, f"{function.name} ended by itself"
            events = {json.loads(line)["event"] for line in processes.log(function.name).read_text().splitlines()}
            assert events == LOGGED.get(function.name, set()), f"{function.name} logged {events}"
    print("The bootstraps behave as the API promises.")


if __name__ == "__main__":
    main()

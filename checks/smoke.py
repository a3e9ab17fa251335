#!/usr/bin/env python3
"""Runs the release bootstraps behind the Lambda APIs of cargo-lambda, with the settings of template.yaml and the store and issuer
of the local stack, and uses them over HTTP.

It needs `cargo lambda build --release` and target/debug/local. The gateway of cargo-lambda does not decode paths as AWS's does;
`deploy.py` and `local/tests/short_urls.rs` send what needs decoding.
"""

import json
import socket
import subprocess
import tempfile

import journey
import template
from client import Client, assert_json, assert_problem, assert_redirect, shown
from stack import ACME, API_KEY, ROOT, TARGET, Processes, eventually, free_port, tokens

# What each function logs if nothing fails; the others log nothing.
LOGGED = dict.fromkeys(["create", "update", "delete", "history", "handle"], {"mutation"}) | dict.fromkeys(["redirect", "open"], {"click"})


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def bootstrap(name):
    return [str(ROOT / "target/lambda" / name / "bootstrap")]


def environment(function, lambda_port, stack):
    """The settings of the template and what Lambda itself sets; nothing of this machine."""
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
    # Without a verifier key, the key is fetched from the issuer.
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
    """The router of cargo-lambda has no default route; a function URL passes any path on."""
    assert_redirect(api.call("GET", "/lambda-url/redirect/@acme//launch).&utm_source=x"), TARGET)
    assert_redirect(api.call("HEAD", "/lambda-url/redirect/launch/"), TARGET)


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
    """From the click lines of the redirect to the counts that a member sees."""
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
        stack = processes.start_stack()
        processes.start("lambda", ["cargo", "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", str(lambda_port)])
        processes.wait_until("lambda", lambda: listens(lambda_port))
        for function in functions:
            processes.start(function.name, bootstrap(function.name), environment(function, lambda_port, stack))

        api = Client(f"http://127.0.0.1:{lambda_port}", tokens(stack.issuer))
        journey.only_members_are_admitted(api)
        journey.a_link_is_made_followed_and_deleted(api)
        journey.every_function_answers(api)
        a_function_url_takes_pasted_short_urls(api)
        a_browser_is_sent_to_sign_in(api, stack.issuer)
        clicks_are_counted(api, processes.log("redirect"))
        a_missing_setting_stops_the_start(environment(functions[0], lambda_port, stack))

        for function in functions:
            assert processes.running[function.name].poll() is None, f"{function.name} ended by itself"
            events = {json.loads(line)["event"] for line in processes.log(function.name).read_text().splitlines()}
            assert events == LOGGED.get(function.name, set()), f"{function.name} logged {events}"
    print("The bootstraps do what the API promises.")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs the release bootstraps behind the real Lambda APIs, against the local stack's store and sign-in issuer, and
walks through the API over HTTP as its users would.

It runs what is there: the bootstraps that `cargo lambda build --release` made, and the local stack that `cargo test`
made; `.ci/run` calls it after both. Paths have unreserved characters only, because this gateway, unlike AWS's, does not
decode them. Short URLs as people paste them go through a gateway of their own, which does.
"""

import base64
import gzip
import html
import http.client
import json
import socket
import subprocess
import tempfile
import threading
import time
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from stack import ACME, API_KEY, GLOBEX, ROOT, USERS, Processes, free_port, token

FUNCTIONS = ["create", "list", "redirect", "read", "update", "delete", "handle", "open", "docs", "console", "stats", "session", "tally"]
# What these log where all goes well.
TELLING_CLICKS = ["redirect", "open"]
TELLING_MUTATIONS = ["create", "update", "delete", "handle"]

# What a careless step on the way would change: an escape, a plus, a fragment.
TARGET = "https://example.com/deep/path/?q=caf%C3%A9&tag=a+b&empty=#section-2"
MEMBERS_OF_A_LINK = (
    "org_id id birth short_url url title tags access enabled expires_at creator_user_id creator_name created_at updated_at version"
)

Answer = namedtuple("Answer", "status headers body")


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Api:
    """The API on a port, and the tokens of its users."""

    def __init__(self, port, tokens):
        self.port = port
        self.tokens = tokens

    def call(self, method, path, user=None, body=None, headers=None):
        headers = dict(headers or {})
        if user:
            headers["Authorization"] = f"Bearer {self.tokens[user]}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, names, response.read().decode())
        connection.close()
        print(f"{answer.status}  {method:6} {path}  ({user or 'nobody'})")
        return answer


def invoke(port, function, event):
    """What a function without a route answers to an event."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", f"/2015-03-31/functions/{function}/invocations", json.dumps(event))
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    assert answer[0] == 200, answer
    return json.loads(answer[1])


class DefaultRoute(ThreadingHTTPServer):
    """An HTTP API whose only route is the default one, in front of the redirect: it decodes a path as API Gateway does,
    and hands it over by the Lambda API."""

    def __init__(self, lambda_port):
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                method, target, _ = self.requestline.split(" ")
                target, _, query = target.partition("?")
                # API Gateway cuts the decoded path at a question mark.
                path = unquote(target, errors="replace").partition("?")[0]
                http_part = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
                event = {
                    "version": "2.0",
                    "routeKey": "$default",
                    "rawPath": path,
                    "rawQueryString": query,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "requestContext": {"http": http_part, "routeKey": "$default", "stage": "$default"},
                    "isBase64Encoded": False,
                }
                answer = invoke(lambda_port, "redirect", event)
                self.send_response(answer["statusCode"])
                for name, value in answer["headers"].items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer["body"].encode())

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

            def log_message(self, *_):
                """The one that asks prints what was answered."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_port

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def is_json(answer, status):
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json", answer
    return json.loads(answer.body)


def is_problem(answer, status, code, *more):
    """Checks a problem, which has members `more` besides those of each."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json", answer
    problem = json.loads(answer.body)
    assert sorted(problem) == sorted(["code", "detail", "errors", "status", "title", "type", *more]), answer
    assert (problem["status"], problem["code"]) == (status, code), answer
    return problem


def is_redirect_to(answer, target):
    assert answer.status == 302, answer
    assert answer.headers["location"] == target, answer
    assert answer.headers["cache-control"] == "no-store", answer
    assert answer.headers["x-robots-tag"] == "noindex", answer
    assert "set-cookie" not in answer.headers, answer
    assert answer.body == "", answer


def nobody_gets_in(api):
    for method, path, body in [
        ("POST", f"/{ACME}/link", {"url": TARGET}),
        ("GET", f"/{ACME}/link", None),
        ("GET", f"/{ACME}/link/abcdefgh", None),
        ("GET", f"/{ACME}/link/abcdefgh/qr", None),
        ("PATCH", f"/{ACME}/link/abcdefgh", {"title": "A title"}),
        ("DELETE", f"/{ACME}/link/abcdefgh", None),
        ("GET", f"/{ACME}/-/handle", None),
        ("PUT", f"/{ACME}/-/handle", {"handle": "acme"}),
        ("GET", f"/{ACME}/-/open/abcdefgh", None),
    ]:
        answer = api.call(method, path, body=body)
        is_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer", answer

        answer = api.call(method, path, body=body, headers={"Authorization": "Bearer not.a.token"})
        detail = is_problem(answer, 401, "unauthenticated")["detail"]
        challenge = f'Bearer error="invalid_token", error_description="{detail}"'
        assert answer.headers["www-authenticate"] == challenge, answer

        is_problem(api.call(method, path, "outsider", body), 403, "forbidden")


def bodies_are_checked(api):
    path = f"/{ACME}/link"
    answer = api.call("POST", path, "member", {"url": TARGET}, {"Content-Type": "text/plain"})
    is_problem(answer, 415, "unsupported_media_type")
    problem = is_problem(api.call("POST", path, "member", {"url": "javascript:alert(1)"}), 422, "validation_failed")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/url"], problem
    problem = is_problem(api.call("POST", path, "member", {"url": "http://127.0.0.1/"}), 422, "validation_failed")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/url"], problem


def create(api, user):
    answer = api.call("POST", f"/{ACME}/link", user, {"url": TARGET})
    link = is_json(answer, 201)
    assert sorted(link) == sorted(MEMBERS_OF_A_LINK.split()), link
    assert (link["org_id"], link["url"], link["creator_user_id"]) == (ACME, TARGET, USERS[user]), link
    assert len(link["id"]) == 8, link
    assert link["short_url"] == f"https://go.example.com/{ACME}/{link['id']}", link
    assert answer.headers["location"] == f"/{ACME}/link/{link['id']}", answer
    assert answer.headers["etag"].endswith('-1"'), answer
    return link


def listed(api, user, organization=ACME, query=""):
    return is_json(api.call("GET", f"/{organization}/link{query}", user), 200)


def a_link_lives_and_dies(api):
    link = create(api, "member")
    path, management = f"/{ACME}/{link['id']}", f"/{ACME}/link/{link['id']}"

    short_base = link["short_url"].removesuffix(f"/{link['id']}")
    assert listed(api, "colleague") == {"data": [link], "next_cursor": None, "short_base": short_base}
    nothing = listed(api, "outsider", GLOBEX)
    assert (nothing["data"], nothing["next_cursor"]) == ([], None), nothing

    is_redirect_to(api.call("GET", path), TARGET)
    is_redirect_to(api.call("HEAD", path), TARGET)
    is_redirect_to(api.call("GET", path.upper().replace(ACME.upper(), ACME)), TARGET)
    is_problem(api.call("GET", f"/{GLOBEX}/{link['id']}"), 404, "not_found")

    is_problem(api.call("DELETE", management, "colleague"), 403, "forbidden")
    is_redirect_to(api.call("GET", path), TARGET)

    assert is_json(api.call("DELETE", management, "member"), 200) == link
    is_problem(api.call("GET", path), 404, "not_found")
    gone = api.call("HEAD", path)
    assert (gone.status, gone.body) == (404, ""), gone
    is_problem(api.call("DELETE", management, "member"), 404, "not_found")
    assert listed(api, "member")["data"] == []


def a_link_is_chosen_edited_and_opened(api):
    path = f"/{ACME}/link"
    chosen = {"id": "Launch", "url": TARGET, "title": "The launch", "tags": ["Spring"], "access": "members"}
    key = {"Idempotency-Key": "of-the-smoke-test"}
    made = api.call("POST", path, "member", chosen, key)
    link = is_json(made, 201)
    assert (link["id"], link["tags"], link["access"]) == ("launch", ["spring"], "members"), link
    again = api.call("POST", path, "member", chosen, key)
    assert (is_json(again, 200), again.headers["idempotency-replayed"]) == (link, "true"), again
    taken = is_problem(api.call("POST", path, "colleague", chosen), 409, "slug_taken", "suggested_id")
    assert taken["suggested_id"] == "launch-2", taken

    is_redirect_to(api.call("GET", f"/{ACME}/launch"), f"/{ACME}/-/open/launch")
    is_redirect_to(api.call("GET", f"/{ACME}/-/open/launch", "colleague"), TARGET)
    page = api.call("GET", f"/{ACME}/-/open/launch", headers={"Accept": "text/html"})
    assert (page.status, page.headers["content-type"]) == (401, "text/html; charset=utf-8"), page

    etag = {"If-Match": made.headers["etag"]}
    edited = is_json(api.call("PATCH", f"{path}/launch", "admin", {"access": "public", "title": None}, etag), 200)
    assert edited == link | {"access": "public", "title": None, "version": 2, "updated_at": edited["updated_at"]}
    is_problem(api.call("PATCH", f"{path}/launch", "admin", {"title": "Late"}, etag), 412, "precondition_failed")
    assert is_json(api.call("GET", f"{path}/launch", "colleague"), 200) == edited
    assert listed(api, "colleague", query="?tag=spring&prefix=lau")["data"] == [edited]
    is_redirect_to(api.call("GET", f"/{ACME}/launch"), TARGET)

    qr_code = api.call("GET", f"{path}/launch/qr", "colleague")
    assert (qr_code.status, qr_code.headers["content-type"]) == (200, "image/svg+xml"), qr_code

    assert is_json(api.call("PUT", f"/{ACME}/-/handle", "admin", {"handle": "acme"}), 200)["handles"] == ["acme"]
    assert is_json(api.call("GET", f"/{ACME}/-/handle", "member"), 200)["handle"] == "acme"
    is_redirect_to(api.call("GET", "/@acme/launch"), TARGET)
    is_json(api.call("DELETE", f"{path}/launch", "member"), 200)


def listed_short_urls(part):
    """What people make of acme's short URL of the slug `launch`, and what only looks like it."""
    for entry in json.loads((ROOT / "tests" / "short-urls.json").read_text())[part]:
        path = entry["path"].replace("{org}", ACME).replace("{ORG}", ACME.upper()).replace("{globex}", GLOBEX)
        yield entry["what"], path


def short_urls_are_read_as_people_paste_them(api, paste):
    """`paste` is the same deployment by a gateway that has the default route."""
    is_json(api.call("POST", f"/{ACME}/link", "member", {"url": TARGET, "id": "launch"}), 201)
    for slug in ("my", "l", "more"):
        is_json(api.call("POST", f"/{ACME}/link", "member", {"url": "https://example.com/wrong", "id": slug}), 201)
    for what, path in listed_short_urls("lead"):
        answer = paste.call("GET", path)
        assert (answer.status, answer.headers.get("location")) == (302, TARGET), (what, path, answer)
    for what, path in listed_short_urls("preview"):
        answer = paste.call("GET", path)
        assert (answer.status, "location" in answer.headers) == (200, False), (what, path, answer)
        assert f'href="{html.escape(TARGET)}"' in answer.body, (what, path, answer)
    for what, path in listed_short_urls("elsewhere"):
        answer = paste.call("GET", path)
        assert (answer.status, "location" in answer.headers) == (404, False), (what, path, answer)

    for path, allowed in [
        ("/", "GET, HEAD"),
        ("/launch", "GET, HEAD"),
        (f"/{ACME}/launch.", "GET, HEAD"),
        ("/robots.txt", "GET, HEAD"),
        (f"/{ACME}/link", "GET, POST"),
        (f"/{ACME}/link/launch", "DELETE, GET, PATCH"),
    ]:
        answer = paste.call("PUT", path)
        is_problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed, answer
    page = paste.call("GET", "/lanuch", headers={"Accept": "text/html"})
    assert page.status == 404 and 'href="/#new=lanuch"' in page.body, page
    page = paste.call("GET", "/wp-login.php", headers={"Accept": "text/html"})
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8"), page
    robots = paste.call("GET", "/robots.txt")
    assert (robots.status, robots.body) == (200, "User-agent: *\nAllow: /\n"), robots
    icon = paste.call("GET", "/favicon.ico")
    assert (icon.status, icon.headers["content-type"]) == (200, "image/svg+xml"), icon
    # By cargo-lambda too, whose router knows only two forms of short URLs.
    is_redirect_to(api.call("GET", "/lambda-url/redirect/@acme//launch).&utm_source=x"), TARGET)
    is_redirect_to(api.call("HEAD", "/lambda-url/redirect/launch/"), TARGET)
    for slug in ("launch", "my", "l", "more"):
        is_json(api.call("DELETE", f"/{ACME}/link/{slug}", "member"), 200)


def the_api_documents_itself(api):
    document = is_json(api.call("GET", "/openapi.json"), 200)
    assert document["openapi"].startswith("3.1."), document["openapi"]
    console = api.call("GET", "/")
    assert (console.status, console.headers["content-type"]) == (200, "text/html; charset=utf-8"), console.status
    page = api.call("GET", "/docs")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), page.status


def clicks_are_counted(api, lambda_port, processes):
    """From the lines that the redirect writes, by the function that counts them, to what a member is shown."""
    link = create(api, "member")
    before = {name: len(processes.log(name).read_text().splitlines()) for name in TELLING_CLICKS}
    for _ in range(3):
        is_redirect_to(api.call("GET", f"/{ACME}/{link['id']}", headers={"Referer": "https://news.example/a"}), TARGET)
    is_redirect_to(api.call("HEAD", f"/{ACME}/{link['id']}"), TARGET)
    time.sleep(0.2)
    events = []
    for name in TELLING_CLICKS:
        for line in processes.log(name).read_text().splitlines()[before[name] :]:
            events.append({"id": f"{len(events):056}", "timestamp": 0, "message": line})
    assert len(events) == 3, events
    batch = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/signpost-redirect",
        "logStream": "2026/11/22/[$LATEST]5f0a",
        "subscriptionFilters": ["clicks"],
        "logEvents": events,
    }
    data = base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()
    # Delivered twice, and counted once.
    for _ in range(2):
        assert invoke(lambda_port, "tally", {"awslogs": {"data": data}}) == {"clicks": 3, "skipped": 0}
    clicks = is_json(api.call("GET", f"/{ACME}/link/{link['id']}/clicks", "colleague"), 200)
    assert (clicks["total"], clicks["referrers"]) == (3, [{"name": "news.example", "clicks": 3}]), clicks
    assert clicks["series"][-1]["clicks"] == 3, clicks
    [listed_link] = [other for other in listed(api, "member", query="?include=clicks")["data"] if other["id"] == link["id"]]
    assert listed_link == link | {"clicks": 3}, listed_link
    is_json(api.call("DELETE", f"/{ACME}/link/{link['id']}", "member"), 200)


def an_admin_deletes_any_link(api):
    link = create(api, "member")
    assert is_json(api.call("DELETE", f"/{ACME}/link/{link['id']}", "admin"), 200) == link


def a_list_goes_on_by_its_cursor(api):
    older = create(api, "member")
    # Links of the same millisecond are in the order of their slugs.
    time.sleep(0.01)
    newer = create(api, "colleague")
    first = listed(api, "member", query="?limit=1")
    assert first["data"] == [newer] and first["next_cursor"], first
    second = listed(api, "member", query=f"?limit=1&cursor={first['next_cursor']}")
    assert (second["data"], second["next_cursor"]) == ([older], None), second


def bootstrap(name):
    return str(ROOT / "target" / "lambda" / name / "bootstrap")


def environment(name, lambda_port, issuer, dynamodb_port):
    """What Lambda and the template would set, and nothing of this machine's own."""
    own = {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{lambda_port}/.rt/{name}",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{dynamodb_port}",
        "LINKS_TABLE": "links",
    }
    if name in ("docs", "console"):
        return own
    if name == "session":
        own["SIGN_IN_CLIENT_ID"] = "local-client"
    if name in ("list", "stats", "tally"):
        own["CLICKS_TABLE"] = "clicks"
    if name == "tally":
        return own
    if name == "redirect":
        own["ROOT_ORG"] = ACME
    else:
        own |= {
            "AUTH_ISSUER": issuer,
            "AUTH_URL": issuer,
            "AUTH_API_KEY": API_KEY,
            "SHORT_BASE_URL": "https://go.example.com",
        }
    return own


def a_browser_is_sent_to_sign_in(api, issuer):
    navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = api.call("GET", "/-/sign-in?return_to=/docs&redirected=1", headers=navigation)
    assert answer.status == 302, answer
    assert answer.headers["location"].startswith(f"{issuer}/propelauth/oauth/authorize?"), answer
    assert "-flow-" in answer.headers["set-cookie"], answer
    is_problem(api.call("GET", "/-/session"), 401, "unauthenticated")
    answer = api.call("GET", "/-/session", "member")
    assert [one["id"] for one in json.loads(answer.body)["organizations"]] == [ACME], answer
    is_problem(api.call("POST", "/-/sign-out"), 403, "forbidden")


def a_missing_setting_stops_the_start(settings):
    settings = {name: value for name, value in settings.items() if name != "AUTH_ISSUER"}
    start = subprocess.run([bootstrap("create")], env=settings, capture_output=True, text=True, timeout=10)
    assert start.returncode != 0, start
    assert "the setting AUTH_ISSUER is missing" in start.stderr, start


def main():
    lambda_port = free_port()
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        _, issuer, dynamodb_port = processes.start_stack()

        apis = ["cargo", "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", str(lambda_port)]
        processes.start("lambda", apis)
        processes.wait_until("lambda", lambda: listens(lambda_port))

        for name in FUNCTIONS:
            processes.start(name, [bootstrap(name)], environment(name, lambda_port, issuer, dynamodb_port))

        api = Api(lambda_port, {user: token(issuer, user) for user in USERS})
        nobody_gets_in(api)
        bodies_are_checked(api)
        a_link_lives_and_dies(api)
        a_link_is_chosen_edited_and_opened(api)
        with DefaultRoute(lambda_port) as gateway:
            short_urls_are_read_as_people_paste_them(api, Api(gateway.port, api.tokens))
        the_api_documents_itself(api)
        a_browser_is_sent_to_sign_in(api, issuer)
        clicks_are_counted(api, lambda_port, processes)
        an_admin_deletes_any_link(api)
        a_list_goes_on_by_its_cursor(api)
        a_missing_setting_stops_the_start(environment("create", lambda_port, issuer, dynamodb_port))

        for name in FUNCTIONS:
            assert processes.running[name].poll() is None, f"{name} ended by itself"
            events = {json.loads(line)["event"] for line in processes.log(name).read_text().splitlines()}
            expected = {"click"} if name in TELLING_CLICKS else {"mutation"} if name in TELLING_MUTATIONS else set()
            assert events == expected, f"{name} logged {events}"
    print("The bootstraps do what the API promises.")


if __name__ == "__main__":
    main()

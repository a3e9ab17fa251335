"""What every deployment has to do, whether the built functions run behind the Lambda APIs of cargo-lambda (`smoke.py`) or in a
CloudFormation stack (`deploy.py`). `tests/it` tests the rules of the API; this module checks that each bootstrap is built,
wired and permitted correctly."""

import base64
import gzip
import json
import time

import template
from client import assert_json, assert_problem, assert_redirect, shown
from stack import ACME, GLOBEX, TARGET, USERS, eventually

LINKS = f"/{ACME}/link"
HISTORY = f"/{ACME}/-/history"
# The id of a record that does not exist.
NO_RECORD = "000000000000000-AAAAAAAAAAAAAAAAAAAAA"
# A person's browser. Without this header, the client's own user agent would be counted as a bot.
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}


def requests_of_members(slug):
    """Yields each route that only members may call: the function that handles it, a method and a path."""
    for function in template.functions():
        for method, path in function.routes:
            # A response to HEAD has no body to check.
            if "{org_id}" in path and method != "HEAD":
                yield function.name, method, path.format(org_id=ACME, slug=slug, record=NO_RECORD)


def only_members_are_admitted(api):
    for _, method, path in requests_of_members("abcdefgh"):
        answer = api.call(method, path)
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer", shown(answer)
        answer = api.call(method, path, headers={"Authorization": "Bearer not.a.token"})
        detail = assert_problem(answer, 401, "unauthenticated")["detail"]
        challenge = f'Bearer error="invalid_token", error_description="{detail}"'
        assert answer.headers["WWW-Authenticate"] == challenge, shown(answer)
        assert_problem(api.call(method, path, "outsider"), 403, "forbidden")


def create(api, user="member", **fields):
    link = assert_json(api.call("POST", LINKS, user, {"url": TARGET, **fields}), 201)
    assert (link["url"], link["creator_user_id"]) == (fields.get("url", TARGET), USERS[user]), link
    return link


def a_link_is_made_followed_and_deleted(api):
    link = create(api)
    slug = link["id"]
    listed = assert_json(api.call("GET", LINKS, "colleague"))
    assert link["short_url"] == f"{listed['short_base']}/{slug}", (link, listed)
    assert (listed["data"], listed["next_cursor"]) == ([link], None), listed
    assert assert_json(api.call("GET", f"/{GLOBEX}/link", "outsider"))["data"] == []
    for method in ("GET", "HEAD"):
        assert_redirect(api.call(method, f"/{ACME}/{slug}"), TARGET)
    assert_problem(api.call("GET", f"/{GLOBEX}/{slug}"), 404, "not_found")
    assert_problem(api.call("DELETE", f"{LINKS}/{slug}", "colleague"), 403, "forbidden")
    deleted = api.call("DELETE", f"{LINKS}/{slug}", "admin")
    assert assert_json(deleted) == link
    undo = f"{HISTORY}/{deleted.headers['Signpost-Change']}/undo"
    assert_problem(api.call("POST", undo, "colleague"), 403, "forbidden")
    restored = assert_json(api.call("POST", undo, "member"))
    assert restored == link | {"version": 2, "updated_at": restored["updated_at"]}, restored
    assert_problem(api.call("POST", undo, "member"), 409, "already_undone")

    def all_is_recorded():
        records = assert_json(api.call("GET", f"{HISTORY}?link={link['birth']}", "colleague"))["data"]
        assert [record["change"] for record in records] == ["undo", "delete", "create"], records

    eventually(all_is_recorded)
    assert_redirect(api.call("GET", f"/{ACME}/{slug}"), TARGET)
    edited = api.call("PATCH", f"{LINKS}/{slug}", "member", {"title": "By mistake"})
    undone = api.call("POST", f"{HISTORY}/{edited.headers['Signpost-Change']}/undo", "member")
    assert assert_json(undone)["title"] is None, shown(undone)
    assert assert_json(api.call("DELETE", f"{LINKS}/{slug}", "admin"))["version"] == 4
    eventually(lambda: assert_problem(api.call("GET", f"/{ACME}/{slug}"), 404, "not_found"))


def every_function_answers(api):
    """Calls every function. Creates the link `launch`, which redirects to `TARGET`, and the handle `acme`."""
    create(api, id="launch", access="members")
    made = api.call("GET", f"{LINKS}/launch", "member")
    assert_redirect(api.call("GET", f"/{ACME}/launch"), f"/{ACME}/-/open/launch")
    assert_redirect(api.call("GET", f"/{ACME}/-/open/launch", "colleague"), TARGET)
    unchanged = {"If-Match": made.headers["ETag"]}
    edited = assert_json(api.call("PATCH", f"{LINKS}/launch", "admin", {"access": "public"}, unchanged))
    assert edited == assert_json(made) | {"access": "public", "version": 2, "updated_at": edited["updated_at"]}
    late = api.call("PATCH", f"{LINKS}/launch", "admin", {"title": "Late"}, unchanged)
    assert_problem(late, 412, "precondition_failed")
    assert assert_json(api.call("GET", f"{LINKS}/launch", "colleague")) == edited
    qr_code = api.call("GET", f"{LINKS}/launch/qr", "colleague")
    assert (qr_code.status_code, qr_code.headers["Content-Type"]) == (200, "image/svg+xml"), shown(qr_code)
    claimed = api.call("PUT", f"/{ACME}/-/handle", "admin", {"handle": "acme"})
    assert assert_json(claimed)["handles"] == ["acme"], shown(claimed)
    assert assert_json(api.call("GET", f"/{ACME}/-/handle", "member"))["handle"] == "acme"
    eventually(lambda: assert_redirect(api.call("GET", "/@acme/launch"), TARGET))
    file = {"links": [{"url": TARGET, "id": "Imported"}]}
    for query, result in (("?dry_run=true", "created"), ("", "created"), ("", "replayed")):
        imported = assert_json(api.call("POST", f"/{ACME}/-/import{query}", "member", file))
        assert [(row["result"], row["id"]) for row in imported["results"]] == [(result, "imported")], imported
    assert assert_json(api.call("GET", "/openapi.json"))["openapi"].startswith("3.1.")
    for path in ("/?redirected=1", "/docs"):
        page = api.call("GET", path)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), shown(page)
    known = assert_json(api.call("GET", "/-/session", "member"))
    assert [organization["id"] for organization in known["organizations"]] == [ACME], known


def visits(api, slug):
    """Makes three clicks by people, one by a bot, and a HEAD request, which does not count as a click."""
    for method, visitor in (("GET", BROWSER), ("GET", BROWSER), ("GET", BROWSER), ("GET", {}), ("HEAD", BROWSER)):
        headers = {"Referer": "https://news.example/a", **visitor}
        assert_redirect(api.call(method, f"/{ACME}/{slug}", headers=headers), TARGET)


def clicks_are(api, slug, people, bots):
    clicks = assert_json(api.call("GET", f"{LINKS}/{slug}/clicks", "colleague"))
    assert (clicks["total"], clicks["bots"]) == (people, bots), clicks
    assert clicks["series"][-1] == {"at": clicks["to"], "clicks": people, "bots": bots}, clicks
    assert clicks["referrers"] == [{"name": "news.example", "clicks": people}], clicks
    assert clicks["devices"] == [{"name": "desktop", "clicks": people}], clicks


def click_batch(lines, first_id=0):
    """Returns the event with which CloudWatch Logs delivers log lines to `tally`."""
    batch = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/signpost-redirect",
        "logStream": "2026/11/22/[$LATEST]5f0a",
        "subscriptionFilters": ["clicks"],
        "logEvents": [
            {"id": f"{number:056}", "timestamp": int(time.time() * 1000), "message": line}
            for number, line in enumerate(lines, first_id)
        ],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()}}

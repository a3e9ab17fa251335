#!/usr/bin/env python3
"""Signs in with Chromium as people do: from the address bar, from another site's page and in a new tab, as a member, as
a user of another organization, out again and in as another user.

It runs the local stack that `cargo test` made, with the API on `localhost` and the issuer on `127.0.0.1`, which are two
sites to a browser. No cookie is set here but by the pages themselves.
"""

import argparse
import http.client
import json
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from browser import FLAGS, SECONDS, TARGET, Docs, Watch, check, chromium, step
from playwright.sync_api import Error, expect, sync_playwright
from stack import ACME, GLOBEX, Processes, free_port, token

SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}
# What a browser may be sent through by Signpost itself: from `open` to the target, the way to the provider and back
# included; and when it is signed in, from the short URL on.
MOST_HOPS_TO_SIGN_IN, MOST_HOPS_SIGNED_IN = 4, 3


class Elsewhere(BaseHTTPRequestHandler):
    """Another site. It serves the page that was last set."""

    page = ""

    def do_GET(self):
        body = Elsewhere.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Signpost:
    """The API of the running stack, for a program."""

    def __init__(self, stack):
        self.port, self.token = stack.port, token(stack.issuer, "member")

    def link(self, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request("POST", f"/{ACME}/link", json.dumps({"url": TARGET, **fields}), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        check(response.status == 201, f"A link could not be made: {answer}")
        return answer


def photograph(page, folder, name):
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}-{size}-{scheme}.png", full_page=True)
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            check(wider <= 0, f"The page '{name}' is {wider} pixels wider than a screen of {viewport['width']}.")
    page.set_viewport_size(SIZES["wide"])
    page.emulate_media(color_scheme="light")


def person(page, name):
    """The button of this person on the issuer's login page."""
    return page.get_by_role("button", name=re.compile(name))


class Hops:
    """The redirects that one tab got from Signpost since it was last asked."""

    def __init__(self, page, origin):
        self.seen = []
        page.on("response", lambda response: self.hear(response, origin))

    def hear(self, response, origin):
        if response.url.startswith(f"{origin}/") and 300 <= response.status < 400:
            self.seen.append(urlsplit(response.url).path)

    def taken(self):
        seen, self.seen = self.seen, []
        return seen


def arrives(page, hops, most, sentence):
    page.wait_for_url(TARGET)
    expect(page.get_by_role("heading", level=1)).to_have_text("Landed")
    taken = hops.taken()
    check(len(taken) <= most, f"{sentence}: {len(taken)} redirects by Signpost: {taken}")
    step(f"{sentence}: {len(taken)} redirects by Signpost")


def walk(watch, signpost, issuer, elsewhere, folder):
    link = signpost.link(id="handbook", access="members")
    short_url = link["short_url"]
    check(short_url.startswith(f"{watch.origin}/"), f"The link's short URL is {short_url}.")

    page = watch.tab()
    page.goto(f"{watch.origin}/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    photograph(page, folder, "home-signed-out")
    step("opened the page at /")

    hops = Hops(page, watch.origin)
    page.goto(short_url)
    expect(person(page, "Maya")).to_be_visible()
    check(page.url.startswith(issuer), f"The login page is at {page.url}.")
    photograph(page, folder, "login")
    from_open = [path for path in hops.taken() if path != urlsplit(short_url).path]
    person(page, "Maya").click()
    hops.seen = [*from_open, *hops.seen]
    arrives(page, hops, MOST_HOPS_TO_SIGN_IN, "typed a members' link, signed in as a member, and arrived")

    page.goto(short_url)
    arrives(page, hops, MOST_HOPS_SIGNED_IN, "typed it again, and arrived without a login page")

    Elsewhere.page = f'<!doctype html><title>Elsewhere</title><a href="{short_url}">the handbook</a>'
    page.goto(elsewhere)
    page.get_by_role("link", name="the handbook").click()
    arrives(page, hops, MOST_HOPS_SIGNED_IN, "followed it from another site's page, and arrived")

    tab = watch.tab()
    hops_of_tab = Hops(tab, watch.origin)
    tab.goto(short_url)
    arrives(tab, hops_of_tab, MOST_HOPS_SIGNED_IN, "opened it in a new tab, and arrived")
    tab.close()

    another_site_gets_nothing(watch, link, elsewhere)
    the_documentation_is_signed_in(watch)

    page.goto(f"{watch.origin}/")
    account = page.get_by_role("button", name="Account: Maya Rao")
    expect(account).to_be_visible()
    photograph(page, folder, "home-signed-in")
    account.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    left = [cookie["name"] for cookie in watch.context.cookies(watch.origin)]
    check("signpost" not in left, f"After signing out the browser still has {left}.")
    step("signed out")

    page.goto(short_url)
    expect(person(page, "Otto")).to_be_visible()
    person(page, "Otto").click()
    expect(page.get_by_text("You're signed in as Otto").or_(page.get_by_text("You’re signed in as Otto"))).to_be_visible()
    photograph(page, folder, "another-organization")
    check(page.evaluate("document.title").strip(), "The page for another organization has no title.")
    step("opened it as a user of another organization, and saw the page that says so")

    other = watch.tab()
    other.goto(f"{watch.origin}/docs")
    listing = Docs(other).operation("list")
    listing.locator(".opblock-summary-control").click()
    field = listing.locator("tr[data-param-name='org_id']").get_by_role("textbox")
    expect(field).to_have_value(GLOBEX)
    other.close()
    step("/docs filled in the organization of whoever is signed in")

    page.get_by_role("link", name="Use another account").click()
    expect(person(page, "Maya")).to_be_visible()
    hops.taken()
    person(page, "Maya").click()
    arrives(page, hops, MOST_HOPS_TO_SIGN_IN, "changed the account, and arrived")

    for name, path in {"not-found": f"/{ACME}/nothing-here", "no-callback": "/-/callback?state=x&code=y"}.items():
        fresh = watch.context.browser.new_context()
        other = fresh.new_page()
        other.goto(f"{watch.origin}{path}")
        expect(other.get_by_role("heading", level=1)).to_have_count(1)
        photograph(other, folder, name)
        fresh.close()
    step("looked at the pages of what goes wrong")


def another_site_gets_nothing(watch, link, elsewhere):
    """What a page of another site can make this browser send."""
    Elsewhere.page = "<!doctype html><title>Elsewhere</title>"
    page = watch.tab()
    page.goto(elsewhere)
    status = page.evaluate(
        """async ([list, target]) => {
            const send = async (method, body) => {
                try {
                    await fetch(list, { method, body, credentials: "include", mode: "no-cors" });
                } catch { /* Refused by the browser itself. */ }
            };
            await send("POST", JSON.stringify({ url: target, id: "planted" }));
            await send("GET");
            return "sent";
        }""",
        [f"{watch.origin}/{ACME}/link", TARGET],
    )
    check(status == "sent", "The other site's page could not send anything.")
    page.evaluate("(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
                  f"{watch.origin}{urlsplit(link['short_url']).path}")
    page.wait_for_timeout(500)
    framed = [frame.url for frame in page.frames if frame.url == TARGET]
    check(not framed, "A page of another site could frame a members' link.")
    page.close()

    page = watch.tab()
    page.goto(f"{watch.origin}/")
    listed = page.evaluate("async (list) => (await fetch(list)).json()", f"/{ACME}/link")
    slugs = [found["id"] for found in listed["data"]]
    check("planted" not in slugs, "A page of another site made a link.")
    check("handbook" in slugs, f"Our own page could not list the links by its session: {listed}")
    page.close()
    step("another site's page could neither make a link nor frame one; our own lists them")


def the_documentation_is_signed_in(watch):
    page = watch.tab()
    page.goto(f"{watch.origin}/docs")
    docs = Docs(page)
    expect(docs.operation("list")).to_be_visible()
    listed = docs.execute("list", 200, {"org_id": ACME})
    check([link["id"] for link in listed["data"]] == ["handbook"], f"/docs listed {listed}.")
    page.close()
    step("/docs listed the links without a token being pasted")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screenshots", metavar="DIR", help="where to keep them; without it they are not kept")
    screenshots = parser.parse_args().screenshots
    program = chromium()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    elsewhere = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        port = free_port()
        origin = f"http://localhost:{port}"
        stack = processes.start_stack(port=port, SHORT_BASE_URL=origin)
        if screenshots:
            Path(screenshots).mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS, chromium_sandbox=False)
            context = browser.new_context(service_workers="block")
            context.set_default_timeout(SECONDS * 1000)
            expect.set_options(timeout=SECONDS * 1000)
            watch = Watch(context, origin, stack.issuer, elsewhere)
            try:
                walk(watch, Signpost(stack), stack.issuer, elsewhere, screenshots or folder)
            except (Error, AssertionError) as error:
                sys.exit("\n".join([f"The browser did not do as expected: {error}", *watch.complaints]))
            browser.close()
        lines = processes.log("local").read_text()
        for secret in ("code=", "code_verifier", "eyJ"):
            check(secret not in lines, f"The log of the stack has '{secret}' in it.")
    server.shutdown()
    print("Signing in works in a browser.")


if __name__ == "__main__":
    main()

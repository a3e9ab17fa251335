#!/usr/bin/env python3
"""Walks through the documentation page in Chromium as a newcomer would: signs in, makes a link, lists it, looks at its QR
code, follows it, deletes it, and sees what a visitor then sees.

It runs the local stack that `cargo test` made. Nothing leaves the machine: names do not resolve, the link's target is
answered here, and a request to anywhere else fails the check.
"""

import argparse
import base64
import contextlib
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error, expect, sync_playwright
from stack import ACME, Processes, token

TARGET = "https://example.com/landing"
LANDING = '<!doctype html><html lang="en"><title>Landed</title><link rel="icon" href="data:,"><h1>Landed</h1></html>'
# Playwright's own flags are for the browsers that it brings; these keep Debian's from calling home.
FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
SECONDS = 15


def step(text):
    print(text, flush=True)


def check(holds, sentence):
    if not holds:
        sys.exit(sentence)


def chromium():
    found = filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"]))
    return next(found, None) or sys.exit("Chromium is missing; Debian's package is called chromium.")


class Watch:
    """Every tab of one browser, what it asked for and what it complained about."""

    def __init__(self, context, origin, *others):
        self.context = context
        self.origin = origin
        self.origins = {origin, *others}
        self.requests = []
        self.complaints = []
        self.not_found = set()
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))

    def tab(self):
        page = self.context.new_page()
        # Playwright's routes see the first request of a redirect only, and the target is the second.
        session = self.context.new_cdp_session(page)
        session.on("Fetch.requestPaused", lambda event: self.let_pass(session, event))
        session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        return page

    def let_pass(self, session, event):
        request, url = {"requestId": event["requestId"]}, event["request"]["url"]
        # A tab that is closed takes its requests with it.
        with contextlib.suppress(Error):
            if self.is_own(url):
                session.send("Fetch.continueRequest", request)
            elif url == TARGET:
                headers = [{"name": "Content-Type", "value": "text/html; charset=utf-8"}]
                body = base64.b64encode(LANDING.encode()).decode()
                session.send(
                    "Fetch.fulfillRequest", {**request, "responseCode": 200, "responseHeaders": headers, "body": body}
                )
            else:
                self.requests.append(url)
                session.send("Fetch.failRequest", {**request, "errorReason": "BlockedByClient"})

    def is_own(self, url):
        parts = urlsplit(url)
        # These are made by a page, of what it already has.
        return parts.scheme in ("data", "blob") or f"{parts.scheme}://{parts.netloc}" in self.origins

    def hear(self, message):
        # The page requests the session, which is a 401 for anyone who is not signed in.
        if message.location["url"] == f"{self.origin}/-/session" and "status of 40" in message.text:
            return
        # Chromium reports a page that was answered by 404, which is what that page is there for.
        told = "Failed to load resource: the server responded with a status of 404 (Not Found)"
        if message.text == told and message.location["url"] in self.not_found:
            return
        if message.type == "error":
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def found_nothing_wrong(self):
        strangers = {url for url in self.requests if url != TARGET and not self.is_own(url)}
        check(not strangers, f"The browser asked elsewhere: {', '.join(sorted(strangers))}")
        check(TARGET in self.requests, "The browser never asked for the link's target.")
        check(not self.complaints, "The browser complained: " + "; ".join(self.complaints))


class Docs:
    """The documentation page, by what Swagger UI 5 calls its parts in every release."""

    def __init__(self, page):
        self.page = page

    def operation(self, name):
        return self.page.locator(f".opblock[id^='operations-'][id$='-{name}']")

    def authorize(self, token):
        self.page.locator(".auth-wrapper").get_by_role("button", name="Authorize").click()
        dialog = self.page.locator(".modal-ux")
        scheme = dialog.locator(".auth-container").filter(has_text="bearerAuth")
        scheme.get_by_role("textbox").fill(token)
        scheme.locator("button[type=submit]").click()
        expect(scheme.get_by_role("heading", name="Authorized")).to_be_visible()
        scheme.get_by_role("button", name="Close", exact=True).click()
        expect(dialog).to_have_count(0)

    def execute(self, name, status, parameters, body=None):
        """Runs an operation by its form and returns the JSON that the page then shows."""
        shown = self.run(name, status, parameters, body)
        return json.loads(shown.locator("pre").first.inner_text())

    def picture(self, name, parameters):
        """Runs an operation by its form and returns the width and height of the picture that the page then shows."""
        self.run(name, 200, parameters)
        return self.shown_picture(name)

    def shown_picture(self, name):
        response = self.operation(name).locator(".live-responses-table .response").first
        picture = response.locator(".response-col_description").get_by_role("img")
        expect(picture).to_be_visible()
        # Zero by zero is a picture that the browser did not load, or could not read.
        return picture.evaluate("async (picture) => { await picture.decode(); return [picture.naturalWidth, picture.naturalHeight]; }")

    def run(self, name, status, parameters, body=None):
        """Runs an operation by its form, once, and returns the place where the page then shows the answer."""
        operation = self.operation(name)
        if "is-open" not in (operation.get_attribute("class") or ""):
            operation.locator(".opblock-summary-control").click()
        attempt = operation.get_by_role("button", name="Try it out")
        execute = operation.get_by_role("button", name="Execute", exact=True)
        # A page can be set to open its forms by itself.
        expect(attempt.or_(execute)).to_be_visible()
        if attempt.is_visible():
            attempt.click()
        for parameter, value in parameters.items():
            row = operation.locator(f"tr[data-param-name='{parameter}']")
            choice = row.get_by_role("combobox")
            expect(choice.or_(row.get_by_role("textbox"))).to_be_visible()
            if choice.is_visible():
                choice.select_option(value)
            else:
                row.get_by_role("textbox").fill(value)
        if body is not None:
            operation.locator("textarea.body-param__text").fill(json.dumps(body))
        execute.click()
        shown = operation.locator(".live-responses-table .response").first
        expect(shown.locator(".response-col_status")).to_have_text(re.compile(rf"^\s*{status}\b"))
        return shown.locator(".response-col_description")


def photograph(page, folder, name):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def a_link_lives_and_dies(watch, issuer, folder):
    page = watch.tab()
    answer = page.goto(f"{watch.origin}/docs")
    docs = Docs(page)
    expect(docs.operation("create")).to_be_visible()
    check(answer.status == 200, f"/docs was answered by {answer.status}.")
    photograph(page, folder, "docs")
    step("opened /docs")

    docs.authorize(token(issuer, "member"))
    step("signed in as a member")

    link = docs.execute("create", 201, {"org_id": ACME}, {"url": TARGET})
    check(link["url"] == TARGET, f"The new link leads to {link['url']}.")
    check(link["short_url"].startswith(f"{watch.origin}/"), f"The new link's short URL is {link['short_url']}.")
    step(f"made {link['short_url']}")

    listed = docs.execute("list", 200, {"org_id": ACME})
    check(listed["data"] == [link], f"The list is {listed['data']}.")
    step("listed it")

    for format, size in ("svg", 512), ("png", 300):
        parameters = {"org_id": ACME, "slug": link["id"], "format": format, "size": str(size)}
        shown = docs.picture("readQr", parameters)
        end = time.monotonic() + SECONDS
        # The picture of the request before stays until the page has drawn the new one.
        while shown != [size, size] and time.monotonic() < end:
            page.wait_for_timeout(100)
            shown = docs.shown_picture("readQr")
        check(shown == [size, size], f"The QR code as {format} is shown with {shown} pixels.")
        docs.operation("readQr").screenshot(path=Path(folder) / f"qr-{format}.png")
    step("looked at its QR code")

    visit = watch.tab()
    answer = visit.goto(link["short_url"])
    came_from = answer.request.redirected_from
    check(visit.url == TARGET, f"The short URL led to {visit.url}.")
    check(came_from and came_from.response().status == 302, "The short URL was not answered by 302.")
    expect(visit.get_by_role("heading", level=1)).to_have_text("Landed")
    step(f"followed it to {visit.url}")
    # A page in the background is slow.
    visit.close()

    deleted = docs.execute("delete", 200, {"org_id": ACME, "slug": link["id"]})
    check(deleted["id"] == link["id"], f"What was deleted is {deleted}.")
    step("deleted it")

    watch.not_found.add(link["short_url"])
    visit = watch.tab()
    answer = visit.goto(link["short_url"])
    check(answer.status == 404, f"The deleted link was answered by {answer.status}.")
    content_type = answer.headers.get("content-type", "")
    check(content_type.split(";")[0] == "text/html", f"A visitor with a browser got {content_type}.")
    check(visit.title().strip(), "The page of the deleted link has no title.")
    check(visit.locator("html").get_attribute("lang"), "The page of the deleted link does not say its language.")
    expect(visit.get_by_role("heading", level=1)).to_have_count(1)
    expect(visit.get_by_role("heading", level=1)).not_to_be_empty()
    photograph(visit, folder, "not-found")
    step(f"followed it once more: {answer.status}, {visit.title()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screenshots", metavar="DIR", help="where to keep them; without it they are not kept")
    screenshots = parser.parse_args().screenshots
    program = chromium()
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack()
        if screenshots:
            Path(screenshots).mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            # The sandbox needs a user who is not root, or a kernel that lets everybody have namespaces.
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS, chromium_sandbox=False)
            context = browser.new_context(service_workers="block")
            context.set_default_timeout(SECONDS * 1000)
            expect.set_options(timeout=SECONDS * 1000)
            watch = Watch(context, f"http://127.0.0.1:{stack.port}")
            try:
                a_link_lives_and_dies(watch, stack.issuer, screenshots or folder)
            except (Error, AssertionError) as error:
                sys.exit("\n".join([f"The page did not do as expected: {error}", *watch.complaints]))
            watch.found_nothing_wrong()
            browser.close()
    print("The documentation page does what it says, and asks nobody else.")


if __name__ == "__main__":
    main()

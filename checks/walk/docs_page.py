"""The API reference: a new user tries the API there, with a token and with a session."""

import json
import re

from browser import SECONDS, check
from playwright.sync_api import expect
from stack import ACME, token

from .elsewhere import elsewhere


class Docs:
    """The page. It finds elements by the class names that are the same in every release of Swagger UI 5."""

    def __init__(self, page):
        self.page = page
        expect(self.operation("list")).to_be_visible()

    def operation(self, name):
        return self.page.locator(f".opblock[id^='operations-'][id$='-{name}']")

    def opened(self, name):
        operation = self.operation(name)
        if "is-open" not in (operation.get_attribute("class") or ""):
            operation.locator(".opblock-summary-control").click()
        return operation

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
        """Runs an operation with its form and returns the JSON that the page then shows."""
        return json.loads(self.run(name, status, parameters, body).locator("pre").first.inner_text())

    def is_drawn(self, name, size, parameters):
        """Runs an operation with its form and waits for the picture of this width and height."""
        picture = self.run(name, 200, parameters).get_by_role("img")
        # The previous picture stays until the page has drawn the new one. A broken picture has a width and a height of zero.
        drawn = f"picture.complete && picture.naturalWidth === {size} && picture.naturalHeight === {size}"
        expect(picture).to_be_visible()
        self.page.wait_for_function(f"() => [...document.querySelectorAll('.live-responses-table img')].some((picture) => {drawn})")

    def run(self, name, status, parameters, body=None):
        """Runs an operation with its form and returns the element with the response."""
        operation = self.opened(name)
        attempt = operation.get_by_role("button", name="Try it out")
        execute = operation.get_by_role("button", name="Execute", exact=True)
        # The page may be configured to open its forms by itself.
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
        expect(shown.locator(".response-col_status")).to_have_text(re.compile(rf"^\s*{status}\b"), timeout=SECONDS * 1000)
        return shown.locator(".response-col_description")


def the_api_is_tried_with_a_token(walk):
    """Creates, uses and deletes a link. The page sends no request to other origins."""
    with elsewhere() as site, walk.profile(refused={404}) as profile:
        page = profile.tab("/docs")
        docs = Docs(page)
        walk.looks.photograph(page, "docs")
        docs.authorize(token(walk.issuer, "member"))
        link = docs.execute("create", 201, {"org_id": ACME}, {"url": site.target})
        check(link["url"] == site.target, f"The new link's destination is {link['url']}.")
        check(link["short_url"].startswith(f"{walk.origin}/"), f"The new link's short URL is {link['short_url']}.")
        listed = docs.execute("list", 200, {"org_id": ACME})["data"]
        check(link in listed, f"The list is {listed}.")
        for format, size in ("svg", 512), ("png", 300):
            parameters = {"org_id": ACME, "slug": link["id"], "format": format, "size": str(size)}
            docs.is_drawn("readQr", size, parameters)
            walk.looks.photograph(page, f"qr-{format}")
        deleted = docs.execute("delete", 200, {"org_id": ACME, "slug": link["id"]})
        check(deleted["id"] == link["id"], f"The deleted link was {deleted}.")
        visit = profile.tab(link["short_url"].removeprefix(walk.origin))
        expect(visit.get_by_role("heading", level=1)).not_to_be_empty()
        check((404, f"/{ACME}/{link['id']}") in profile.watch.statuses, "The deleted link still redirects.")


def the_api_is_tried_in_a_session(walk):
    """Without a token, the page uses the session, and has already filled in the signed-in user's organization."""
    walk.product.create("in-docs")
    with walk.profile("member") as profile:
        listed = Docs(profile.tab("/docs")).execute("list", 200, {})
        check("in-docs" in [link["id"] for link in listed["data"]], f"/docs listed {listed}.")

"""The connection, Signpost or the session fails. The console must keep everything that the user typed."""

import json
import re

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .browse import person
from .screens import Console

UNAVAILABLE = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "unavailable",
               "detail": "The service is temporarily unavailable. Try again.", "errors": []}  # fmt: skip


class Outage:
    """Responds with 503 to this tab's requests to the API."""

    def __init__(self, page, seconds):
        self.page = page
        self.asked = 0
        self.headers = {"Retry-After": str(seconds), "Content-Type": "application/problem+json"}
        page.route(f"**/{ACME}/**", self.answer)

    def answer(self, route):
        self.asked += 1
        route.fulfill(status=503, headers=self.headers, body=json.dumps(UNAVAILABLE))

    def end(self):
        self.page.unroute(f"**/{ACME}/**")


def signpost_does_not_respond(walk):
    walk.product.create("before-outage")
    with walk.profile("member", refused={503}) as profile:
        page = profile.tab("about:blank")
        outage = Outage(page, 30)
        page.goto(f"{walk.origin}/")
        banner = page.locator("#outage-banner")
        expect(banner).to_contain_text(re.compile(r"Signpost isn['’]t responding\. Retrying in \d+ s\."))
        walk.looks.check(page, "503 at the start")
        outage.end()
        console = Console(page)
        console.button("Retry now").click()
        console.is_listed("before-outage")
        expect(banner).to_be_hidden()

        # When the outage ends, the page continues by itself.
        outage = Outage(page, 1)
        console.open_link_while_away("before-outage")
        expect(banner).to_be_visible()
        outage.end()
        expect(banner).to_be_hidden()
        expect(console.button("Copy link")).to_be_visible()

        # A write is not retried automatically, and the form keeps the input.
        page.goto(f"{walk.origin}/#/{ACME}/link")
        console.is_listed("before-outage")
        console.new_link.click()
        console.field("Destination").fill("https://example.com/typed")
        console.field("Short name").fill("typed-in-outage")
        expect(console.dialog).to_contain_text("is available.")
        outage = Outage(page, 30)
        console.in_dialog("Create link").click()
        expect(console.dialog).to_contain_text(re.compile("isn['’]t responding|unavailable"))
        walk.looks.check(page, "503 in a form")
        expect(console.field("Short name")).to_have_value("typed-in-outage")
        outage.end()
        console.in_dialog("Create link").click()
        console.is_listed("typed-in-outage")


def an_answer_is_lost(walk):
    """The link was created, but the response was lost: trying again finds the link, and does not create a second one."""
    with walk.profile("member", refused={503}, offline=True) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/lost-answer")

        def lose(route):
            if route.request.method == "POST":
                route.fetch()
                return route.abort()
            return route.fallback()

        page.route(f"**/{ACME}/link", lose)
        console.in_dialog("Create link").click()
        expect(console.in_dialog("Create link")).to_be_enabled()
        expect(console.field("Destination")).to_have_value("https://example.com/lost-answer")
        page.unroute(f"**/{ACME}/link")
        console.in_dialog("Create link").click()
        expect(console.dialog).to_have_count(0)
        console.says("Copied")
        links = walk.product.call("GET", f"/{ACME}/link?url=https://example.com/lost-answer")[1]["data"]
        check(len(links) == 1, f"{len(links)} links were created instead of one.")


def offline(walk):
    walk.product.create("before-offline")
    with walk.profile("member", offline=True) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("before-offline")
        profile.context.set_offline(True)
        console.search.fill("before")
        banner = page.locator("#outage-banner")
        expect(banner).to_contain_text(re.compile(r"You['’]re offline\. Links as of \d"))
        walk.looks.check(page, "offline")
        console.search.fill("")
        console.is_listed("before-offline")
        profile.context.set_offline(False)
        expect(banner).to_be_hidden()
        console.is_listed("before-offline")


def session_ends_in_a_form(walk):
    with walk.profile("member", refused={401}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/long-thought")
        console.field("Title").fill("Typed over an hour")
        profile.end_session()
        console.in_dialog("Create link").click()
        expect(page.locator("#session-banner")).to_contain_text("Your session ended. Nothing you typed is lost.")
        expect(console.field("Title")).to_have_value("Typed over an hour")
        walk.looks.check(page, "session ended in a form")
        again = page.get_by_role("link", name="Sign in again").or_(page.get_by_role("button", name="Sign in again"))
        with profile.context.expect_page() as opened:
            again.click()
        other = opened.value
        expect(other.get_by_role("heading", name="You're signed in")).to_be_visible()
        walk.looks.check(other, "signed in again")
        other.close()
        # The earlier request is sent again automatically, once.
        expect(console.dialog).to_have_count(0)
        links = walk.product.call("GET", f"/{ACME}/link?url=https://example.com/long-thought")[1]["data"]
        check(len(links) == 1, f"{len(links)} links were created instead of one.")
        check(links[0]["title"] == "Typed over an hour", f"The link's title is {links[0]['title']}.")


def another_person_signs_in(walk):
    """If a second person signs in, the console becomes theirs. What the first person had begun is not done in the second person's
    name."""
    with walk.profile("member", refused={401}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/meant-by-maya")
        # This ends the session at the provider, too.
        profile.context.clear_cookies()
        console.in_dialog("Create link").click()
        with profile.context.expect_page() as opened:
            page.get_by_role("link", name="Sign in again").click()
        person(opened.value, "admin").click()
        expect(opened.value.get_by_role("heading", name="You're signed in")).to_be_visible()
        expect(page.get_by_role("button", name="Account: Adam Novak")).to_be_visible()
        expect(console.dialog).to_have_count(0)
        links = walk.product.call("GET", f"/{ACME}/link?url=https://example.com/meant-by-maya")[1]["data"]
        check(not links, f"The link that Maya wanted to create exists: {links}.")


def another_tab_changes_the_account(walk):
    """Every tab sends its requests as the person whom it shows."""
    with walk.profile("member", refused={401}, ends_session=True) as profile:
        page, other = profile.tab("/"), profile.tab("/")
        expect(page.get_by_role("button", name="Account: Maya Rao")).to_be_visible()
        other.get_by_role("button", name="Account: Maya Rao").click()
        other.get_by_role("link", name="Use another account").click()
        person(other, "admin").click()
        for tab in other, page:
            expect(tab.get_by_role("button", name="Account: Adam Novak")).to_be_visible()


def another_tab_signs_out(walk):
    with walk.profile("owner", refused={401}, ends_session=True) as profile:
        page, other = profile.tab("/"), profile.tab("/")
        console = Console(page)
        expect(console.new_link).to_be_visible()
        page.bring_to_front()
        page.get_by_role("button", name=re.compile("^Account")).click()
        walk.looks.check(page, "account menu")
        page.get_by_role("button", name="Sign out").click()
        for tab in page, other:
            expect(tab.get_by_role("heading", name="Short links for your team")).to_be_visible()


def copying_is_blocked(walk):
    """On plain HTTP, browsers have no clipboard API, only an older way to copy, and some browsers block even that."""
    link = walk.product.create("blocked")
    with walk.profile("member") as profile:
        profile.context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page = profile.tab("/")
        console = Console(page)
        console.row("blocked").get_by_role("button", name="Copy").click()
        console.says("Copied")
        console.search.focus()
        console.press("Control+v")
        expect(console.search).to_have_value(link["short_url"])
        page.evaluate("() => { document.execCommand = () => false; }")
        console.search.fill("blocked")
        console.row("blocked").get_by_role("button", name="Copy").click()
        console.says("Your browser blocked copying. Press Ctrl+C.")
        selected = page.evaluate(
            """() => {
                const { value, selectionStart, selectionEnd } = document.activeElement;
                return value.slice(selectionStart, selectionEnd);
            }"""
        )
        check(selected == link["short_url"], f"The text selected for copying is {selected}.")
        walk.looks.check(page, "copying is blocked")

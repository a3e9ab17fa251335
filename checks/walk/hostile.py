"""Text from other users in links, names and addresses is shown as text: it creates no element and runs no script."""

import json
from urllib.parse import quote

from browser import check
from playwright.sync_api import expect
from stack import ACME, eventually

from .screens import Console

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
QUOTED = '"><svg onload=alert(3)>{{7*7}}'


def injected_markup_is_text(walk):
    # A stored URL is partly escaped; the part after `#` is changed least.
    url = f"https://example.com/?q={MARKUP}#{QUOTED}"
    link = walk.product.create("markup", url=url, title=f"{MARKUP}{QUOTED}", tags=["constructor", "__proto__"])
    walk.product.rename_creator("markup", MARKUP)
    status = walk.product.visit(link["short_url"], Referer="https://xn--mgbh0fb.example.com/<script>alert(4)</script>")
    check(status == 302, f"A visitor got {status}.")
    with walk.profile("admin") as profile:
        page = profile.tab("about:blank")
        page.on("dialog", lambda dialog: check(False, f"A script ran: {dialog.message}"))

        def rename(route):
            """Names of people and organizations come from the sign-in provider, and those of the
            local provider are harmless."""
            response = route.fetch()
            session = response.json()
            session["name"] = MARKUP
            session["organizations"][0]["name"] = f"{MARKUP} Inc"
            route.fulfill(response=response, body=json.dumps(session))

        page.route("**/-/session", rename)
        page.goto(f"{walk.origin}/#/{ACME}/link")
        console = Console(page)
        row = console.is_listed("markup")
        expect(row).to_contain_text(MARKUP)
        holds_no_foreign_element(page)
        console.open_link("markup")

        def counted():
            page.reload()
            expect(page.get_by_role("main")).to_contain_text("xn--mgbh0fb.example.com", timeout=2000)

        eventually(counted)
        expect(page.get_by_role("main")).to_contain_text(MARKUP)
        holds_no_foreign_element(page)
        console.button("Edit").click()
        expect(console.field("Title")).to_have_value(f"{MARKUP}{QUOTED}")
        holds_no_foreign_element(page)
        console.press("Escape")
        page.goto(f"{walk.origin}/#/{ACME}/settings")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        holds_no_foreign_element(page)
        page.goto(f"{walk.origin}/#/{ACME}/link")
        console.search.fill(MARKUP)
        expect(page.get_by_role("main")).to_contain_text(MARKUP)
        holds_no_foreign_element(page)
        page.goto("about:blank")
        page.goto(f"{walk.origin}/#new?url={quote('javascript:alert(5)')}&title={quote(MARKUP)}")
        expect(console.field("Title")).to_have_value(MARKUP)
        holds_no_foreign_element(page)
        executable = page.locator("a[href^='javascript:' i]")
        expect(executable).to_have_count(0)
    walk.product.call("DELETE", f"/{ACME}/link/markup")


def holds_no_foreign_element(page):
    foreign = page.evaluate(
        """() => [...document.querySelectorAll("script, img, svg, iframe, [onerror], [onload]")]
            .filter((element) => element.hasAttribute("onerror") || element.hasAttribute("onload") || element.tagName === "IFRAME"
                || (element.tagName === "IMG" && !/^(blob|data):/.test(element.src))
                || (element.tagName === "SCRIPT" && element.type !== "module"))
            .map((element) => element.outerHTML)"""
    )
    check(not foreign, f"The page created elements from text: {foreign}")

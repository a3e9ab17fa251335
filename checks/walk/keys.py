"""Every control can be used without a mouse."""

import re

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .screens import Console

# The controls that the Tab key must reach. Each control outside of the Tab order has its own shortcut.
USABLE = """() => [...(document.querySelector("dialog[open]:last-of-type") ?? document)
        .querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0)
    .filter((element) => !element.disabled && element.tabIndex >= 0)"""


def everything_is_reached(walk):
    """The Tab key reaches each control of each screen, and the focus is visible."""
    walk.product.create("reach", tags=["keys"], title="Within reach")
    with walk.profile("admin") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("reach")
        all_are_reached(page, "list")
        console.row("reach").get_by_role("checkbox").focus()
        console.press("Space")
        expect(page.get_by_text("1 selected")).to_be_visible()
        all_are_reached(page, "list, one selected")
        page.goto(f"{walk.origin}/#/{ACME}/link/reach")
        expect(console.button("Show as table")).to_be_visible()
        all_are_reached(page, "link")
        console.button("Edit").focus()
        console.press("Enter")
        console.dialog.get_by_text("More options").focus()
        expect(console.field("Expires")).to_be_visible()
        all_are_reached(page, "edit dialog")
        console.press("Escape")
        expect(console.dialog).to_have_count(0)
        expect(console.button("Edit")).to_be_focused()
        page.get_by_role("button", name=re.compile("^Account")).focus()
        console.press("Enter")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        all_are_reached(page, "account menu")
        page.goto("about:blank")
        page.goto(f"{walk.origin}/#/{ACME}/settings")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        all_are_reached(page, "settings")


def all_are_reached(page, name):
    page.evaluate(f"() => {{ window.usable = new Set(({USABLE})()); }}")
    count = page.evaluate("() => window.usable.size")
    check(count > 3, f"'{name}' has only {count} controls.")
    # The Tab order starts at the current focus, and includes the browser's own bar.
    for _ in range(count + 5):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const focused = document.activeElement;
                window.usable.delete(focused);
                const around = [focused.parentElement, focused].filter(Boolean).map((box) => getComputedStyle(box).outlineStyle);
                const seen = [...around, getComputedStyle(focused, "::after").outlineStyle].some((outline) => outline !== "none");
                return focused === document.body || seen ? "" : focused.outerHTML.slice(0, 200);
            }"""
        )
        check(not hidden, f"In '{name}', the focus is not visible on {hidden}")
    left = page.evaluate("() => [...window.usable].map((element) => element.outerHTML.slice(0, 200))")
    check(not left, f"In '{name}', the Tab key does not reach {left}")

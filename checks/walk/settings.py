"""The settings, the first-run card, and the console on a phone."""

import re

from browser import check
from playwright.sync_api import expect
from stack import ACME, GLOBEX

from .browse import NARROW
from .screens import Console


def settings(walk):
    walk.product.create("settings-link")
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/settings")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        walk.looks.check(page, "settings of a member")
        # The address that the browser opens for `go settings-link`.
        address = page.get_by_text(re.compile("/%s$")).text_content()
        status = walk.product.visit(address.replace("%s", "settings-link"))
        check(status == 302, f"{address} was answered with {status}.")
        switch = page.get_by_role("checkbox", name=re.compile("[Kk]eyboard"))
        switch.uncheck()
        page.goto(f"{walk.origin}/#/{ACME}/link")
        console = Console(page)
        expect(console.new_link).to_be_visible()
        page.locator("body").press("c")
        page.wait_for_timeout(300)
        expect(console.dialog).to_have_count(0)


def first_run(walk):
    """An owner's first minutes: a handle, a link, an invitation; then the card is gone. Later the owner changes the handle in the
    settings."""
    with walk.profile("outsider") as profile:
        page = profile.tab("/")
        console = Console(page)
        card = page.get_by_role("region", name="Get your team started")
        expect(card.get_by_label("Handle")).to_have_value("globex")
        expect(card).to_contain_text("/@globex/launch")
        walk.looks.check(page, "first run of an owner")
        card.get_by_role("button", name="Choose handle").click()
        expect(card).to_contain_text("Your short links begin with @globex.")
        status, handles = walk.product.call("GET", f"/{GLOBEX}/-/handle", user="outsider")
        check(status == 200 and handles["handle"] == "globex", f"The handle is {handles}.")
        card.get_by_role("textbox").fill("example.com/first")
        console.press("Enter")
        expect(console.field("Destination")).to_have_value("https://example.com/first")
        console.field("Short name").fill("first")
        expect(console.dialog).to_contain_text("/@globex/first is available.")
        console.in_dialog("Create link").click()
        console.has_copied(f"{walk.origin}/@globex/first")
        card.get_by_role("button", name="Copy invitation").click()
        expect(card).to_have_count(0)
        check(f"{walk.origin}/" in console.copied(), f"The invitation is: {console.copied()}")
        page.reload()
        console.is_listed("first")
        expect(card).to_have_count(0)

        page.goto(f"{walk.origin}/#/{GLOBEX}/settings")
        console.button("Choose another handle").click()
        page.get_by_label("Handle").fill("Globex Labs")
        page.get_by_label("Handle").press("Enter")
        expect(console.main).to_contain_text("/@globex-labs/launch")
        expect(console.main).to_contain_text("Previous handles, which still work: @globex")
        walk.looks.check(page, "settings of an owner")


def phone(walk):
    """On a phone with a screen of 360 px, by touch: create a link, copy it, find it, see it."""
    walk.product.create("before-phone")
    with walk.profile("member", viewport=NARROW, has_touch=True, is_mobile=True) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.tap()
        console.field("Destination").fill("https://example.com/from-my-phone")
        console.field("Short name").fill("phone")
        expect(console.dialog).to_contain_text("is available.")
        box = console.dialog.bounding_box()
        check(box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"], f"The dialog is at {box}.")
        console.in_dialog("Create link").tap()
        row = console.is_listed("phone")
        targets_are_large(page)
        console.button("Filters").tap()
        console.filter("State", "Expires soon")
        console.is_not_listed("phone")
        targets_are_large(page)
        page.get_by_role("button", name=re.compile("^Clear")).first.tap()
        console.is_listed("phone")
        row.get_by_role("button", name="Copy").tap()
        check(console.copied().endswith("/phone"), f"The clipboard contains {console.copied()}.")
        row.get_by_role("link", name="/phone", exact=True).tap()
        expect(console.button("Copy link")).to_be_visible()
        targets_are_large(page)
        page.get_by_role("combobox", name="Period").select_option("90 days")
        expect(console.main).to_contain_text("0 clicks in 90 days")
        page.get_by_role("link", name="Settings").tap()
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        targets_are_large(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check(wider <= 0, f"The settings are {wider} pixels wider than a phone.")


def targets_are_large(page):
    """On a touch screen, controls must be 44 px high, except in the middle of a sentence."""
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=checkbox])")]
            .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
            .filter((element) => !element.closest("p"))
            .filter((element) => element.getBoundingClientRect().height < 43.5)
            .map((element) => `${element.outerHTML.slice(0, 80)}: ${element.getBoundingClientRect().height} px`)"""
    )
    check(not small, f"These controls are too small for a finger: {small}")

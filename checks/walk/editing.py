"""Changing links: two people at once, missing permissions, switching off and expiring."""

import datetime
import re
import time

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .screens import Console


def two_tabs(walk):
    """Both tabs edit. In the tab that saves second, the user must choose which version to keep; the scene tries each choice once."""
    walk.product.create("shared", title="As it was")
    with walk.profile("member", refused={412}) as profile:
        for choice, title in ("Use theirs", "From the other tab"), ("Keep mine", "From this tab"):
            page, other = profile.tab(f"/#/{ACME}/link/shared"), profile.tab(f"/#/{ACME}/link/shared")
            here, there = Console(page), Console(other)
            page.bring_to_front()
            here.button("Edit").click()
            here.field("Title").fill("From this tab")
            other.bring_to_front()
            there.button("Edit").click()
            there.field("Title").fill("From the other tab")
            there.in_dialog("Save").click()
            expect(there.dialog).to_have_count(0)
            page.bring_to_front()
            here.in_dialog("Save").click()
            conflict = page.get_by_role("dialog", name="This link was changed")
            expect(conflict).to_contain_text("changed this link while you were editing.")
            walk.looks.check(page, f"conflict, {choice.lower()}")
            here.in_dialog(choice).click()
            expect(here.dialog).to_have_count(0)
            expect(here.main).to_contain_text(title)
            link = walk.product.read("shared")[1]
            check(link["title"] == title, f"After '{choice}', the link's title is {link['title']}.")
            page.close()
            other.close()
            walk.product.edit("shared", title="As it was")


def not_yours(walk):
    walk.product.create("of-admin", user="admin")
    with walk.profile("member", refused={403}) as profile:
        page = profile.tab(f"/#/{ACME}/link/of-admin")
        console = Console(page)
        expect(console.button("Copy link")).to_be_visible()
        for name in "Edit", "Delete":
            expect(console.button(name)).to_have_attribute("aria-disabled", "true")
            # A control that looks disabled explains why, and keyboard users get the explanation too.
            console.button(name).focus()
            console.press("Enter")
            console.says("Only Adam Novak or an admin can change this link.")
            expect(console.dialog).to_have_count(0)
        walk.looks.check(page, "someone else's link")


def expires_and_off(walk):
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    link = walk.product.create("expires", expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    walk.product.create("switched")
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/link/switched")
        console = Console(page)
        console.button("Edit").click()
        console.dialog.get_by_text("More options").click()
        console.switch_off()
        console.expires_in(days=2)
        console.in_dialog("Save").click()
        expect(console.dialog).to_have_count(0)
        switched = walk.product.read("switched")[1]
        check(not switched["enabled"], "The link was not switched off.")
        check(switched["expires_at"], "The link has no expiry.")
        check(walk.product.visit(switched["short_url"]) == 410, "The link still redirects although it is switched off.")

        time.sleep(max(0, (soon - datetime.datetime.now(datetime.UTC)).total_seconds()))
        page.goto(f"{walk.origin}/#/{ACME}/link")
        expect(console.row("switched")).to_contain_text("Off")
        expect(console.row("expires")).to_contain_text("Expired")
        check(walk.product.visit(link["short_url"]) == 410, "The expired link still redirects.")
        # Other fields of an expired link can be edited without a new expiry.
        console.open_link("expires")
        expect(page.get_by_role("main")).to_contain_text(re.compile("Expired"))
        console.button("Edit").click()
        console.field("Title").fill("Was here until it expired")
        console.in_dialog("Save").click()
        expect(console.dialog).to_have_count(0)
        edited = walk.product.read("expires")[1]
        check(edited["title"] == "Was here until it expired", f"The expired link's title is {edited['title']}.")
        check(edited["expires_at"] == link["expires_at"], f"The expired link's expiry is {edited['expires_at']}.")

"""People find a link again, and navigate the console."""

import re

from browser import check
from playwright.sync_api import expect
from stack import ACME, GLOBEX

from .browse import person
from .screens import Console


def filters_are_remembered(walk):
    walk.product.create("find-off", enabled=False, tags=["autumn"])
    walk.product.create("find-on", tags=["autumn"])
    walk.product.create("find-other", user="admin")
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("find-on")
        console.filter("State", "Off")
        console.is_listed("find-off")
        console.is_not_listed("find-on")
        walk.looks.check(page, "filtered list")
        console.open_link("find-off")
        page.go_back()
        console.is_listed("find-off")
        console.is_not_listed("find-on")
        page.reload()
        console.is_listed("find-off")
        console.is_not_listed("find-on")
        # The filters are also remembered in a new tab.
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("find-off")
        console.is_not_listed("find-on")
        console.filter("State", "State")
        console.is_listed("find-on")
        console.filter("Created by", "You")
        console.is_not_listed("find-other")
        console.filter("Created by", "Everyone")
        console.is_listed("find-other")
        console.filter("Tag", "#autumn")
        console.is_not_listed("find-other")
        console.search.fill("find-on")
        console.is_not_listed("find-off")
        console.is_listed("find-on")


def nothing_matches_creates(walk):
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.search.fill("not-there-yet")
        page.get_by_role("button", name="Create /not-there-yet").click()
        expect(console.field("Short name")).to_have_value("not-there-yet")


def a_pasted_url_is_found_or_offered(walk):
    """A URL is pasted into the search field."""
    link = walk.product.create("pasted", url="https://example.com/pasted?x=1")
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.search.focus()
        console.paste(link["url"])
        main = page.get_by_role("main")
        expect(main).to_contain_text(re.compile(r"Already short:\s*/pasted, by you, 0 clicks\."))
        console.is_listed("pasted")
        walk.looks.check(page, "list, URL already short")
        console.button("Copy that one").click()
        console.has_copied(link["short_url"])
        console.search.fill("https://example.com/not-pasted-before")
        expect(main).to_contain_text("No link leads to example.com/not-pasted-before yet.")
        console.button("Create link").click()
        expect(console.field("Destination")).to_have_value("https://example.com/not-pasted-before")


def deep_links(walk):
    """A link's page opens from its address, even for a person who must sign in first."""
    link = walk.product.create("deep", title="Deep link")
    with walk.profile() as profile:
        page = profile.tab(f"/#/{ACME}/link/deep?range=7d")
        page.get_by_role("link", name="Sign in", exact=True).click()
        person(page, "member").click()
        console = Console(page)
        expect(console.button("Copy link")).to_be_visible()
        expect(console.main.get_by_text("Deep link")).to_be_visible()
        expect(page).to_have_url(f"{walk.origin}/#/{ACME}/link/deep?range=7d")
        page.get_by_role("link", name="Links").first.click()
        console.is_listed("deep")
        page.go_back()
        expect(console.button("Copy link")).to_be_visible()
        page.go_forward()
        console.is_listed("deep")
        page.goto(f"{walk.origin}/#/{ACME}/settings")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    with walk.profile("member", refused={404}) as profile:
        page = profile.tab(f"/#/{ACME}/link/never-was")
        expect(page.get_by_role("main")).to_contain_text("never-was")
        walk.looks.check(page, "link that does not exist")
        # Text from the address is shown as text, and an address with an unknown organization gets a page, too.
        page = profile.tab("/#/%3Cimg%20src=x%20onerror=alert(1)%3E/link")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        walk.looks.check(page, "organization without membership")
    check(link["id"] == "deep", f"The link is {link}.")


def organizations(walk):
    """A member of two organizations sees one of them at a time; the second has no links."""
    walk.product.create("of-acme")
    with walk.profile("colleague") as profile:
        page = profile.tab(f"/#/{ACME}/link")
        console = Console(page)
        console.is_listed("of-acme")
        console.switch_organization("Globex")
        expect(console.main.get_by_text("No links yet. Paste a URL anywhere on this page.")).to_be_visible()
        expect(page).to_have_url(re.compile(GLOBEX))
        console.is_not_listed("of-acme")
        walk.looks.check(page, "empty list")
        # The page remembers the organization.
        page.goto("about:blank")
        page.goto(f"{walk.origin}/")
        expect(console.main.get_by_text("No links yet. Paste a URL anywhere on this page.")).to_be_visible()
        page.goto(f"{walk.origin}/#/{ACME}/link")
        console.is_listed("of-acme")
    with walk.profile("stranger") as profile:
        page = profile.tab("/")
        expect(
            page.get_by_role("main").get_by_text("Stella Marin, you aren't in any organization yet. Ask an admin to add you.")
        ).to_be_visible()
        walk.looks.check(page, "no organization")

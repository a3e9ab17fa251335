"""The dialog for a new link: its checks while a person types, what it rejects, and the other ways to open it."""

import re
from urllib.parse import quote, unquote

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .screens import Console, is_focused


def already_short_and_taken(walk):
    """The destination already has a link, and the short name belongs to another link."""
    wiki = walk.product.create("wiki", url="https://confluence.example.com/spaces/ENG/overview", user="admin")
    with walk.profile("member", refused={409}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        walk.looks.check(page, "new link dialog")
        console.field("Destination").fill(wiki["url"])
        expect(console.dialog).to_contain_text(re.compile(r"Already short:\s*/wiki, by Adam Novak, 0 clicks\."))
        console.field("Short name").fill("wiki")
        expect(console.dialog).to_contain_text("“wiki” is taken.")
        walk.looks.check(page, "new link dialog, URL already short and name taken")
        console.in_dialog("Copy that one").click()
        console.has_copied(wiki["short_url"])

        if not console.dialog.count():
            console.new_link.click()
            console.field("Destination").fill(wiki["url"])
            console.field("Short name").fill("wiki")
        console.in_dialog("Use wiki-2").click()
        expect(console.field("Short name")).to_have_value("wiki-2")
        expect(console.dialog).to_contain_text("/wiki-2 is available.")
        console.in_dialog("Create link").click()
        console.is_listed("wiki-2")
        check(walk.product.read("wiki-2")[1]["url"] == wiki["url"], "The second link has another destination.")


def taken_meanwhile(walk):
    """Someone else takes the name after the dialog said that it is available."""
    with walk.profile("member", refused={409}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/race")
        console.field("Short name").fill("race")
        expect(console.dialog).to_contain_text("/race is available.")
        walk.product.create("race", user="admin")
        console.in_dialog("Create link").click()
        expect(console.dialog).to_contain_text("“race” is taken.")
        is_focused(console.field("Short name"))
        console.in_dialog("Use race-2").click()
        console.in_dialog("Create link").click()
        console.is_listed("race-2")


def faults_are_at_their_fields(walk):
    with walk.profile("member", refused={422}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.in_dialog("Create link").click()
        # Nothing is sent without a destination.
        is_focused(console.field("Destination"))
        expect(console.field("Destination")).to_have_attribute("aria-invalid", "true")
        console.field("Destination").fill("http://localhost/internal")
        console.field("Short name").fill("link")
        console.in_dialog("Create link").click()
        for name in "Destination", "Short name":
            field = console.field(name)
            expect(field).to_have_attribute("aria-invalid", "true")
            described = field.get_attribute("aria-describedby") or ""
            words = " ".join(page.locator(f"[id='{part}']").inner_text() for part in described.split())
            check(words.strip(), f"The error for '{name}' is not shown at its field.")
        is_focused(console.field("Destination"))
        walk.looks.check(page, "new link dialog, two errors")
        console.field("Destination").fill("https://example.com/mended")
        console.field("Short name").fill("mended")
        console.in_dialog("Create link").click()
        console.is_listed("mended")


def every_option(walk):
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/options")
        console.field("Short name").fill("options")
        console.dialog.get_by_text("More options").click()
        console.field("Tags").fill("docs")
        console.press("Enter")
        console.field("Tags").fill("q4")
        console.press(",")
        console.field("Who can open it").select_option("Members only")
        console.expires_in(days=3)
        walk.looks.check(page, "new link dialog, all options")
        console.in_dialog("Create link").click()
        row = console.is_listed("options")
        expect(row).to_contain_text("Members only")
        expect(row).to_contain_text(re.compile(r"Expires (Mon|Tue|Wed|Thu|Fri|Sat|Sun)"))
        link = walk.product.read("options")[1]
        check(link["tags"] == ["docs", "q4"], f"The tags are {link['tags']}.")
        check(link["access"] == "members", "Anyone can open the link.")
        check(link["expires_at"] is not None, "The link never expires.")


def without_a_short_name(walk):
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/any-name")
        expect(console.dialog).to_contain_text("We'll pick one.")
        console.press("Enter")
        console.says("Copied")
        slug = console.copied().rsplit("/", 1)[1]
        console.is_listed(slug)
        check(walk.product.read(slug)[1]["url"] == "https://example.com/any-name", "The link has another destination.")
        # The message offers to undo the creation, and then to redo it.
        console.button("Undo").click()
        console.is_not_listed(slug)
        check(walk.product.read(slug)[0] == 404, "The link still exists after its creation was undone.")


def focus_returns(walk):
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        expect(console.dialog).to_be_visible()
        # The Tab key cannot reach the page under the dialog.
        for _ in range(30):
            console.press("Tab")
            inside = page.evaluate("() => document.activeElement === document.body || !!document.activeElement.closest('dialog')")
            check(inside, "The Tab key leaves the dialog.")
        console.press("Escape")
        expect(console.dialog).to_have_count(0)
        is_focused(console.new_link)

        console.press("Enter")
        console.field("Destination").fill("https://example.com/half")
        console.press("Escape")
        discard = page.get_by_role("dialog", name="Discard what you typed?")
        expect(discard).to_be_visible()
        walk.looks.check(page, "discard dialog")
        discard.get_by_role("button", name="Keep editing").click()
        expect(discard).to_have_count(0)
        # The page reports the end of a dialog a moment after the dialog is gone.
        is_focused(console.field("Destination"))
        expect(console.field("Destination")).to_have_value("https://example.com/half")
        console.press("Escape")
        discard.get_by_role("button", name="Discard").click()
        expect(console.dialog).to_have_count(0)
        expect(console.new_link).to_be_focused()


def from_elsewhere(walk):
    """The dialog opens from the bookmarklet, and from the page of a link that does not exist."""
    with walk.profile("member", refused={404}) as profile:
        url, title = "https://example.com/read?a=1&b=2#c", "What I read & liked"
        page = profile.tab(f"/#new?url={quote(url, safe='')}&title={quote(title, safe='')}")
        console = Console(page)
        expect(console.field("Destination")).to_have_value(url)
        expect(console.field("Title")).to_have_value(title)
        console.press("Escape")
        expect(console.dialog).to_have_count(0)

        # Runs the bookmark's script on another page, as the browser does.
        page.goto(f"{walk.origin}/#/{ACME}/settings")
        code = page.get_by_role("link", name="Create link").get_attribute("href")
        page.goto(f"{walk.origin}/docs")
        with profile.context.expect_page() as opened:
            page.evaluate(unquote(code).removeprefix("javascript:"))
        expect(Console(opened.value).field("Destination")).to_have_value(f"{walk.origin}/docs")
        expect(Console(opened.value).field("Title")).to_have_value(page.title())

        missing = profile.tab(f"/{ACME}/lanuch")
        expect(missing.get_by_role("heading", level=1)).to_be_visible()
        walk.looks.check(missing, "page of a missing link")
        missing.get_by_role("link", name="Create /lanuch").click()
        console = Console(missing)
        expect(console.field("Short name")).to_have_value("lanuch")
        is_focused(console.field("Destination"))

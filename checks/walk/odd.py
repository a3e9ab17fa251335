"""Rare user actions that could lose input, break the page, or do something that the user did not want."""

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .screens import Console


def escape_pressed_often(walk):
    """If Escape is pressed repeatedly, the page can keep a dialog open only once; after that, the browser may close it. Even
    so, what was typed is kept, and the page still works."""
    walk.product.create("after-escape")
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Title").fill("Typed")
        discard = console.in_dialog("Discard")
        for _ in range(8):
            console.press("Escape")
            expect(console.field("Title")).to_have_value("Typed")
        # Whether the dialog is still open after the last Escape depends on the browser.
        for _ in range(4):
            if discard.is_visible():
                break
            console.press("Escape")
            page.wait_for_timeout(200)
        discard.click()
        expect(console.dialog).to_have_count(0)
        console.row("after-escape").get_by_role("button", name="Copy").click()
        console.says("Copied")


def given_up_is_not_sent(walk):
    """If the user leaves a form that is waiting for a session, the form is not sent after a later sign-in."""
    with walk.profile("member", refused={401}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.new_link.click()
        console.field("Destination").fill("https://example.com/given-up")
        profile.end_session()
        console.in_dialog("Create link").click()
        banner = page.locator("#session-banner")
        expect(banner).to_be_visible()
        console.in_dialog("Cancel").click()
        expect(console.dialog).to_have_count(0)
        with profile.context.expect_page() as opened:
            page.get_by_role("link", name="Sign in again").click()
        expect(opened.value.get_by_role("heading", name="You're signed in")).to_be_visible()
        expect(banner).to_be_hidden()
        console.search.fill("given-up")
        expect(console.main).to_contain_text("Nothing matches")
        links = walk.product.call("GET", f"/{ACME}/link?url=https://example.com/given-up")[1]["data"]
        check(not links, "A form was sent although the user had left it.")


def other_fields_stay(walk):
    """Two people change different fields: both changes are kept, and no one has to choose."""
    walk.product.create("both", title="As it was")
    with walk.profile("member", refused={412}) as profile:
        page = profile.tab(f"/#/{ACME}/link/both")
        console = Console(page)
        console.button("Edit").click()
        walk.product.edit("both", access="members")
        console.field("Title").fill("Renamed")
        console.in_dialog("Save").click()
        expect(console.dialog).to_have_count(0)
        link = walk.product.read("both")[1]
        kept = (link["title"], link["access"])
        check(kept == ("Renamed", "members"), f"The link has {kept}.")


def the_name_is_another_links(walk):
    """A link is deleted while it is being edited, and a new link takes its name: the edit does not change the new link."""
    walk.product.create("reused", url="https://example.com/first")
    with walk.profile("member", refused={412}) as profile:
        page = profile.tab(f"/#/{ACME}/link/reused")
        console = Console(page)
        console.button("Edit").click()
        walk.product.call("DELETE", f"/{ACME}/link/reused")
        walk.product.create("reused", url="https://example.com/second")
        console.field("Title").fill("Of the first")
        console.in_dialog("Save").click()
        expect(console.dialog).to_contain_text("This link was deleted, and another one has its name now.")
        check(walk.product.read("reused")[1]["title"] is None, "The edit changed the new link.")


def addresses_open_one_dialog(walk):
    """Opening an address repeatedly opens only one dialog, and holding down a key does not submit the form."""
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        expect(console.new_link).to_be_visible()
        for number in range(3):
            page.evaluate("address => (location.hash = address)", f"#new?url=https://example.com/held-{number}")
        expect(console.dialog).to_have_count(1)
        for _ in range(10):
            # A key that is held down sends a second press without a release.
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        links = walk.product.call("GET", f"/{ACME}/link?q=held-")[1]["data"]
        check(not links, "Holding down a key created a link.")


def a_browser_that_keeps_nothing(walk):
    walk.product.create("without-storage")
    with walk.profile("member") as profile:
        profile.context.add_init_script(
            "for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new Error('denied'); };"
        )
        page = profile.tab("/")
        Console(page).is_listed("without-storage")

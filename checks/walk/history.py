"""People undo mistakes: in the message that follows a change, in the history of a link or of the organization, and in
the list of deleted links."""

import re

from browser import check
from playwright.sync_api import expect
from stack import ACME

from .screens import Console, has_focus, is_focused


def deleted_by_mistake(walk):
    """A delete is undone with the mouse in the list, and with keys on the link's page. The link keeps its clicks."""
    link = walk.product.create("mistake", title="Not to be deleted")
    with walk.profile("member", refused={404}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.open_link("mistake")
        console.button("Delete").click()
        console.says("Deleted /mistake.")
        console.is_not_listed("mistake")
        check(walk.product.read("mistake")[0] == 404, "The deleted link is still there.")
        walk.looks.check(page, "message with undo")
        console.button("Undo").click()
        console.says("Brought back /mistake.")
        console.is_listed("mistake")
        expect(console.link("mistake")).to_be_focused()
        is_back(walk, link)

        console.press("#")
        console.says("Deleted /mistake.")
        expect(page.get_by_role("status")).to_have_text("Deleted /mistake. Press z to undo.")
        console.press("z")
        console.says("Brought back /mistake.")
        is_focused(console.link("mistake"))
        is_back(walk, link)
        # An undo is undone like any other change.
        console.press("z")
        console.says("Deleted /mistake.")
        console.press("z")
        console.says("Brought back /mistake.")
        is_back(walk, link)
        check(walk.product.visit(link["short_url"]) == 302, "The restored link leads nowhere.")


def is_back(walk, link):
    status, back = walk.product.read(link["id"])
    check(status == 200, f"The link was not restored: {back}")
    check(back["birth"] == link["birth"], "Another link has its name.")
    check(back["title"] == link["title"], f"The restored link has the title {back['title']}.")


def several_are_undone_at_once(walk):
    slugs = ["several-a", "several-b", "several-c"]
    for slug in ["several-others", *slugs]:
        walk.product.create(slug)
    with walk.profile("member", refused={404}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.search.fill("several-")
        console.is_not_listed("already-there")
        for slug in slugs:
            console.row(slug).get_by_role("checkbox").focus()
            console.press("Space")
        console.tab_to(console.button("Delete"))
        console.press("Enter")
        console.says("3 deleted.")
        for slug in slugs:
            check(walk.product.read(slug)[0] == 404, f"/{slug} was not deleted.")
        is_focused(console.link("several-others"))
        console.press("z")
        console.says("3 undone.")
        for slug in slugs:
            console.is_listed(slug)
            check(walk.product.read(slug)[0] == 200, f"/{slug} was not restored.")


def changed_by_mistake(walk):
    """The edit of a destination is undone in the link's history, which shows both values. A second undo is refused."""
    link = walk.product.create("target", url="https://example.com/right")
    with walk.profile("member", refused={409}) as profile:
        page = profile.tab(f"/#/{ACME}/link/target")
        console = Console(page)
        console.button("Edit").click()
        console.field("Destination").fill("https://example.com/wrong")
        console.in_dialog("Save").click()
        console.says("Saved /target.")
        entry = page.get_by_role("listitem").filter(has_text="You changed this link")
        expect(entry).to_contain_text(re.compile("Destination: from .*right.* to .*wrong"))
        walk.looks.check(page, "history of a link")
        undo = entry.get_by_role("button", name="Undo")
        console.tab_to(undo)
        console.press("Enter")
        console.says("Undid the change of /target.")
        expect(entry).to_contain_text("Undone")
        is_focused(entry)
        check(walk.product.read("target")[1]["url"] == link["url"], "The destination is still the wrong one.")

        # Another user changes the destination before the undo, so the message names that field.
        walk.product.edit("target", url="https://example.com/mine", title="Mine")
        page.reload()
        expect(entry.first.get_by_role("button")).to_be_visible()
        walk.product.edit("target", url="https://example.com/theirs", user="admin")
        entry.first.get_by_role("button").click()
        console.says("Changed again since then: Destination.")
        check(walk.product.read("target")[1]["title"] == "Mine", "A refused undo changed something.")


def found_who_did_it(walk):
    """Uses the organization's history with the keyboard. The history is filtered by kind and by person, and the address
    keeps the filters."""
    walk.product.create("whodunit")
    walk.product.edit("whodunit", user="admin", title="Changed by Adam")
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("whodunit")
        console.press("g", "h")
        expect(page.get_by_role("heading", name="History")).to_be_focused()
        entry = console.row("whodunit")
        expect(entry.filter(has_text="Adam Novak changed /whodunit")).to_contain_text("Title: from None to Changed by Adam")
        walk.looks.check(page, "history of the organization")
        console.filter("Changed by", "Adam Novak")
        expect(entry.filter(has_text="created")).to_have_count(0)
        console.filter("Kind of change", "Changed")
        expect(page).to_have_url(re.compile(r"history\?change=update&creator="))
        page.reload()
        expect(entry).to_have_count(1)
        expect(page.get_by_label("Kind of change")).to_have_value("update")
        # The creator of a link can also undo changes that other users made to the link.
        entry.get_by_role("button", name="Undo").click()
        console.says("Undid the change of /whodunit.")
        check(walk.product.read("whodunit")[1]["title"] is None, "The title is still there.")


def renamed(walk):
    """After a rename, both short URLs work until the old one is freed. Freeing the old one can be undone."""
    old = walk.product.create("name-old")
    walk.product.create("name-taken")
    with walk.profile("member", refused={404, 409}) as profile:
        page = profile.tab(f"/#/{ACME}/link/name-old")
        console = Console(page)
        console.button("Edit").click()
        expect(console.field("Short name")).to_have_value("name-old")
        console.field("Short name").fill("name-taken")
        expect(console.dialog).to_contain_text("“name-taken” is taken.")
        console.in_dialog("Save").click()
        expect(console.dialog).to_contain_text("“name-taken” is taken.")
        is_focused(console.field("Short name"))
        console.field("Short name").fill("name-new")
        expect(console.dialog).to_contain_text("/name-new is available. /name-old keeps working.")
        walk.looks.check(page, "rename dialog")
        console.in_dialog("Save").click()
        expect(console.dialog).to_have_count(0)
        expect(page).to_have_url(re.compile("/link/name-new$"))
        new = walk.product.read("name-new")[1]
        check(new["birth"] == old["birth"], "The renamed link has a different birth.")
        for url in old["short_url"], new["short_url"]:
            check(walk.product.visit(url) == 302, f"{url} leads nowhere.")
        expect(console.main).to_contain_text("Previous short names: /name-old")
        walk.looks.check(page, "renamed link")

        # A previous name in the address leads to the link.
        page.goto("about:blank")
        page.goto(f"{walk.origin}/#/{ACME}/link/name-old")
        expect(page).to_have_url(re.compile("/link/name-new$"))
        console.button("Free /name-old").click()
        expect(console.dialog).to_contain_text("/name-old stops working, and another link can take the name.")
        console.in_dialog("Free /name-old").click()
        console.says("Freed /name-old.")
        expect(console.main).not_to_contain_text("Previous short names: /name-old")
        check(walk.product.visit(old["short_url"]) == 404, "The freed name still leads somewhere.")
        check(has_focus(page.locator("h1")), "The focus is lost after a name is freed.")


def handed_over(walk):
    """An admin hands over one link, undoes that, and then hands over all links of a person."""
    for slug in "leaving-a", "leaving-b":
        walk.product.create(slug, user="colleague")
    walk.product.create("staying")
    colleague, member = (walk.product.read(slug)[1]["creator_user_id"] for slug in ("leaving-a", "staying"))
    with walk.profile("admin") as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("staying")
        console.open_link("leaving-a")
        console.button("Hand over").click()
        walk.looks.check(page, "hand over")
        console.field("To").select_option("Maya Rao")
        console.in_dialog("Hand over").click()
        console.says("Handed over /leaving-a.")
        check(walk.product.read("leaving-a")[1]["creator_user_id"] == member, "The link was not handed over.")
        console.press("z")
        console.says("Undid the change of /leaving-a.")
        check(walk.product.read("leaving-a")[1]["creator_user_id"] == colleague, "The hand-over was not undone.")

        console.press("Escape")
        console.row("leaving-b").get_by_role("checkbox").focus()
        console.press("Space")
        console.button("Hand over").click()
        console.dialog.get_by_role("checkbox").check()
        console.field("Or a user id").fill(member)
        console.in_dialog("Hand over").click()
        console.says("handed over.")
        for slug in "leaving-a", "leaving-b":
            check(walk.product.read(slug)[1]["creator_user_id"] == member, f"/{slug} was not handed over.")
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/link/leaving-b")
        expect(Console(page).button("Edit")).not_to_have_attribute("aria-disabled", "true")
        expect(Console(page).button("Hand over")).to_have_count(0)


def brought_back(walk):
    """Deleted links are under Links. If another link has taken the slug, a message says so."""
    for slug in "gone-a", "gone-b":
        walk.product.create(slug, title=f"The {slug}")
        walk.product.call("DELETE", f"/{ACME}/link/{slug}")
    walk.product.create("gone-b", url="https://example.com/another")
    with walk.profile("member", refused={404, 409}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("already-there")
        console.filter("State", "Deleted")
        console.search.fill("gone-")
        expect(console.row("gone-a")).to_contain_text("You deleted /gone-a")
        walk.looks.check(page, "deleted links")
        console.row("gone-b").get_by_role("button", name="Bring back").click()
        expect(console.toast).to_contain_text(re.compile("taken|another link", re.IGNORECASE))
        console.row("gone-a").get_by_role("button", name="Bring back").focus()
        console.press("Enter")
        console.says("Brought back /gone-a.")
        console.is_not_listed("gone-a")
        is_focused(console.row("gone-b"))
        check(walk.product.read("gone-a")[1]["title"] == "The gone-a", "The link was not restored.")
        console.button("Clear").click()
        console.is_listed("gone-a")

        # The page for a short name without a link shows the deleted link that had the name.
        walk.product.call("DELETE", f"/{ACME}/link/gone-a")
        page.goto(f"{walk.origin}/#/{ACME}/link/gone-a")
        expect(page.get_by_role("heading", name="No link /gone-a")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Bring back")).first.click()
        expect(console.button("Copy link")).to_be_visible()

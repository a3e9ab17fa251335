"""Long lists, and changes to several links at once."""

import re

from browser import check
from playwright.sync_api import expect

from .screens import Console


def bulk(walk):
    """A member selects three links, and tags, switches off and deletes them. The third is another user's, and does not change."""
    slugs = ["bulk-a", "bulk-b"]
    for slug in slugs:
        walk.product.create(slug)
    walk.product.create("bulk-c", user="admin")
    with walk.profile("member", refused={403}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.search.fill("bulk-")
        console.is_not_listed("first-row")

        def select():
            for slug in [*slugs, "bulk-c"]:
                console.row(slug).hover()
                console.row(slug).get_by_role("checkbox").check()
            expect(console.main.get_by_text("3 selected")).to_be_visible()

        select()
        walk.looks.check(page, "three selected")
        console.button("Tag").click()
        console.field("Tag").fill("bulk")
        walk.looks.check(page, "tag dialog")
        console.in_dialog("Add tag").click()
        is_reported(console, "2 tagged. 1 failed: /bulk-c belongs to Adam Novak.")
        walk.looks.check(page, "result of a change to several links")
        check(walk.product.read("bulk-a")[1]["tags"] == ["bulk"], "The link was not tagged.")

        select()
        console.button("Switch off").click()
        is_reported(console, "2 switched off. 1 failed: /bulk-c belongs to Adam Novak.")
        check(not walk.product.read("bulk-b")[1]["enabled"], "The link was not switched off.")
        check(walk.product.read("bulk-c")[1]["enabled"], "Someone else's link was switched off.")

        select()
        console.button("Delete").click()
        is_reported(console, "2 deleted. 1 failed: /bulk-c belongs to Adam Novak.")
        console.is_not_listed("bulk-a")
        for slug in slugs:
            check(walk.product.read(slug)[0] == 404, f"/{slug} was not deleted.")
        check(walk.product.read("bulk-c")[0] == 200, "Someone else's link was deleted.")


def is_reported(console, sentence):
    """Checks the message that says how many links were changed, which were not, and why."""
    expect(console.page.get_by_role("group", name="What was done")).to_contain_text(sentence)


def more_than_a_page(walk):
    """The next fifty links are added, and the focus moves to the first of them. Keys move the focus from row to row."""
    for number in range(60):
        walk.product.create(f"many-{number:02}")
    with walk.profile("member") as profile:
        page = profile.tab("/")
        console = Console(page)
        with page.expect_response(re.compile("q=many-")):
            console.search.fill("many-")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        rows = page.get_by_role("main").get_by_role("link", name=re.compile("^.many-"))
        expect(rows).to_have_count(50)
        page.get_by_role("button", name=re.compile("^Load")).click()
        expect(rows).to_have_count(60)
        expect(rows.nth(50)).to_be_focused()
        expect(page.get_by_role("button", name=re.compile("^Load"))).to_have_count(0)
        console.press("j", "j")
        console.press("x")
        expect(console.main.get_by_text("1 selected")).to_be_visible()
        console.press("Escape")
        expect(console.main.get_by_text("1 selected")).to_have_count(0)

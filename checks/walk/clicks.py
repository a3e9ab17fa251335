"""Clicks by people and by bots in a link's chart, and a list that is ordered by clicks."""

import re

from browser import check
from playwright.sync_api import expect
from stack import ACME, eventually

from .screens import Console, is_focused


def bots_on_request(walk):
    """A chart shows people's clicks. On request, bots' clicks are stacked on top, in this chart and in all charts from then
    on."""
    link = walk.product.create("with-bots")
    only_bots = walk.product.create("only-bots")
    visit(walk, link, "desktop", "mobile", "desktop", "bot", "bot")
    visit(walk, only_bots, "bot")
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/link/with-bots")
        console = Console(page)
        is_counted(console, "3 clicks from people in 30 days", "Bots 2")
        bots, today = console.button("Bots 2"), bars(page).last
        expect(bots).to_have_attribute("aria-pressed", "false")
        expect(today).to_have_accessible_name(re.compile(": 3 people so far$"))
        expect(page.locator(".chart .bots")).to_have_count(0)
        expect(labels(page)).to_have_text(["0", "2", "4"])
        console.button("Show as table").click()

        bots.click()
        expect(bots).to_have_attribute("aria-pressed", "true")
        expect(today).to_have_accessible_name(re.compile(": 3 people, 2 bots so far$"))
        # The bar's two parts are below the top label, have a gap between them, and are explained in the legend.
        expect(labels(page)).to_have_text(["0", "3", "6"])
        people_part, bots_part = (today.locator(part).bounding_box() for part in (".people", ".bots"))
        space = people_part["y"] - bots_part["y"] - bots_part["height"]
        check(2 <= space <= 3, f"There are {space} pixels between the people's part and the bots' part of the bar.")
        expect(console.main.locator(".legend")).to_have_text("PeopleBots")
        # The table is still open.
        expect(page.get_by_role("row", name=re.compile(r"so far 3 2$"))).to_be_visible()
        walk.looks.check(page, "link with bots")

        today.hover()
        expect(page.locator(".chart-tip")).to_have_text(re.compile("3 people, 2 bots so far"))
        page.reload()
        expect(console.button("Bots 2")).to_have_attribute("aria-pressed", "true")
        page = profile.tab(f"/#/{ACME}/link/only-bots")
        console = Console(page)
        is_counted(console, "0 clicks in 30 days", "Bots 1")
        expect(bars(page).last).to_have_accessible_name(re.compile(": 0 people, 1 bot so far$"))
        never = console.main.get_by_text("No clicks by people yet; 1 by bots.")
        expect(never).to_have_count(0)
        console.button("Bots 1").click()
        expect(never).to_be_visible()
        page.reload()
        expect(console.button("Bots 1")).to_have_attribute("aria-pressed", "false")


def bots_by_keyboard(walk):
    """Uses the button and the bars with only the keyboard: the button changes a bar's text, and keeps the focus."""
    visit(walk, walk.product.create("bots-by-keys"), "desktop", "bot")
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/link/bots-by-keys")
        console = Console(page)
        is_counted(console, "1 click from a person in 30 days", "Bots 1")
        console.tab_to(console.button("Bots 1"))
        console.press("Space")
        is_focused(console.button("Bots 1"))
        console.tab_to(bars(page).last)
        expect(bars(page).last).to_have_accessible_name(re.compile(": 1 person, 1 bot so far$"))
        console.press("ArrowLeft")
        is_focused(bars(page).nth(28))
        expect(bars(page).nth(28)).to_have_accessible_name(re.compile(r"^\w{3} \d+ \w+: 0 people, 0 bots$"))
        expect(page.locator(".chart-tip")).to_have_text(re.compile("0 people, 0 bots$"))
        console.button("Bots 1").focus()
        console.press("Enter")
        expect(bars(page).last).to_have_accessible_name(re.compile(": 1 person so far$"))


def most_clicked_first(walk):
    """The list is ordered by people's clicks. Like filters, an order is part of the address and is remembered. It cannot be
    combined with filters."""
    slugs = "rank-one", "rank-three", "rank-two", "rank-bots"
    links = {slug: walk.product.create(slug) for slug in slugs}
    visit(walk, links["rank-one"], "desktop")
    visit(walk, links["rank-two"], "desktop", "mobile", "bot")
    visit(walk, links["rank-three"], "desktop", "mobile", "mobile")
    visit(walk, links["rank-bots"], "bot", "bot", "bot", "bot")

    def counted():
        status, answer = walk.product.call("GET", f"/{ACME}/-/clicks")
        clicks = {link["id"]: (link["clicks"], link["bots"]) for link in answer["links"]}
        wanted = {"rank-one": (1, 0), "rank-two": (2, 1), "rank-three": (3, 0), "rank-bots": (0, 4)}
        assert status == 200 and wanted.items() <= clicks.items(), f"The clicks are {clicks}."

    eventually(counted)
    with walk.profile("member") as profile:
        page = profile.tab(f"/#/{ACME}/link?sort=30")
        console = Console(page)
        order = page.get_by_role("combobox", name="Order")
        for slug, clicks in ("rank-three", "3 clicks"), ("rank-two", "2 clicks"), ("rank-one", "1 click"):
            expect(console.row(slug)).to_contain_text(clicks)
        expect(order).to_have_value("30")
        order.select_option("Newest first")
        console.is_listed("rank-bots")

        profile.watch.requests.clear()
        order.select_option("Most clicked, 7 days")
        expect(page).to_have_url(re.compile(r"\?sort=7$"))
        expect(console.main).to_contain_text(re.compile(r"\d+ links, sorted by people's clicks since \d+ \w+ \(UTC\)"))
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        names = console.rows().get_by_role("link").all_inner_texts()
        ranks = [names.index(f"/{slug}") for slug in ("rank-three", "rank-two", "rank-one")]
        check(ranks == sorted(ranks), f"The links are in this order: {names}.")
        console.is_not_listed("rank-bots")
        asked = len(profile.watch.api_requests())
        check(asked == 1 + len(names), f"For a list of {len(names)} links, the page sent {asked} requests.")
        walk.looks.check(page, "most clicked links")

        # Like filters, the order is kept after a visit to a link's page, in a new tab, and after a reload.
        console.open_link("rank-two")
        page.go_back()
        console.is_listed("rank-three")
        console.is_not_listed("rank-bots")
        another = profile.tab("/")
        expect(another.get_by_role("combobox", name="Order")).to_have_value("7")
        another.close()
        page.reload()
        console.is_listed("rank-three")
        expect(order).to_have_value("7")

        # With a filter, the list shows all matching links, newest first.
        console.filter("State", "On")
        console.says("Newest first again")
        console.is_listed("rank-bots")
        expect(order).to_have_value("")
        order.select_option("Most clicked, 30 days")
        console.is_not_listed("rank-bots")
        expect(page.get_by_role("combobox", name="State")).to_have_value("")
        console.search.fill("rank")
        console.is_listed("rank-bots")
        expect(order).to_have_value("")
        order.select_option("Most clicked, 30 days")
        console.says("search and filters were cleared")
        expect(console.search).to_have_value("")
        console.is_not_listed("rank-bots")

        order.select_option("Most clicked, 30 days")
        console.is_not_listed("rank-bots")
        console.link("rank-two").focus()
        console.press("#")
        console.says("Deleted /rank-two.")
        console.is_not_listed("rank-two")
        page.reload()
        console.is_listed("rank-three")
        console.is_not_listed("rank-two")
        console.button("Clear").click()
        console.is_listed("rank-bots")
        expect(order).to_have_value("")


def visit(walk, link, *devices):
    for device in devices:
        status = walk.product.visit(link["short_url"], device)
        check(status == 302, f"A visitor got the status {status}.")


def is_counted(console, headline, bots):
    """Waits until a link's page shows these numbers: clicks are counted with a short delay."""

    def shown():
        console.page.reload()
        expect(console.main).to_contain_text(headline, timeout=2000)
        expect(console.button(bots)).to_be_visible(timeout=2000)

    eventually(shown)


def bars(page):
    return page.get_by_role("group", name=re.compile("^Clicks over time")).get_by_role("img", name=re.compile("people|person"))


def labels(page):
    """Returns the numbers beside the chart's lines, from bottom to top."""
    return page.locator(".chart text[text-anchor=end]")

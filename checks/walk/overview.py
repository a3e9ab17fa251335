"""The clicks of a whole organization: without any clicks, with the mouse, with the keyboard and on a phone, and with incomplete
responses."""

import datetime
import json
import re

from browser import check
from playwright.sync_api import expect
from stack import ACME, GLOBEX, eventually

from .browse import NARROW
from .keys import all_are_reached
from .screens import Console, is_focused
from .settings import targets_are_large

# There are more links than the table shows at first. The first link has the most clicks.
LINKS = [f"top-{letter}" for letter in "abcdefghijkl"]


def overview_of_no_clicks(walk):
    """Without clicks, there is nothing to compare or to list, but the page links to the list of links. Choosing another
    organization shows its overview."""
    with walk.profile("colleague") as profile:
        page = profile.tab(f"/#/{ACME}/overview")
        console = Console(page)
        main = console.main
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        console.switch_organization("Globex")
        expect(page).to_have_url(re.compile(rf"#/{GLOBEX}/overview$"))
        expect(main).to_contain_text("0 clicks in 30 days")
        expect(main).to_contain_text("No clicks in this period. New ones appear within seconds.")
        expect(main.get_by_role("table")).to_have_count(0)
        walk.looks.check(page, "overview without clicks")
        main.get_by_role("link", name="Go to your links").click()
        expect(page).to_have_url(re.compile(rf"#/{GLOBEX}/link$"))


def overview_by_mouse(walk):
    links = [walk.product.create(slug, user="outsider", org=GLOBEX, title=f"Title of {slug}") for slug in LINKS]
    only_bots = walk.product.create("top-bots", user="outsider", org=GLOBEX)
    for link in links:
        visit(walk, link)
    visit(walk, links[0], "mobile", "desktop", "bot")
    visit(walk, only_bots, "bot", "bot")
    with walk.profile("outsider") as profile:
        eventually(lambda: counted(walk, 14, 3))
        page = profile.tab("/")
        console = Console(page)
        main = console.main
        page.get_by_role("navigation").get_by_role("link", name="Overview").click()
        expect(main).to_contain_text("14 clicks from people in 30 days")
        expect(console.button("Bots 3")).to_be_visible()
        expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
        expect(main).to_contain_text("Days in UTC.")
        first = rows(page).first
        expect(first).to_have_accessible_name(re.compile("^/top-a Title of top-a 3$"))
        expect(rows(page)).to_have_count(10)
        expect(main.get_by_role("heading", name="Devices")).to_be_visible()
        walk.looks.check(page, "overview")

        # Bots' clicks are shown on request; links that only bots clicked are never shown.
        console.button("Show all 12").click()
        console.button("Bots 3").click()
        expect(rows(page)).to_have_count(12)
        expect(first).to_have_accessible_name(re.compile("^/top-a Title of top-a 3 1$"))
        walk.looks.check(page, "overview with bots")
        console.button("Bots 3").click()
        expect(first).to_have_accessible_name(re.compile("^/top-a Title of top-a 3$"))

        # After a visitor's click and a refresh, the table still shows all rows.
        visit(walk, links[0])

        eventually(lambda: counted(walk, 15, 3))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(main).to_contain_text("15 clicks from people in 30 days")
        expect(rows(page)).to_have_count(12)

        # The range survives opening a link's page and going back.
        main.get_by_role("button", name="7 days").click()
        expect(main).to_contain_text("15 clicks from people in 7 days")
        expect(page).to_have_url(re.compile(r"/overview\?range=7d$"))
        main.get_by_role("link", name="/top-a", exact=True).click()
        expect(console.button("Copy link")).to_be_visible()
        expect(main).to_contain_text("4 clicks from people in 7 days")
        page.go_back()
        expect(main).to_contain_text("15 clicks from people in 7 days")


def overview_by_keyboard(walk):
    with walk.profile("outsider") as profile:
        page = profile.tab(f"/#/{GLOBEX}/link")
        console = Console(page)
        console.is_listed("top-a")
        console.press("g", "o")
        is_heading_focused(page)
        expect(rows(page)).to_have_count(10)
        all_are_reached(page, "overview")
        console.press("[")
        expect(page).to_have_url(re.compile(r"/overview\?range=7d$"))
        expect(console.main).to_contain_text("clicks from people in 7 days")
        console.press("]")
        expect(page).to_have_url(re.compile(r"/overview$"))
        expect(console.main).to_contain_text("clicks from people in 30 days")
        console.button("Show all 12").focus()
        console.press("Enter")
        is_focused(rows(page).nth(10))
        console.press("Tab", "Enter")
        expect(console.button("Copy link")).to_be_visible()


def overview_on_a_phone(walk):
    with walk.profile("outsider", viewport=NARROW, has_touch=True, is_mobile=True) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.is_listed("top-a")
        page.get_by_role("link", name="Overview").tap()
        expect(rows(page)).to_have_count(10)
        targets_are_large(page)
        page.get_by_role("button", name=re.compile("^Bots")).tap()
        expect(page.get_by_role("columnheader", name="Bots")).to_be_visible()
        page.get_by_role("combobox", name="Period").select_option("7 days")
        expect(console.main).to_contain_text("clicks from people in 7 days")
        rows(page).first.get_by_role("link").tap()
        expect(console.button("Copy link")).to_be_visible()


def overview_lacks_something(walk):
    """Some days could not be added up, a link was deleted, and the response has the maximum number of links: the page says so."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    first = today - datetime.timedelta(days=3)
    days = [{"at": str(first + datetime.timedelta(days=day)), "clicks": 50, "bots": 5} for day in range(4)]
    gone = {"id": None, "short_url": None, "title": None, "birth": "0123456789abcdef", "clicks": 100, "bots": 0}
    here = [{"id": f"many-{number}", "short_url": f"{walk.origin}/many-{number}", "title": None, "birth": f"{number:016}",
             "clicks": 1, "bots": 0} for number in range(99)]  # fmt: skip
    kinds = {"referrers": "news.example.com", "devices": "desktop", "countries": "DE"}
    answer = {
        "from": str(first), "to": str(today), "clicks": 200, "bots": 20, "series": days, "links": [gone, *here],
        "top": {kind: [{"name": name, "clicks": 199}] for kind, name in kinds.items()}, "complete": False,
    }  # fmt: skip
    with walk.profile("member") as profile:
        page = profile.tab("about:blank")
        page.route(f"**/{ACME}/-/clicks*", lambda route: route.fulfill(body=json.dumps(answer), content_type="application/json"))
        page.goto(f"{walk.origin}/#/{ACME}/overview")
        main = Console(page).main
        # September is abbreviated to four letters.
        since = f"{first.day} {first:%b}t?"
        expect(main).to_contain_text(re.compile(f"200 clicks from people since {since}"))
        expect(main).to_contain_text(re.compile(f"Too many clicks to add up: shown from {since}\\."))
        bars = page.get_by_role("group", name=re.compile("^Clicks over time")).get_by_role("img", name=re.compile(": 50 people"))
        expect(bars).to_have_count(4)
        expect(rows(page).first).to_have_accessible_name("Deleted link 100")
        check(rows(page).first.get_by_role("link").count() == 0, "The table's row for a deleted link contains a hyperlink.")
        for heading in "Top 100 links", "Referrers of the top 100 links", "Countries of the top 100 links":
            expect(main.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        walk.looks.check(page, "overview from an incomplete response")


def rows(page):
    """Returns the visible rows of the table of links."""
    return page.locator(".top-links").get_by_role("row").filter(has=page.get_by_role("rowheader"))


def counted(walk, clicks, bots):
    """Fails until Globex has this many clicks; counting takes a moment."""
    answer = walk.product.call("GET", f"/{GLOBEX}/-/clicks", user="outsider")[1]
    assert (answer["clicks"], answer["bots"]) == (clicks, bots), f"It counts {answer['clicks']} people's and {answer['bots']} bots' clicks."


def visit(walk, link, *devices):
    for device in devices or ["desktop"]:
        status = walk.product.visit(link["short_url"], device)
        check(status == 302, f"A visitor got {status}.")


def is_heading_focused(page):
    expect(page.get_by_role("heading", name="Overview")).to_be_focused()

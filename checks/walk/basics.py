"""What a new user tries first, with the mouse and with the keyboard: paste a URL, get a short one, find it again, see its
clicks."""

import re

from browser import check
from playwright.sync_api import expect
from stack import eventually

from . import qr
from .browse import person
from .screens import Console, is_focused

LONG_URL = "https://example.com/products/2027/spring/launch?campaign=mail"


def by_mouse(walk):
    with walk.profile(reduced_motion="no-preference", refused={401, 404, 409}) as profile:
        page = profile.tab("/")
        console = Console(page)
        expect(page.get_by_role("heading", name="Short links for your team")).to_be_visible()
        walk.looks.check(page, "signed out")
        page.get_by_role("link", name="Sign in", exact=True).click()
        person(page, "member").click()
        page.wait_for_url(f"{walk.origin}/**")

        # A URL can be pasted anywhere on the page.
        expect(console.new_link).to_be_visible()
        console.paste(LONG_URL)
        expect(console.field("Destination")).to_have_value(LONG_URL)
        is_focused(console.field("Short name"))
        console.field("Short name").fill("Spring Launch")
        expect(console.dialog).to_contain_text("/spring-launch is available.")
        console.field("Title").fill("Spring launch page")
        console.in_dialog("Create link").click()
        expect(console.dialog).to_have_count(0)
        console.says("Copied")
        link = walk.product.read("spring-launch")[1]
        check(link["url"] == LONG_URL, f"The link's destination is {link['url']}.")
        console.has_copied(link["short_url"])
        row = console.is_listed("spring-launch")
        expect(row).to_contain_text("Spring launch page")
        expect(row).to_contain_text("You")

        row.get_by_role("button", name="Copy").click()
        console.says("Copied")
        console.has_copied(link["short_url"])

        console.search.fill("LAUNCH spring")
        console.is_listed("spring-launch")
        console.search.fill("nothing-of-this-name")
        expect(console.main.get_by_text("Nothing matches “nothing-of-this-name”.")).to_be_visible()
        console.is_not_listed("spring-launch")
        walk.looks.check(page, "nothing found")
        console.search.fill("")
        console.is_listed("spring-launch")

        console.open_link("spring-launch")
        expect(console.main.get_by_text("No clicks yet. New ones appear within seconds.")).to_be_visible()
        walk.looks.check(page, "link without clicks")
        clicks_are_counted(walk, console, link)
        code_leads_there(walk, console, link)
        console.button("Copy link").click()
        console.has_copied(link["short_url"])

        console.button("Edit").click()
        expect(console.field("Destination")).to_have_value(LONG_URL)
        walk.looks.check(page, "edit dialog")
        console.field("Title").fill("Launch, second try")
        console.field("Destination").fill("example.com/second")
        console.in_dialog("Save").click()
        expect(console.dialog).to_have_count(0)
        expect(console.main.get_by_text("Launch, second try").first).to_be_visible()
        link = walk.product.read("spring-launch")[1]
        check(link["url"] == "https://example.com/second", f"The edited link's destination is {link['url']}.")

        page.goto(f"{walk.origin}/#/{link['org_id']}/link")
        expect(console.row("spring-launch")).to_contain_text(re.compile(r"3 clicks"))
        console.open_link("spring-launch")
        is_deleted_and_brought_back(walk, console, link)


def clicks_are_counted(walk, console, link):
    """Three people and a bot follow the link; its page shows three clicks, and counts the bot separately."""
    for device in "desktop", "mobile", "mobile", "bot":
        status = walk.product.visit(link["short_url"], device, Referer="https://news.example.com/story")
        check(status == 302, f"A visitor got {status}.")

    def shown():
        console.page.reload()
        expect(console.main).to_contain_text("3 clicks from people in 30 days", timeout=2000)
        expect(console.button("Bots 1")).to_be_visible(timeout=2000)

    eventually(shown)
    main = console.main
    expect(main).to_contain_text("news.example.com")
    expect(main.get_by_role("heading", name="Devices")).to_be_visible()
    walk.looks.check(console.page, "link with clicks")
    console.button("Show as table").click()
    expect(main.get_by_role("row", name=re.compile(r"so far 3 1$"))).to_be_visible()
    main.get_by_role("button", name="24 hours").click()
    expect(main).to_contain_text("3 clicks from people in 24 hours")
    expect(console.page).to_have_url(re.compile(r"\?range=24h$"))
    walk.looks.check(console.page, "link with clicks, 24 hours")
    main.get_by_role("button", name="12 months").click()
    expect(main).to_contain_text("3 clicks from people in 12 months")
    walk.looks.check(console.page, "link with clicks, 12 months")
    main.get_by_role("button", name="30 days").click()


def code_leads_there(walk, console, link):
    console.button("QR code").click()
    picture = console.dialog.get_by_role("img")
    expect(picture).to_be_visible()
    picture.evaluate("(picture) => picture.decode?.()")
    text = qr.text_of(walk.browser, picture)
    check(text == link["short_url"], f"The QR code on the screen contains {text}.")
    walk.looks.check(console.page, "QR code")
    console.press("Escape")
    expect(console.dialog).to_have_count(0)
    is_focused(console.button("QR code"))


def is_deleted_and_brought_back(walk, console, link):
    page = console.page
    slug = link["id"]
    console.button("Delete").click()
    console.says(f"Deleted /{slug}.")
    console.is_not_listed(slug)
    check(walk.product.read(slug)[0] == 404, "The deleted link is still there.")
    console.button("Undo").click()
    expect(console.is_listed(slug)).to_contain_text("3 clicks")
    status, back = walk.product.read(slug)
    check(status == 200 and back["url"] == link["url"], f"The restored link is {back}.")
    check(back["birth"] == link["birth"], "Another link has the name of the deleted one.")


def by_keyboard(walk):
    """Does the same without a mouse, starting with the sign-in."""
    with walk.profile(refused={401, 404}) as profile:
        page = profile.tab("/")
        console = Console(page)
        console.tab_to(page.get_by_role("link", name="Sign in", exact=True))
        console.press("Enter")
        button = person(page, "admin")
        expect(button).to_be_visible()
        console.tab_to(button)
        console.press("Enter")
        page.wait_for_url(f"{walk.origin}/**")
        expect(console.new_link).to_be_visible()

        console.press("c")
        is_focused(console.field("Destination"))
        no_motion(page)
        page.keyboard.type("example.com/keys")
        console.press("Tab")
        expect(console.field("Destination")).to_have_value("https://example.com/keys")
        console.tab_to(console.field("Short name"))
        page.keyboard.type("by-keys")
        expect(console.dialog).to_contain_text("/by-keys is available.")
        console.press("Enter")
        expect(console.dialog).to_have_count(0)
        console.says("Copied")
        link = walk.product.read("by-keys")[1]
        console.has_copied(link["short_url"])
        console.is_listed("by-keys")

        console.press("/")
        is_focused(console.search)
        page.keyboard.type("by-keys")
        console.is_listed("by-keys")
        console.press("Enter")
        is_focused(console.link("by-keys"))
        console.press("y")
        console.says("Copied")
        console.has_copied(link["short_url"])

        console.press("?")
        expect(console.dialog).to_contain_text("Keyboard shortcuts")
        walk.looks.check(page, "keyboard shortcuts")
        console.press("Escape")
        expect(console.dialog).to_have_count(0)

        is_focused(console.link("by-keys"))
        console.press("Enter")
        expect(console.button("Copy link")).to_be_visible()
        console.tab_to(console.button("QR code"))
        console.press("Enter")
        expect(console.dialog.get_by_role("img")).to_be_visible()
        console.tab_to(console.in_dialog("Close"))
        console.press("Enter")
        is_focused(console.button("QR code"))
        # The arrow keys move from bar to bar.
        bars = page.get_by_role("group", name=re.compile("^Clicks over time")).get_by_role("img", name=re.compile("people"))
        console.tab_to(bars.last)
        is_focused(bars.last)
        console.press("ArrowLeft", "ArrowLeft")
        is_focused(bars.nth(27))
        expect(page.locator(".chart-tip")).to_have_text(bars.nth(27).get_attribute("aria-label"))
        console.press("]")
        expect(page).to_have_url(re.compile(r"range=90d"))
        console.press("[")
        console.press("e")
        expect(console.field("Destination")).to_be_visible()
        console.tab_to(console.field("Title"))
        page.keyboard.type("Edited by keys")
        console.press("Enter")
        expect(console.dialog).to_have_count(0)
        expect(console.main.get_by_text("Edited by keys").first).to_be_visible()

        console.press("#")
        console.says("Deleted /by-keys.")
        check(walk.product.read("by-keys")[0] == 404, "The link that was deleted with the keyboard is still there.")

        console.press("Escape")
        for keys, place in (("g", "s"), "/settings"), (("g", "o"), "/overview"), (("g", "h"), "/history"), (("g", "l"), "/link"):
            console.press(*keys)
            expect(page).to_have_url(re.compile(place))


def no_motion(page):
    moving = page.evaluate("() => document.getAnimations().length")
    check(moving == 0, f"{moving} animations run although the reader prefers reduced motion.")

"""The pages that visitors of short URLs see, and the console in a deployment without browser sign-in."""

import datetime
import time

from browser import check
from playwright.sync_api import expect

from .browse import person


def pages_of_visitors(walk):
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    public = walk.product.create("look-first", url="https://example.com/where?a=1&b=<b>")
    pages = {
        "page of a missing link": public["short_url"] + "-not",
        "preview": public["short_url"] + "+",
        "preview for members": walk.product.create("look-members", access="members")["short_url"] + "+",
        "page of a link that is off": walk.product.create("look-off", enabled=False)["short_url"],
        "page of an expired link": walk.product.create("look-expired", expires_at=end.strftime("%Y-%m-%dT%H:%M:%SZ"))["short_url"],
    }  # fmt: skip
    time.sleep(max(0, (end - datetime.datetime.now(datetime.UTC)).total_seconds()))
    with walk.profile(refused={403, 404, 410}) as profile:
        for name, url in pages.items():
            page = profile.tab(url.removeprefix(walk.origin))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if name == "preview":
                expect(page.get_by_text(public["url"], exact=True)).to_be_visible()
                expect(page.get_by_role("link", name="Go to example.com")).to_have_attribute("href", public["url"])
            else:
                expect(page.locator("body")).not_to_contain_text("example.com")
            walk.looks.check(page, name)
            page.close()
    status, clicks = walk.product.call("GET", f"/{public['org_id']}/link/look-first/clicks")
    check(status == 200 and clicks["total"] + clicks["bots"] == 0, f"The preview was counted as a click: {clicks}")


def login_pages(walk):
    """The local issuer's login page, and Signpost's page after a failed sign-in."""
    with walk.profile(refused={400}) as profile:
        page = profile.tab("/")
        page.get_by_role("link", name="Sign in", exact=True).click()
        expect(person(page, "member")).to_be_visible()
        walk.looks.check(page, "login of the local issuer")
        page = profile.tab("/-/callback?state=x&code=y")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        walk.looks.check(page, "page of a failed sign-in")


def sign_in_is_not_set_up(walk):
    with walk.profile() as profile:
        page = profile.tab("/")
        expect(page.get_by_text("Sign-in isn't set up. If you run this server, set SignInClientId.")).to_be_visible()
        expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(0)
        walk.looks.check(page, "sign-in is not set up")

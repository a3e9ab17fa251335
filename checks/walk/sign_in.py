"""People sign in: from the address bar, from another site's page and in a new tab, as a member and as a user of another
organization. They sign out, and sign in as another user. Responses set all cookies; the scenes set none."""

import re
from urllib.parse import urlsplit

from browser import check, step
from playwright.sync_api import expect
from stack import ACME, GLOBEX

from .browse import person
from .docs_page import Docs
from .elsewhere import document, elsewhere

# The maximum number of redirects by Signpost on the way from a short URL to its destination: with a sign-in at the
# provider, and with a session.
MAX_REDIRECTS, MAX_REDIRECTS_SIGNED_IN = 5, 3


class Redirects:
    """The redirects that a tab gets from Signpost."""

    def __init__(self, page, origin):
        self.page, self.origin, self.paths = page, origin, []
        page.on("response", self.hear)

    def hear(self, response):
        if response.url.startswith(f"{self.origin}/") and 300 <= response.status < 400:
            self.paths.append(urlsplit(response.url).path)

    def lead_to(self, site, most, way):
        site.has_landed(self.page)
        check(len(self.paths) <= most, f"{way}: {len(self.paths)} redirects from Signpost: {self.paths}")
        step(f"{way}: {len(self.paths)} redirects from Signpost")
        self.paths = []


def a_members_link_is_opened(walk):
    with elsewhere() as site, walk.profile(refused={401, 403}) as profile:
        profile.watch.origins.add(site.origin)
        short_url = walk.product.create("handbook", url=site.target, access="members")["short_url"]
        page = profile.tab("about:blank")
        redirects = Redirects(page, walk.origin)
        page.goto(short_url)
        expect(person(page, "member")).to_be_visible()
        check(page.url.startswith(walk.issuer), f"The login page is at {page.url}.")
        person(page, "member").click()
        redirects.lead_to(site, MAX_REDIRECTS, "short URL typed, with a sign-in")
        page.goto(short_url)
        redirects.lead_to(site, MAX_REDIRECTS_SIGNED_IN, "short URL typed again, without a login page")
        site.page = document("Elsewhere", f'<a href="{short_url}">the handbook</a>')
        page.goto(site.origin)
        page.get_by_role("link", name="the handbook").click()
        redirects.lead_to(site, MAX_REDIRECTS_SIGNED_IN, "link followed from another site's page")
        tab = profile.tab("about:blank")
        redirects_of_tab = Redirects(tab, walk.origin)
        tab.goto(short_url)
        redirects_of_tab.lead_to(site, MAX_REDIRECTS_SIGNED_IN, "short URL opened in a new tab")
        tab.close()

        another_site_gets_nothing(walk, profile, site, short_url)

        page.goto(f"{walk.origin}/")
        page.get_by_role("button", name="Account: Maya Rao").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
        left = [cookie["name"] for cookie in profile.context.cookies(walk.origin)]
        check("signpost" not in left, f"After signing out, the browser still has {left}.")

        page.goto(short_url)
        person(page, "outsider").click()
        expect(page.get_by_text(re.compile("You['’]re signed in as Otto"))).to_be_visible()
        walk.looks.check(page, "a members' link of another organization")
        docs = Docs(profile.tab("/docs"))
        organization = docs.opened("list").locator("tr[data-param-name='org_id']").get_by_role("textbox")
        expect(organization).to_have_value(GLOBEX)
        page.get_by_role("link", name="Use another account").click()
        expect(person(page, "member")).to_be_visible()
        redirects.paths.clear()
        person(page, "member").click()
        redirects.lead_to(site, MAX_REDIRECTS_SIGNED_IN, "account changed")
    log = walk.product.stack.log.read_text()
    for secret in ("code=", "code_verifier", "eyJ"):
        check(secret not in log, f"The stack's log contains '{secret}'.")


def another_site_gets_nothing(walk, profile, site, short_url):
    """A page of another site makes this browser send requests, with the browser's cookies."""
    links = f"/{ACME}/link"
    site.page = document("Elsewhere")
    page = profile.tab("about:blank")
    page.goto(site.origin)
    page.evaluate(
        """async ([links, url, framed]) => {
            for (const request of [{ method: "POST", body: JSON.stringify({ url, id: "planted" }) }, { method: "GET" }]) {
                // The browser itself may block the request.
                await fetch(links, { ...request, credentials: "include", mode: "no-cors" }).catch(() => {});
            }
            const frame = document.createElement("iframe");
            frame.src = framed;
            document.body.append(frame);
            await new Promise((done) => frame.addEventListener("load", done));
        }""",
        [walk.origin + links, site.target, short_url],
    )
    check(site.target not in [frame.url for frame in page.frames], "A page of another site could frame a members' link.")
    page.goto(f"{walk.origin}/")
    listed = page.evaluate("async (links) => (await fetch(links)).json()", links)
    slugs = [found["id"] for found in listed["data"]]
    check("planted" not in slugs, "A page on another site created a link.")
    check("handbook" in slugs, f"Our own page could not list the links with its session: {listed}")
    page.close()

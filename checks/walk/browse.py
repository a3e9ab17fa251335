"""Browser profiles that record the console's requests and the browser's errors."""

import contextlib
import re
import sys
from urllib.parse import urlsplit

from browser import SECONDS, check
from playwright.sync_api import Error, expect

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
NAMES = {
    "owner": "Olivia", "admin": "Adam", "member": "Maya", "colleague": "Cole", "outsider": "Otto", "stranger": "Stella",
}  # fmt: skip


class Walk:
    """The running product, and a browser in which people sign in."""

    def __init__(self, browser, product, origin, looks, pictures):
        self.browser = browser
        self.product = product
        self.origin = origin
        self.looks = looks
        self.pictures = pictures
        self.issuer = product.stack.issuer
        self.sessions = {}

    @contextlib.contextmanager
    def profile(self, user=None, refused=(), offline=False, ends_session=False, **options):
        """Opens a browser profile in which `user` is signed in. The profile may see no errors except responses with the
        status codes in `refused` and, if `offline` is true, failed requests. A scene that ends the session at the provider passes
        `ends_session`, so that this user's next profile signs in anew."""
        if user and user not in self.sessions:
            self.sessions[user] = self.sign_in(user)
        # Animations take time, so the browser asks for reduced motion: pages then show no animations.
        state = self.sessions.pop(user) if ends_session else self.sessions.get(user)
        options = {"viewport": WIDE, "reduced_motion": "reduce", "storage_state": state, **options}
        context = self.browser.new_context(service_workers="block", locale="en-GB", timezone_id="Europe/Berlin", **options)
        context.set_default_timeout(SECONDS * 1000)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.origin)
        profile = Profile(self, context)
        try:
            yield profile
            profile.watch.found_nothing_wrong(refused, offline)
        except (Error, AssertionError):
            for number, page in enumerate(context.pages):
                self.looks.photograph(page, f"failed-{number}")
            print(*profile.watch.complaints, *profile.watch.refusals(), sep="\n", file=sys.stderr)
            raise
        finally:
            context.close()

    def sign_in(self, user):
        """Signs in as a person does, and returns the browser's cookies and storage."""
        with self.profile() as profile:
            page = profile.tab("/")
            page.get_by_role("link", name="Sign in", exact=True).click()
            person(page, user).click()
            page.wait_for_url(f"{self.origin}/**")
            expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(0)
            state = profile.context.storage_state()
        # A scene must not see the choices that the console stored during another scene.
        state["origins"] = []
        return state


def person(page, user):
    """Returns this person's button on the issuer's login page."""
    return page.get_by_role("button", name=re.compile(NAMES[user]))


class Profile:
    def __init__(self, walk, context):
        self.walk = walk
        self.context = context
        self.watch = Watch(context, walk.origin, walk.issuer)

    def tab(self, path):
        page = self.context.new_page()
        page.goto(path if path.startswith("about:") else f"{self.walk.origin}{path}")
        return page

    def end_session(self):
        """Deletes two cookies, as a browser does when they expire: the session's, and the one that a sign-in sets for a
        minute."""
        for name in "signpost", "signpost-tried":
            self.context.clear_cookies(name=name)


class Watch:
    """The requests, responses and errors of one profile's tabs."""

    def __init__(self, context, origin, issuer):
        self.origins = {origin, issuer}
        self.requests = []
        self.statuses = set()
        self.complaints = []
        context.on("request", lambda request: self.requests.append(request))
        context.on("response", lambda response: self.statuses.add((response.status, urlsplit(response.url).path)))
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))

    def hear(self, message):
        # A violation of the content security policy is an error, too.
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def api_requests(self):
        return [request.url for request in self.requests if request.resource_type in ("fetch", "xhr")]

    def is_own(self, url):
        parts = urlsplit(url)
        # A page creates URLs with these schemes from its own data.
        return parts.scheme in ("data", "blob", "about") or f"{parts.scheme}://{parts.netloc}" in self.origins

    def refusals(self):
        return sorted(answer for answer in self.statuses if answer[0] >= 400)

    def found_nothing_wrong(self, refused, offline):
        strangers = {request.url for request in self.requests if not self.is_own(request.url)}
        check(not strangers, f"The console sent requests to other origins: {', '.join(sorted(strangers))}")
        # Every page checks whether someone is signed in, so a 401 from `/-/session` is normal.
        wrong = {
            (status, path)
            for status, path in self.statuses
            if status >= 400 and status not in refused and (status, path) != (401, "/-/session")
        }
        check(not wrong, f"The console sent requests that it should not have sent, and Signpost rejected them: {sorted(wrong)}")
        # Chromium reports each error response, and each request that failed.
        known = r"Failed to load resource: the server responded with a status of \d+|Failed to load resource: net::ERR_FAILED"
        known += r"|Failed to load resource: net::ERR_INTERNET_DISCONNECTED" if offline else ""
        complaints = [text for text in self.complaints if not re.match(known, text)]
        check(not complaints, "The browser reported errors or warnings: " + "; ".join(complaints))

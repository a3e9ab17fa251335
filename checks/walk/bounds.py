"""The size of the page, and the number of requests that it sends."""

from browser import check
from playwright.sync_api import expect
from stack import ACME

MAX_PAGE = 40 * 1024


def page_is_small(walk):
    status, page = walk.product.request("GET", "/", None, {"Accept": "text/html", "Accept-Encoding": "gzip"})
    check(status == 200, f"The page's status is {status}.")
    check(page[:2] == b"\x1f\x8b", "The page is not gzipped.")
    check(len(page) <= MAX_PAGE, f"The page is {len(page)} bytes gzipped; the limit is {MAX_PAGE}.")
    print(f"The page is {len(page)} bytes gzipped.")


def list_needs_two_requests(walk):
    """Before it shows the list, the page requests only the session and the list."""
    walk.product.create("first-row", title="The first link on the screen")
    with walk.profile("member") as profile:
        page = profile.tab("about:blank")
        # This script stores the time at which the browser has drawn the row, according to the browser's own clock.
        page.add_init_script(
            """new MutationObserver((_, observer) => {
                if (![...document.querySelectorAll("main a")].some((link) => link.textContent === "/first-row")) return;
                observer.disconnect();
                requestAnimationFrame(() => (window.listedAfter = performance.now()));
            }).observe(document, { childList: true, subtree: true });"""
        )
        times = []
        for _ in range(3):
            profile.watch.requests.clear()
            page.goto("about:blank")
            page.goto(f"{walk.origin}/")
            page.wait_for_function("() => window.listedAfter")
            asked = profile.watch.api_requests()
            check(len(asked) <= 2, f"Before the list is shown, the page sends {len(asked)} requests: {asked}")
            times.append(page.evaluate("() => Math.round(window.listedAfter)"))
        print(f"The list is on the screen {min(times)} to {max(times)} ms after the navigation began, after two requests.")


def an_answer_that_is_late(walk):
    """While the page loads, it shows a placeholder and tells screen readers that it is busy."""
    walk.product.create("late")
    with walk.profile("member") as profile:
        page = profile.tab("about:blank")
        screens = {"": "-/session", f"#/{ACME}/link": "link?", f"#/{ACME}/link/late": "link/late", f"#/{ACME}/overview": "-/clicks"}
        for path, first in screens.items():
            late = Late(page, f"**/{first}*")
            page.goto("about:blank")
            page.goto(f"{walk.origin}/{path}")
            expect(page.locator("[aria-busy=true]").first).to_be_visible()
            walk.looks.check(page, f"waiting for {first.strip('-/?')}")
            late.arrive()
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            page.unroute(late.pattern)


class Late:
    """Holds requests back until the scene releases them."""

    def __init__(self, page, pattern):
        self.held = []
        self.pattern = pattern
        page.route(pattern, self.hold)

    def hold(self, route):
        if self.held is None:
            route.continue_()
        else:
            self.held.append(route)

    def arrive(self):
        held, self.held = self.held, None
        for route in held:
            route.continue_()

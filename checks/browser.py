"""Chromium for the checks that use a browser."""

import contextlib
import shutil
import sys

from playwright.sync_api import Error, expect, sync_playwright

# Playwright's own flags are for its own browsers; these keep Debian's from calling home.
FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# The timeout for anything that a page should do.
SECONDS = 15


def step(text):
    print(text, flush=True)


def check(holds, sentence):
    if not holds:
        sys.exit(sentence)


def chromium():
    found = filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"]))
    return next(found, None) or sys.exit("Chromium is missing; Debian's package is called chromium.")


@contextlib.contextmanager
def launched():
    """A running Chromium. Names do not resolve in it, except this machine's."""
    with sync_playwright() as playwright:
        # The sandbox needs a user who is not root, or a kernel that lets any user have namespaces.
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        expect.set_options(timeout=SECONDS * 1000)
        try:
            yield browser
        except (Error, AssertionError) as error:
            sys.exit(f"The browser did not do as expected: {error}")
        browser.close()

"""Chromium for the checks that use a browser."""

import contextlib
import shutil
import sys

from playwright.sync_api import Error, expect, sync_playwright

# Playwright's default flags are meant for its own browsers; the flags below also keep Debian's Chromium from calling home.
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
# The timeout for anything that a page should do, in seconds.
SECONDS = 15


def step(text):
    print(text, flush=True)


def check(holds, sentence):
    if not holds:
        sys.exit(sentence)


def chromium():
    found = filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"]))
    return next(found, None) or sys.exit("Chromium is missing; install the Debian package chromium.")


@contextlib.contextmanager
def launched():
    """Runs Chromium. It resolves no host name except localhost."""
    with sync_playwright() as playwright:
        # The sandbox is off, because it needs a user other than root, or a kernel that lets any user create namespaces.
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        expect.set_options(timeout=SECONDS * 1000)
        try:
            yield browser
        except (Error, AssertionError) as error:
            sys.exit(f"The browser did not show what was expected: {error}")
        browser.close()

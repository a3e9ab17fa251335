#!/usr/bin/env python3
"""Signs in with Chromium at a provider that is not ours: npm's certified `oidc-provider`, on its own login page, by code
flow with PKCE, with tokens signed by RS256 and by ES256. Then the provider refuses, is slow, is away, and has new keys.

It runs the local stack that `cargo test` made. No cookie is set here but by the pages themselves.
"""

import json
import re
import signal
import sys
import tempfile
import time

from browser import FLAGS, SECONDS, check, chromium, step
from oidc import CLAIMS, REST, Provider
from playwright.sync_api import Error, expect, sync_playwright
from stack import Processes, free_port


class Signpost:
    """A local stack whose users sign in at the provider with this client."""

    def __init__(self, processes, provider, port, client):
        self.origin = f"http://localhost:{port}"
        processes.start_stack(
            port=port, SHORT_BASE_URL=self.origin, AUTH_ISSUER=provider.issuer, AUTH_PROVIDER="custom",
            AUTH_CLAIMS=json.dumps(CLAIMS), AUTH_ALGORITHMS="RS256,ES256", AUTH_AUDIENCE="https://signpost",
            SIGN_IN_CLIENT_ID=client,
        )  # fmt: skip


def at_the_provider(page, origin):
    page.goto(f"{origin}/")
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def signs_in(page, origin):
    at_the_provider(page, origin)
    page.get_by_placeholder("Enter any login").fill("user-1")
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def is_signed_in(page, origin, alg):
    expect(page.get_by_role("button", name=re.compile("^Account: "))).to_be_visible()
    who = page.evaluate("async () => (await fetch('/-/session')).json()")
    check(who["user_id"] == "user-1", f"{alg}: the session is {who}")
    check("token" not in json.dumps(who), f"{alg}: the session shows a token.")
    step(f"{alg}: signed in on the provider's own page")


def fails(page, sentence):
    """The callback ends on a page that has one way on."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("link", name="again")).to_have_count(1)
    names = [cookie["name"] for cookie in page.context.cookies()]
    check("signpost" not in names, f"{sentence}: there is a session.")
    flows = [name for name in names if name.startswith("signpost-flow-")]
    check(not flows, f"{sentence}: {flows} are left.")
    step(f"{sentence}: {page.get_by_role('heading', level=1).inner_text()}")


def before_callback(page, origin, do):
    """Holds the request to the callback back until `do` is done."""
    # Playwright's routes see the first request of a redirect only.
    session = page.context.new_cdp_session(page)

    def hold(event):
        do()
        session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    session.on("Fetch.requestPaused", hold)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": f"{origin}/-/callback*"}]})


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        expect.set_options(timeout=SECONDS * 1000)

        def fresh():
            context = browser.new_context()
            context.set_default_timeout(SECONDS * 1000)
            return context.new_page()

        port = free_port()
        provider = Provider(processes, f"http://localhost:{port}/-/callback")
        try:
            provider.start()
            for alg in ("rs256", "es256"):
                signpost = Signpost(processes, provider, port, f"browser-{alg}")
                page = fresh()
                signs_in(page, signpost.origin)
                is_signed_in(page, signpost.origin, alg)
                fetched = time.monotonic()
                if alg == "rs256":
                    processes.stop("local")

            page = fresh()
            at_the_provider(page, signpost.origin)
            page.get_by_text("Cancel").click()
            fails(page, "refused at the provider")

            page = fresh()
            stopped = processes.running[provider.name]
            before_callback(page, signpost.origin, lambda: stopped.send_signal(signal.SIGSTOP))
            signs_in(page, signpost.origin)
            fails(page, "a token endpoint that does not answer")
            stopped.send_signal(signal.SIGCONT)

            page = fresh()
            before_callback(page, signpost.origin, provider.stop)
            signs_in(page, signpost.origin)
            fails(page, "a token endpoint that is away")

            provider.start()
            time.sleep(max(0, fetched + REST - time.monotonic()))
            page = fresh()
            signs_in(page, signpost.origin)
            is_signed_in(page, signpost.origin, "by a new key, without a restart")
        except (Error, AssertionError) as error:
            sys.exit(f"The browser did not do as expected: {error}")
        browser.close()
    print("A browser signs in at a provider that is not ours.")


if __name__ == "__main__":
    main()

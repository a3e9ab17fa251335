#!/usr/bin/env python3
"""Signs in at a provider that is not ours, npm's certified `oidc-provider`: as a script with client credentials, as an
application with the authorization code flow, and as a person with Chromium on the provider's login page. The tokens are signed
with RS256 or ES256. Then a sign-in is canceled, and the provider hangs, is unreachable, and rotates its keys.

The check needs target/debug/local, and waits for a minute, because Signpost fetches the keys at most once a minute. All cookies
are set by the pages that the browser loads.
"""

import base64
import hashlib
import json
import re
import secrets
import signal
import tempfile
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import browser
from browser import check, expect, step
from client import Client, session
from stack import ACME, GLOBEX, ROOT, Processes, free_port

CLAIMS = {
    "user": ["sub"],
    "organizations": [{"kind": "one", "at": [], "id": ["org_id"], "roles": [["roles"]]}],
}
ALGORITHMS = ("RS256", "ES256")
# The number of seconds between two fetches of an issuer's keys.
KEYS_SECONDS = 60
LINKS = f"/{ACME}/link"


class Provider:
    """The provider's process. It generates new keys at each start."""

    def __init__(self, processes, redirect_uri):
        self.processes, self.redirect_uri, self.port = processes, redirect_uri, free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"

    def start(self):
        command = ["node", str(ROOT / ".ci/tools/oidc/provider.mjs"), str(self.port), ACME, self.redirect_uri]
        self.processes.start("provider", command)
        self.processes.wait_for_line("provider", "ready")
        self.process = self.processes.running["provider"]

    def request_token(self, alg, auth=None, **form):
        form["resource"] = f"https://signpost/{alg.lower()}"
        answer = session().post(f"{self.issuer}/token", form, auth=auth, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def client_credentials(self, alg):
        form = {"grant_type": "client_credentials", "scope": "links"}
        token = self.request_token(alg, ("script", "script-secret"), **form)["access_token"]
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        check(header["alg"] == alg, f"The provider signed with {header['alg']} instead of {alg}.")
        return token

    def code_flow(self, alg):
        """Signs in like an application: authorization, sign-in, consent, code, tokens."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        client = {"client_id": "app", "redirect_uri": "http://127.0.0.1/callback"}
        query = {
            **client, "response_type": "code", "scope": "openid links", "resource": f"https://signpost/{alg.lower()}",
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        url, user_agent = f"{self.issuer}/auth", session()
        while not url.startswith(client["redirect_uri"]):
            answer = user_agent.get(url, params=query, allow_redirects=False, timeout=10)
            check(answer.is_redirect, f"The provider responded with {answer.status_code} at {url}: {answer.text}")
            url, query = urljoin(url, answer.headers["Location"]), None
        code = parse_qs(urlsplit(url).query)["code"][0]
        return self.request_token(alg, grant_type="authorization_code", code=code, code_verifier=verifier, **client)


class Signpost:
    """A local stack that uses this provider. Each user signs in with a new browser profile."""

    def __init__(self, processes, provider, chromium, port, client_id, name="local"):
        self.chromium, self.origin = chromium, f"http://localhost:{port}"
        processes.start_stack(
            port=port, name=name, SHORT_BASE_URL=self.origin, AUTH_ISSUER=provider.issuer, AUTH_PROVIDER="custom",
            AUTH_CLAIMS=json.dumps(CLAIMS), AUTH_ALGORITHMS=",".join(ALGORITHMS), AUTH_AUDIENCE="https://signpost",
            SIGN_IN_CLIENT_ID=client_id,
        )  # fmt: skip
        self.client = Client(self.origin, verbose=False)

    def expect(self, what, status, token, method="GET", path=LINKS, body=None):
        answer = self.client.call(method, path, body=body, headers={"Authorization": f"Bearer {token}"})
        check(answer.status_code == status, f"{what}: {answer.status_code} instead of {status}: {answer.text}")
        step(f"{status}  {what}")
        return answer.json()

    def login_page(self):
        """Opens the provider's login page in a new browser profile."""
        page = self.chromium.new_context().new_page()
        page.goto(f"{self.origin}/")
        page.get_by_role("link", name="Sign in").click()
        expect(page.get_by_placeholder("Enter any login")).to_be_visible()
        return page

    def signs_in(self, page):
        page.get_by_placeholder("Enter any login").fill("user-1")
        page.get_by_placeholder("and password").fill("any")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()

    def is_signed_in(self, page, what):
        expect(page.get_by_role("button", name=re.compile("^Account: "))).to_be_visible()
        who = page.evaluate("async () => (await fetch('/-/session')).json()")
        check(who["user_id"] == "user-1" and "token" not in json.dumps(who), f"{what}: the session is {who}")
        step(f"{what}: signed in on the provider's own page")

    def fails(self, page, what):
        """Checks that the callback ends on a page with a link to sign in again."""
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("link", name="again")).to_have_count(1)
        cookies = [cookie["name"] for cookie in page.context.cookies()]
        left = [name for name in cookies if name == "signpost" or name.startswith("signpost-flow-")]
        check(not left, f"{what}: the cookies {left} were not deleted.")
        step(f"{what}: {page.get_by_role('heading', level=1).inner_text()}")

    def before_callback(self, page, action):
        """Runs `action` just before the browser requests the callback."""
        # Playwright's routes intercept only the first request of a chain of redirects.
        protocol = page.context.new_cdp_session(page)

        def paused(event):
            action()
            protocol.send("Fetch.continueRequest", {"requestId": event["requestId"]})

        protocol.on("Fetch.requestPaused", paused)
        protocol.send("Fetch.enable", {"patterns": [{"urlPattern": f"{self.origin}/-/callback*"}]})


def tokens_are_accepted(signpost, provider):
    """Covers both algorithms and both flows."""
    for alg in ALGORITHMS:
        script = provider.client_credentials(alg)
        signpost.expect(f"{alg}, client credentials", 200, script)
        made = signpost.expect(f"{alg}, a script makes a link", 201, script, "POST", body={"url": "https://example.com"})
        check(made["creator_user_id"] == "script", f"The link's creator is {made['creator_user_id']}.")
        signpost.expect(f"{alg}, another organization", 403, script, path=f"/{GLOBEX}/link")
        user = provider.code_flow(alg)
        signpost.expect(f"{alg}, code flow", 200, user["access_token"])
        signpost.expect(f"{alg}, the ID token of the same sign-in", 401, user["id_token"])
        path = f"{LINKS}/{made['id']}"
        signpost.expect(f"{alg}, an admin deletes the script's link", 200, user["access_token"], "DELETE", path)


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes, browser.launched() as chromium:
        port = free_port()
        provider = Provider(processes, f"http://localhost:{port}/-/callback")
        provider.start()
        for alg in ALGORITHMS:
            signpost = Signpost(processes, provider, chromium, port, f"browser-{alg.lower()}")
            page = signpost.login_page()
            signpost.signs_in(page)
            signpost.is_signed_in(page, alg)
            if alg == ALGORITHMS[0]:
                processes.stop("local")
        fetched = time.monotonic()
        tokens_are_accepted(signpost, provider)
        old = provider.client_credentials("ES256")

        page = signpost.login_page()
        page.get_by_text("Cancel").click()
        signpost.fails(page, "sign-in canceled at the provider")

        page = signpost.login_page()
        signpost.before_callback(page, lambda: provider.process.send_signal(signal.SIGSTOP))
        signpost.signs_in(page)
        signpost.fails(page, "a token endpoint that hangs")
        provider.process.send_signal(signal.SIGCONT)

        page = signpost.login_page()
        signpost.before_callback(page, lambda: processes.stop("provider"))
        signpost.signs_in(page)
        signpost.fails(page, "a token endpoint that is unreachable")
        signpost.expect("with a cached key, while the provider is unreachable", 200, old)
        other = Signpost(processes, provider, chromium, free_port(), "app", name="other")
        other.expect("without a cached key, while the provider is unreachable", 503, old)

        provider.start()
        time.sleep(max(0, fetched + KEYS_SECONDS - time.monotonic()))
        page = signpost.login_page()
        signpost.signs_in(page)
        signpost.is_signed_in(page, "with a new key, without a restart")
        for alg in ALGORITHMS:
            signpost.expect(f"{alg}, a new key, without a restart", 200, provider.client_credentials(alg))
        signpost.expect("a key that the provider no longer has", 401, old)
    step("Scripts, applications and browsers can sign in at a provider that is not ours.")


if __name__ == "__main__":
    main()

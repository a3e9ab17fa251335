#!/usr/bin/env python3
"""Signs in to the local stack with the tokens of a provider that is not ours: npm's certified `oidc-provider`, found by
its description of itself, by client credentials and by code flow, signed by RS256 and by ES256.

The provider rotates its keys, and ends, while Signpost runs. Beside it stands a liar, whose JWK Set hangs, is huge or is
somebody else's. It runs the local stack that `cargo test` made, and waits for the minute in which an issuer is left in peace.
"""

import base64
import hashlib
import http.client
import http.cookiejar
import json
import secrets
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack import ACME, GLOBEX, ROOT, Processes, free_port

FOLDER = ROOT / ".ci/tools/oidc"
CLAIMS = {
    "user": ["sub"],
    "organizations": [{"kind": "one", "at": [], "id": ["org_id"], "roles": [["roles"]]}],
}
RESOURCES = {"RS256": "https://signpost/rs256", "ES256": "https://signpost/es256"}
# How long Signpost leaves an issuer in peace: with keys of it, and without any.
REST, REST_WITHOUT_KEY = 60, 5


def post(url, form, **headers):
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=10))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Provider:
    def __init__(self, processes, *redirect_uri):
        self.processes, self.port, self.starts, self.redirect_uri = processes, free_port(), 0, redirect_uri
        self.issuer = f"http://127.0.0.1:{self.port}"

    def start(self):
        self.starts += 1
        self.name = f"provider-{self.starts}"
        command = ["node", str(FOLDER / "provider.mjs"), str(self.port), ACME, *self.redirect_uri]
        self.processes.start(self.name, command)
        self.processes.wait_until(self.name, lambda: "ready" in self.processes.log(self.name).read_text())

    def stop(self):
        process = self.processes.running[self.name]
        process.terminate()
        process.wait(timeout=10)

    def by_client_credentials(self, alg):
        basic = base64.b64encode(b"script:script-secret").decode()
        form = {"grant_type": "client_credentials", "resource": RESOURCES[alg], "scope": "links"}
        return post(f"{self.issuer}/token", form, Authorization=f"Basic {basic}")["access_token"]

    def by_code_flow(self, alg):
        """As a browser and an application would: authorization, sign-in, consent, code, token."""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(NoRedirect, jar)
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        callback = "http://127.0.0.1/callback"
        query = {
            "client_id": "app", "response_type": "code", "redirect_uri": callback, "scope": "openid links",
            "resource": RESOURCES[alg], "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        url = f"{self.issuer}/auth?{urllib.parse.urlencode(query)}"
        for _ in range(10):
            try:
                browser.open(url, timeout=10)
                sys.exit("The provider answered a page where it should have gone on.")
            except urllib.error.HTTPError as step:
                if step.code not in (302, 303):
                    sys.exit(f"The provider answered {step.code} at {url}: {step.read().decode()}")
                url = urllib.parse.urljoin(url, step.headers["location"])
            if url.startswith(callback):
                break
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["code"][0]
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": callback, "client_id": "app",
            "code_verifier": verifier, "resource": RESOURCES[alg],
        }  # fmt: skip
        return post(f"{self.issuer}/token", form)


class Liar(BaseHTTPRequestHandler):
    """Gives out the JWK Set of a provider as it is told to."""

    body = b""
    status = 200
    hangs = False

    def do_GET(self):
        if Liar.hangs:
            time.sleep(30)
        self.send_response(Liar.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            self.wfile.write(Liar.body)
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Signpost:
    def __init__(self, processes, issuer, **settings):
        stack = processes.start_stack(
            AUTH_ISSUER=issuer, AUTH_PROVIDER="custom", AUTH_CLAIMS=json.dumps(CLAIMS), AUTH_ALGORITHMS="RS256,ES256",
            AUTH_AUDIENCE="https://signpost", **settings,
        )  # fmt: skip
        self.port = stack.port

    def call(self, token, method="GET", path=f"/{ACME}/link", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, body and json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read() or "null")
        connection.close()
        return response.status, answer

    def expect(self, what, status, token, *arguments):
        got, answer = self.call(token, *arguments)
        if got != status:
            sys.exit(f"{what}: {got} in place of {status}: {answer}")
        print(f"{status}  {what}")
        return answer


def signs_in(signpost, provider):
    """Both algorithms, both flows."""
    for alg in RESOURCES:
        machine = provider.by_client_credentials(alg)
        header = json.loads(base64.urlsafe_b64decode(machine.split(".")[0] + "=="))
        if header["alg"] != alg:
            sys.exit(f"The provider signed by {header['alg']} in place of {alg}.")
        signpost.expect(f"{alg}, client credentials", 200, machine)
        made = signpost.expect(
            f"{alg}, a script makes a link", 201, machine, "POST", f"/{ACME}/link", {"url": "https://example.com"}
        )
        if made["creator_user_id"] != "script":
            sys.exit(f"The link's creator is {made['creator_user_id']}.")
        signpost.expect(f"{alg}, another organization", 403, machine, "GET", f"/{GLOBEX}/link")
        tokens = provider.by_code_flow(alg)
        user = tokens["access_token"]
        signpost.expect(f"{alg}, code flow", 200, user)
        signpost.expect(f"{alg}, the ID token of the same sign-in", 401, tokens["id_token"])
        path = f"/{ACME}/link/{made['id']}"
        signpost.expect(f"{alg}, an Admin deletes the script's link", 200, user, "DELETE", path)


def with_a_liar(processes, provider):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/jwks"
    honest = urllib.request.urlopen(f"{provider.issuer}/jwks", timeout=10).read()
    keys = json.loads(honest)["keys"]
    secret = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode(), "alg": "HS256", "kid": "x"}
    lies = {
        "huge": {"body": json.dumps({"keys": keys, "pad": "x" * 70_000}).encode()},
        "somebody's error": {"status": 500, "body": honest},
        "no JSON": {"body": b"<html>"},
        "two keys of one name": {"body": json.dumps({"keys": [*keys, *keys]}).encode()},
        "a secret for a key": {"body": json.dumps({"keys": [secret]}).encode()},
        "hanging": {"hangs": True},
    }
    token = provider.by_client_credentials("RS256")

    def tell(lie):
        Liar.status, Liar.hangs, Liar.body = lie.get("status", 200), lie.get("hangs", False), lie.get("body", b"")

    for name, lie in lies.items():
        tell(lie)
        signpost = Signpost(processes, provider.issuer, AUTH_JWKS_URL=url)
        signpost.expect(f"a JWK Set that is {name}, and no key yet", 503, token)
    time.sleep(REST_WITHOUT_KEY)
    tell({"body": honest})
    signpost.expect("the honest one after it", 200, token)
    tell(lies["hanging"])
    signpost.expect("hanging, with keys", 200, token)
    server.shutdown()


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        provider = Provider(processes)
        signpost = Signpost(processes, provider.issuer)
        provider.start()
        signs_in(signpost, provider)
        fetched = time.monotonic()
        old = provider.by_client_credentials("ES256")

        provider.stop()
        signpost.expect("while the provider is away, by keys it gave", 200, old)
        processes_of_its_own = Signpost(processes, provider.issuer)
        processes_of_its_own.expect("while it is away, and no key was ever had", 503, old)

        provider.start()
        new = {alg: provider.by_client_credentials(alg) for alg in RESOURCES}
        print("The provider has new keys.")
        with_a_liar(processes, provider)
        time.sleep(max(0, fetched + REST - time.monotonic()))
        for alg, token in new.items():
            signpost.expect(f"{alg}, by a new key, without a restart", 200, token)
        signpost.expect("by a key that is no more", 401, old)
    print("A provider that is not ours does.")


if __name__ == "__main__":
    main()

"""The HTTP client of all checks, and the assertions on the API's responses."""

from http.cookiejar import DefaultCookiePolicy

import requests


def session():
    """Returns an HTTP client that ignores the machine's proxy settings and `.netrc`."""
    client = requests.Session()
    client.trust_env = False
    return client


class Client:
    """Calls the API at `base` with the access tokens of its users. It follows no redirects and stores no cookies."""

    def __init__(self, base, tokens=None, host=None, verbose=True):
        self.base, self.tokens, self.verbose = base, tokens or {}, verbose
        self.session = session()
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if host:
            self.session.headers["Host"] = host

    def call(self, method, path, user=None, body=None, headers=None):
        """Sends `body` as JSON. `user` is the name of a user in `tokens`."""
        credential = {"Authorization": f"Bearer {self.tokens[user]}"} if user else {}
        headers = credential | (headers or {})
        answer = self.session.request(
            method, self.base + path, json=body, headers=headers, allow_redirects=False, timeout=10
        )
        if self.verbose:
            print(f"{answer.status_code}  {method:6} {path}  ({user or 'no user'})")
        return answer


def shown(answer):
    """Describes a response, for the message of a failed assertion."""
    return answer.request.method, answer.url, answer.status_code, dict(answer.headers), answer.text[:2000]


def assert_json(answer, status=200):
    assert answer.status_code == status, shown(answer)
    assert answer.headers["Content-Type"] == "application/json", shown(answer)
    return answer.json()


def assert_problem(answer, status, code):
    """Checks that the response is a problem (RFC 9457) with the fields that all problems of the API have."""
    assert answer.status_code == status, shown(answer)
    assert answer.headers["Content-Type"] == "application/problem+json", shown(answer)
    problem = answer.json()
    assert set(problem) == {"code", "detail", "errors", "status", "title", "type"}, shown(answer)
    assert (problem["status"], problem["code"]) == (status, code), shown(answer)
    return problem


def assert_redirect(answer, target):
    assert answer.status_code == 302, shown(answer)
    assert answer.headers["Location"] == target, shown(answer)
    assert answer.headers["Cache-Control"] == "no-store", shown(answer)
    assert answer.headers["X-Robots-Tag"] == "noindex", shown(answer)
    assert "Set-Cookie" not in answer.headers and answer.text == "", shown(answer)
    return answer

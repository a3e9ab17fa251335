#!/usr/bin/env python3
"""Gives the same tokens to PropelAuth's own Python SDK and to Signpost, and compares their decisions: member (200), not in the
organization (403) or not authenticated (401), and whether the user may manage all links.

Every difference must be explained by a rule of Signpost, and is printed with that rule. The check needs target/debug/local, and
runs in a virtual environment with `requirements-sdk.txt`.
"""

import base64
import json
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import combinations

from client import Client
from cryptography.hazmat.primitives import hashes, serialization
from client import Client
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from propelauth_py import TokenVerificationMetadata, init_base_auth
from propelauth_py.errors import ForbiddenException, UnauthorizedException
from stack import ACME, GLOBEX, Processes

ISSUER = "https://auth.acme.test"
NOW = int(time.time())

# The changes after which Signpost may decide differently than the SDK, each with the rule that explains the difference
# (docs/sign-in.md, "Tokens and what they get").
RULES = {
    "a header with a key or a rule": "A token whose header contains keys or rules is rejected.",
    "a part is padded": "base64url in a token has no padding (RFC 7515, section 2).",
    "a claim twice": "If a claim occurs twice, it is undefined which one counts, so the token is rejected.",
    "times that are not numbers": "exp, iat and nbf are numbers (RFC 7519, section 2).",
    "an invalid user": "A user's id is a string of 1 to 255 characters without control characters.",
    "an unknown login method": "login_method is ignored.",
    "an incomplete entry": "Only the members that grant a permission are required.",
    "an entry under another's key": "The token is invalid unless each entry's key in the map equals its org_id.",
    "an invalid impersonator": "The impersonator is written to the log, so it must be a valid user id.",
    "several roles, an owner": "An Owner manages all links, even if the roles form no hierarchy.",
    "an owner who inherits nothing": "An Owner manages all links, whatever else the token lists.",
    "organizations in the wrong form": "A claim that Signpost reads makes the token invalid if it has the wrong form.",
}
ABSENT = object()
MEMBERSHIPS, INHERITED = "org_id_to_org_member_info", "inherited_user_roles_plus_current_role"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def entry(org, role, inherited, **more):
    return {
        "org_id": org, "org_name": "Acme", "url_safe_org_name": "acme", "org_metadata": {}, "user_permissions": [],
        "org_role_structure": "single_role_in_hierarchy", "user_role": role, INHERITED: inherited, "additional_roles": [], **more,
    }  # fmt: skip


class Token:
    """A valid token of acme's member, to be changed by a test case."""

    def __init__(self, key):
        self.key = key
        self.header = {"alg": "RS256", "typ": "JWT"}
        self.claims = {
            "sub": "u-1", "user_id": "u-1", "iss": ISSUER, "iat": NOW - 10, "exp": NOW + 1800, "email": "a@acme.test",
            "login_method": {"login_method": "password"}, "properties": {},
            MEMBERSHIPS: {ACME: entry(ACME, "Member", ["Member"])},
        }  # fmt: skip
        self.payload, self.finish, self.scheme = json.dumps, str, "Bearer "

    @property
    def entry(self):
        return (self.claims.get(MEMBERSHIPS) or {}).get(ACME) or entry(ACME, "Member", ["Member"])

    def change(self, part, value):
        """Merges a dict into the header, the claims or acme's entry; any other value replaces the part."""
        if not isinstance(value, dict):
            setattr(self, part, value)
            return
        changed = getattr(self, part)
        for name, one in value.items():
            if one is ABSENT:
                changed.pop(name, None)
            else:
                changed[name] = one

    def authorization(self):
        signed = f"{b64(json.dumps(self.header).encode())}.{b64(self.payload(self.claims).encode())}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return self.scheme + self.finish(f"{signed}.{b64(signature)}")


def changes():
    """Yields each change as a name (a key of `RULES` if Signpost may decide differently), the part of the token, and the new
    value."""
    yield "valid", "claims", {}
    for alg in ("none", "None", "HS256", "RS384", "PS256", "ES256", "rs256", ""):
        yield f"alg {alg}", "header", {"alg": alg}
    yield "typ", "header", {"typ": "at+jwt"}
    yield "kid", "header", {"kid": "some-key"}
    yield "a kid that is not a string", "header", {"kid": 7}
    for name, value in (("crit", ["exp"]), ("b64", False), ("jku", "https://evil.test"), ("jwk", {}), ("x5u", "x"), ("x5c", [])):
        yield "a header with a key or a rule", "header", {name: value}
    for name in ("iss", "exp", "iat", "user_id", "sub", "email", "login_method", "properties"):
        yield f"without {name}", "claims", {name: ABSENT}
    for value in (f"{ISSUER}/", "https://AUTH.acme.test", "http://auth.acme.test", "", None, 7, [ISSUER]):
        yield f"iss {value}", "claims", {"iss": value}
    for seconds in (-3600, -90, -30, 0, 30):
        yield f"exp {seconds}", "claims", {"exp": NOW + seconds}
    for name, seconds in (("iat", -86400), ("nbf", -86400), ("iat", 30), ("nbf", 30), ("iat", 120), ("nbf", 120)):
        yield f"{name} {seconds}", "claims", {name: NOW + seconds}
    for name in ("exp", "iat", "nbf"):
        for value in (str(NOW + 30), None, [], True):
            yield "times that are not numbers", "claims", {name: value}
    for value in (7, "", None, ["u-1"], "a\nb", "x" * 300):
        yield "an invalid user", "claims", {"user_id": value}
    for value in ("u|1", "auth0|1", "Zoë"):
        yield f"user {value}", "claims", {"user_id": value}
    for value in ("anything", ["a"], 7):
        yield "an audience", "claims", {"aud": value}
    for value in ({"login_method": "telepathy"}, {"login_method": "social_sso", "provider": "Nobody"}, "x", None, {}):
        yield "an unknown login method", "claims", {"login_method": value}
    yield "impersonated", "claims", {"impersonator_user_id": "u-2"}
    yield "an invalid impersonator", "claims", {"impersonator_user_id": 7}
    for value in ({}, None, ABSENT):
        yield f"no organizations {value!r:.4}", "claims", {MEMBERSHIPS: value}
    for value in ([], "x", {ACME: None}, {ACME: []}):
        yield "organizations in the wrong form", "claims", {MEMBERSHIPS: value}
    yield "another organization", "claims", {MEMBERSHIPS: {GLOBEX: entry(GLOBEX, "Owner", ["Owner", "Admin", "Member"])}}
    yield "active here", "claims", {"org_member_info": entry(ACME, "Member", ["Member"])}
    yield "active here as Admin", "claims", {"org_member_info": entry(ACME, "Admin", ["Admin", "Member"])}
    yield "active elsewhere", "claims", {"org_member_info": entry(GLOBEX, "Owner", ["Owner"])}
    yield "active null", "claims", {"org_member_info": None}
    for value in ("x", {}, []):
        yield "organizations in the wrong form", "claims", {"org_member_info": value}
    yield "an entry under another's key", "entry", {"org_id": GLOBEX}
    for name in entry(ACME, "", []):
        yield "an incomplete entry", "entry", {name: ABSENT}
    for name in ("user_role", INHERITED):
        yield "an incomplete entry", "entry", {name: None}
    for role, inherited in (
        ("Owner", ["Owner", "Admin", "Member"]), ("Admin", ["Admin", "Member"]), ("Boss", ["Boss", "Admin", "Member"]),
        ("admin", ["admin"]), ("Admin", ["Member"]), ("Member", ["Member", "Admin"]), ("", []), ("Editor", ["Editor"]),
    ):  # fmt: skip
        yield f"role {role} {inherited}", "entry", {"user_role": role, INHERITED: inherited}
    yield "an owner who inherits nothing", "entry", {"user_role": "Owner", INHERITED: []}
    several = {"org_role_structure": "multi_role"}
    for role, additional in (("Admin", []), ("A", ["Admin"]), ("A", ["B"]), ("A", ["admin"]), ("A", [])):
        roles = {"user_role": role, "additional_roles": additional, INHERITED: [role, "Admin"]}
        yield f"several roles {role} {additional}", "entry", several | roles
    for role, additional in (("Owner", []), ("A", ["Owner"])):
        yield "several roles, an owner", "entry", several | {"user_role": role, "additional_roles": additional}
    yield "an unknown role structure", "entry", {"org_role_structure": "circle"}
    for text in ("scheme ", " ", "bearer ", "BEARER ", "Bearer  ", "Bearer\t"):
        yield f"scheme {text!r}", "scheme", text
    yield "two tokens", "finish", lambda text: f"{text} {text}"
    yield "a comma", "finish", lambda text: f"{text},Bearer {text}"
    yield "no signature", "finish", lambda text: text.rsplit(".", 1)[0] + "."
    yield "two parts", "finish", lambda text: text.rsplit(".", 1)[0]
    yield "four parts", "finish", lambda text: f"{text}.x"
    yield "a part is padded", "finish", lambda text: f"{text}=="
    yield "half a signature", "finish", lambda text: text[:-100]
    yield "another signature", "finish", lambda text: text[:-4] + "AAAA"
    yield "a claim twice", "payload", lambda claims: json.dumps(claims)[:-1] + f', "iss": {json.dumps(ISSUER)}}}'
    for payload in ("[]", '"x"', "7", "{"):
        yield "claims that are not an object", "payload", lambda _, payload=payload: payload


def cases(key):
    """Yields tokens with each change alone and with 400 pairs of changes, the same pairs in each run."""
    every = list(changes())
    pairs = random.Random(5).sample(list(combinations(every, 2)), 400)
    for chosen in [(one,) for one in every] + pairs:
        token = Token(key)
        try:
            for _, part, value in chosen:
                token.change(part, value)
        except (AttributeError, TypeError):
            continue  # The first change left nothing for the second to change.
        yield [name for name, _, _ in chosen], token.authorization()


class Sdk:
    def __init__(self, public_pem):
        metadata = TokenVerificationMetadata(verifier_key=public_pem, issuer=ISSUER)
        self.auth = init_base_auth(ISSUER, "not used", metadata)

    def decide(self, authorization):
        try:
            found = self.auth.validate_access_token_and_get_user_with_org(authorization, ACME)
            return 200, found.org_member_info.user_is_at_least_role("Admin")
        except UnauthorizedException:
            return 401, False
        except ForbiddenException:
            return 403, False
        except Exception as error:  # An exception that the SDK does not declare becomes a 500 in an application that uses it.
            return type(error).__name__, False


class Signpost:
    def __init__(self, port):
        self.client = Client(f"http://127.0.0.1:{port}", verbose=False)

    def decide(self, authorization):
        # Whitespace before a header's value is not part of the value (RFC 9110, section 5.5).
        headers = {"Authorization": authorization.lstrip()}
        status = self.client.call("GET", f"/{ACME}/link", headers=headers).status_code
        # The handle is invalid, but only a caller who manages all links gets a response that says so.
        claimed = self.client.call("PUT", f"/{ACME}/-/handle", body={"handle": "-"}, headers=headers)
        return status, claimed.status_code == 422


def main():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    public_pem = key.public_key().public_bytes(*form).decode()
    differences, unexplained, total = Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack(AUTH_ISSUER=ISSUER, AUTH_VERIFIER_KEY=public_pem)
        sdk, signpost = Sdk(public_pem), Signpost(stack.port)
        for names, authorization in cases(key):
            total += 1
            theirs, ours = sdk.decide(authorization), signpost.decide(authorization)
            if theirs == ours:
                continue
            rules = [name for name in names if name in RULES]
            if rules:
                differences[rules[0], theirs, ours] += 1
            else:
                unexplained.append(f"{names}: the SDK says {theirs}, Signpost {ours}")
    print(f"Signpost and the SDK agree on {total - sum(differences.values()) - len(unexplained)} of {total} tokens. The others:")
    for (rule, theirs, ours), count in sorted(differences.items(), key=str):
        print(f"{count:4}  SDK {theirs!s:22} Signpost {ours!s:14} {rule}: {RULES[rule]}")
    if unexplained:
        sys.exit("\n".join(["No rule explains these differences:", *unexplained]))


if __name__ == "__main__":
    main()

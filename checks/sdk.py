#!/usr/bin/env python3
"""Puts the same tokens before PropelAuth's own Python SDK and before Signpost, and compares what each decides: who is let
in (200), who is known and not in the organization (403), who is nobody (401), and who manages all links.

Where the two differ, a rule of Signpost's must explain it; each such difference is printed with its rule. It runs the local
stack that `cargo test` made, in a virtual environment of `requirements-sdk.txt`.
"""

import base64
import http.client
import json
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import combinations

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from propelauth_py import TokenVerificationMetadata, init_base_auth
from propelauth_py.errors import ForbiddenException, UnauthorizedException
from stack import ACME, GLOBEX, Processes

ISSUER = "https://auth.acme.test"
NOW = int(time.time())

# What Signpost decides otherwise, and by which of its rules (docs/sign-in.md, "Tokens and what they get").
RULES = {
    "header brings a key or a rule": "A token that brings keys or rules of its own is refused.",
    "a part is padded": "base64url has no padding (RFC 7515, section 2).",
    "a claim twice": "Which of two claims of one name counts is anybody's guess, so neither does.",
    "times that are no numbers": "exp, iat and nbf are numbers (RFC 7519, section 2).",
    "a user that is none": "The user's id is a text of 1 to 255 characters without control characters.",
    "a login method nobody knows": "login_method is passed over.",
    "an entry is not all there": "Only what says who may do what has to be there, and that has to be.",
    "an entry under another's key": "A map's key is its entry's org_id, or the token is worthless.",
    "an impersonator that is none": "Who acts for a user is logged, and so must be a user.",
    "several roles, an owner": "An Owner manages all links also where roles form no hierarchy.",
    "an owner who inherits nothing": "An Owner manages all links whatever else the token lists.",
    "organizations of a wrong form": "A claim that counts and is of a wrong form makes the token worthless.",
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Token:
    """The sound token of acme's member, to be changed."""

    def __init__(self, key):
        self.key = key
        self.header = {"alg": "RS256", "typ": "JWT"}
        self.claims = {
            "sub": "u-1", "user_id": "u-1", "iss": ISSUER, "iat": NOW - 10, "exp": NOW + 1800, "email": "a@acme.test",
            "login_method": {"login_method": "password"}, "properties": {},
            "org_id_to_org_member_info": {ACME: entry(ACME, "Member", ["Member"])},
        }  # fmt: skip
        self.payload = None
        self.finish = lambda text: text
        self.scheme = "Bearer "

    @property
    def entry(self):
        return (self.claims.get("org_id_to_org_member_info") or {}).get(ACME) or entry(ACME, "Member", ["Member"])

    def authorization(self):
        payload = self.payload or json.dumps(self.claims)
        signed = f"{b64(json.dumps(self.header).encode())}.{b64(payload.encode())}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return self.scheme + self.finish(f"{signed}.{b64(signature)}")


def entry(org, role, inherited, **more):
    return {
        "org_id": org, "org_name": "Acme", "url_safe_org_name": "acme", "org_metadata": {}, "user_permissions": [],
        "org_role_structure": "single_role_in_hierarchy", "user_role": role,
        "inherited_user_roles_plus_current_role": inherited, "additional_roles": [], **more,
    }  # fmt: skip


def changes():
    """Each is a name, of a rule if Signpost may decide otherwise by it, and what it does to a token."""

    def claim(name, value):
        return lambda token: token.claims.__setitem__(name, value)

    def without(name):
        return lambda token: token.claims.pop(name, None)

    def header(name, value):
        return lambda token: token.header.__setitem__(name, value)

    def member(**values):
        return lambda token: token.entry.update(values)

    def less(name):
        return lambda token: token.entry.pop(name, None)

    def finish(change):
        return lambda token: setattr(token, "finish", change)

    def scheme(text):
        return lambda token: setattr(token, "scheme", text)

    def organizations(value):
        return claim("org_id_to_org_member_info", value)

    yield "sound", lambda token: None
    for alg in ("none", "None", "HS256", "RS384", "PS256", "ES256", "rs256", ""):
        yield f"alg {alg}", header("alg", alg)
    yield "typ", header("typ", "at+jwt")
    yield "kid", header("kid", "some-key")
    yield "a header's kid is no text", header("kid", 7)
    for name, value in (("crit", ["exp"]), ("b64", False), ("jku", "https://evil.test"), ("jwk", {}), ("x5u", "x"), ("x5c", [])):
        yield "header brings a key or a rule", header(name, value)
    for name in ("iss", "exp", "iat", "user_id", "sub", "email", "login_method", "properties"):
        yield f"without {name}", without(name)
    for value in (f"{ISSUER}/", "https://AUTH.acme.test", "http://auth.acme.test", "", None, 7):
        yield f"iss {value}", claim("iss", value)
    yield "an issuer that is a list", claim("iss", [ISSUER])
    for seconds in (-3600, -90, -30, 0, 30):
        yield f"exp {seconds}", claim("exp", NOW + seconds)
    for seconds in (-86400, 30):
        yield f"iat {seconds}", claim("iat", NOW + seconds)
        yield f"nbf {seconds}", claim("nbf", NOW + seconds)
    for name in ("iat", "nbf"):
        yield "a begin to come", claim(name, NOW + 120)
    for name in ("exp", "iat", "nbf"):
        for value in (str(NOW + 30), None, [], True):
            yield "times that are no numbers", claim(name, value)
    for value in (7, "", None, ["u-1"], "a\nb", "x" * 300):
        yield "a user that is none", claim("user_id", value)
    for value in ("u|1", "auth0|1", "Zoë"):
        yield f"user {value}", claim("user_id", value)
    for value in ("anything", ["a"], 7):
        yield "an audience", claim("aud", value)
    for value in ({"login_method": "telepathy"}, {"login_method": "social_sso", "provider": "Nobody"}, "x", None, {}):
        yield "a login method nobody knows", claim("login_method", value)
    yield "impersonated", claim("impersonator_user_id", "u-2")
    yield "an impersonator that is none", claim("impersonator_user_id", 7)
    yield "no organizations", organizations({})
    yield "organizations null", organizations(None)
    yield "without organizations", without("org_id_to_org_member_info")
    for value in ([], "x", {ACME: None}, {ACME: []}):
        yield "organizations of a wrong form", organizations(value)
    yield "another organization", organizations({GLOBEX: entry(GLOBEX, "Owner", ["Owner", "Admin", "Member"])})
    yield "active here", claim("org_member_info", entry(ACME, "Member", ["Member"]))
    yield "active here as Admin", claim("org_member_info", entry(ACME, "Admin", ["Admin", "Member"]))
    yield "active elsewhere", claim("org_member_info", entry(GLOBEX, "Owner", ["Owner"]))
    yield "active null", claim("org_member_info", None)
    for value in ("x", {}, []):
        yield "organizations of a wrong form", claim("org_member_info", value)
    yield "an entry under another's key", member(org_id=GLOBEX)
    for name in entry(ACME, "", []):
        yield "an entry is not all there", less(name)
    for name in ("user_role", "inherited_user_roles_plus_current_role"):
        yield "an entry is not all there", member(**{name: None})
    for role, inherited in (
        ("Owner", ["Owner", "Admin", "Member"]), ("Admin", ["Admin", "Member"]), ("Boss", ["Boss", "Admin", "Member"]),
        ("admin", ["admin"]), ("Admin", ["Member"]), ("Member", ["Member", "Admin"]), ("", []), ("Editor", ["Editor"]),
    ):  # fmt: skip
        yield f"role {role} {inherited}", member(user_role=role, inherited_user_roles_plus_current_role=inherited)
    yield "an owner who inherits nothing", member(user_role="Owner", inherited_user_roles_plus_current_role=[])
    for role, additional in (("Admin", []), ("A", ["Admin"]), ("A", ["B"]), ("A", ["admin"]), ("A", [])):
        yield f"several roles {role} {additional}", member(
            org_role_structure="multi_role", user_role=role, additional_roles=additional,
            inherited_user_roles_plus_current_role=[role, "Admin"],
        )  # fmt: skip
    yield "several roles, an owner", member(org_role_structure="multi_role", user_role="Owner", additional_roles=[])
    yield "several roles, an owner", member(org_role_structure="multi_role", user_role="A", additional_roles=["Owner"])
    yield "a role structure nobody knows", member(org_role_structure="circle")
    for name in ("scheme", ""):
        yield f"scheme {name}", scheme(f"{name} ")
    for text in ("bearer ", "BEARER "):
        yield f"scheme {text}", scheme(text)
    yield "a header of other spacing", scheme("Bearer  ")
    yield "a header of other spacing", scheme("Bearer\t")
    yield "two tokens", finish(lambda text: f"{text} {text}")
    yield "a comma", finish(lambda text: f"{text},Bearer {text}")
    yield "no signature", finish(lambda text: text.rsplit(".", 1)[0] + ".")
    yield "two parts", finish(lambda text: text.rsplit(".", 1)[0])
    yield "four parts", finish(lambda text: f"{text}.x")
    yield "a part is padded", finish(lambda text: f"{text}==")
    yield "half a signature", finish(lambda text: text[:-100])
    yield "another signature", finish(lambda text: text[:-4] + "AAAA")
    yield "a claim twice", lambda token: setattr(
        token, "payload", json.dumps(token.claims)[:-1] + f', "iss": {json.dumps(ISSUER)}}}'
    )
    for payload in ("[]", '"x"', "7", "{"):
        yield "claims are no object", lambda token, payload=payload: setattr(token, "payload", payload)


def cases(key):
    """Every change alone, and a few hundred pairs of them, the same in each run."""
    every = list(changes())
    pairs = random.Random(5).sample(list(combinations(every, 2)), 400)
    for chosen in [(one,) for one in every] + pairs:
        token = Token(key)
        try:
            for _, change in chosen:
                change(token)
        except (AttributeError, TypeError):
            continue  # The second has nothing left to change.
        yield [name for name, _ in chosen], token.authorization()


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
        except Exception as error:  # What it does not expect becomes its user's 500.
            return type(error).__name__, False


class Signpost:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def status(self, method, path, authorization, body=None):
        headers = {"Content-Type": "application/json", "Authorization": authorization}
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        response.read()
        return response.status

    def decide(self, authorization):
        status = self.status("GET", f"/{ACME}/link", authorization)
        # What no handle may be: whoever manages all links is told so, and nobody else.
        claimed = self.status("PUT", f"/{ACME}/-/handle", authorization, json.dumps({"handle": "-"}))
        return status, claimed == 422


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
    print(f"{total} tokens, and the same decision on {total - sum(differences.values()) - len(unexplained)}. The others:")
    for (rule, theirs, ours), count in sorted(differences.items(), key=str):
        print(f"{count:4}  SDK {theirs!s:22} Signpost {ours!s:14} {rule}: {RULES[rule]}")
    if unexplained:
        sys.exit("\n".join(["No rule explains these:", *unexplained]))


if __name__ == "__main__":
    main()

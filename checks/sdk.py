#!/usr/bin/env python3
"""Gives tokens to PropelAuth's own Python SDK and compares its decisions with Signpost's: member (200), not in the organization
(403), not authenticated (401), and permitted to manage all links.

The tokens and Signpost's decisions are those of `tests/it/auth/token_table.rs`. A rule of Signpost must explain every difference;
each is printed with its rule. This script runs in a virtual environment with the packages of `requirements-sdk.txt`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from propelauth_py import TokenVerificationMetadata, init_base_auth
from propelauth_py.errors import ForbiddenException, UnauthorizedException

ROOT = Path(__file__).parents[1]
# The cases in which Signpost may decide differently from the SDK: a pattern for the names of the cases, and Signpost's
# rule (docs/sign-in.md, "Tokens and what they get").
RULES = {
    r'.* twice$|header .*"(\w+)":.*"\1":': "No standard says which of two fields with the same name applies, so both are ignored.",
    r'header .*"(b64|jku|jwk|x5u|x5c)"': "A token that contains its own keys or rules is refused.",
    "a padded ": "base64url has no padding (RFC 7515, section 2).",
    '(exp|iat|nbf) ["tn[]': "exp, iat and nbf are numbers (RFC 7519, section 2).",
    r"(exp|iat|nbf) \d": "Signpost allows a minute of clock skew, and time passes before the SDK checks the same token.",
    "user_id ": "The user's id is a text of 1 to 255 characters without control characters.",
    "(sub|jti|login_method) ": "A claim that grants nothing is ignored.",
    "impersonator_user_id ": "The impersonator's id is logged, so it must be a valid user id.",
    "org_member_info |org_id_to_org_member_info ": "A claim that Signpost reads must have the right form.",
    "(one of two organizations )?under ": "The key of a map's entry must equal the entry's org_id, or the token is invalid.",
    "an entry without ": "A claim is required if it grants a permission, and optional otherwise.",
    "(org_id|user_role|inherited_user_roles_plus_current_role) ": "A claim that grants a permission must have the right type.",
    "a role structure that|additional roles that": "A claim that grants a permission must have the right type.",
    'role .*"Owner"': "An Owner manages all links whatever else the token lists.",
    "a token of 17000 bytes": "A token has at most 16 KB.",
}


def decisions():
    """Signpost's decisions, from the test that writes them. The tokens expire within half an hour."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/decisions.json"
        command = ["cargo", "test", "--locked", "--test", "it", "each_of_more_than_two_hundred_tokens"]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"TOKEN_DECISIONS": path}, check=True, capture_output=True)
        return json.loads(Path(path).read_text())


def sdk_decision(auth, org, authorization):
    try:
        found = auth.validate_access_token_and_get_user_with_org(authorization, org)
        return 200, found.org_member_info.user_is_at_least_role("Admin")
    except UnauthorizedException:
        return 401, False
    except ForbiddenException:
        return 403, False
    except Exception as error:  # What it does not expect becomes its user's 500.
        return type(error).__name__, False


def rule_for(names):
    return next((rule for pattern, rule in RULES.items() for name in names if re.match(pattern, name)), None)


def main():
    signpost = decisions() if len(sys.argv) == 1 else json.loads(Path(sys.argv[1]).read_text())
    metadata = TokenVerificationMetadata(verifier_key=signpost["key"], issuer=signpost["issuer"])
    auth = init_base_auth(signpost["issuer"], "not used", metadata)
    differences, unexplained, tokens = Counter(), [], signpost["decisions"]
    for names, authorization, *ours in tokens:
        theirs = sdk_decision(auth, signpost["org"], authorization)
        if theirs == tuple(ours):
            continue
        rule = rule_for(names)
        if rule:
            differences[rule, theirs, tuple(ours)] += 1
        else:
            unexplained.append(f"{names}: the SDK says {theirs}, Signpost {ours}")
    print(f"{len(tokens)} tokens, and the same decision on {len(tokens) - sum(differences.values()) - len(unexplained)}. The others:")
    for (rule, theirs, ours), count in sorted(differences.items(), key=str):
        print(f"{count:4}  SDK {theirs!s:22} Signpost {ours!s:14} {rule}")
    if unexplained:
        sys.exit("\n".join(["No rule explains these differences:", *unexplained]))


if __name__ == "__main__":
    main()

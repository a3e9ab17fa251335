"""Checks of this API that Schemathesis's own configuration cannot express; `schemathesis.toml` loads them."""

import schemathesis

# Codes of rules that do not depend on the request alone, or that JSON Schema cannot express. For example, a title must have a
# visible character, and a day must not be before 1970.
BEYOND_A_SCHEMA = {
    "invalid_cursor", "precondition_failed", "slug_taken", "alias_limit", "handle_taken", "handle_limit", "idempotency_key_reused",
    "link_disabled", "link_expired", "invalid_url", "invalid_title", "unsupported_scheme", "credentials_in_url", "private_address",
    "loop", "too_long", "reserved_slug", "reserved_handle", "invalid_time", "invalid_user", "invalid_day", "not_in_the_future",
    "already_undone", "changed_since", "link_missing", "undo_expired", "invalid_link", "unreadable_file",
}  # fmt: skip

# Rules that relate a parameter to another one, or to a header: a list has up to 100 links in JSON, and 1,000 in an export.
BEYOND_ONE_PARAMETER = {("from", "out_of_range"), ("limit", "out_of_range")}


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    """If the API rejects a request that the document allows, the request must break a rule that the document cannot express."""
    is_own = case.method.upper() == case.operation.method.upper()
    if not (is_own and case.meta and case.meta.generation.mode.is_positive):
        return
    if response.status_code in (400, 409, 410, 412, 422):
        problem = response.json()
        faults = [fault for fault in problem["errors"] if (fault["pointer"], fault["code"]) not in BEYOND_ONE_PARAMETER]
        codes = {fault["code"] for fault in faults} if problem["errors"] else {problem["code"]}
        assert codes <= BEYOND_A_SCHEMA, f"Rejected with {codes - BEYOND_A_SCHEMA}, although the document could express the rule"


@schemathesis.check
def no_other_methods(ctx, response, case):
    """Checks that a path rejects each method that the document does not list for it, and that the response lists the path's
    methods."""
    if response.status_code != 405:
        return
    documented, allowed = case.operation.method.upper(), response.headers["allow"][0].split(", ")
    assert documented in allowed, f"{documented} is documented, but not among {allowed}"
    assert case.method.upper() not in allowed, f"{case.method} is rejected, but among {allowed}"
    assert response.json()["code"] == "method_not_allowed"

"""Checks of this API that Schemathesis's own configuration cannot express; `schemathesis.toml` loads them."""

import schemathesis

# Codes of rules that do not depend on the request alone, or that JSON Schema cannot express: for example, that a title has a
# visible character, or that a day is not before 1970.
BEYOND_A_SCHEMA = {
    "invalid_cursor", "precondition_failed", "slug_taken", "alias_limit", "handle_taken", "handle_limit", "idempotency_key_reused",
    "link_disabled", "link_expired", "invalid_url", "invalid_title", "unsupported_scheme", "credentials_in_url", "private_address",
    "loop", "too_long", "reserved_slug", "reserved_handle", "invalid_time", "invalid_user", "invalid_day", "not_in_the_future",
    "already_undone", "changed_since", "link_missing", "undo_expired", "invalid_link", "unreadable_file",
}  # fmt: skip

# Rules that relate two parameters to each other.
BEYOND_ONE_PARAMETER = {("from", "out_of_range")}


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    """Checks that if a request is rejected although the document allows it, the document cannot express the broken rule."""
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
    """Checks that a method that the document does not list for a path is rejected, and that the response lists the path's
    methods."""
    if response.status_code != 405:
        return
    documented, allowed = case.operation.method.upper(), response.headers["allow"][0].split(", ")
    assert documented in allowed, f"{documented} is documented, but not among {allowed}"
    assert case.method.upper() not in allowed, f"{case.method} is rejected, but among {allowed}"
    assert response.json()["code"] == "method_not_allowed"

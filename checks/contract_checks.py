"""What Schemathesis's own checks cannot be told about this API; `schemathesis.toml` loads it."""

import schemathesis

# Rules that depend on the world and not on the request's form, or that JSON Schema has no words for.
BEYOND_A_SCHEMA = {
    "invalid_cursor",
    "precondition_failed",
    "slug_taken",
    "handle_taken",
    "handle_limit",
    "idempotency_key_reused",
    "link_disabled",
    "link_expired",
    # Of one field, below `validation_failed`.
    "invalid_url",
    # Nothing of it can be seen, or it has direction marks and no letter from right to left.
    "invalid_title",
    "unsupported_scheme",
    "credentials_in_url",
    "private_address",
    "loop",
    "too_long",
    "reserved_slug",
    "reserved_handle",
    "invalid_time",
    # What a user id is made of depends on the sign-in provider.
    "invalid_user",
    # A day before 1970.
    "invalid_day",
    "not_in_the_future",
}

# By what another parameter says.
BEYOND_ONE_PARAMETER = {("from", "out_of_range")}


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    """What fits the document is refused only for a rule that the document cannot express."""
    is_own = case.method.upper() == case.operation.method.upper()
    if not (is_own and case.meta and case.meta.generation.mode.is_positive):
        return
    if response.status_code in (400, 409, 410, 412, 422):
        problem = response.json()
        faults = [fault for fault in problem["errors"] if (fault["pointer"], fault["code"]) not in BEYOND_ONE_PARAMETER]
        codes = {fault["code"] for fault in faults} if problem["errors"] else {problem["code"]}
        assert codes <= BEYOND_A_SCHEMA, f"Refused for {codes - BEYOND_A_SCHEMA}, which the document can rule out"


@schemathesis.check
def no_other_methods(ctx, response, case):
    """A method that the document does not have for a path is refused with those that it has."""
    documented = case.operation.method.upper()
    if response.status_code != 405:
        return
    allowed = response.headers["allow"][0].split(", ")
    assert documented in allowed, f"{documented} is documented, and not among {allowed}"
    assert case.method.upper() not in allowed, f"{case.method} is refused, and among {allowed}"
    assert response.json()["code"] == "method_not_allowed"
